"""A seat that is granted twice, or kept by a holder that vanished (P-1, P-2, TM1 to TM3, AP1)."""

from __future__ import annotations

import pytest

from .workers import EPOCH, Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


# --- time ------------------------------------------------------------------------------------------------------------


def test_tm1_a_seat_is_free_one_second_after_the_deadline_to_the_millisecond(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=5_000)
    fleet.tick(2_500)
    fleet.beat("h1-1")
    fleet.tick(2_499)
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    assert fleet.state("r-first-1") == "held"
    fleet.tick(1)  # the deadline: over for its holder, and the seat still kept for a token in flight
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    assert fleet.state("r-first-1") == "expired"
    fleet.tick(999)
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    fleet.tick(1)
    assert fleet.granted("r-second1") == "h1-1"


def test_tm1_a_read_shows_no_hold_that_has_lapsed_though_nothing_has_swept(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=5_000)
    fleet.tick(6_000)
    assert fleet.read("counts")["free"] == 1
    assert (
        fleet.pool.call("read", {"what": "reservation", "reservation_id": "r-first-1"})["out"]["view"]["state"]
        == "expired"
    )


def test_tm1_a_step_settles_at_most_64_records_and_a_reserve_all_of_them(fleet: Fleet) -> None:
    call = fleet.pool.call
    for n in range(70):
        beat = {
            "worker_id": f"h{n}-1",
            "instance_id": "one",
            "seq": 1,
            "host_id": f"h{n}",
            "lb_url": "",
            "direct_url": "",
            "image_tag": "",
            "version": "",
            "phase": "idle",
            "epoch": 1,
            "outbox_pending": 0,
        }
        call("heartbeat", beat)
    fleet.tick(9_000)
    assert call("settle", {"limit": 64})["out"]["settled"] == 64
    assert int(fleet.pool.store.zcard(f"{fleet.pool.prefix}seen")) == 6
    reserve = {
        "reservation_id": "r-first-1",
        "fp": "x",
        "client": "main",
        "priority": "test",
        "hold_ms": 1_000,
        "wait_ms": 0,
    }
    assert call("reserve", reserve)["out"]["result"] == "no_idle_seat"
    assert int(fleet.pool.store.zcard(f"{fleet.pool.prefix}seen")) == 0


def test_tm3_a_clock_that_jumps_back_lengthens_a_hold_by_no_more_than_the_jump(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=5_000)
    fleet.tick(-3_000)
    fleet.tick(3_000 + 6_000)
    assert fleet.read("counts")["free"] == 1


