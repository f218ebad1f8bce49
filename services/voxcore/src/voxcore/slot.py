"""The slot: this process carries one call. All of its states and moves stand in one table.

Draining is no phase of its own but lies over all of them: nothing new is taken while any source of it stands.
Nothing here awaits, so no second start can slip in between the look and the taking.
"""

import os
import time
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path

from voxkit.contracts.health import SlotState
from voxkit.errors import AtCapacity, Conflict
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
    """Who asked for the drain; each lifts only its own. A signal's is never lifted."""

    SIGNAL = "signal"
    ROUTE = "route"
    REGISTRY = "registry"
    DISK = "disk"


TRANSITIONS: Mapping[Phase, Mapping[Move, Phase]] = {
    Phase.STARTING: {Move.READY: Phase.IDLE},
    Phase.IDLE: {Move.RESERVE: Phase.RESERVED, Move.START: Phase.BUSY},
    Phase.RESERVED: {Move.START: Phase.BUSY, Move.DEADLINE: Phase.IDLE, Move.UNRESERVE: Phase.IDLE},
    # REFUSED: the start took the slot and was answered 404, 502 or 503 before anybody spoke.
    Phase.BUSY: {Move.CALL_OVER: Phase.WRAPPING, Move.REFUSED: Phase.IDLE},
    Phase.WRAPPING: {Move.RESULT_ON_DISK: Phase.IDLE},
}

CARRYING = frozenset({Phase.BUSY, Phase.WRAPPING})


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

    def __init__(self, epochs: Epochs) -> None:
        self._epochs = epochs
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

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every change."""
        self._listeners.append(listener)

    # --- moves ------------------------------------------------------------------------------------------------

    def move(self, move: Move) -> None:
        """Make a move of the table. Raises IllegalMove, and then nothing has changed."""
        target = after(self._phase, move)
        before, self._phase = self._phase, target
        if target is Phase.IDLE:
            self._epochs.rise()
        log.info("slot.changed", before=before.value, after=target.value, draining=self.draining)
        self._tell()

    def take(self) -> None:
        """Take the slot for a call that has no reservation. Raises AtCapacity, and then nothing has changed."""
        if not self.available:
            raise AtCapacity("At capacity", headers={"Retry-After": "1"})
        self.move(Move.START)

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
            log.info("slot.undrained", source=source.value, still=sorted(self._drains))
            self._tell()

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
