"""A slot that is granted twice or never comes back breaks P1 and P2 (S1, S2, F1)."""

from pathlib import Path

import pytest
from voxcore.slot import TRANSITIONS, DrainSource, Epochs, IllegalMove, Move, Phase, Slot, Terminating
from voxkit.errors import AtCapacity

pytestmark = [pytest.mark.unit]

COLUMNS = [  # state, calls, max, available, as the contract's table has them
    (Phase.STARTING, 0, 0, 0),
    (Phase.IDLE, 0, 1, 1),
    (Phase.RESERVED, 0, 1, 0),
    (Phase.BUSY, 1, 1, 0),
    (Phase.WRAPPING, 1, 1, 0),
]
WAY_TO: dict[Phase, list[Move]] = {
    Phase.STARTING: [],
    Phase.IDLE: [Move.READY],
    Phase.RESERVED: [Move.READY, Move.RESERVE],
    Phase.BUSY: [Move.READY, Move.START],
    Phase.WRAPPING: [Move.READY, Move.START, Move.CALL_OVER],
}


def slot_of(epochs: Epochs) -> Slot:
    return Slot(epochs, worker_id="w-1", secrets=("secret",), now_ms=lambda: 1_000)


def slot_in(phase: Phase, folder: Path) -> Slot:
    slot = slot_of(Epochs(folder / "w-1", now_ms=lambda: 1_000))
    for move in WAY_TO[phase]:
        slot.move(move)
    return slot


@pytest.mark.parametrize(("phase", "calls", "most", "available"), COLUMNS)
def test_a_phase_shows_its_columns(phase: Phase, calls: int, most: int, available: int, tmp_path: Path) -> None:
    slot = slot_in(phase, tmp_path)
    assert (slot.state, slot.calls, slot.max, slot.available) == (phase.value, calls, most, available)


@pytest.mark.parametrize("phase", list(Phase))
def test_a_draining_worker_may_carry_only_the_call_it_has(phase: Phase, tmp_path: Path) -> None:
    slot = slot_in(phase, tmp_path)
    slot.drain(DrainSource.ROUTE, "deploy")
    assert (slot.state, slot.max, slot.available) == ("draining", slot.calls, 0)
    assert slot.phase is phase


@pytest.mark.parametrize("phase", list(Phase))
@pytest.mark.parametrize("move", list(Move))
def test_a_move_outside_the_table_raises_and_changes_nothing(phase: Phase, move: Move, tmp_path: Path) -> None:
    slot = slot_in(phase, tmp_path)
    epoch = slot.epoch
    if move in TRANSITIONS[phase]:
        slot.move(move)
        assert slot.phase is TRANSITIONS[phase][move]
        return
    with pytest.raises(IllegalMove):
        slot.move(move)
    assert (slot.phase, slot.epoch) == (phase, epoch)


@pytest.mark.parametrize("phase", [each for each in Phase if each is not Phase.IDLE])
def test_only_an_idle_slot_is_taken(phase: Phase, tmp_path: Path) -> None:
    slot = slot_in(phase, tmp_path)
    with pytest.raises(AtCapacity) as refusal:
        slot.take()
    assert refusal.value.headers == {"Retry-After": "1"}
    assert slot.phase is phase


def test_each_source_lifts_only_its_own_drain(tmp_path: Path) -> None:
    slot = slot_in(Phase.IDLE, tmp_path)
    slot.drain(DrainSource.ROUTE, "deploy")
    slot.drain(DrainSource.REGISTRY, "told so")
    slot.drain(DrainSource.ROUTE, "a repeat changes nothing")
    slot.undrain(DrainSource.ROUTE)
    assert slot.drain_reasons == {DrainSource.REGISTRY: "told so"}
    slot.undrain(DrainSource.REGISTRY)
    slot.undrain(DrainSource.REGISTRY)
    assert slot.available == 1


def test_a_drain_by_signal_is_never_lifted(tmp_path: Path) -> None:
    slot = slot_in(Phase.BUSY, tmp_path)
    slot.undrain(DrainSource.SIGNAL)  # nothing to lift yet
    slot.drain(DrainSource.SIGNAL, "SIGTERM")
    with pytest.raises(Terminating):
        slot.undrain(DrainSource.SIGNAL)
    assert slot.draining


def test_the_epoch_rises_with_each_entry_into_idle_and_survives_a_restart_with_a_clock_set_back(tmp_path: Path) -> None:
    path = tmp_path / "w-1"
    slot = slot_of(Epochs(path, now_ms=lambda: 5_000))
    slot.move(Move.READY)
    first = slot.epoch
    for move in (Move.START, Move.REFUSED):
        slot.move(move)
    assert slot.epoch == first + 1 > 5_000
    again = slot_of(Epochs(path, now_ms=lambda: 10))
    assert again.epoch > slot.epoch
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_unreadable_or_unwritable_epoch_file_does_not_stop_the_worker(tmp_path: Path) -> None:
    (tmp_path / "w-1").write_text("not a number")
    epochs = Epochs(tmp_path / "w-1", now_ms=lambda: 7)
    assert epochs.current == 7
    gone = Epochs(tmp_path / "gone" / "w-1", now_ms=lambda: 7)
    assert gone.rise() == 8


def test_listeners_hear_of_every_change(tmp_path: Path) -> None:
    slot = slot_in(Phase.IDLE, tmp_path)
    heard: list[str] = []
    slot.on_change(lambda: heard.append(slot.state))
    slot.take()
    slot.drain(DrainSource.DISK, "disk_low")
    slot.undrain(DrainSource.DISK)
    assert heard == ["busy", "draining", "busy"]
