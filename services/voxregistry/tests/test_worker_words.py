"""A seat that is given to a worker that is dead, or a call that is not counted (P-3, HB1, HB2, RS1)."""

from __future__ import annotations

import pytest

from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


# --- what workers say ------------------------------------------------------------------------------------------------


def test_a_confirmed_start_without_a_word_of_the_worker_lapses_after_nine_seconds(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=1_000)
    fleet.confirm("r-first-1", "h1-1")
    fleet.alive(8_999)
    assert fleet.state("r-first-1") == "confirmed"
    fleet.alive(1)
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["reason"]) == ("expired", "no_start")
    fleet.settle()
    assert fleet.phase("h1-1") == "idle"


def test_the_seat_of_a_start_without_a_word_waits_for_its_token_to_lapse(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=60_000)
    fleet.confirm("r-first-1", "h1-1")
    fleet.alive(60_999)
    assert (fleet.state("r-first-1"), fleet.phase("h1-1")) == ("expired", "reserved")
    fleet.alive(1)
    assert fleet.phase("h1-1") == "idle"


def test_f13_a_started_call_is_active_by_the_workers_own_word(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    assert (fleet.state("r-first-1"), fleet.phase("h1-1")) == ("active", "busy")
    assert fleet.confirm("r-first-1", "h1-1")["result"] == "ok"
    assert fleet.release("r-first-1") == "active"
    fleet.beat("h1-1", "wrapping", call_id="call-1", reservation_id="r-first-1")
    fleet.beat("h1-1", "idle", up=True)
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["reason"]) == ("ended", "call_over")


@pytest.mark.parametrize("end", ["expired", "released"])
def test_the_workers_truth_wins_over_a_reservation_that_is_over(fleet: Fleet, end: str) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=1_000)
    if end == "expired":
        fleet.tick(1_500)
    else:
        fleet.release("r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    assert fleet.state("r-first-1") == "active"


def test_f8_a_seat_that_was_cut_off_comes_back_with_the_call_and_the_other_seat_is_freed(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=60_000)
    fleet.tick(8_000)
    fleet.beat("h2-1")
    fleet.tick(1_000)
    fleet.settle()
    assert fleet.record("r-first-1")["worker"] == "h2-1"
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["worker"]) == ("active", "h1-1")
    assert fleet.phase("h2-1") == "idle"
    assert ("unreserve", "h2-1") in fleet.told()


def test_f7_a_frozen_worker_is_lost_and_counted_with_its_true_state_when_it_wakes(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    fleet.tick(30_000)
    fleet.settle()
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["reason"]) == ("ended", "worker_lost")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    assert fleet.phase("h1-1") == "busy"
    assert fleet.state("r-first-1") == "ended"
    assert fleet.pool.store.smembers(f"{fleet.pool.prefix}use:c:main") == {b"w:h1-1"}


