"""A move that no table allows, or one of a table that does not happen: every cell, and every pair beside them (T7)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from voxregistry.states import CARRYING, NONE, OPEN, OVER, PRIORITIES, RESERVATION, SEAT, UNITS, as_lua
from voxregistry.store import VERSION, library

from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]

SEAT_EVENTS = sorted({event for row in SEAT.values() for event in row})
RESERVATION_EVENTS = sorted({event for row in RESERVATION.values() for event in row})
DIGESTS = {4: "35f186172d7e7f75"}
W, RID = "h1-1", "r-the-one"


def test_the_library_holds_the_tables_as_they_stand_here(store: Any) -> None:
    text = library()
    assert as_lua() in text
    assert text.count("local SEAT =") == text.count("local RESERVATION =") == 1
    for name in (*SEAT, *RESERVATION, *OPEN, *UNITS, *OVER, *CARRYING, *PRIORITIES):
        assert name in text


def test_a_changed_library_has_a_new_version() -> None:
    """Stores keep the library: with the old number a process would go on with the old text."""
    digest = hashlib.sha256(library(version=0).encode()).hexdigest()[:16]
    assert digest == DIGESTS.get(VERSION), f"raise VERSION in store.py, and put {digest} here for it"


def test_every_state_can_be_reached_and_left_as_the_tables_promise() -> None:
    reached = {to for row in RESERVATION.values() for states in row.values() for to in states}
    assert reached == set(RESERVATION) - {NONE}
    assert {to for row in SEAT.values() for states in row.values() for to in states} == set(SEAT)
    assert all(not row.keys() - {"call"} for state, row in RESERVATION.items() if state in OVER)


# --- seats -----------------------------------------------------------------------------------------------------------


def put_seat(fleet: Fleet, phase: str) -> None:
    """One seat in this phase. A reserved one holds the reservation RID, a carrying one the call `call-1`."""
    if phase == NONE:
        return
    if phase == "reserved":
        fleet.beat(W)
        fleet.granted(RID, hold_ms=5_000)
    elif phase == "lost":
        fleet.beat(W)
        fleet.tick(9_000)
        fleet.settle()
    else:
        fleet.beat(W, phase, **({"call_id": "call-1"} if phase in CARRYING else {}))


def other_call_reports_it(fleet: Fleet) -> None:
    fleet.beat("h2-1", "busy", call_id="call-9", reservation_id=RID)


SEAT_FIRES: dict[str, Callable[[Fleet], object]] = {
    "starting": lambda f: f.beat(W, "starting"),
    "idle": lambda f: f.beat(W, "idle"),
    "reserved": lambda f: f.beat(W, "reserved", reservation_id=RID),
    "busy": lambda f: f.beat(W, "busy", call_id="call-1"),
    "wrapping": lambda f: f.beat(W, "wrapping", call_id="call-1"),
    "other_busy": lambda f: f.beat(W, "busy", call_id="call-2"),
    "other_wrapping": lambda f: f.beat(W, "wrapping", call_id="call-2"),
    "grant": lambda f: f.reserve("r-another"),
    "release": lambda f: f.release(RID),
    "lapse": lambda f: (
        f.alive(6_000) if W in f.pool.model.seats and f.pool.model.seats[W].phase == "reserved" else f.settle()
    ),
    "replace": lambda f: f.replace(RID, W),
    "elsewhere": other_call_reports_it,
    "lose": lambda f: (f.tick(9_000), f.settle()),
    "forget": lambda f: (f.tick(600_000), f.settle()),
    "restart": lambda f: f.beat(W, "starting", instance_id="h1-1.2"),
    "leave": lambda f: f.step("leave", worker_id=W, instance_id="h1-1.1"),
}
# A heartbeat that names a call is `other_…` only for a seat that carries one; a restart is followed by what it reports.
ALSO = {"other_busy": "busy", "other_wrapping": "wrapping"}


@pytest.mark.parametrize("event", SEAT_EVENTS)
@pytest.mark.parametrize("phase", SEAT)
def test_a_seat_moves_as_its_table_says_and_not_otherwise(fleet: Fleet, phase: str, event: str) -> None:
    put_seat(fleet, phase)
    before = fleet.pool.dump()["w"].get(W)
    SEAT_FIRES[event](fleet)
    after = fleet.pool.dump()["w"].get(W)
    seen = NONE if after is None else "lost" if "lost_ms" in after else after["phase"]
    row = SEAT[phase]
    if event == "restart":
        assert seen == "starting"  # a new life: whatever was before, its own report counts
        return
    if event == "forget" and phase not in ("lost", NONE):
        assert seen == "lost"  # ten minutes of silence: first it is lost, and remembered as long again
        return
    allowed = row.get(event) or (row.get(ALSO[event]) if event in ALSO else None)
    if allowed:
        assert seen in allowed, f"{phase} {event}: {seen}"
    else:
        assert after == before, f"{phase} {event} must change nothing"


# --- reservations ----------------------------------------------------------------------------------------------------


def put_reservation(fleet: Fleet, state: str, *, hold_ms: int, wait_ms: int) -> None:
    """The reservation RID in this state, on W when it has a seat; the only other seat, h2-1, carries a call."""
    fleet.beat("h2-1", "busy", call_id="call-9")
    fleet.beat(W, "busy" if state == "waiting" else "idle", call_id="call-8" if state == "waiting" else None)
    if state == NONE:
        return
    if state == "waiting":
        fleet.reserve(RID, wait_ms=wait_ms)
        return
    fleet.granted(RID, hold_ms=1_000 if state == "expired" else hold_ms, wait_ms=wait_ms)
    if state == "expired":
        fleet.alive(2_000)
    if state == "released":
        fleet.release(RID)
    if state in ("confirmed", "active", "ended"):
        fleet.confirm(RID, W)
    if state in ("active", "ended"):
        fleet.beat(W, "busy", call_id="call-1", reservation_id=RID)
    if state == "ended":
        fleet.beat(W, "idle", up=True)


def free_a_seat(fleet: Fleet) -> None:
    fleet.beat("h2-1", "idle", up=True)


RESERVATION_FIRES: dict[str, tuple[Callable[[Fleet], object], tuple[str, ...]]] = {
    # event -> (what happens, the events of the table that it can be)
    "reserve": (lambda f: f.reserve(RID, wait_ms=60_000), ("reserve",)),
    "adopt": (lambda f: f.beat("h3-1", "reserved", reservation_id=RID), ("adopt", "serve")),
    "call": (lambda f: f.beat("h3-1", "busy", call_id="call-1", reservation_id=RID), ("call",)),
    "serve": (free_a_seat, ("serve",)),
    "timeout": (lambda f: f.alive(2_000), ("timeout",)),
    "release": (lambda f: f.release(RID), ("release",)),
    "confirm": (lambda f: f.confirm(RID, W), ("confirm",)),
    "extend": (lambda f: f.extend(RID, 60_000), ("extend",)),
    "replace": (lambda f: f.replace(RID, W), ("replace",)),
    "move": (lambda f: f.beat(W, "busy", call_id="call-2"), ("move", "over")),
    "deadline": (lambda f: f.alive(5_000), ("deadline",)),
    "no_word": (lambda f: f.alive(9_000), ("no_word",)),
    "over": (lambda f: f.beat(W, "idle", up=True), ("over", "serve")),
}


@pytest.mark.parametrize("event", RESERVATION_EVENTS)
@pytest.mark.parametrize("state", RESERVATION)
def test_a_reservation_moves_as_its_table_says_and_not_otherwise(fleet: Fleet, state: str, event: str) -> None:
    hold_ms = 5_000 if event == "deadline" else 60_000
    put_reservation(fleet, state, hold_ms=hold_ms, wait_ms=2_000 if event == "timeout" else 60_000)
    before = fleet.pool.dump()["r"].get(RID)
    assert (before["state"] if before else NONE) == state
    fire, kinds = RESERVATION_FIRES[event]
    fire(fleet)
    after = fleet.pool.dump()["r"].get(RID)
    allowed = {to for kind in kinds for to in RESERVATION[state].get(kind, ())}
    if state == "held" and event == "over":
        allowed = set()  # the guard: only an adopted one, which the next test has
    if state == "waiting" and event == "confirm":
        allowed = set()  # the guard: only one that was moved
    if allowed:
        assert after is not None
        assert after["state"] in allowed, f"{state} {event}: {after['state']}"
    else:
        assert after == before, f"{state} {event} must change nothing"


def test_an_adopted_reservation_ends_when_its_worker_holds_nothing_any_more(fleet: Fleet) -> None:
    fleet.beat(W, "reserved", reservation_id=RID)
    assert (fleet.state(RID), fleet.phase(W)) == ("held", "reserved")
    fleet.beat(W, "idle")
    assert (fleet.state(RID), fleet.phase(W)) == ("ended", "idle")


def test_a_moved_reservation_is_confirmed_by_the_seat_that_took_the_start_after_all(fleet: Fleet) -> None:
    fleet.beat(W)
    fleet.granted(RID)
    fleet.beat(W, "busy", call_id="call-2")
    assert fleet.state(RID) == "waiting"
    fleet.beat("h2-1")
    assert (fleet.state(RID), fleet.phase("h2-1")) == ("held", "reserved")
    fleet.confirm(RID, W)
    assert (fleet.state(RID), fleet.phase("h2-1")) == ("confirmed", "idle")


def test_a_confirmed_call_that_came_and_went_between_two_heartbeats_ends(fleet: Fleet) -> None:
    fleet.beat(W)
    fleet.granted(RID)
    fleet.confirm(RID, W)
    fleet.beat(W)
    assert fleet.state(RID) == "confirmed"
    fleet.beat(W, up=True)
    assert (fleet.state(RID), fleet.phase(W)) == ("ended", "idle")


@pytest.mark.parametrize(
    ("phase", "said"), [("wrapping", "busy"), ("idle", "starting"), ("reserved", "starting"), ("busy", "starting")]
)
def test_a_heartbeat_that_no_phase_allows_writes_nothing_and_is_counted(fleet: Fleet, phase: str, said: str) -> None:
    put_seat(fleet, phase)
    before = fleet.pool.dump()
    out = fleet.beat(W, said, call_id="call-1" if said == "busy" else None)
    assert (out["result"], out["illegal"]) == ("illegal", 1)
    assert fleet.pool.dump() == before
