"""A campaign of thousands over a carrier that refuses, loses and doubles: everybody is called, the bot talks to who
answers, who does not is called once more, and our books are the carrier's.

VOX_CALLEES=10000 is the full size; the default fits CI. Its callees are light calls of a population file; one host that
takes every media socket and reports every call stands for the workers, so dialler, voxbridge and store are what works.
"""

from __future__ import annotations

import asyncio
import csv
import json
import os
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiohttp import WSMsgType, web
from voxctl.children import free_port
from voxkit.clock import iso, utc_now
from voxkit.contracts.health import FleetHealth

from .plant import Plant, plant
from .test_campaign_outages import book
from .test_result_kills import Sender
from .test_two_diallers import most_above_the_rate

pytestmark = [pytest.mark.faults, pytest.mark.timeout(2400)]

CALLEES = int(os.environ.get("VOX_CALLEES", "300"))
RATE, BURST = 20, 5
SEATS = 400
FIRST = 15_550_000_000
ENDS_WITHIN_S = 240 + CALLEES / 4
PARTS = ("voxdialler", "voxbridge", "secantusdb")
RETRIED = {"no_answer"}
POPULATION = {
    "crowds": [
        {
            "first": f"+{FIRST}",
            "count": CALLEES,
            "seed": 5,
            "outcomes": {"answer": 35, "no_answer": 20, "busy": 25, "reject": 18, "invalid": 2},
            "after_s": [0.5, 6],
            "talk_s": {"median_s": 3, "spread": 0.5, "max_s": 20},
        }
    ]
}
FAULTS = (
    {"route": "place", "status": 503, "after_placing": True, "times": max(1, CALLEES // 100), "share": 0.02},
    {"route": "place", "status": 429, "error": "rate_limited", "retry_after": 1, "times": 3, "share": 0.03},
    {"route": "find", "status": 500, "times": 5, "share": 0.1},
    {"route": "callback", "kind": "lost", "times": CALLEES, "share": 0.1},
    {"route": "callback", "kind": "doubled", "times": CALLEES, "share": 0.1},
)


class Workers:
    """A host of workers: every call is taken, held until the callee hangs up, and reported to voxbridge."""

    def __init__(self) -> None:
        self.url = ""
        self.talked: list[str] = []
        self.report: Callable[[dict[str, Any]], Any] | None = None
        self._open = 0

    async def health(self, _: web.Request) -> web.Response:
        free = FleetHealth(fleet_calls=self._open, fleet_max=SEATS, fleet_available=SEATS - self._open, workers=[])
        return web.Response(text=free.model_dump_json(), content_type="application/json")

    async def media(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        self._open += 1
        began = utc_now()
        try:
            connected = await socket.receive_json()
            async for message in socket:
                if message.type == WSMsgType.TEXT and json.loads(message.data)["event"] == "hangup-call":
                    break
            await socket.close()
        finally:
            self._open -= 1
        attempt_id = connected["_context"].removeprefix("ctx_")
        self.talked.append(attempt_id)
        assert self.report is not None
        await self.report(
            {
                "session_id": str(uuid.UUID(hex=attempt_id)), "result_id": str(uuid.uuid4()), "bot_id": "many",
                "caller_id": connected["callerId"], "call_direction": "outgoing", "transport": "ws",
                "started_at": iso(began), "answered_at": iso(began), "ended_at": iso(utc_now()),
                "call_duration_seconds": round((utc_now() - began).total_seconds()), "disconnected_by": "customer",
                "transcript": [{"turn": 1, "role": "user", "content": "Yes.", "start_ms": 0, "end_ms": 900}],
            }
        )  # fmt: skip
        return socket

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/health/fleet", self.health)
        app.router.add_get("/ws/{bot_id}", self.media)
        runner, port = web.AppRunner(app), free_port()
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.url = f"http://127.0.0.1:{port}"
            yield
        finally:
            await runner.cleanup()


async def begun(stack: Plant) -> str:
    """A campaign over the carrier of the demo at a rate of its own, started. Its id."""
    config = {
        "campaign_mode": "multi_day", "time_window": {"start": "00:00", "end": "00:00", "timezone": "UTC"},
        "concurrency_limit": SEATS // 2,
        "redial_rules": {"max_attempts": 2, "retry_on_system": [*RETRIED], "retry_delay_minutes": 1},
    }  # fmt: skip
    async with stack.bridge() as bridge:
        (carrier,) = (await bridge.get("/carriers"))["items"]
        limits = {"outbound_cps": RATE, "outbound_burst": BURST, "outbound_channels": SEATS}
        await bridge.put(f"/carriers/{carrier['carrier_id']}", limits)
        body = {"name": "Many", "bot_id": await stack.make_bot(), "number_pool": ["+15550199"], "config": config}
        campaign_id = str((await bridge.post("/campaigns", body))["campaign_id"])
        file = stack.folder / "people.csv"
        file.write_text("phone_number\n" + "".join(f"+{FIRST + number}\n" for number in range(CALLEES)))
        await bridge.upload(f"/campaigns/{campaign_id}/upload", file, 120)
        await bridge.post(f"/campaigns/{campaign_id}/start")
    return campaign_id


async def orders_of(stack: Plant) -> list[dict[str, Any]]:
    """Every order that the carrier has seen."""
    found, after = list[dict[str, Any]](), 0
    while after is not None:
        page = await book(stack, f"log/orders?limit=1000&after={after}")
        found, after = found + page["items"], page["next_after"]
    return found


async def inject(stack: Plant) -> None:
    auth = httpx.BasicAuth("voxphone", stack.stack.secrets["VOXPHONE_API_TOKEN"])
    async with httpx.AsyncClient(auth=auth, trust_env=False, timeout=10) as client:
        for fault in FAULTS:
            answer = await client.post(f"{stack.stack.phone_url}/v1/accounts/voxphone/faults", json=fault)
            assert answer.status_code == 201, answer.text


def cpu_of(stack: Plant) -> dict[str, float]:
    """Processor seconds that each part has used."""
    used = {}
    for name in PARTS:
        fields = Path(f"/proc/{stack.processes[name].pid}/stat").read_text().rpartition(")")[2].split()
        used[name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


async def ended(stack: Plant, campaign_id: str) -> dict[str, Any]:
    """The campaign once it has come to its end by itself, and its figures are those of the end."""
    began = time.monotonic()
    async with stack.bridge() as bridge:
        while True:
            campaign = await bridge.get(f"/campaigns/{campaign_id}")
            if campaign["status"] != "running" and campaign["stats"]["processed"] == CALLEES:
                return campaign
            assert time.monotonic() - began < ENDS_WITHIN_S, (campaign["status"], campaign["stats"], campaign["live"])
            await asyncio.sleep(2)


async def contacts_of(stack: Plant, campaign_id: str) -> list[dict[str, Any]]:
    found, cursor = list[dict[str, Any]](), ""
    async with stack.bridge() as bridge:
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await bridge.get(f"/campaigns/{campaign_id}/calls", limit="200", **more)
            found += page["items"]
            if not (cursor := page["next"] or ""):
                return found


async def test_a_campaign_of_thousands_ends_with_the_books_of_a_carrier_that_errs(tmp_path: Path) -> None:
    population = tmp_path / "population.yaml"
    population.write_text(yaml.safe_dump(POPULATION))
    workers = Workers()
    async with workers.serving():
        told = {
            "VOXPHONE_POPULATION": str(population), "VOXPHONE_CPS": "1000", "RING_TIMEOUT_SECONDS": "10",
            "FLEET_FALLBACK": "poll", "FLEET_URLS": workers.url,
        }  # fmt: skip
        without = ("voxregistry", "voxvoice", "voxcore-1")
        async with plant(tmp_path / "plant", workers=1, without=without, env=told) as stack:
            async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
                workers.report = Sender(stack, http).deliver
                await inject(stack)
                before = cpu_of(stack)
                began = time.monotonic()
                campaign_id = await begun(stack)
                campaign = await ended(stack, campaign_id)
                took_s = time.monotonic() - began
                used = {name: seconds - before[name] for name, seconds in cpu_of(stack).items()}
            seen = Counter(line.get("event") for line in stack.log("voxdialler"))
            counts, orders = await book(stack, "log"), await orders_of(stack)
            contacts = await contacts_of(stack, campaign_id)
            async with stack.bridge() as bridge:
                file = tmp_path / "attempts.csv"
                await bridge.download(f"/campaigns/{campaign_id}/attempt-report.csv", file)
            report = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    times = sorted(datetime.fromisoformat(order["at"]).timestamp() for order in orders)
    figures = {
        "callees": CALLEES, "dials": len(report), "seconds": round(took_s),
        "dials_per_second": round(CALLEES / (times[CALLEES - 1] - times[0]), 1),  # until the first retries
        "talked_to": len(workers.talked),
        "cpu_ms_per_dial": {name: round(seconds / len(report) * 1000, 1) for name, seconds in used.items()},
        "results": counts["results"], "answers": counts["answers"],
    }  # fmt: skip
    print(json.dumps(figures))

    # To the end by itself: nobody is lost, and statistics, contacts and report tell the same.
    stats = campaign["stats"]
    assert (campaign["status"], campaign["completion_reason"]) == ("completed", "all_contacts_done")
    assert len(contacts) == stats["total_calls"] == CALLEES, "nobody is lost"
    states = Counter(contact["status"] for contact in contacts)
    assert states == {"completed": stats["completed"], "exhausted": stats["failed"]}, states
    assert len(report) == stats["attempts"]
    # One call an attempt, and never two to one person at a time.
    assert (counts["most_calls_of_one_client_ref"], counts["overlapping_calls"]) == (1, 0), counts
    placed = {order["client_ref"] for order in orders if order["call_ref"]}
    assert placed == {
        uuid.UUID(row["session_id"]).hex for row in report if row["system_disposition"] != "invalid_number"
    }
    assert most_above_the_rate(times, RATE, BURST) <= 0
    assert {"dial.unsure", "dial.not_placed"} <= seen.keys(), f"the carrier did not err: {seen}"
    # What the carrier says of its calls is what we say of our attempts.
    ours = Counter(row["system_disposition"] for row in report)
    theirs = Counter(counts["results"])
    assert ours["customer"] == theirs["hangup"] == len(workers.talked) == len(set(workers.talked)) == stats["connected"]
    assert ours["no_answer"] == theirs["no_answer"]
    assert ours["rejected"] == theirs["busy"] + theirs["rejected"]
    assert set(ours) <= {"customer", "no_answer", "rejected", "invalid_number"}, ours
    # Who did not answer was called once more, and nobody else.
    made = Counter(row["campaign_call_id"] for row in report)
    first = {row["campaign_call_id"]: row["system_disposition"] for row in report if row["attempt_no"] == "1"}
    assert all(count == 1 + (first[contact_id] in RETRIED) for contact_id, count in made.items())
    assert len(made) == CALLEES
