"""What is believed of a real seat: three books, one of which is always a little behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from voxctl.deploy.containers import Container
from voxctl.deploy.seats import BY, Answer, Facts, calls_of, put_together
from voxctl.hosts.fleet_host import SeatPlace
from voxkit.contracts.health import WorkerHealth
from voxkit.contracts.registry import DrainView, SeatView

pytestmark = pytest.mark.unit

PLACE = SeatPlace("seat-01", "fleet1-1", "SEAT_01_IMAGE", "172.30.89.101")
RUNS = Container("vox/voxcore@sha256:new", "running", 0, False, 0)


def view(**more: Any) -> SeatView:
    told = {"worker_id": "fleet1-1", "host_id": "fleet1", "state": "idle", "phase": "idle", "draining": False}
    told |= {"image_tag": "2026.02.05-2", "since_ms": 1_000, "age_ms": 200, "epoch": 50, "outbox_pending": 0}
    return SeatView.model_validate(told | more)


def health(**more: Any) -> WorkerHealth:
    told = {"worker_calls": 0, "worker_max": 1, "total_capacity": 4, "total_available": 4, "workers": 4}
    told |= {"worker_id": "fleet1-1", "worker_pid": 1, "state": "idle", "draining": False, "version": "1"}
    return WorkerHealth.model_validate(told | {"image_tag": "2026.02.05-2", "epoch": 50, "outbox_pending": 0} | more)


def drain(selector: str, by: str = BY) -> DrainView:
    return DrainView(
        selector=selector, reason="because", by=by, since_ms=1, seats=1, free_of_calls=1, drained=0, busy=0
    )


NORMAL = Facts(PLACE, "fleet1", container=RUNS, view=view(), answer=None, shut=False, drains=(), now_ms=61_000)
CLOSED = replace(
    NORMAL,
    shut=True,
    drains=(drain("worker:fleet1-1"),),
    view=view(draining=True, state="draining"),
    answer=Answer(health(draining=True, state="draining")),
)


def test_a_seat_in_normal_service_is_what_the_registry_says() -> None:
    seat = put_together(NORMAL)
    assert (seat.phase, seat.tag, seat.ref) == ("idle", "2026.02.05-2", RUNS.ref)
    assert seat.registered
    assert seat.healthy
    assert seat.admissible
    assert not seat.drained


def test_it_is_closed_only_when_no_book_gives_it_a_call() -> None:
    assert put_together(CLOSED).closed
    assert not put_together(replace(CLOSED, shut=False)).closed
    assert not put_together(replace(CLOSED, drains=())).closed


def test_an_empty_closed_seat_is_drained() -> None:
    assert put_together(CLOSED).drained


@pytest.mark.parametrize(
    "left",
    [
        {"answer": Answer(health(draining=True, state="draining", worker_calls=1))},
        {"answer": Answer(health(draining=True, state="draining", outbox_pending=1))},
        {"answer": Answer(health(draining=False))},
        {"answer": Answer(None)},
        {"view": view(draining=True, state="draining", reservation_id="r-12345678")},
        {"view": view(draining=True, state="draining", phase="reserved")},
        {"view": None},
    ],
)
def test_a_call_a_result_a_reservation_or_silence_means_that_it_is_not_drained(left: dict[str, Any]) -> None:
    assert not put_together(replace(CLOSED, **left)).drained


def test_a_seat_that_is_cut_off_from_the_registry_and_talks_is_busy_all_the_same() -> None:
    seat = put_together(replace(CLOSED, view=None, answer=Answer(health(worker_calls=1, state="busy"))))
    assert seat.phase == "busy"
    assert seat.carries
    assert not seat.registered


def test_the_record_of_the_container_before_this_one_counts_for_nothing() -> None:
    old = view(image_tag="2026.02.03-1", epoch=49)
    seat = put_together(replace(CLOSED, view=old, answer=Answer(health(epoch=50))))
    assert not seat.registered
    assert seat.tag == "2026.02.05-2"


def test_a_seat_that_the_registry_lost_is_not_registered() -> None:
    assert not put_together(replace(NORMAL, view=view(state="lost"), answer=Answer(health()))).registered


def test_a_container_that_is_started_again_and_again_is_not_healthy_whatever_is_kept_of_it() -> None:
    seat = put_together(replace(NORMAL, container=replace(RUNS, status="restarting", restarts=3)))
    assert (seat.restarts, seat.healthy, seat.registered, seat.phase) == (3, False, False, "lost")


def test_without_a_container_there_is_only_its_place() -> None:
    seat = put_together(replace(CLOSED, container=None, view=None, answer=None))
    assert not seat.running
    assert seat.closed


def test_a_call_is_as_old_as_the_registrys_clock_says() -> None:
    seat = put_together(replace(NORMAL, view=view(phase="busy", state="busy", session_id="s-1")))
    assert (seat.call, seat.call_age_s) == ("s-1", 60.0)


@pytest.mark.parametrize("selector", ["host:fleet1", "tag:2026.02.05-2", "pool", "worker:fleet1-1"])
def test_a_drain_of_somebody_else_is_told_with_its_reason(selector: str) -> None:
    seat = put_together(replace(NORMAL, drains=(drain(selector, by="asha"),)))
    assert seat.foreign == "asha: because"
    assert not seat.admissible


def test_a_drain_of_another_seat_is_none_of_this_ones() -> None:
    assert put_together(replace(NORMAL, drains=(drain("worker:fleet1-11", by="asha"),))).foreign == ""


def test_calls_and_errors_are_read_from_a_workers_figures() -> None:
    page = (
        "# TYPE voxcore_calls_total counter\n"
        'voxcore_calls_total{transport="ws",disconnected_by="customer",worker_id="fleet1-1"} 3.0\n'
        'voxcore_calls_total{transport="ws",disconnected_by="error",worker_id="fleet1-1"} 2.0\n'
        'voxcore_call_states_total{state="ended"} 9.0\n'
    )
    assert calls_of(page) == (5, 2)