def test_f6_a_held_reservation_of_a_lost_worker_is_moved_in_the_same_step(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.tick(5_000)
    fleet.beat("h2-1")
    fleet.tick(4_000)
    fleet.settle()
    assert fleet.record("r-first-1")["worker"] == "h2-1"
    assert fleet.names().count("reservation.moved") == 1
    assert ("reserve", "h2-1") in fleet.told()


def test_f6_a_restarted_worker_is_known_by_its_new_instance_at_once(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    assert fleet.granted("r-first-1") == "h1-1"
    fleet.beat("h1-1", "starting", instance_id="h1-1.2", seq=1)
    assert fleet.record("r-first-1")["worker"] == "h1-2"


@pytest.mark.parametrize(("confirmed", "reason"), [(True, "worker_restarted"), (False, None)])
def test_a_restart_ends_what_was_confirmed_and_moves_what_was_held(
    fleet: Fleet, confirmed: bool, reason: str | None
) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    if confirmed:
        fleet.confirm("r-first-1", "h1-1")
    fleet.beat("h1-1", "starting", instance_id="h1-1.2", seq=1)
    assert fleet.record("r-first-1").get("reason") == reason
    assert fleet.state("r-first-1") == ("ended" if confirmed else "waiting")


def test_rs1_a_second_worker_with_the_same_reservation_is_counted_as_a_call_of_its_own(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    out = fleet.beat("h1-2", "busy", call_id="call-2", reservation_id="r-first-1")
    assert out["doubled"] == 1
    assert fleet.record("r-first-1")["worker"] == "h1-1"
    assert fleet.pool.store.smembers(f"{fleet.pool.prefix}use:c:main") == {b"r:r-first-1", b"w:h1-2"}
    assert "doubled" not in fleet.beat("h1-2", "busy", call_id="call-2", reservation_id="r-first-1")


def test_rs1_an_adopted_reservation_has_three_minutes_until_its_holder_comes_back(fleet: Fleet) -> None:
    fleet.beat("h1-1", "reserved", reservation_id="r-first-1")
    assert int(fleet.record("r-first-1")["deadline_ms"]) == fleet.pool.now + 180_000
    assert fleet.record("r-first-1")["client"] == "direct"
    out = fleet.reserve("r-first-1", "main", campaign="camp", hold_ms=20_000)
    assert (out["result"], out["view"]["worker_id"]) == ("repeat", "h1-1")
    assert int(fleet.record("r-first-1")["deadline_ms"]) == fleet.pool.now + 20_000
    assert fleet.pool.store.smembers(f"{fleet.pool.prefix}use:k:main/camp") == {b"r:r-first-1"}
    assert fleet.pool.store.smembers(f"{fleet.pool.prefix}use:c:direct") == set()


def test_a_call_of_an_unknown_reservation_belongs_to_its_holder_once_that_repeats_the_reserve(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["client"]) == ("active", "direct")
    assert fleet.reserve("r-first-1", "main")["view"]["state"] == "active"
    assert fleet.seat("h1-1")["client"] == "main"


# --- workers' words --------------------------------------------------------------------------------------------------


def test_hb1_an_old_or_repeated_heartbeat_changes_nothing(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.beat("h1-1", "busy", call_id="call-1")
    before = fleet.pool.dump()
    assert fleet.beat("h1-1", "idle", seq=1)["result"] == "ignored"
    assert fleet.beat("h1-1", "idle", seq=2)["result"] == "ignored"
    assert fleet.pool.dump() == before


def test_f17_the_later_of_two_processes_with_one_name_supersedes_the_first(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.beat("h1-1", instance_id="h1-1.2", seq=1)
    assert fleet.beat("h1-1")["result"] == "superseded"
    assert fleet.beat("h1-1", instance_id="h1-1.2", seq=2)["result"] == "ok"


def test_hb1_the_last_eight_former_instances_are_remembered(fleet: Fleet) -> None:
    for life in range(1, 11):
        fleet.beat("h1-1", instance_id=f"life-{life}", seq=1)
    assert fleet.beat("h1-1", instance_id="life-2", seq=9)["result"] == "superseded"
    assert fleet.beat("h1-1", instance_id="life-1", seq=9)["result"] == "ok"


def test_hb2_a_reservation_that_is_over_is_taken_from_the_worker(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.release("r-first-1")
    assert fleet.told() == [("unreserve", "h1-1")]
    out = fleet.beat("h1-1", "reserved", reservation_id="r-first-1")
    assert "reservation" not in out
    assert fleet.told() == [("unreserve", "h1-1")]
    assert fleet.phase("h1-1") == "idle"


def test_hb2_a_worker_that_names_another_reservation_is_told_which_one_it_has(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    out = fleet.beat("h1-1", "reserved", reservation_id="r-of-old1")
    assert out["reservation"]["reservation_id"] == "r-first-1"
    assert fleet.notes[0]["reservation_id"] == "r-of-old1"


def test_a_heartbeat_reply_carries_the_open_reservation_until_the_call(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    assert fleet.beat("h1-1")["reservation"]["reservation_id"] == "r-first-1"
    fleet.confirm("r-first-1", "h1-1")
    assert fleet.beat("h1-1")["reservation"]["reservation_id"] == "r-first-1"
    assert "reservation" not in fleet.beat("h1-1", "busy", call_id="c", reservation_id="r-first-1")


def test_leaving_is_like_being_lost_at_once_and_a_late_heartbeat_does_not_undo_it(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-first-1")
    assert fleet.step("leave", worker_id="h1-1", instance_id="another")["result"] == "superseded"
    assert fleet.step("leave", worker_id="h1-1", instance_id="h1-1.1")["result"] == "ok"
    assert fleet.record("r-first-1")["worker"] == "h1-2"
    assert fleet.beat("h1-1")["result"] == "superseded"
    assert fleet.step("leave", worker_id="h1-1", instance_id="h1-1.1")["result"] == "unknown"


def test_the_same_call_under_another_reservation_ends_the_former_one(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1", reservation_id="r-second1")
    assert (fleet.state("r-first-1"), fleet.state("r-second1")) == ("ended", "active")
