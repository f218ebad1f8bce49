"""An open page that is not told, is told too late, or holds up the process that tells it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import uvicorn
from voxbridge.campaigns.stats import figures
from voxbridge.events import bus, service
from voxbridge.main import Server
from voxkit import sse
from voxkit.listen import bound

from ..campaign_rows import add_campaign

pytestmark = [pytest.mark.integration]
WITHIN_S = 2.0
NOBODY = figures([], [])
"""Of a campaign without contacts: what the recount finds is what stands there, so it tells nothing of its own."""


class Stream:
    """The events of an open stream."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()
        self.last_id = ""
        self.comments = 0

    async def next(self) -> tuple[str, dict[str, Any]]:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if line.startswith(":"):
                self.comments += 1
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                self.last_id = fields.get("id", self.last_id)
                return fields["event"], json.loads(fields["data"])
        raise EOFError

    async def until(self, name: str, within_s: float = WITHIN_S) -> dict[str, Any]:
        """The next event of a name."""
        async with asyncio.timeout(within_s):
            while True:
                found, data = await self.next()
                if found == name:
                    return data


class Served:
    """A voxbridge that listens, since a stream is read while it is written."""

    def __init__(self, bridge, base: str, server: Server) -> None:
        self.bridge, self.base, self.server = bridge, base, server
        self.token = bridge.admin.headers["Authorization"]

    @asynccontextmanager
    async def stream(self, topics: str, **headers: str) -> AsyncIterator[Stream]:
        asked = {"Authorization": self.token, **headers}
        async with (
            httpx.AsyncClient(base_url=self.base, headers=asked, timeout=20) as http,
            http.stream("GET", "/api/v1/events/stream", params={"topics": topics}) as answer,
        ):
            if answer.status_code != 200:
                await answer.aread()
                raise httpx.HTTPStatusError(answer.text, request=answer.request, response=answer)
            assert answer.headers["content-type"].startswith("text/event-stream")
            opened = Stream(answer)
            assert await opened.next() == ("hello", {"topics": sorted(topics.split(","))})
            yield opened


@asynccontextmanager
async def served(bridge) -> AsyncIterator[Served]:
    with bound("127.0.0.1", 0) as listener:
        config = uvicorn.Config(bridge.app, lifespan="off", log_config=None, timeout_graceful_shutdown=20)
        server = Server(config, before_shutdown=bus.hub_of(bridge.ctx).stop)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        yield Served(bridge, f"http://127.0.0.1:{listener.getsockname()[1]}", server)
        server.should_exit = True
        await task


@pytest.fixture
async def live(bridge) -> AsyncIterator[Served]:
    async with served(bridge) as running:
        yield running


def result(session_id: str) -> dict[str, Any]:
    return {"session_id": session_id, "bot_id": "b", "disconnected_by": "customer", "call_duration_seconds": 3.0}


async def test_a_finished_call_is_told_once_however_often_its_result_is_sent(live: Served) -> None:
    async with live.stream("calls") as stream:
        for session_id in ("first", "first", "second"):
            await live.bridge.service.post("/api/v1/call-results", json=result(session_id))
        told = await stream.until("call.completed")
        assert told == {"session_id": "first", "bot_id": "b", "status": "completed", "disconnected_by": "customer"}
        assert (await stream.until("call.completed"))["session_id"] == "second"


async def test_figures_of_a_campaign_are_told_to_its_page_and_to_the_list(live: Served) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    async with live.stream("campaign:c1") as page, live.stream("campaigns") as listed:
        # Made once both are open: the first look at a campaign is told to those who listen at that moment.
        await add_campaign(live.bridge, "c1", stats=NOBODY, live={"last_dial_at": at})
        await add_campaign(live.bridge, "c2", stats=NOBODY, live=None)
        told = await page.until("campaign.updated")
        assert (told["status"], told["stats"]) == ("running", NOBODY)
        assert told["live"] == {"last_dial_at": "2026-01-02T03:04:05Z"}
        assert {(await listed.until("campaign.updated"))["campaign_id"] for _ in range(2)} == {"c1", "c2"}
        ended = {"status": "completed", "live": {"last_dial_at": at + timedelta(seconds=1)}}
        await live.bridge.ctx.db["campaigns"].update_one({"_id": "c1"}, {"$set": ended})
        for stream in (page, listed):
            told = await stream.until("campaign.updated")
            assert (told["campaign_id"], told["status"], told["stats"]) == ("c1", "completed", NOBODY)
            assert told["live"] == {"last_dial_at": "2026-01-02T03:04:06Z"}


async def test_a_dialler_that_falls_silent_is_told_though_nothing_was_written(live: Served) -> None:
    now = live.bridge.ctx.clock()
    wrote = {"state": "dialling", "updated_at": now}
    before = now - timedelta(hours=1)
    async with live.stream("campaign:c1") as page:
        await add_campaign(live.bridge, "c1", stats=NOBODY, live=wrote, updated_at=before)
        assert (await page.until("campaign.updated"))["live"]["state"] == "dialling"
        live.bridge.ctx.clock = lambda: now + timedelta(seconds=21)
        assert (await page.until("campaign.updated"))["live"]["state"] == "dialler_away"


