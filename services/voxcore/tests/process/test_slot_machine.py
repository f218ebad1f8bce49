"""Any order of starts, grants, deadlines, drains and kills: never two calls, never an old grant (S1, F1 to F3)."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import event, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.strategies import booleans, integers, sampled_from
from voxcore.slot import CARRYING, TRANSITIONS, DrainSource, Epochs, IllegalMove, Move, Phase, Slot, Terminating
from voxkit.errors import AtCapacity
from voxkit.fence import TOLERANCE_MS, Fence, FenceRefused, make_fence

pytestmark = [pytest.mark.unit]

OURS, THEIRS = "fleet1-3", "fleet1-4"
SECRETS = ("new-secret", "old-secret")
LIFTED = [DrainSource.ROUTE, DrainSource.REGISTRY]


@dataclass(frozen=True)
class Token:
    """A fence and who signed it."""

    fence: Fence
    secret: str

    @property
    def text(self) -> str:
        return make_fence(self.fence, self.secret)


class SlotMachine(RuleBasedStateMachine):
    """The real slot against a plain reading of the contract: two numbers, a reservation, a set of drains."""

    tokens = Bundle("tokens")

    @initialize(ready=sampled_from([True, True, True, False]))
    def begin(self, ready: bool) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now = 1_000_000
        self.wall = 1_000_000
        self.serial = 0
        self.granted_on = 0
        self.spent: set[str] = set()
        self.boot()
        if ready:
            self.step(Move.READY)

    def boot(self) -> None:
        self.slot = Slot(
            Epochs(Path(self.folder.name) / OURS, now_ms=lambda: self.wall),
            worker_id=OURS, secrets=SECRETS, now_ms=lambda: self.now,
        )  # fmt: skip
        self.phase, self.drains = Phase.STARTING, set[DrainSource]()
        self.held: Fence | None = None
        self.epoch = self.floor = self.slot.epoch
        assert self.epoch > self.granted_on, "a restart repeated an epoch that a grant may name"

    # --- the model: what the contract says, without a word of the code ------------------------------------------

    def to_idle(self, *, used: bool) -> None:
        self.phase, self.held = Phase.IDLE, None
        self.epoch += 1
        self.granted_on = self.epoch
        if used:
            self.floor = self.epoch

    def lapse(self) -> None:
        if self.phase is Phase.RESERVED and self.held and self.now >= self.held.deadline_ms:
            self.to_idle(used=False)

    def is_good(self, token: Token) -> bool:
        fence = token.fence
        return (
            self.phase is not Phase.STARTING
            and token.secret in SECRETS
            and fence.worker_id == OURS
            and self.floor <= fence.epoch <= self.epoch
            and self.now <= fence.deadline_ms + TOLERANCE_MS
            and (self.held is None or self.held.reservation_id == fence.reservation_id)
        )

    def rarely(self) -> bool:
        """So that the slot is used, and not only kept out of use."""
        return self.serial % 4 == 3

    # --- time and lives -----------------------------------------------------------------------------------------

    @rule(ms=integers(0, 20_000))
    def time_passes(self, ms: int) -> None:
        self.now += ms

    @rule()
    def a_timer_fires(self) -> None:
        self.slot.settle()
        self.lapse()

    @precondition(lambda self: self.rarely())
    @rule(set_back_ms=sampled_from([0, 0, 3_600_000]))
    def killed_and_started_again(self, set_back_ms: int) -> None:
        self.wall -= set_back_ms
        self.boot()
        self.step(Move.READY)

    # --- what the registry and others send ----------------------------------------------------------------------

    @rule(
        target=tokens,
        back=sampled_from([0, 0, 0, 0, 1, 2, 5, -1]),
        hold_ms=integers(-2_000, 15_000),
        secret=sampled_from([*SECRETS, *SECRETS, *SECRETS, "forged"]),
        worker=sampled_from([*[OURS] * 8, THEIRS]),
        again=booleans(),
    )
    def granted(self, back: int, hold_ms: int, secret: str, worker: str, again: bool) -> Token:
        if not again:
            self.serial += 1
        return Token(Fence(worker, max(0, self.slot.epoch - back), f"r-{self.serial:08}", self.now + hold_ms), secret)

    @rule(token=tokens)
    def reserve(self, token: Token) -> None:
        self.lapse()
        good, same = self.is_good(token), self.held and self.held.reservation_id == token.fence.reservation_id
        holds = self.phase not in CARRYING and self.now < token.fence.deadline_ms
        told = good and (holds or (self.phase in CARRYING and bool(same)))
        try:
            self.slot.reserve(token.text)
        except FenceRefused:
            assert not told
            return
        assert told
        if self.phase is Phase.IDLE:
            self.phase, self.held = Phase.RESERVED, token.fence
        elif self.phase is Phase.RESERVED and self.held and token.fence.deadline_ms > self.held.deadline_ms:
            self.held = token.fence

    @rule(token=tokens)
    def unreserve(self, token: Token) -> None:
        self.slot.unreserve(token.fence.reservation_id)
        self.lapse()
        if self.phase is Phase.RESERVED and self.held and self.held.reservation_id == token.fence.reservation_id:
            self.to_idle(used=False)

    @precondition(lambda self: self.rarely())
    @rule()
    def start_without_a_fence(self) -> None:
        self.lapse()
        free = self.phase is Phase.IDLE and not self.drains
        try:
            self.slot.take()
        except AtCapacity:
            assert not free
        else:
            assert free
            self.phase, self.held = Phase.BUSY, None

    @rule(hold_ms=integers(1, 15_000), told=booleans())
    def granted_and_started(self, hold_ms: int, told: bool) -> None:
        token = self.granted(0, hold_ms, SECRETS[0], OURS, False)
        if told:
            self.reserve(token)
        self.start_with_a_fence(token)

    @rule(token=tokens)
    def start_with_a_fence(self, token: Token) -> None:
        self.lapse()
        free = self.phase in (Phase.IDLE, Phase.RESERVED)
        try:
            self.slot.take(token.text)
        except FenceRefused:
            assert not (free and self.is_good(token))
            return
        event("a fence opened the slot")
        assert free
        assert self.is_good(token)
        assert token.text not in self.spent, "one token began two calls"
        self.spent.add(token.text)
        self.phase, self.held = Phase.BUSY, token.fence

    # --- the call, and drains -----------------------------------------------------------------------------------

    @precondition(lambda self: self.phase in CARRYING)
    @rule()
    def the_call_ends(self) -> None:
        self.step(Move.CALL_OVER)
        self.step(Move.RESULT_ON_DISK)

    @rule(move=sampled_from([Move.CALL_OVER, Move.RESULT_ON_DISK, Move.REFUSED, Move.READY]))
    def step(self, move: Move) -> None:
        known = move in TRANSITIONS[self.phase]
        try:
            self.slot.move(move)
        except IllegalMove:
            assert not known
            return
        assert known
        if TRANSITIONS[self.phase][move] is Phase.IDLE:
            self.to_idle(used=True)
        else:
            self.phase = TRANSITIONS[self.phase][move]

    @precondition(lambda self: self.rarely())
    @rule(source=sampled_from(LIFTED))
    def drain(self, source: DrainSource) -> None:
        self.slot.drain(source, "test")
        self.drains.add(source)

    @rule(source=sampled_from(LIFTED))
    def undrain(self, source: DrainSource) -> None:
        self.slot.undrain(source)
        if source in self.drains:
            self.drains.discard(source)
            if not self.drains and self.phase is Phase.IDLE:
                self.to_idle(used=True)

    @precondition(lambda self: self.rarely())
    @rule()
    def stop_signal(self) -> None:
        self.slot.drain(DrainSource.SIGNAL, "SIGTERM")
        self.drains.add(DrainSource.SIGNAL)
        with pytest.raises(Terminating):
            self.slot.undrain(DrainSource.SIGNAL)

    @invariant()
    def agrees_with_the_model(self) -> None:
        if not hasattr(self, "slot"):
            return
        slot = self.slot
        assert (slot.phase, slot.epoch) == (self.phase, self.epoch)
        assert slot.state == ("draining" if self.drains else self.phase.value)
        assert slot.reservation_id == (self.held.reservation_id if self.held else None)
        assert slot.calls == (self.phase in CARRYING)
        assert 0 <= slot.available <= slot.max <= 1
        assert slot.calls + slot.available <= 1

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()


TestSlotMachine = SlotMachine.TestCase
TestSlotMachine.settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
