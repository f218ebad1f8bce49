"""Figures that differ from the calls, or cost more the more calls there are."""

from __future__ import annotations

import asyncio
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import monitoring
from pymongo.monitoring import CommandListener
from voxbridge.analytics import store
from voxbridge.analytics.recount import Recount, mark_everything
from voxbridge.calls.skeleton import bucket_of, duration_order

pytestmark = [pytest.mark.integration]
NOW = datetime(2031, 6, 5, 10, 7, tzinfo=UTC)  # later than the user of the test was made: a token is not older than it
BOTS = ("one", "two", "three")


def record(rng: random.Random, began: datetime, **fields: Any) -> dict[str, Any]:
    session_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return {
        "_id": session_id, "bot_id": rng.choice(BOTS), "bot_name": "", "stream_id": "", "caller_id": "+15550100",
        "from_number": "", "phone_rev": "0010555 1", "call_type": "bot", "call_direction": "incoming",
        "transport": "ws", "status": rng.choice(["completed", "completed", "failed"]), "campaign_id": None,
        "disconnected_by": rng.choice(["customer", "bot", "no_answer"]), "call_duration_seconds": 30.0,
        "disposition": rng.choice(["Sold", "Later", None]), "avg_response_ms": 800.0,
        "duration_order": duration_order(session_id, 30.0), "created_at": began, "bucket_utc": bucket_of(began),
        "result_received_at": began, **fields,
    }  # fmt: skip


async def fill(bridge, count: int, days: int = 30) -> list[dict[str, Any]]:
    rng = random.Random(5)
    rows = [record(rng, NOW - timedelta(seconds=rng.random() * days * 86_400)) for _ in range(count)]
    # One write has 5 s, however busy the machine is.
    for at in range(0, count, 500):
        await bridge.ctx.db["calls"].insert_many(rows[at : at + 500])
    return rows


async def counted(bridge) -> None:
    await Recount(bridge.ctx).run_now()
    async for key in bridge.ctx.redis.scan_iter("vox:analytics:*"):
        await bridge.ctx.redis.delete(key)