async def test_a_campaign_that_changes_all_the_time_is_told_at_most_once_a_second(live: Served) -> None:
    campaigns = live.bridge.ctx.db["campaigns"]
    await add_campaign(live.bridge, "c1", stats=NOBODY, live={"n": 0})
    async with live.stream("campaign:c1") as page:
        await page.until("campaign.updated")
        began, last = time.monotonic(), 0
        while time.monotonic() - began < 3:
            last += 1
            await campaigns.update_one({"_id": "c1"}, {"$set": {"live": {"n": last}}})
            await asyncio.sleep(0.05)
        seen = []
        while not seen or seen[-1] != last:
            seen.append((await page.until("campaign.updated"))["live"]["n"])
        assert len(seen) <= 5
        assert seen == sorted(seen)


async def test_a_change_of_the_settings_and_of_the_fleet_is_told(live: Served) -> None:
    async with live.stream("settings,fleet") as stream:
        assert (await stream.until("fleet.changed"))["source"] == "poll"
        body = {"core_fleet": ["http://127.0.0.1:9"]}
        assert (await live.bridge.admin.put("/api/v1/settings/fleet", json=body)).status_code == 200
        told: dict[str, Any] = {}
        async with asyncio.timeout(WITHIN_S):
            while told.keys() < {"settings.changed", "fleet.changed"}:  # in any order
                told |= [await stream.next()]
        assert told["settings.changed"].keys() == {"revision"}


async def test_events_of_another_replica_are_heard(live: Served, make_bridge) -> None:
    async with live.stream("calls") as stream:
        text = {"origin": "another", "event": "call.started", "topics": ["calls"], "data": {"session_id": "x"}}
        await live.bridge.ctx.redis.publish(bus.CHANNEL, "not json")
        await live.bridge.ctx.redis.publish(bus.CHANNEL, json.dumps(text))
        assert await stream.until("call.started") == {"session_id": "x"}


async def test_a_reader_that_comes_back_hears_what_it_missed_and_else_reset(live: Served) -> None:
    async with live.stream("calls") as stream:
        await live.bridge.service.post("/api/v1/call-results", json=result("first"))
        await stream.until("call.completed")
        last_id = stream.last_id
    await live.bridge.service.post("/api/v1/call-results", json=result("second"))
    async with live.stream("calls", **{"Last-Event-ID": last_id}) as stream:
        assert (await stream.until("call.completed"))["session_id"] == "second"
    async with live.stream("calls", **{"Last-Event-ID": "of-another-process"}) as stream:
        await stream.until("reset")


async def test_a_quiet_stream_says_that_it_is_still_there(live: Served, monkeypatch) -> None:
    monkeypatch.setattr(service, "COMMENT_S", 0.05)
    async with live.stream("calls") as stream:
        asyncio.get_running_loop().call_later(
            0.5, bus.hub_of(live.bridge.ctx).tell, "call.started", ("calls",), {"session_id": "x"}
        )
        await stream.until("call.started")
        assert stream.comments > 1


async def test_the_stream_ends_with_the_token(live: Served, monkeypatch) -> None:
    monkeypatch.setattr(service, "COMMENT_S", 0.05)
    user = await live.bridge.add_user("admin", "leaving@example.com")
    client = await live.bridge.log_in("leaving@example.com")
    live.token = client.headers["Authorization"]
    async with live.stream("calls") as stream:
        assert (await live.bridge.admin.delete(f"/api/v1/users/{user['user_id']}")).status_code == 204
        with pytest.raises(EOFError):
            async with asyncio.timeout(5):
                await stream.next()


async def test_only_an_admin_may_listen_and_only_to_what_exists(live: Served) -> None:
    for role in ("agent", "supervisor"):
        client = await live.bridge.as_role(role)
        assert (await client.get("/api/v1/events/stream", params={"topics": "calls"})).status_code == 403
    for topics in ("", "weather", "campaign:", "campaign:../x", ",".join(f"campaign:{n}" for n in range(11))):
        answer = await live.bridge.admin.get("/api/v1/events/stream", params={"topics": topics})
        assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed"), topics


async def test_one_person_has_only_so_many_streams(live: Served, monkeypatch) -> None:
    monkeypatch.setattr(service, "STREAMS_OF_USER", 1)
    async with live.stream("calls"):
        answer = await live.bridge.admin.get("/api/v1/events/stream", params={"topics": "calls"})
        assert (answer.status_code, answer.json()["error"]) == (429, "too_many_streams")
        assert answer.headers["Retry-After"]


async def test_a_reader_that_stops_reading_is_left_and_the_process_goes_on(live: Served, monkeypatch) -> None:
    monkeypatch.setattr(sse, "SLOW_READER_S", 1.0)
    hub = bus.hub_of(live.bridge.ctx)
    async with live.stream("calls") as silent, live.stream("calls") as reading:
        # From the beginning: one that only begins to read once all is told is as slow as that takes.
        told_to_the_end = asyncio.create_task(reading.until("call.completed", 20))
        for _ in range(400):
            hub.tell("call.started", ("calls",), {"padding": "x" * 20_000})
            await asyncio.sleep(0)
        while not told_to_the_end.done():  # one more may be too much for it at this moment, and is dropped for `reset`
            hub.tell("call.completed", ("calls",), {"session_id": "x"})
            await asyncio.sleep(0.05)
        assert silent.answer.status_code == 200
        assert await told_to_the_end == {"session_id": "x"}
        async with asyncio.timeout(20):
            while len(hub.readers) > 1:
                await asyncio.sleep(0.05)


async def test_a_server_that_stops_ends_its_streams_at_once(bridge) -> None:
    async with served(bridge) as running, running.stream("calls") as stream:
        running.server.should_exit = True
        async with asyncio.timeout(5):
            with pytest.raises((EOFError, httpx.HTTPError)):
                await stream.next()
