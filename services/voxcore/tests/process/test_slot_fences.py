"""A slot that honours an old grant, or refuses a good one, puts two calls on a seat or loses one (F1 to F6, D1)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from voxcore.slot import DrainSource, Epochs, Move, Phase, Slot
from voxkit.errors import AtCapacity
from voxkit.fence import Fence, FenceRefused, make_fence

pytestmark = [pytest.mark.unit]

OURS = "fleet1-3"
NEW, OLD = "new-secret", "old-secret"
T0 = 1_769_850_000_000
HOLD_MS = 15_000


class Bench:
    """A slot whose clock the test sets, and the registry's pen."""

    def __init__(self, folder: Path) -> None:
        self.now_ms = T0
        self.slot = Slot(
            Epochs(folder / OURS, now_ms=lambda: T0), worker_id=OURS, secrets=(NEW, OLD), now_ms=lambda: self.now_ms
        )

    def fence(
        self,
        rid: str = "r-first-one",
        *,
        worker: str = OURS,
        epoch: int | None = None,
        deadline_ms: int | None = None,
        secret: str = NEW,
    ) -> str:
        epoch = self.slot.epoch if epoch is None else epoch
        return make_fence(Fence(worker, epoch, rid, deadline_ms or self.now_ms + HOLD_MS), secret)

    def go(self, *moves: Move) -> None:
        for move in moves:
            self.slot.move(move)

    def one_call(self) -> None:
        self.slot.take()
        self.go(Move.CALL_OVER, Move.RESULT_ON_DISK)


