"""Callers of deploy tests: they call all the time, speak, hear themselves, hang up, and know how each call ended.

Half of them come as carriers do, to a host's public address without a reservation; the other half reserve a seat first.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import websockets
from voxctl.deploy.world import Said, SeatNow
from voxkit.contracts.registry import Need
from voxkit.errors import VoxError
from voxkit.registry import Grant, RegistryAway, RegistryClient, new_reservation_id
from websockets.exceptions import InvalidStatus

from .town import insecure

FRAME_S = 0.2
FRAME = bytes(320)
ANSWER_WITHIN_S = 10.0
TRIES = 4
MOVES = 3
STALE = "refused with 409"


@dataclass(frozen=True)
class Call:
    """How one call ended. `why` is empty when its caller hung up as planned."""

    began: float
    length_s: float
    tag: str
    why: str = ""
    refused: bool = False


@dataclass
class Callers:
    """A stream of calls, each `shortest` to `longest` seconds, at most `most` at once and seldom fewer."""

    registry: RegistryClient
    hosts: Sequence[str]
    most: int
    shortest: float = 3.0
    longest: float = 12.0
    seed: int = 1
    calls: list[Call] = field(default_factory=list[Call])
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """For ever: cancelled, it lets the calls that run come to their end (`finish`)."""
        chance = random.Random(self.seed)
        for number in range(1_000_000):
            while len(self._tasks) >= self.most:
                await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            length_s = chance.uniform(self.shortest, self.longest)
            task = asyncio.create_task(self.place(length_s, reserved=bool(number % 2), host=chance.choice(self.hosts)))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(chance.uniform(0, 1))

    async def finish(self) -> None:
        await asyncio.gather(*self._tasks)

    async def place(self, length_s: float, *, reserved: bool, host: str) -> None:
        began, tag, grant = time.monotonic(), "", None
        try:
            if reserved:
                grant = await self._reserve()
                url, tag = f"{grant.socket_url('ws/demo')}", grant.image_tag
            else:
                url = f"wss://{host}/ws/demo"
            why, refused = await self._talk(url, length_s)
            for _ in range(MOVES):
                if grant is None or why != STALE:
                    break
                # A caller without a reservation was quicker: the holder is given another seat, as registry F16 has it.
                grant = await self.registry.replace(grant, "refused")
                tag = grant.image_tag
                why, refused = await self._talk(grant.socket_url("ws/demo"), length_s)
            if refused and not reserved:
                # As an ingress does: a full host's 429 sends the caller to the next one.
                for other in (each for each in self.hosts if each != host and refused):
                    why, refused = await self._talk(f"wss://{other}/ws/demo", length_s)
        except VoxError as error:
            why, refused = f"no seat: {error.wire_code}", True
        self.calls.append(Call(began, time.monotonic() - began, tag, why, refused))

    async def _reserve(self) -> Grant:
        """As callers do: a registry that gives no answer in time is asked again."""
        for _ in range(TRIES):
            with suppress(RegistryAway):
                return await self.registry.reserve(new_reservation_id(), priority="inbound", hold=15, wait=5)
        return await self.registry.reserve(new_reservation_id(), priority="inbound", hold=15, wait=5)

    async def _talk(self, url: str, length_s: float) -> tuple[str, bool]:
        """(why it was no good call, whether it was refused)."""
        try:
            line = await websockets.connect(url, ssl=insecure(), open_timeout=ANSWER_WITHIN_S, proxy=None)
        except InvalidStatus as error:
            return f"refused with {error.response.status_code}", True
        except (OSError, TimeoutError, websockets.WebSocketException) as error:
            return f"no connection: {error!r}", False
        async with line:
            end = time.monotonic() + length_s
            try:
                while time.monotonic() < end:
                    await line.send(FRAME)
                    async with asyncio.timeout(ANSWER_WITHIN_S):
                        await line.recv()
                    await asyncio.sleep(FRAME_S)
            except (websockets.ConnectionClosed, TimeoutError) as error:
                return f"broke after {time.monotonic() - end + length_s:.1f} s: {error!r}", False
        return "", False

    @property
    def dropped(self) -> list[Call]:
        return [call for call in self.calls if call.why and not call.refused]

    @property
    def refusals(self) -> dict[str, int]:
        """Why callers were refused, counted."""
        return dict(Counter(call.why for call in self.refused))

    @property
    def refused(self) -> list[Call]:
        return [call for call in self.calls if call.refused]


@dataclass
class EchoCanary:
    """Stands where the spoken check call does: a call to this very seat, closed as it is, that must hear itself."""

    registry: RegistryClient
    good: int = 0

    async def call(self, seat: SeatNow) -> Said:
        began = time.monotonic()
        callers = Callers(self.registry, [], 0)
        try:
            grant = await self.registry.reserve(
                new_reservation_id(), priority="test", hold=15, need=Need(worker_id=seat.id), allow_draining=True
            )
        except VoxError as error:
            return Said(False, f"the registry does not give it for a call: {error.message}")
        with suppress(VoxError):
            why, _ = await callers._talk(grant.socket_url("ws/demo"), 2.0)
            self.good += not why
            return Said(not why, why, time.monotonic() - began)
        raise AssertionError("unreachable")