def test_p3_a_silent_worker_is_never_granted(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.tick(8_999)
    assert fleet.granted("r-first-1") == "h1-1"
    fleet.release("r-first-1")
    fleet.tick(1)
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    assert fleet.read("workers", worker_id="h1-1")["view"]["state"] == "lost"


def test_a_lost_worker_is_forgotten_after_ten_minutes_and_an_old_reservation_too(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.release("r-first-1")
    fleet.tick(600_000)
    fleet.settle()
    assert fleet.state("r-first-1") is None
    fleet.tick(600_000)
    fleet.settle()
    assert fleet.names() == ["worker.gone"]
    assert fleet.pool.dump() == {"w": {}, "r": {}}


# --- one id, one seat ------------------------------------------------------------------------------------------------


def test_ap1_a_repeat_gives_the_same_grant_and_never_another_seat(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    first = fleet.reserve("r-first-1")["view"]
    fleet.tick(2_000)
    again = fleet.reserve("r-first-1")
    assert again["result"] == "repeat"
    assert again["view"] == first
    assert fleet.read("counts")["free"] == 1


def test_ap1_an_id_with_another_body_is_refused(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    assert fleet.reserve("r-first-1", fp="another")["result"] == "id_reused"


def test_ap1_a_released_id_stays_released_and_a_refused_one_may_be_tried_again(fleet: Fleet) -> None:
    assert fleet.reserve("r-first-1")["result"] == "no_idle_seat"
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    assert fleet.release("r-first-1") == "released"
    assert fleet.release("r-first-1") == "over"
    assert fleet.reserve("r-first-1")["result"] == "over"


def test_messages_about_an_unknown_or_an_ended_reservation_change_nothing(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    assert fleet.confirm("r-nobody1", "h1-1")["result"] == "unknown"
    assert fleet.extend("r-nobody1", 1_000)["result"] == "unknown"
    assert fleet.replace("r-nobody1", "h1-1")["result"] == "unknown"
    assert fleet.release("r-nobody1") == "unknown"
    fleet.granted("r-first-1")
    fleet.release("r-first-1")
    before = fleet.pool.dump()
    for out in (
        fleet.confirm("r-first-1", "h1-1"),
        fleet.extend("r-first-1", 9_000),
        fleet.replace("r-first-1", "h1-1"),
    ):
        assert (out["result"], out["view"]["state"], out["view"]["reason"]) == ("over", "released", "released")
    assert fleet.pool.dump() == before


def test_f11_a_confirm_or_an_extension_after_the_deadline_is_over(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=2_000)
    fleet.tick(2_000)
    assert fleet.confirm("r-first-1", "h1-1")["result"] == "over"
    assert fleet.extend("r-first-1", 60_000)["result"] == "over"


def test_an_extension_moves_the_deadline_up_to_three_minutes_after_the_grant(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    start = fleet.pool.now
    fleet.tick(3_000)
    assert fleet.extend("r-first-1", 60_000)["view"]["deadline_ms"] == start + 63_000
    assert fleet.told() == [("reserve", "h1-1")]
    assert fleet.extend("r-first-1", 180_000)["view"]["deadline_ms"] == start + 180_000


def test_an_extension_carries_the_epoch_that_the_worker_reported_last(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    assert fleet.reserve("r-first-1")["view"]["epoch"] == EPOCH
    fleet.beat("h1-1", up=True)
    assert fleet.reserve("r-first-1")["view"]["epoch"] == EPOCH  # a repeat is the same grant
    assert fleet.extend("r-first-1", 15_000)["view"]["epoch"] == EPOCH + 1


# --- replace ---------------------------------------------------------------------------------------------------------


def test_f16_a_call_without_a_reservation_takes_the_seat_and_the_holder_finds_another(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h2-1")
    assert fleet.granted("r-first-1") == "h1-1"
    epoch = fleet.pool.model.reservations["r-first-1"].epoch
    fleet.beat("h1-1", "busy", call_id="call-1", client="other")
    out = fleet.step("replace", reservation_id="r-first-1", worker_id="h1-1", epoch=epoch, reason="refused")
    assert (out["result"], out["view"]["worker_id"]) == ("unchanged", "h2-1")
    assert fleet.pool.store.smembers(f"{fleet.pool.prefix}use:c:other") == {b"w:h1-1"}


def test_f9_a_seat_that_callers_cannot_reach_is_left_aside_for_ten_seconds(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h2-1")
    assert fleet.granted("r-first-1") == "h1-1"
    assert fleet.replace("r-first-1", "h1-1", "unreachable")["view"]["worker_id"] == "h2-1"
    fleet.alive(9_999)
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    fleet.tick(1)
    assert fleet.granted("r-second1") == "h1-1"


def test_a_seat_that_refused_is_left_aside_until_it_speaks(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h2-1")
    fleet.granted("r-first-1")
    fleet.replace("r-first-1", "h1-1", "refused")
    assert fleet.reserve("r-second1")["result"] == "no_idle_seat"
    fleet.beat("h1-1")
    assert fleet.granted("r-second1") == "h1-1"


def test_a_replacement_that_finds_no_seat_waits_before_everybody_else(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.reserve("r-second1", priority="inbound", wait_ms=30_000)
    out = fleet.replace("r-first-1", "h1-1")
    assert (out["result"], out["view"]["position"]) == ("waiting", 1)
    assert fleet.replace("r-first-1", "h1-1")["result"] == "unchanged"
    fleet.beat("h1-1")
    assert (fleet.state("r-first-1"), fleet.state("r-second1")) == ("held", "waiting")


def test_a_replacement_is_asked_for_by_the_grant_that_was_refused(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h2-1")
    fleet.granted("r-first-1")
    out = fleet.step("replace", reservation_id="r-first-1", worker_id="h1-1", epoch=EPOCH - 1, reason="refused")
    assert (out["result"], out["view"]["worker_id"]) == ("unchanged", "h1-1")


def test_a_worker_that_refuses_the_word_of_its_reservation_loses_it_only_while_it_is_held(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h2-1")
    fleet.granted("r-first-1")
    assert fleet.replace("r-first-1", "h1-1", "taken")["view"]["worker_id"] == "h2-1"
    fleet.confirm("r-first-1", "h2-1")
    assert fleet.replace("r-first-1", "h2-1", "taken")["result"] == "unchanged"


def test_a_sweep_says_how_late_it_found_what_was_due(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", hold_ms=5_000)
    fleet.tick(5_400)
    said = fleet.settle()
    assert (said["settled"], said["late_ms"]) == (1, 400)
    assert fleet.settle()["late_ms"] == 0


def test_a_confirmed_reservation_without_a_seat_of_its_own_is_replaced_at_once(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-first-1")
    fleet.beat("h1-1", "busy", call_id="call-1")  # the seat is taken, and the reservation moved to the other one
    fleet.confirm("r-first-1", "h1-1")  # ... yet its holder says that the first one took the start
    fleet.alive(1)
    said = fleet.step("replace", reservation_id="r-first-1", worker_id="h1-1", epoch=EPOCH, reason="refused")
    assert (said["result"], fleet.record("r-first-1")["worker"]) == ("granted", "h1-2")


def test_an_event_says_how_long_a_caller_waited_for_the_seat_and_how_long_it_was_held(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    fleet.reserve("r-first-1", wait_ms=60_000)
    fleet.tick(4_000)
    fleet.beat("h1-1", up=True)
    (granted,) = [data for name, data in fleet.events if name == "reservation.held"]
    assert (granted["waited_ms"], "held_ms" in granted) == (4_000, False)
    fleet.tick(3_000)
    fleet.release("r-first-1")
    (released,) = [data for name, data in fleet.events if name == "reservation.released"]
    assert (released["held_ms"], "waited_ms" in released) == (3_000, False)


def test_of_the_calls_that_ended_a_thousand_are_kept(fleet: Fleet) -> None:
    """They are what estimates are made of; one a call would fill the store."""
    lengths = f"{fleet.pool.prefix}lengths"
    fleet.pool.store.rpush(lengths, *["1:1"] * 1_500)
    fleet.beat("h1-1", "busy", call_id="call-0")
    fleet.tick(2_000)
    fleet.beat("h1-1", up=True)
    assert fleet.pool.store.llen(lengths) == 1_000
    assert fleet.pool.store.lindex(lengths, 0) == f"{fleet.pool.now}:2000".encode()