async def ask(bridge, route: str, **params: str) -> dict[str, Any]:
    answer = await bridge.admin.get(f"/api/v1/analytics/{route}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def result(session_id: str, **fields: Any) -> dict[str, Any]:
    usual = {"bot_id": "one", "disconnected_by": "customer", "call_duration_seconds": 41.5,
             "started_at": "2031-06-05T10:01:00.000Z", "latency": {"total_avg_response_ms": 750}}  # fmt: skip
    return {"session_id": session_id, "result_id": str(uuid.uuid4()), **usual, **fields}


@pytest.fixture(autouse=True)
def counted_on_demand(monkeypatch) -> None:
    """The leader's job counts at its own times; here each test says when."""

    async def nothing(_: Recount) -> None: ...

    monkeypatch.setattr(Recount, "run", nothing)


async def settle_clock(bridge) -> None:
    bridge.ctx.clock = lambda: NOW
    bridge.admin = await bridge.log_in("root@example.com", "correct horse battery")


@pytest.fixture
async def bridge(make_bridge):
    async with make_bridge() as running:
        await settle_clock(running)
        yield running


async def test_a_result_counts_once_however_often_it_is_sent(bridge) -> None:
    body = result("a" * 8)
    for _ in range(3):
        answer = await bridge.service.post("/api/v1/call-results", json=body)
        assert answer.status_code == 200, answer.text
    await bridge.service.post("/api/v1/call-results", json=result("b" * 8, disconnected_by="error"))
    await counted(bridge)
    found = await ask(bridge, "overview", **{"from": "2031-06-05", "to": "2031-06-05"})
    assert (found["total_calls"], found["connected_calls"], found["failed_calls"]) == (2, 1, 1)
    assert (found["connect_rate"], found["avg_duration_seconds"], found["avg_response_ms"]) == (0.5, 41.5, 750)
    assert found["previous"]["total_calls"] == 0
    assert found["previous"]["connect_rate"] is None
    assert await bridge.ctx.db["call_stats_due"].count_documents({}) == 0
    assert await bridge.ctx.db["call_stats_counting"].count_documents({}) == 0


async def test_the_mark_is_written_before_the_worker_is_told_that_its_result_is_stored(bridge) -> None:
    await bridge.service.post("/api/v1/call-results", json=result("a" * 8))
    marks = await bridge.ctx.db["call_stats_due"].find({}).to_list()
    assert [mark["_id"] for mark in marks] == [datetime(2031, 6, 5, 10, tzinfo=UTC)]


async def test_figures_are_those_of_the_calls_whatever_is_asked(bridge) -> None:
    rows = await fill(bridge, 600)
    await counted(bridge)
    since = datetime(2031, 6, 1, tzinfo=UTC)
    for bot_id in ("", "one"):
        meant = [row for row in rows if row["created_at"] >= since and bot_id in ("", row["bot_id"])]
        params = {"from": "2031-06-01", "to": "2031-06-05", **({"bot_id": bot_id} if bot_id else {})}
        found = await ask(bridge, "overview", **params)
        assert found["total_calls"] == len(meant)
        assert found["failed_calls"] == sum(row["status"] == "failed" for row in meant)
        hours = await ask(bridge, "calls-per-hour", **params)
        days = await ask(bridge, "calls-per-hour", interval="day", **params)
        assert [len(hours["buckets"]), len(days["buckets"])] == [120, 5]
        for bucket in (*hours["buckets"], *days["buckets"]):
            assert bucket["calls"] >= bucket["connected"]
        assert sum(bucket["calls"] for bucket in hours["buckets"]) == len(meant)
        assert sum(bucket["calls"] for bucket in days["buckets"]) == len(meant)
        reasons = await ask(bridge, "disconnect-reasons", **params)
        assert {item["disconnected_by"]: item["count"] for item in reasons["items"]} == {
            cause: sum(row["disconnected_by"] == cause for row in meant) for cause in ("customer", "bot", "no_answer")
        }
        shares = await ask(bridge, "dispositions", **params)
        assert {item["disposition"] for item in shares["items"]} == {"Sold", "Later", "none"}
        assert sum(item["count"] for item in shares["items"]) == len(meant)
    latency = await ask(bridge, "latency", interval="day", **{"from": "2031-06-01", "to": "2031-06-05"})
    assert all(780 <= bucket["p95_ms"] <= 820 for bucket in latency["buckets"])


async def test_one_campaign_is_asked_for_with_and_without_its_bot(bridge) -> None:
    rng = random.Random(4)
    began = datetime(2031, 6, 3, 9, tzinfo=UTC)
    rows = [record(rng, began, bot_id="one", campaign_id=rng.choice(["spring", None])) for _ in range(40)]
    rows += [record(rng, began, bot_id="two", campaign_id="gone") for _ in range(3)]
    await bridge.ctx.db["calls"].insert_many(rows)
    await bridge.ctx.db["campaigns"].insert_one({"_id": "spring", "bot_id": "one", "status": "running"})
    await counted(bridge)
    spring = sum(row["campaign_id"] == "spring" for row in rows)
    days = {"from": "2031-06-01", "to": "2031-06-05"}
    for params, calls in (
        ({"campaign_id": "spring"}, spring),
        ({"campaign_id": "spring", "bot_id": "one"}, spring),
        ({"campaign_id": "spring", "bot_id": "two"}, 0),
        ({"campaign_id": "gone"}, 3),
        ({"bot_id": "two"}, 3),
        ({"bot_id": "nobody"}, 0),
    ):
        assert (await ask(bridge, "overview", **days, **params))["total_calls"] == calls, params
    assert (await ask(bridge, "overview", **days, campaign_id="spring"))["running_campaigns"] == 1
    assert (await ask(bridge, "overview", **days, bot_id="two"))["running_campaigns"] == 0


async def test_days_are_those_of_the_display_zone_also_after_it_was_changed(bridge) -> None:
    rng = random.Random(2)
    # 20:00 UTC is the next day in Kolkata.
    await bridge.ctx.db["calls"].insert_one(record(rng, datetime(2031, 6, 3, 20, tzinfo=UTC)))
    await counted(bridge)
    assert (await ask(bridge, "overview", **{"from": "2031-06-04", "to": "2031-06-04"}))["total_calls"] == 0
    answer = await bridge.admin.put("/api/v1/settings/timezone", json={"display_timezone": "Asia/Kolkata"})
    assert answer.status_code == 200, answer.text
    before = await ask(bridge, "overview", **{"from": "2031-06-04", "to": "2031-06-04"})
    assert before["total_calls"] == 1, "until the days are counted anew, the buckets serve"
    await counted(bridge)
    found = await ask(bridge, "calls-per-hour", interval="day", **{"from": "2031-06-03", "to": "2031-06-04"})
    assert [bucket["calls"] for bucket in found["buckets"]] == [0, 1]
    assert found["buckets"][0]["start"] == "2031-06-02T18:30:00.000Z"


async def test_a_deleted_call_is_counted_no_longer(bridge) -> None:
    rows = await fill(bridge, 5, days=1)
    await counted(bridge)
    assert (await bridge.admin.delete(f"/api/v1/calls/{rows[0]['_id']}")).status_code == 204
    await counted(bridge)
    assert (await ask(bridge, "overview", **{"from": "2031-06-01", "to": "2031-06-05"}))["total_calls"] == 4


async def test_figures_that_were_damaged_are_right_again_after_a_recount(bridge) -> None:
    await fill(bridge, 50)
    await counted(bridge)
    before = await ask(bridge, "overview", **{"from": "2031-05-07", "to": "2031-06-05"})
    for collection in ("call_stats_all", "call_stats_days"):
        await bridge.ctx.db[collection].update_many({}, {"$set": {"all.calls": 7}})
    ghost = datetime(2031, 6, 2, 3, tzinfo=UTC)  # figures of calls that do not exist
    for collection, part in (("call_stats", {"rows": []}), ("call_stats_all", {"all": {}})):
        await bridge.ctx.db[collection].delete_one({"_id": ghost})
        await bridge.ctx.db[collection].insert_one({"_id": ghost, "key": ghost, "revision": 1, **part})
    await mark_everything(bridge.ctx)
    await counted(bridge)
    assert await ask(bridge, "overview", **{"from": "2031-05-07", "to": "2031-06-05"}) == before


async def test_until_everything_is_counted_by_the_rules_of_this_version_the_rows_of_the_one_before_serve(
    bridge,
) -> None:
    await fill(bridge, 50, days=1)
    await counted(bridge)
    days = {"from": "2031-06-04", "to": "2031-06-05"}
    before = [await ask(bridge, route, **days) for route in ("calls-per-hour", "latency", "dispositions")]
    for collection in ("call_stats_all", "call_stats_days"):
        await bridge.ctx.db[collection].delete_many({})
    await store.write_meta(bridge.ctx, version=1)
    async for key in bridge.ctx.redis.scan_iter("vox:analytics:*"):
        await bridge.ctx.redis.delete(key)
    assert [await ask(bridge, route, **days) for route in ("calls-per-hour", "latency", "dispositions")] == before


async def test_a_pass_that_broke_off_is_taken_up_again(bridge, monkeypatch) -> None:
    await bridge.service.post("/api/v1/call-results", json=result("a" * 8))

    async def breaks(*_: Any) -> bool:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(store, "put", breaks)
        with pytest.raises(ConnectionError):
            await Recount(bridge.ctx).run_now()
    await counted(bridge)
    assert (await ask(bridge, "overview"))["total_calls"] == 1


async def test_a_slow_counter_does_not_write_over_a_newer_count(bridge, monkeypatch) -> None:
    """Two processes count at once after the lease went over; the older look must lose, and leave its mark."""
    await counted(bridge)
    await bridge.service.post("/api/v1/call-results", json=result("a" * 8))
    read, looked, go = store.calls_of, asyncio.Event(), asyncio.Event()

    async def slowly(ctx: Any, bucket: datetime):
        async for batch in read(ctx, bucket):
            looked.set()
            await go.wait()
            yield batch

    monkeypatch.setattr(store, "calls_of", slowly)
    slow = asyncio.create_task(Recount(bridge.ctx).run_now())
    await looked.wait()
    monkeypatch.setattr(store, "calls_of", read)
    await bridge.service.post("/api/v1/call-results", json=result("b" * 8))
    await Recount(bridge.ctx).run_now()
    go.set()
    await slow
    await counted(bridge)
    assert (await ask(bridge, "overview"))["total_calls"] == 2


async def test_a_range_is_refused_when_it_is_too_wide_or_ends_before_it_begins(bridge) -> None:
    wide = await bridge.admin.get("/api/v1/analytics/overview", params={"from": "2031-01-01", "to": "2031-06-01"})
    assert (wide.status_code, wide.json()["error"]) == (422, "range_too_wide")
    for params in ({"from": "2031-06-05", "to": "2031-06-04"}, {"from": "yesterday"}, {"from": "2031-13-45"}):
        wrong = await bridge.admin.get("/api/v1/analytics/overview", params=params)
        assert (wrong.status_code, wrong.json()["error"]) == (422, "validation_failed")
    longest = await bridge.admin.get("/api/v1/analytics/overview", params={"from": "2031-03-06", "to": "2031-06-05"})
    assert longest.status_code == 200


class Reads(CommandListener):
    """The `find` commands that were sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: Any) -> None:
        if event.command_name == "find":
            self.commands.append(dict(event.command))

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


async def examined(bridge, commands: list[dict[str, Any]], collections: set[str]) -> int:
    """Documents that the store reads for these commands, by its own explain."""
    total = 0
    for command in commands:
        if command["find"] not in collections:
            continue
        asked = {name: command[name] for name in ("find", "filter", "sort", "projection", "limit") if name in command}
        told = await bridge.ctx.db.command("explain", asked, verbosity="executionStats")
        plan = str(told["queryPlanner"]["winningPlan"])
        assert "COLLSCAN" not in plan, asked
        total += told["executionStats"]["totalDocsExamined"]
    return total


async def test_a_page_of_calls_reads_at_most_twice_what_it_shows_however_many_calls_there_are(
    make_bridge, monkeypatch
) -> None:
    """The plan, not the time: at 1 million calls the same windows of the same indexes are read."""
    reads = Reads()
    monkeypatch.setattr(monitoring, "_LISTENERS", monitoring._Listeners([reads], [], [], [], []))
    async with make_bridge() as bridge:
        await settle_clock(bridge)
        await fill(bridge, 4_000)
        for params in (
            {}, {"bot_id": "one"}, {"status": "failed"}, {"disposition": "Sold"}, {"sort": "-call_duration_seconds"},
            {"bot_id": "one", "disposition": "Sold"},
            {"date_from": "2031-05-20", "date_to": "2031-06-01"},
        ):  # fmt: skip
            cursor = None
            for page in range(4):
                reads.commands.clear()
                answer = await bridge.admin.get(
                    "/api/v1/calls", params={**params, **({"cursor": cursor} if cursor else {})}
                )
                assert answer.status_code == 200, answer.text
                cursor, shown = answer.json()["next"], len(answer.json()["items"])
                assert shown == 50
                if page:  # the first one finds out how dense the list is
                    assert await examined(bridge, reads.commands, {"calls"}) <= 2 * (shown + 1), params
        await counted(bridge)
        found: list[int] = []
        # A job of the leader may read the same buckets meanwhile: once undisturbed is enough. Another day is no copy.
        for day in (7, 8, 9):
            reads.commands.clear()
            for route in ("overview", "dispositions", "calls-per-hour", "latency"):
                params = {"from": f"2031-05-{day:02}", "to": "2031-06-05", "interval": "day"}
                assert (await bridge.admin.get(f"/api/v1/analytics/{route}", params=params)).status_code == 200
            assert not any(command["find"] == "calls" for command in reads.commands), "analytics never read the calls"
            found.append(await examined(bridge, reads.commands, {"call_stats", "call_stats_all", "call_stats_days"}))
            # 30 days for each of four charts, the month before, and the buckets of the last three hours.
            if 0 < found[-1] <= 4 * 30 + 31 + 100:
                return
        raise AssertionError(f"documents examined: {found}")
