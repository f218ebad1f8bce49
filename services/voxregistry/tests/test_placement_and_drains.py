"""A grant on a seat that drains, a seat called safe to replace that is not, a view that does not add up (DR1, DR2)."""

from __future__ import annotations

from typing import Any

import pytest

from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


def wait(fleet: Fleet, rid: str, client: str = "main", **said: Any) -> None:
    assert fleet.reserve(rid, client, **{"wait_ms": 60_000, **said})["result"] == "waiting"


# --- placement -------------------------------------------------------------------------------------------------------


def test_placement_packs_the_fullest_host_so_that_others_empty(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2", "h2-1", "h2-2", "h2-3")
    assert fleet.granted("r-first-1") == "h1-1"
    assert fleet.granted("r-second1") == "h1-2"
    assert fleet.granted("r-third-1") == "h2-1"


def test_placement_spreads_when_told_to_and_breaks_ties_by_name(fleet: Fleet) -> None:
    fleet.step("configure", placement="spread", inbound_headroom=0)
    fleet.seats("h2-1", "h2-2", "h1-1", "h1-2", "h3-1")
    chosen = [fleet.granted(f"r-number{n}") for n in range(5)]
    assert chosen == ["h1-1", "h2-1", "h1-2", "h2-2", "h3-1"]


def test_placement_inside_a_host_takes_the_seat_that_has_been_idle_longest(fleet: Fleet) -> None:
    fleet.seats("h1-2", "h1-1")
    assert fleet.granted("r-first-1") == "h1-2"


@pytest.mark.parametrize(
    ("need", "chosen"),
    [
        ({"host_id": "h2"}, "h2-1"), ({"worker_id": "h2-2"}, "h2-2"), ({"image_tag": "v2"}, "h2-2"),
        ({"protocols": ["ws", "sip"]}, "h2-1"), ({"exclude_hosts": ["h1"]}, "h2-1"),
        ({"exclude_workers": ["h1-1"]}, "h2-1"), ({"worker_id": "h9-9"}, None), ({"host_id": "h9"}, None),
    ],
)  # fmt: skip
def test_placement_gives_a_seat_that_has_what_is_needed_or_none(
    fleet: Fleet, need: dict[str, Any], chosen: str | None
) -> None:
    fleet.beat("h1-1")
    fleet.tick(1)
    fleet.beat("h2-1", protocols=["ws", "sip"])
    fleet.tick(1)
    fleet.beat("h2-2", image_tag="v2")
    out = fleet.reserve("r-first-1", need=need)
    assert out.get("view", {}).get("worker_id") == chosen


def test_placement_looks_at_64_seats_for_a_need_and_no_more(fleet: Fleet) -> None:
    for n in range(65):
        fleet.pool.call("heartbeat", {"worker_id": f"h1-{n:02}", "instance_id": "one", "seq": 1, "host_id": "h1",
                                      "lb_url": "", "direct_url": "", "version": "", "epoch": 1, "outbox_pending": 0,
                                      "phase": "idle", "image_tag": "v2" if n in (63, 64) else "v1"})  # fmt: skip
    body = {
        "fp": "x",
        "client": "main",
        "priority": "test",
        "hold_ms": 9_000,
        "wait_ms": 0,
        "need": '{"image_tag":"v2"}',
    }
    assert fleet.pool.call("reserve", {**body, "reservation_id": "r-first-1"})["out"]["result"] == "granted"
    assert fleet.pool.call("reserve", {**body, "reservation_id": "r-second1"})["out"]["result"] == "granted"
    fleet.pool.call("release", {"reservation_id": "r-second1"})
    rest = {**body, "need": '{"image_tag":"v3"}', "reservation_id": "r-third-1"}
    assert fleet.pool.call("reserve", rest)["out"]["result"] == "no_idle_seat"


# --- drains ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("selector", ["worker:h1-1", "host:h1", "tag:v1", "pool"])
def test_dr1_a_drained_seat_gets_no_grant_from_the_moment_the_step_returns(fleet: Fleet, selector: str) -> None:
    fleet.beat("h1-1")
    assert fleet.step("drain", selector=selector, reason="new image", by="ops")["seats"] == 1
    assert fleet.reserve("r-first-1")["result"] == "no_idle_seat"
    assert fleet.beat("h1-1")["drain"] is True
    fleet.step("undrain", selector=selector)
    assert fleet.beat("h1-1")["drain"] is False
    assert fleet.granted("r-first-1") == "h1-1"


def test_dr1_selectors_add_up_and_a_grant_made_before_is_honoured(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.step("drain", selector="host:h1", reason="", by="")
    fleet.step("drain", selector="tag:v1", reason="", by="")
    fleet.step("undrain", selector="host:h1")
    assert fleet.seat("h1-1")["drained_by"].startswith("tag:v1=")
    assert fleet.state("r-first-1") == "held"
    assert fleet.confirm("r-first-1", "h1-1")["result"] == "ok"


def test_dr1_a_tag_that_is_drained_holds_for_seats_that_register_later(fleet: Fleet) -> None:
    fleet.step("drain", selector="tag:v1", reason="", by="")
    fleet.beat("h1-1")
    assert fleet.reserve("r-first-1")["result"] == "no_idle_seat"


def test_dr2_a_seat_is_drained_once_it_says_so_itself_and_has_nothing_left(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-1")
    fleet.tick(1_000)
    fleet.step("drain", selector="host:h1", reason="new image", by="ops")
    fleet.tick(500)

    def drain() -> tuple[int, int, int]:
        item = fleet.read("drains")["items"][0]
        return item["seats"], item["free_of_calls"], item["drained"]

    assert drain() == (1, 0, 0)
    item = fleet.read("drains")["items"][0]
    assert (item["busy"], item["oldest_call_ms"], item.get("eta_ms"), item["by"]) == (1, 1_500, None, "ops")
    fleet.beat("h1-1", "idle", up=True)
    assert drain() == (1, 1, 0)  # it does not know of the drain yet
    fleet.beat("h1-1", draining=True, outbox_pending=1)
    assert drain() == (1, 1, 0)
    fleet.beat("h1-1", draining=True)
    assert drain() == (1, 1, 1)
    assert "drain.done" in fleet.names()


def test_dr2_the_estimate_is_the_length_that_most_calls_do_not_exceed(fleet: Fleet) -> None:
    for n in range(20):
        fleet.beat("h1-1", "busy", call_id=f"call-{n}")
        fleet.tick(5_000)
        fleet.beat("h1-1", up=True)
    fleet.beat("h1-1", "busy", call_id="call-last")
    fleet.tick(2_000)
    fleet.step("drain", selector="pool", reason="", by="")
    assert fleet.read("drains")["items"][0]["eta_ms"] == 3_000
    fleet.tick(4_000)
    assert fleet.read("drains")["items"][0]["eta_ms"] == 0


def test_qu5_the_newest_word_about_a_drain_wins_and_a_lifted_one_is_remembered_for_a_day(fleet: Fleet) -> None:
    call = fleet.pool.call
    call("drain", {"selector": "pool", "reason": "", "by": "", "rev_ms": fleet.pool.now})
    call("undrain", {"selector": "pool", "rev_ms": fleet.pool.now + 1})
    call("drain", {"selector": "pool", "reason": "", "by": "", "rev_ms": fleet.pool.now, "since_ms": 5})
    call("undrain", {"selector": "pool", "rev_ms": fleet.pool.now})
    assert call("read", {"what": "drains"})["out"]["items"] == {}
    call("drain", {"selector": "host:h8", "reason": "", "by": ""})
    fleet.tick(86_400_001)
    for ms, known in ((0, {"pool", "host:h8", "host:h9"}), (1, {"host:h8", "host:h9"})):
        fleet.tick(ms)
        call("undrain", {"selector": "host:h9"})
        assert set(call("read", {"what": "quotas"})["out"]["drains"]) == known
    assert [item["selector"] for item in call("read", {"what": "drains"})["out"]["items"]] == ["host:h8"]


def test_an_operator_may_reserve_a_seat_that_drains(fleet: Fleet) -> None:
    for worker in ("h1-2", "h1-1", "h1-3"):
        fleet.beat(worker, "busy" if worker == "h1-3" else "idle", call_id="c" if worker == "h1-3" else None)
    fleet.step("drain", selector="host:h1", reason="", by="")
    body = {"fp": "x", "client": "vox", "priority": "test", "hold_ms": 9_000, "wait_ms": 0, "allow_draining": True}
    call = fleet.pool.call
    out = call("reserve", {**body, "reservation_id": "r-first-1"})["out"]
    assert out["view"]["worker_id"] == "h1-1"
    out = call("reserve", {**body, "reservation_id": "r-second1", "need": '{"worker_id":"h1-2"}'})["out"]
    assert out["view"]["worker_id"] == "h1-2"
    assert call("reserve", {**body, "reservation_id": "r-third-1"})["out"]["result"] == "no_idle_seat"
    assert fleet.pool.findings() == []


# --- what is read ----------------------------------------------------------------------------------------------------


def test_the_fleet_view_adds_up(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.beat("h1-2", "busy", call_id="call-1", image_tag="v2")
    fleet.beat("h2-1", draining=True)
    fleet.granted("r-first-1")
    fleet.reserve("r-refused")
    wait(fleet, "r-wait-01", priority="inbound")
    fleet.tick(2_000)
    out = fleet.read("fleet")
    figures = {key: out[key] for key in ("seats", "free", "idle", "reserved", "busy", "draining", "lost", "waiting")}
    assert figures == {
        "seats": 3,
        "free": 0,
        "idle": 0,
        "reserved": 1,
        "busy": 1,
        "draining": 1,
        "lost": 0,
        "waiting": 1,
    }
    assert (out["waiting_by"]["inbound"], out["longest_wait_ms"], out["needed"]) == (1, 2_000, 3)
    assert out["hosts"] == [
        {
            "host_id": "h1",
            "lb_url": "http://h1",
            "seats": 2,
            "free": 0,
            "busy": 1,
            "draining": 0,
            "tags": {"v1": 1, "v2": 1},
        },
        {"host_id": "h2", "lb_url": "http://h2", "seats": 1, "free": 0, "busy": 0, "draining": 1, "tags": {"v1": 1}},
    ]
    fleet.tick(60_000)
    assert fleet.read("fleet")["refusals"] == {"no_idle_seat": 1}


def test_a_draining_seat_with_a_call_is_still_needed(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-1")
    fleet.step("drain", selector="pool", reason="", by="")
    out = fleet.read("counts")
    assert (out["busy"], out["draining"], out["needed"]) == (0, 1, 1)


def test_moved_reservations_are_counted_under_their_priority(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1", priority="callback")
    fleet.beat("h1-1", "busy", call_id="call-1")
    out = fleet.read("counts")
    assert (out["waiting"], out["waiting_by"]["callback"]) == (1, 1)


def test_the_seats_are_read_page_by_page_and_by_filter(fleet: Fleet) -> None:
    for n in range(5):
        fleet.beat(f"h{n % 2}-{n}", image_tag="v2" if n == 4 else "v1")
    seen, cursor = [], None
    while True:
        out = fleet.read("workers", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["worker_id"] for item in out["items"]]
        cursor = out.get("cursor")
        if not cursor:
            break
    assert seen == ["h0-0", "h0-2", "h0-4", "h1-1", "h1-3"]
    fleet.granted("r-first-1", "main")

    def ids(**filters: str) -> list[str]:
        return [item["worker_id"] for item in fleet.read("workers", limit=100, **filters)["items"] or []]

    assert ids(host_id="h0") == ["h0-0", "h0-2", "h0-4"]
    assert ids(image_tag="v2") == ["h0-4"]
    assert ids(state="reserved") == ids(client="main") == ["h1-1"]
    assert fleet.read("workers", worker_id="nobody")["result"] == "unknown"


def test_a_list_of_seats_goes_on_where_the_last_page_ended_however_many_there_are(fleet: Fleet) -> None:
    call = fleet.pool.call
    names = [f"h{n % 2}-{n:04}" for n in range(620)]
    for name in names:
        call("heartbeat", {"worker_id": name, "instance_id": "one", "seq": 1, "host_id": name[:2], "lb_url": "",
                           "direct_url": "", "image_tag": "", "version": "", "epoch": 1, "outbox_pending": 0,
                           "phase": "idle"})  # fmt: skip

    def page(**asked: Any) -> dict[str, Any]:
        return fleet.read("workers", **asked)

    assert [seat["worker_id"] for seat in page(limit=1_000)["items"]] == sorted(names)
    first = page(limit=600)
    rest = page(limit=600, cursor=first["cursor"])
    assert [seat["worker_id"] for seat in first["items"] + rest["items"]] == sorted(names)
    assert "cursor" not in rest
    assert len(page(limit=1_000, host_id="h1")["items"]) == 310


@pytest.mark.parametrize(("before", "result"), [(63, "granted"), (64, "no_idle_seat")])
def test_64_seats_are_looked_at_for_a_need(fleet: Fleet, before: int, result: str) -> None:
    call = fleet.pool.call
    for n in range(before + 1):
        fleet.pool.tick(1)  # the one that would do has been idle for the shortest time
        call("heartbeat", {"worker_id": f"h1-{n:02}", "instance_id": "one", "seq": 1, "host_id": "h1", "lb_url": "",
                           "direct_url": "", "image_tag": "", "version": "", "epoch": 1, "outbox_pending": 0,
                           "phase": "idle", "protocols": ["sip"] if n == before else ["ws"]})  # fmt: skip
    said = call("reserve", {"reservation_id": "r-first-1", "fp": "x", "client": "main", "priority": "outbound",
                            "hold_ms": 9_000, "wait_ms": 0, "need": '{"protocols":["sip"]}'})  # fmt: skip
    assert said["out"]["result"] == result


def test_the_hosts_of_a_fleet_are_listed_by_name(fleet: Fleet) -> None:
    names = ["m9", "a1", "z3", "k2", "b7", "q4", "c5", "x8"]
    for name in names:
        fleet.beat(f"{name}-1")
    assert [host["host_id"] for host in fleet.read("fleet")["hosts"]] == sorted(names)


def test_of_hosts_with_equally_many_free_seats_the_first_by_name_is_taken(fleet: Fleet) -> None:
    for placement in ("spread", "pack"):
        fleet.step("configure", placement=placement, inbound_headroom=0)
        fleet.seats("h2-1", "h1-1")
        assert fleet.granted(f"r-{placement}-1") == "h1-1"
        fleet.release(f"r-{placement}-1")


def test_a_host_counts_the_seats_that_drain_whoever_said_so(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2", "h1-3")
    fleet.step("drain", selector="worker:h1-1", reason="", by="")
    fleet.beat("h1-2", draining=True)
    (host,) = fleet.read("fleet")["hosts"]
    assert (host["seats"], host["draining"], host["free"]) == (3, 2, 1)


def test_spread_looks_at_every_host_when_a_need_rules_the_emptiest_out(fleet: Fleet) -> None:
    fleet.step("configure", placement="spread", inbound_headroom=0)
    fleet.seats("h1-1", "h1-2", "h1-3")
    fleet.beat("h2-1", image_tag="v2")
    fleet.beat("h2-2", image_tag="v2")
    fleet.seats("h3-1")
    assert fleet.granted("r-first-1", need={"image_tag": "v2"}) == "h2-1"
