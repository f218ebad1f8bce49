"""An emptied store that stays wrong (HB4), and a check that finds nothing (DM1)."""

from __future__ import annotations

import pytest

from .pool import CHECK, Pool
from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


# --- an emptied store ------------------------------------------------------------------------------------------------


def test_hb4_after_a_wipe_nothing_is_granted_for_four_seconds_and_workers_bring_everything_back(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2", "h1-3")
    fleet.granted("r-held-01")
    fleet.granted("r-active1")
    fleet.beat("h1-2", "busy", call_id="call-1", reservation_id="r-active1")
    generation = fleet.read("counts")["generation"]
    fleet.pool.wipe()
    assert fleet.reserve("r-new-001")["result"] == "rebuilding"
    assert fleet.read("counts")["generation"] != generation
    fleet.beat("h1-1", "reserved", reservation_id="r-held-01")
    fleet.beat("h1-2", "busy", call_id="call-1", reservation_id="r-active1")
    fleet.beat("h1-3")
    assert fleet.read("counts")["status"] == "rebuilding"
    fleet.tick(3_999)
    assert fleet.reserve("r-new-001")["result"] == "rebuilding"
    fleet.tick(1)
    assert fleet.read("counts")["status"] == "ok"
    assert fleet.granted("r-new-001") == "h1-3"
    assert (fleet.state("r-held-01"), fleet.state("r-active1")) == ("held", "active")


def test_hb4_who_was_moved_while_rebuilding_is_served_when_it_is_over(fleet: Fleet) -> None:
    fleet.pool.wipe()
    fleet.beat("h1-1", "reserved", reservation_id="r-held-01")
    fleet.beat("h1-2")
    fleet.beat("h1-1", "busy", call_id="call-1")
    assert fleet.state("r-held-01") == "waiting"
    fleet.tick(4_000)
    fleet.settle()
    assert fleet.record("r-held-01")["worker"] == "h1-2"


# --- the check itself ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda s, p: s.srem(f"{p}free", "h1-2"), "w:h1-2 is not in free"),
        (lambda s, p: s.sadd(f"{p}free", "h1-1"), "free holds h1-1"),
        (lambda s, p: s.sadd(f"{p}free", "h9-9"), "free holds h9-9"),
        (lambda s, p: s.zadd(f"{p}hosts", {"h1": 7}), "hosts counts h1 wrongly"),
        (lambda s, p: s.zrem(f"{p}hosts", "h1"), "idle:h1 is not listed"),
        (lambda s, p: s.zadd(f"{p}due", {"r:r-first-1": 1}), "r:r-first-1 is not in due"),
        (lambda s, p: s.zrem(f"{p}due", "r:r-first-1"), "w:h1-1 has no due time|r:r-first-1 is not in due"),
        (lambda s, p: s.sadd(f"{p}use:c:main", "w:h1-2"), "use:c:main holds w:h1-2"),
        (lambda s, p: s.zadd(f"{p}q:inbound", {"main": 0}), "q:inbound counts main wrongly"),
        (lambda s, p: s.zrem(f"{p}q:test", "main"), "q:test:main is not listed"),
        (lambda s, p: s.hset(f"{p}w:h1-2", "rid", "r-first-1"), "w:h1-2 holds r-first-1, which does not hold it"),
        (lambda s, p: s.hset(f"{p}r:r-first-1", "worker", "h1-2"), "r:r-first-1 is held without its seat"),
        (lambda s, p: s.hset(f"{p}w:h1-2", "phase", "dancing"), "unknown phase dancing"),
        (lambda s, p: s.hset(f"{p}r:r-first-1", "state", "none"), "unknown state none"),
        (lambda s, p: s.hset(f"{p}w:h1-1", "lost_ms", "1"), "is lost and still holds r-first-1"),
    ],
)  # fmt: skip
def test_dm1_the_check_finds_what_no_record_implies(fleet: Fleet, spoil, said: str) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-first-1")
    fleet.reserve("r-waits-1", priority="test", wait_ms=30_000, need={"host_id": "h9"})
    assert fleet.pool.findings() == []
    spoil(fleet.pool.store, fleet.pool.prefix)
    found = "; ".join(fleet.pool.findings())
    assert any(part in found for part in said.split("|")), found


def test_the_check_sees_everything_in_slices_and_writes_nothing(fleet: Fleet) -> None:
    for n in range(40):
        fleet.beat(f"h{n}-1")
    fleet.pool.store.sadd(f"{fleet.pool.prefix}free", "nobody")
    found, cursor, turns = [], "0", 0
    while True:
        out = fleet.pool.call("check", {**CHECK[1], "cursor": cursor, "limit": 1})["out"]
        found += out["findings"] or []
        cursor, turns = out["cursor"], turns + 1
        if cursor == "0":
            break
    assert found == ["free holds nobody, which no record implies"]


def test_two_pools_know_nothing_of_each_other(fleet: Fleet, store) -> None:
    other = Fleet(Pool(store, "another-pool"))
    other.settle()
    other.tick(4_000)
    fleet.beat("h1-1")
    assert other.reserve("r-first-1")["result"] == "no_idle_seat"
    other.beat("h1-1", "busy", call_id="call-1")
    assert fleet.granted("r-first-1") == "h1-1"
    other.pool.clear()


def test_the_check_names_the_generation_that_it_looked_at(fleet: Fleet) -> None:
    assert fleet.pool.call(*CHECK)["out"]["generation"] == fleet.read("counts")["generation"] != ""


def test_the_check_tells_all_that_is_wrong_with_one_record(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    fleet.granted("r-first-1")
    fleet.pool.store.hset(f"{fleet.pool.prefix}r:r-first-1", mapping={"state": "dancing", "worker": "h9-9"})
    assert set(fleet.pool.findings()) == {
        "r:r-first-1 has the unknown state dancing",
        "r:r-first-1 is not in rs:dancing as it should be",
        "rs:held holds r-first-1, which no record implies",
        "due holds r:r-first-1, which no record implies",
        "w:h1-1 holds r-first-1, which does not hold it",
        "w:h1-1 has no due time",
    }
