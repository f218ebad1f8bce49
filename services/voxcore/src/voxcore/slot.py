"""The slot: this process carries one call. All of its states and moves stand in one table.

Draining is no phase of its own but lies over all of them: nothing new is taken while any source of it stands.
Nothing here awaits, so no second start can slip in between the look and the taking. A reservation is checked here too,
without asking anyone: whatever the registry or a caller believes, the slot has the last word.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path

from voxkit.contracts.health import SlotState
from voxkit.errors import AtCapacity, Conflict
from voxkit.fence import Fence, FenceRefused, check_fence
from voxkit.log import get_logger

from voxcore.durable import LockedFile

log = get_logger("voxcore.slot")


class Phase(StrEnum):
    """Where the slot is, drain aside."""

    STARTING = "starting"
    IDLE = "idle"
    RESERVED = "reserved"
    BUSY = "busy"
    WRAPPING = "wrapping"


class Move(StrEnum):
    """What can happen to the slot."""

    READY = "ready"
    RESERVE = "reserve"
    DEADLINE = "deadline"
    UNRESERVE = "unreserve"
    START = "start"
    CALL_OVER = "call_over"
    RESULT_ON_DISK = "result_on_disk"
    REFUSED = "refused"


class DrainSource(StrEnum):
    """Who asked for the drain; each lifts only its own. A signal's and a successor's are never lifted."""

    SIGNAL = "signal"
    ROUTE = "route"
    REGISTRY = "registry"
    DISK = "disk"
    SUPERSEDED = "superseded"


TRANSITIONS: Mapping[Phase, Mapping[Move, Phase]] = {
    Phase.STARTING: {Move.READY: Phase.IDLE},
    Phase.IDLE: {Move.RESERVE: Phase.RESERVED, Move.START: Phase.BUSY},
    Phase.RESERVED: {Move.START: Phase.BUSY, Move.DEADLINE: Phase.IDLE, Move.UNRESERVE: Phase.IDLE},
    # REFUSED: the start took the slot and was answered 404, 502 or 503 before anybody spoke.
    Phase.BUSY: {Move.CALL_OVER: Phase.WRAPPING, Move.REFUSED: Phase.IDLE},
    Phase.WRAPPING: {Move.RESULT_ON_DISK: Phase.IDLE},
}

CARRYING = frozenset({Phase.BUSY, Phase.WRAPPING})
LAPSES = frozenset({Move.DEADLINE, Move.UNRESERVE})
"""Ways into `idle` that leave older grants good: a grant made in that very instant names the epoch before."""


class IllegalMove(Conflict):
    """The slot is in a phase that does not know this move."""

    code = "illegal_move"


class Terminating(Conflict):
    """The worker got SIGTERM and leaves; a drain by signal is not lifted."""

    code = "terminating"


def after(phase: Phase, move: Move) -> Phase:
    """The phase that a move leads to. Raises IllegalMove."""
    try:
        return TRANSITIONS[phase][move]
    except KeyError:
        raise IllegalMove(f"The slot is {phase}: {move} is not possible.") from None


class Epochs:
    """A number that rises whenever the worker becomes idle, and never repeats, restarts and clock changes included."""

    def __init__(self, path: Path, *, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._path = path
        try:
            last = int(path.read_text())
        except (FileNotFoundError, ValueError):
            last = 0
        self.current = max(last + 1, now_ms())

    def rise(self) -> int:
        """The next epoch, on disk before anybody hears of it."""
        self.current += 1
        try:
            LockedFile.write(self._path, str(self.current).encode()).close()
        except OSError as error:
            # The time at boot still keeps the next life's epochs above this one's.
            log.error("slot.epoch_not_saved", error=os.strerror(error.errno or 0))
        return self.current


class Slot:
    """The one slot of this process."""

    def __init__(self, epochs: Epochs, *, worker_id: str, secrets: Sequence[str], now_ms: Callable[[], int]) -> None:
        """`now_ms`: the registry's clock as far as it is known here, Unix milliseconds; deadlines are its."""
        self._epochs = epochs
        self._worker_id = worker_id
        self._secrets = secrets
        self._now_ms = now_ms
        self._floor = epochs.current
        self._reservation: Fence | None = None
        self._phase = Phase.STARTING
        self._drains: dict[DrainSource, str] = {}
        self._listeners: list[Callable[[], None]] = []

    # --- what can be seen -------------------------------------------------------------------------------------

    @property
    def phase(self) -> Phase:
        return self._phase

    @property
    def draining(self) -> bool:
        return bool(self._drains)

    @property
    def drain_reasons(self) -> dict[DrainSource, str]:
        return dict(self._drains)

    @property
    def state(self) -> SlotState:
        """The state as health answers tell it."""
        return "draining" if self._drains else self._phase.value

    @property
    def calls(self) -> int:
        return 1 if self._phase in CARRYING else 0

    @property
    def max(self) -> int:
        """Calls it may carry now: none while loading; only the one it has while draining."""
        if self._drains:
            return self.calls
        return 0 if self._phase is Phase.STARTING else 1

    @property
    def available(self) -> int:
        return 1 if self._phase is Phase.IDLE and not self._drains else 0

    @property
    def epoch(self) -> int:
        return self._epochs.current

    @property
    def reservation_id(self) -> str | None:
        """The reservation that holds the slot, or that its call began with."""
        return self._reservation.reservation_id if self._reservation else None

    @property
    def held_until_ms(self) -> int | None:
        """When the reservation lapses, by the registry's clock; None when nothing is held."""
        return self._reservation.deadline_ms if self._reservation and self._phase is Phase.RESERVED else None

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    # --- moves ------------------------------------------------------------------------------------------------

    def move(self, move: Move) -> None:
        """Make a move of the table. Raises IllegalMove, and then nothing has changed."""
        target = after(self._phase, move)
        before, self._phase = self._phase, target
        reservation_id = self.reservation_id
        if target is Phase.IDLE:
            self._reservation = None
            self._enter_idle(fences=move not in LAPSES)
        log.info(
            "slot.changed",
            before=before.value,
            after=target.value,
            draining=self.draining,
            **({"reservation_id": reservation_id} if reservation_id else {}),
        )
        self._tell()

    def _enter_idle(self, *, fences: bool) -> None:
        self._epochs.rise()
        if fences:
            self._floor = self.epoch

    def settle(self) -> None:
        """Let go of a reservation whose deadline has passed. Every step below does so first: no timer is trusted."""
        until_ms = self.held_until_ms
        if until_ms is not None and self._now_ms() >= until_ms:
            self.move(Move.DEADLINE)

    def admit(self, token: str) -> Fence:
        """What a good fence says. Raises FenceRefused."""
        self.settle()
        fence = check_fence(
            token,
            self._secrets,
            worker_id=self._worker_id,
            floor=self._floor,
            epoch=self.epoch,
            now_ms=self._now_ms(),
            held=self.reservation_id,
        )
        if self._phase is Phase.STARTING:
            raise FenceRefused("epoch", "The worker is still starting; reserve again.")
        return fence

    def take(self, token: str | None = None) -> None:
        """Take the slot for a call, with the fence of its reservation or without one.

        A good fence opens a draining slot too: the seat was granted before. Nothing has changed after an error.
        Raises: AtCapacity: there is no fence and no slot. FenceRefused: the fence is not good, or a call is here.
        """
        self.settle()
        if token is None:
            if not self.available:
                raise AtCapacity("At capacity", headers={"Retry-After": "1"})
            fence = None
        else:
            fence = self.admit(token)
            self._no_call_here()
        self._reservation = fence
        self.move(Move.START)

    def reserve(self, token: str) -> Fence:
        """Hold the slot for the reservation of a fence until its deadline; a later fence of the same one holds longer.

        A call that began with this reservation already is no error: its start was faster than this word of it.
        Raises FenceRefused, and then nothing has changed.
        """
        fence = self.admit(token)
        if self._phase in CARRYING and fence.reservation_id == self.reservation_id:
            return fence
        self._no_call_here()
        if fence.deadline_ms <= self._now_ms():
            raise FenceRefused("deadline", "The reservation has lapsed; reserve again.")
        if self._phase is Phase.IDLE:
            self._reservation = fence
            self.move(Move.RESERVE)
        elif self._reservation is None or fence.deadline_ms > self._reservation.deadline_ms:
            self._reservation = fence
            self._tell()
        return fence

    def unreserve(self, reservation_id: str) -> None:
        """Free the slot if this reservation holds it; any other state stays as it is."""
        self.settle()
        if self._phase is Phase.RESERVED and self.reservation_id == reservation_id:
            self.move(Move.UNRESERVE)

    def close(self) -> None:
        """Honour no fence from now on: the process leaves."""
        self._floor = self.epoch + 1

    def _no_call_here(self) -> None:
        if self._phase in CARRYING:
            raise FenceRefused("reservation", "The seat carries a call already; reserve again.")

    def drain(self, source: DrainSource, reason: str) -> None:
        """Take nothing new from now on. Repeats change nothing."""
        if source not in self._drains:
            self._drains[source] = reason
            log.info("slot.draining", source=source.value, reason=reason, phase=self._phase.value)
            self._tell()

    def undrain(self, source: DrainSource) -> None:
        """Lift one source's drain. Raises Terminating for the signal's own."""
        if source is DrainSource.SIGNAL and source in self._drains:
            raise Terminating()
        if self._drains.pop(source, None) is not None:
            if self.available:
                # Idle again: nothing that was granted before the drain is still owed a seat here.
                self._enter_idle(fences=True)
            log.info("slot.undrained", source=source.value, still=sorted(self._drains))
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
