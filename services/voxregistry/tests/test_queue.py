"""A queue in which somebody is overtaken, or told a wrong place (QE1 to QE5, P-7)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from pydantic_core import to_json

from .pool import LIMITS, Pool
from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


def quota(fleet: Fleet, client: str, **doc: Any) -> None:
    fleet.step("quota", client=client, doc={"max": None, "min": 0, "weight": 1, "campaigns": {}, **doc})


def wait(fleet: Fleet, rid: str, client: str = "main", **said: Any) -> None:
    assert fleet.reserve(rid, client, **{"wait_ms": 60_000, **said})["result"] == "waiting"


def served(fleet: Fleet, waiting: list[str]) -> list[str]:
    """Free the one seat until nobody waits; who got it, in order."""
    order: list[str] = []
    while len(order) < len(waiting):
        fleet.beat("h1-1", up=True)
        held = next(rid for rid in waiting if fleet.state(rid) == "held")
        order.append(held)
        fleet.beat("h1-1", "busy", call_id=f"call-{held}", reservation_id=held)
    return order


def test_qe1_moved_first_then_by_priority_then_first_come(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-moved-1", hold_ms=60_000)
    fleet.beat("h1-1", "busy", call_id="call-0")
    wait(fleet, "r-test-01", priority="test")
    wait(fleet, "r-outbou1")
    wait(fleet, "r-inboun1", priority="inbound")
    wait(fleet, "r-callba1", priority="callback")
    wait(fleet, "r-inboun2", priority="inbound")
    everybody = ["r-moved-1", "r-inboun1", "r-inboun2", "r-callba1", "r-outbou1", "r-test-01"]
    assert served(fleet, everybody) == everybody


def test_qe1_a_client_that_comes_back_starts_where_the_queue_is(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    for n in range(4):
        wait(fleet, f"r-main-{n:02}")
    served(fleet, ["r-main-00"])
    served(fleet, ["r-main-01"])
    wait(fleet, "r-other-1", "other")
    assert served(fleet, ["r-other-1"]) == ["r-other-1"]  # it does not pay for the time before it came, nor gain by it
    wait(fleet, "r-other-2", "other")
    assert served(fleet, ["r-main-02", "r-other-2"]) == ["r-main-02", "r-other-2"]


def test_qe2_a_new_reserve_overtakes_nobody_who_could_have_the_seat(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    wait(fleet, "r-first-1", priority="inbound")
    fleet.tick(9_000)
    fleet.beat("h1-1", up=True)
    assert fleet.reserve("r-second1", priority="inbound")["result"] == "no_idle_seat"
    assert fleet.state("r-first-1") == "held"


def test_qe3_who_is_blocked_keeps_its_place_and_lets_others_pass(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    quota(fleet, "capped", max=0)
    wait(fleet, "r-capped1", "capped")
    wait(fleet, "r-needs-1", need={"image_tag": "v2"})
    wait(fleet, "r-main-01")
    assert served(fleet, ["r-main-01"]) == ["r-main-01"]
    quota(fleet, "capped", max=1)
    fleet.beat("h1-1", up=True)
    assert fleet.state("r-capped1") == "held"
    assert fleet.state("r-needs-1") == "waiting"


def test_qe3_who_needs_what_is_not_there_holds_up_nobody_with_another_need(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    wait(fleet, "r-needs-v2", need={"image_tag": "v2"})
    wait(fleet, "r-needs-h1", need={"host_id": "h1"})
    fleet.beat("h1-1", up=True)
    assert fleet.state("r-needs-v2") == "waiting"
    assert fleet.state("r-needs-h1") == "held"


def test_qe3_a_raised_limit_serves_the_queue_in_the_same_step(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    quota(fleet, "main", max=0)
    wait(fleet, "r-first-1")
    quota(fleet, "main", max=1)
    assert fleet.state("r-first-1") == "held"


def test_qe3_a_seat_that_changes_its_image_serves_who_waited_for_that(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    wait(fleet, "r-first-1", need={"image_tag": "v2"})
    fleet.beat("h1-1", image_tag="v2")
    assert fleet.state("r-first-1") == "held"


def test_qe3_a_seat_that_learns_a_protocol_serves_who_waited_for_that(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    wait(fleet, "r-first-1", need={"protocols": ["ws", "sip"]})
    fleet.beat("h1-1", protocols=["ws", "sip"])
    assert fleet.state("r-first-1") == "held"


def test_qe3_one_step_serves_eight_and_the_next_one_goes_on(fleet: Fleet) -> None:
    call = fleet.pool.call
    fleet.pool.limits = to_json(replace(LIMITS, waiting=100))
    call("drain", {"selector": "pool", "reason": "", "by": ""})
    for n in range(12):
        call("heartbeat", {"worker_id": f"h1-{n:02}", "instance_id": "one", "seq": 1, "host_id": "h1", "lb_url": "",
                           "direct_url": "", "image_tag": "", "version": "", "epoch": 1, "outbox_pending": 0,
                           "phase": "idle"})  # fmt: skip
        call("reserve", {"reservation_id": f"r-wait-{n:02}", "fp": "x", "client": "main", "priority": "outbound",
                         "hold_ms": 9_000, "wait_ms": 9_000})  # fmt: skip

    def held() -> int:
        return sum(record["state"] == "held" for record in fleet.pool.dump()["r"].values())

    call("undrain", {"selector": "pool"})
    assert held() == 8
    call("settle", {"limit": 64})
    assert held() == 12
    assert fleet.pool.findings() == []


def test_qe5_a_full_queue_takes_nobody_more(fleet: Fleet) -> None:
    for n in range(6):
        wait(fleet, f"r-first{n:02}")
    assert fleet.reserve("r-seventh", wait_ms=1_000)["result"] == "queue_full"
    fleet.release("r-first00")
    wait(fleet, "r-seventh")


def test_a_waiting_reservation_expires_at_its_queue_deadline(fleet: Fleet) -> None:
    wait(fleet, "r-first-1", wait_ms=5_000)
    fleet.tick(5_000)
    fleet.settle()
    assert (fleet.state("r-first-1"), fleet.record("r-first-1")["reason"]) == ("expired", "queue_timeout")


def test_the_deadline_of_a_waiting_reservation_starts_with_its_grant(fleet: Fleet) -> None:
    wait(fleet, "r-first-1", hold_ms=10_000)
    fleet.tick(30_000)
    fleet.beat("h1-1")
    assert int(fleet.record("r-first-1")["deadline_ms"]) == fleet.pool.now + 10_000
    assert fleet.told() == [("reserve", "h1-1")]


@pytest.mark.parametrize("seed", range(6))
def test_qe4_the_position_is_the_order_in_which_the_queue_is_served(fleet: Fleet, seed: int) -> None:
    draw = random.Random(seed)
    for client in ("aa", "bb", "cc"):
        quota(fleet, client, weight=draw.choice((1, 2, 3, 7)))
    fleet.beat("h1-1", "busy", call_id="call-0")
    rids = [f"r-wait-{n:02}" for n in range(6)]
    for rid in rids:
        wait(fleet, rid, draw.choice(("aa", "bb", "cc")), priority=draw.choice(("inbound", "outbound", "outbound")))
    places = {rid: fleet.read("reservation", reservation_id=rid)["view"]["position"] for rid in rids}
    assert sorted(places.values()) == list(range(1, 7))
    assert served(fleet, rids) == sorted(rids, key=lambda rid: places[rid])


def test_qe4_the_estimate_comes_from_the_calls_that_ended_lately(fleet: Fleet) -> None:
    for n in range(20):
        assert fleet.read("counts")["waiting"] == 0
        fleet.beat("h1-1", "busy", call_id=f"call-{n}")
        fleet.tick(3_000)
        if n < 19:
            fleet.beat("h1-1", up=True)
    wait(fleet, "r-first-1")
    assert "eta_ms" not in fleet.read("reservation", reservation_id="r-first-1")["view"]  # 19 ends are too few
    wait(fleet, "r-second1")
    fleet.beat("h1-1", up=True)
    eta = fleet.read("reservation", reservation_id="r-second1")["view"]["eta_ms"]
    assert eta == 300_000 // 20
    fleet.tick(240_000 + 1_000)
    assert fleet.reserve("r-third-1", wait_ms=1_000)["result"] in ("waiting", "granted")


@pytest.mark.parametrize(("weights", "share"), [((1, 1), 0.5), ((1, 3), 0.25)])
def test_p7_clients_under_overload_get_their_weight_of_a_thousand_grants(
    new_pool: Callable[[], Pool], weights: tuple[int, int], share: float
) -> None:
    pool = new_pool()
    call = pool.call
    for client, weight in zip(("aa", "bb"), weights, strict=True):
        call("quota", {"client": client, "doc": {"max": None, "min": 0, "weight": weight, "campaigns": {}}})
    beat = {"worker_id": "h1-1", "instance_id": "one", "host_id": "h1", "lb_url": "", "direct_url": "", "image_tag": "",
            "version": "", "epoch": 1, "outbox_pending": 0}  # fmt: skip
    call("heartbeat", {**beat, "phase": "busy", "seq": 1, "call_id": "call-0"})
    served: Counter[str] = Counter()
    waiting: dict[str, str] = {}
    draw = random.Random(7)
    for n in range(1_000):
        for client in ("aa", "bb"):
            # Each keeps between one and three waiting; some leave for a moment and come back.
            while sum(c == client for c in waiting.values()) < draw.choice((1, 2, 3)):
                rid = f"r-{client}-{len(served)}-{n:05}-{draw.randrange(10**6):06}"
                said = call("reserve", {"reservation_id": rid, "fp": rid, "client": client, "priority": "outbound",
                                        "hold_ms": 15_000, "wait_ms": 60_000})  # fmt: skip
                assert said["out"]["result"] == "waiting"
                waiting[rid] = client
        said = call("heartbeat", {**beat, "phase": "idle", "seq": 2 * n + 2})
        held = next(data["reservation_id"] for name, data in said["events"] if name == "reservation.held")
        served[waiting.pop(held)] += 1
        call("heartbeat", {**beat, "phase": "busy", "seq": 2 * n + 3, "call_id": f"c-{n}", "reservation_id": held})
    assert abs(served["aa"] / 1_000 - share) < 0.05 * share, served


def test_qe4_between_clients_that_are_level_the_first_by_name_is_next(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-0")
    wait(fleet, "r-second1", "bb")
    wait(fleet, "r-first-1", "aa")
    places = [fleet.read("reservation", reservation_id=rid)["view"]["position"] for rid in ("r-first-1", "r-second1")]
    assert places == [1, 2]
    assert served(fleet, ["r-first-1", "r-second1"]) == ["r-first-1", "r-second1"]