@pytest.fixture
def starting(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def idle(starting: Bench) -> Bench:
    starting.go(Move.READY)
    return starting


def refused(reason: str, act: Callable[[], object]) -> None:
    with pytest.raises(FenceRefused) as refusal:
        act()
    assert (refusal.value.reason, refusal.value.wire_code, refusal.value.http_status) == (
        reason,
        "stale_reservation",
        409,
    )


# --- the table of section 8 -----------------------------------------------------------------------------------------


def test_idle_takes_a_start_without_a_fence_and_one_with_a_good_one(idle: Bench) -> None:
    idle.one_call()
    idle.slot.take(idle.fence())
    assert (idle.slot.phase, idle.slot.reservation_id) == (Phase.BUSY, "r-first-one")


def test_reserved_refuses_a_start_without_a_fence_and_takes_its_own(idle: Bench) -> None:
    token = idle.fence()
    idle.slot.reserve(token)
    with pytest.raises(AtCapacity):
        idle.slot.take()
    refused("reservation", lambda: idle.slot.take(idle.fence("r-another-one")))
    assert idle.slot.phase is Phase.RESERVED
    idle.slot.take(token)
    assert idle.slot.phase is Phase.BUSY


@pytest.mark.parametrize("phase", [Phase.BUSY, Phase.WRAPPING])
def test_a_slot_with_a_call_takes_nothing(phase: Phase, idle: Bench) -> None:
    token = idle.fence()
    idle.slot.take(token)
    if phase is Phase.WRAPPING:
        idle.go(Move.CALL_OVER)
    with pytest.raises(AtCapacity):
        idle.slot.take()
    refused("reservation", lambda: idle.slot.take(token))
    refused("reservation", lambda: idle.slot.take(idle.fence("r-another-one")))
    assert (idle.slot.phase, idle.slot.reservation_id) == (phase, "r-first-one")


def test_a_call_without_a_reservation_keeps_good_fences_out_as_well(idle: Bench) -> None:
    idle.slot.take()
    refused("reservation", lambda: idle.slot.take(idle.fence()))
    refused("reservation", lambda: idle.slot.reserve(idle.fence()))
    assert idle.slot.reservation_id is None


@pytest.mark.parametrize("source", list(DrainSource))
def test_draining_without_a_call_honours_a_good_fence_and_nothing_else(source: DrainSource, idle: Bench) -> None:
    """D1."""
    token = idle.fence()
    idle.slot.drain(source, "test")
    with pytest.raises(AtCapacity):
        idle.slot.take()
    refused("mac", lambda: idle.slot.take(idle.fence(secret="forged")))
    idle.slot.reserve(token)
    assert idle.slot.phase is Phase.RESERVED
    idle.slot.take(token)
    assert (idle.slot.phase, idle.slot.state) == (Phase.BUSY, "draining")


def test_starting_refuses_every_start(starting: Bench) -> None:
    with pytest.raises(AtCapacity):
        starting.slot.take()
    refused("epoch", lambda: starting.slot.take(starting.fence()))
    refused("epoch", lambda: starting.slot.reserve(starting.fence()))
    refused("mac", lambda: starting.slot.take("v1.no.token"))


BAD = {
    "another secret": ("mac", {"secret": "forged"}),
    "another worker": ("worker", {"worker": "fleet1-4"}),
    "an epoch that never was": ("epoch", {"epoch": T0 + 999}),
    "an epoch before the boot": ("epoch", {"epoch": T0 - 1}),
    "a deadline passed": ("deadline", {"deadline_ms": T0 - 1_001}),
}


@pytest.mark.parametrize("case", list(BAD))
@pytest.mark.parametrize("where", ["idle", "reserved", "busy", "wrapping", "draining"])
def test_a_bad_fence_is_refused_in_every_state_and_changes_nothing(case: str, where: str, idle: Bench) -> None:
    reason, changed = BAD[case]
    if where == "reserved":
        idle.slot.reserve(idle.fence())
    elif where in ("busy", "wrapping"):
        idle.slot.take(idle.fence())
    elif where == "draining":
        idle.slot.drain(DrainSource.ROUTE, "test")
    if where == "wrapping":
        idle.go(Move.CALL_OVER)
    before = (idle.slot.phase, idle.slot.epoch, idle.slot.reservation_id)
    token = idle.fence(**changed)
    for act in (idle.slot.admit, idle.slot.take, idle.slot.reserve):
        refused(reason, lambda act=act: act(token))
    assert (idle.slot.phase, idle.slot.epoch, idle.slot.reservation_id) == before


# --- epochs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["a call", "a refused start", "a drain that was lifted", "a new life"])
def test_a_grant_made_before_the_seat_was_used_is_worth_nothing_after(end: str, idle: Bench, tmp_path: Path) -> None:
    """F1, F2: the deadline is not passed, the worker is right, and still."""
    token = idle.fence()
    if end == "a call":
        idle.one_call()
    elif end == "a refused start":
        idle.slot.take(token)
        idle.go(Move.REFUSED)
    elif end == "a drain that was lifted":
        idle.slot.drain(DrainSource.REGISTRY, "test")
        idle.slot.drain(DrainSource.ROUTE, "test")
        idle.slot.undrain(DrainSource.REGISTRY)
        idle.slot.undrain(DrainSource.ROUTE)
    else:
        idle = Bench(tmp_path)
        idle.go(Move.READY)
    refused("epoch", lambda: idle.slot.take(token))
    assert idle.slot.phase is Phase.IDLE
    idle.slot.take(idle.fence())


@pytest.mark.parametrize("end", ["lapsed", "given back"])
def test_a_grant_made_as_another_one_lapsed_names_the_epoch_before_and_is_good(end: str, idle: Bench) -> None:
    known_to_the_registry = idle.slot.epoch
    idle.slot.reserve(idle.fence())
    if end == "lapsed":
        idle.now_ms += HOLD_MS
        idle.slot.settle()
    else:
        idle.slot.unreserve("r-first-one")
    assert (idle.slot.phase, idle.slot.epoch) == (Phase.IDLE, known_to_the_registry + 1)
    idle.slot.take(idle.fence("r-another-one", epoch=known_to_the_registry))
    assert idle.slot.phase is Phase.BUSY


def test_a_drain_lifted_while_a_reservation_holds_the_slot_leaves_it_good(idle: Bench) -> None:
    token = idle.fence()
    idle.slot.reserve(token)
    idle.slot.drain(DrainSource.ROUTE, "test")
    idle.slot.undrain(DrainSource.ROUTE)
    idle.slot.take(token)


def test_a_slot_that_closes_honours_no_fence_any_more(idle: Bench) -> None:
    idle.slot.drain(DrainSource.SIGNAL, "SIGTERM")
    idle.slot.close()
    refused("epoch", lambda: idle.slot.take(idle.fence()))


# --- deadlines ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("late_ms", "good"), [(-1, True), (0, True), (1_000, True), (1_001, False)])
def test_a_start_may_be_a_second_late_though_the_hold_is_over_at_its_deadline(
    late_ms: int, good: bool, idle: Bench
) -> None:
    """F3. The registry keeps the seat for that second, so no two good fences meet."""
    token = idle.fence()
    idle.slot.reserve(token)
    idle.now_ms += HOLD_MS + late_ms
    idle.slot.settle()
    assert idle.slot.phase is (Phase.RESERVED if late_ms < 0 else Phase.IDLE)
    if good:
        idle.slot.take(token)
    else:
        refused("deadline", lambda: idle.slot.take(token))


def test_whoever_looks_after_the_deadline_finds_the_slot_free_with_no_timer_running(idle: Bench) -> None:
    idle.slot.reserve(idle.fence())
    idle.now_ms += HOLD_MS
    idle.slot.take()
    assert (idle.slot.phase, idle.slot.reservation_id) == (Phase.BUSY, None)


def test_a_lapsed_fence_does_not_hold_the_slot_for_its_second_of_tolerance(idle: Bench) -> None:
    token = idle.fence()
    idle.now_ms += HOLD_MS + 500
    refused("deadline", lambda: idle.slot.reserve(token))
    assert idle.slot.phase is Phase.IDLE


# --- reserve, unreserve ---------------------------------------------------------------------------------------------


def test_a_reserve_repeated_late_or_extended_holds_to_the_latest_deadline(idle: Bench) -> None:
    """F6."""
    first, longer = idle.fence(), idle.fence(deadline_ms=T0 + 60_000)
    for token in (first, first, longer, first):
        idle.slot.reserve(token)
    assert (idle.slot.phase, idle.slot.held_until_ms) == (Phase.RESERVED, T0 + 60_000)
    refused("reservation", lambda: idle.slot.reserve(idle.fence("r-another-one")))


def test_word_of_a_reservation_that_comes_after_its_start_is_no_error(idle: Bench) -> None:
    token = idle.fence()
    idle.slot.take(token)
    assert idle.slot.reserve(token).reservation_id == "r-first-one"
    assert idle.slot.phase is Phase.BUSY


def test_unreserve_frees_only_what_that_reservation_holds(idle: Bench) -> None:
    idle.slot.unreserve("r-first-one")
    idle.slot.reserve(idle.fence())
    idle.slot.unreserve("r-another-one")
    assert idle.slot.phase is Phase.RESERVED
    idle.slot.unreserve("r-first-one")
    assert (idle.slot.phase, idle.slot.reservation_id, idle.slot.held_until_ms) == (Phase.IDLE, None, None)
    idle.slot.take(idle.fence())
    idle.slot.unreserve("r-first-one")
    assert idle.slot.phase is Phase.BUSY


def test_every_value_of_a_rotated_secret_signs(idle: Bench) -> None:
    idle.slot.reserve(idle.fence(secret=OLD))
    idle.slot.take(idle.fence(secret=NEW))
    assert idle.slot.phase is Phase.BUSY


def test_listeners_hear_of_a_longer_hold_too(idle: Bench) -> None:
    heard: list[int | None] = []
    idle.slot.on_change(lambda: heard.append(idle.slot.held_until_ms))
    for deadline_ms in (T0 + 5_000, T0 + 9_000):
        idle.slot.reserve(idle.fence(deadline_ms=deadline_ms))
    idle.slot.unreserve("r-first-one")
    assert heard == [T0 + 5_000, T0 + 9_000, None]
