"""Seats are made anew one after another, on the image that they have: a restart, or other settings of their host.

No journal is needed: which seats are due is seen on the host, so that the command, given again, goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from voxkit.errors import VoxError

from voxctl.deploy.look import HEARD_WITHIN_S
from voxctl.deploy.world import Clock, FleetHost, SeatNow
from voxctl.output import CommandError

LOOK_EVERY_S = 0.5
STARVED_S = 60.0
"""Without an idle seat for this long, the one with the longest call is closed and its end waited for."""
AGAIN_S = 5.0
CUT_WITHIN_S = 120.0
AWAY_S = 60.0

NOT_YET = ("absent", "starting", "lost")

T = TypeVar("T")


class SeatFailed(CommandError):
    """A seat did not come back; it stays closed."""


async def steadily(act: Callable[[], Awaitable[T]], clock: Clock, host: str) -> T:
    """What may be repeated, again until it works. Raises: CommandError: host or registry were away for a minute."""
    deadline = clock.now() + AWAY_S
    while True:
        try:
            return await act()
        except (CommandError, VoxError) as error:
            if clock.now() > deadline:
                raise CommandError(f"{host}: {error}; given again, the command goes on where it was") from None
            await clock.sleep(LOOK_EVERY_S)


@dataclass
class Renewal:
    """`remake(seat)` makes its container anew, as often as it is asked; `tell(event, text, **facts)` shows progress."""

    host: FleetHost
    remake: Callable[[str], Awaitable[None]]
    clock: Clock
    why: str
    health_timeout_s: float = 60.0
    tell: Callable[..., None] = field(default=lambda *_, **__: None)

    async def all(self, due: Collection[str]) -> None:
        """Every seat of `due`, idle ones first, one closed at a time. Raises: SeatFailed, CommandError.

        What an interrupted run has closed is opened first: it may be closed by halves, which nobody can see, and
        would be one too many beside the next.
        """
        left = set(due)
        for seat in await self.seats():
            if seat.running and not seat.foreign:
                if seat.id not in left:
                    await self._back(seat.id)
                await self._open(seat.id)
        starved_since = self.clock.now()
        while left:
            seats = {seat.id: seat for seat in await self.seats() if seat.id in left}
            left &= seats.keys()
            idle = [seat for seat in seats.values() if not seat.carries and seat.phase != "reserved"]
            busy = sorted((seat for seat in seats.values() if seat.carries), key=lambda seat: -seat.call_age_s)
            now = self.clock.now()
            if idle:
                if await self.one(idle[0], patient=False):
                    left.discard(idle[0].id)
                starved_since = self.clock.now()
            elif busy and now - starved_since >= STARVED_S:
                await self.one(busy[0], patient=True)
                left.discard(busy[0].id)
                starved_since = self.clock.now()
            else:
                await self.clock.sleep(LOOK_EVERY_S)

    async def seats(self) -> Sequence[SeatNow]:
        """All seats of the host. Raises: CommandError: it has given no answer for a minute."""
        return await self._do(self.host.seats)

    async def _do(self, act: Callable[[], Awaitable[T]]) -> T:
        return await steadily(act, self.clock, self.host.name)

    async def one(self, seat: SeatNow, *, patient: bool, cut: bool = False) -> bool:
        """Close, wait until nothing is left there, remake, open. False: it got a call in the instant of closing.

        `patient`: the end of its call is waited for, without a limit. `cut`: the call is ended as `error`.
        """
        await self._do(lambda: self.host.close(seat.id, self.why))
        if seat.carries and not cut:
            self.tell("seat.waiting", f"{seat.id}: waits for the end of its call", seat=seat.id, call=seat.call)
        if cut:
            await self._do(lambda: self.host.cut(seat.id))
        if seat.running and not await self._emptied(
            seat.id, patient=patient or cut, within_s=CUT_WITHIN_S if cut else None
        ):
            await self._open(seat.id)
            return False
        await self.remake(seat.id)
        await self._back(seat.id)
        await self._open(seat.id)
        self.tell("seat.renewed", f"{seat.id}: made anew", seat=seat.id)
        return True

    async def emptied(self, seat: SeatNow) -> None:
        """Close a seat for good and wait until nothing is left there, however long its call takes."""
        await self._do(lambda: self.host.close(seat.id, self.why))
        if seat.running:
            await self._emptied(seat.id, patient=True, within_s=None)

    async def _emptied(self, id: str, *, patient: bool, within_s: float | None) -> bool:
        begun = said = self.clock.now()
        while True:
            seat = await self._seat(id)
            if seat is None or not seat.running or seat.drained:
                return True
            now = self.clock.now()
            if seat.carries and not patient:
                return False
            if within_s is not None and now - begun > within_s:
                return True  # it was told to end its call, and does not: it is made anew all the same
            if now - said > AGAIN_S and not seat.draining:
                await self._do(lambda: self.host.close(id, self.why))
                said = now
            await self.clock.sleep(LOOK_EVERY_S)

    async def _open(self, id: str) -> None:
        """Open it, and give the registry the moment in which it hears of it: the next one closes after that."""
        await self._do(partial(self.host.open, id))
        until = self.clock.now() + HEARD_WITHIN_S
        while (seat := await self._seat(id)) and not seat.admissible and self.clock.now() < until:
            await self.clock.sleep(LOOK_EVERY_S)

    async def _back(self, id: str) -> None:
        deadline = self.clock.now() + self.health_timeout_s
        while True:
            seat = await self._seat(id)
            if (
                seat is not None
                and seat.healthy
                and seat.registered
                and seat.phase not in ("absent", "starting", "lost")
            ):
                return
            if self.clock.now() > deadline:
                how = (seat.complaint or seat.phase) if seat else "no container"
                raise SeatFailed(
                    f"{id} did not come back within {self.health_timeout_s:.0f} s ({how}); it stays closed"
                )
            await self.clock.sleep(LOOK_EVERY_S)

    async def _seat(self, id: str) -> SeatNow | None:
        return next((seat for seat in await self.seats() if seat.id == id), None)
