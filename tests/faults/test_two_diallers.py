"""Two diallers on one database, the leader killed and then frozen: nobody is leased twice, and the carrier's own book
shows no more calls than its rate allows, whoever leads.

The callees are busy, so no worker is needed; a fleet that says how many seats are free stands for them.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from aiohttp import web
from pymongo import AsyncMongoClient
from voxctl.children import free_port
from voxkit.contracts.health import FleetHealth

from .plant import Plant, plant
from .test_campaign_outages import book

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

CALLEES = 240
RATE, BURST = 10, 5
TAKES_OVER_WITHIN_S = 10.0
ON_THE_WAY_S = 1.0
"""An order may take so long from dialler to carrier on a busy machine; orders sent apart then arrive together."""
POPULATION = {"default": {"ring": "busy", "after_s": [0.1, 1.5]}}
FIRST, SECOND = "voxdialler", "voxdialler-2"


@asynccontextmanager
async def fleet_with_room() -> AsyncIterator[str]:
    """A host of workers that always has seats free; without a registry half of them are counted on."""

    async def health(_: web.Request) -> web.Response:
        free = FleetHealth(fleet_calls=0, fleet_max=400, fleet_available=400, workers=[])
        return web.Response(text=free.model_dump_json(), content_type="application/json")

    app = web.Application()
    app.router.add_get("/health/fleet", health)
    runner, port = web.AppRunner(app), free_port()
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"http://127.0.0.1:{port}"
    finally:
        await runner.cleanup()


def add_second(stack: Plant) -> None:
    """Another host's dialler: its own lock file, so that only the beat in the store tells who lives."""
    first, port = stack.parts[FIRST], free_port()
    url = f"http://127.0.0.1:{port}"

    async def ready() -> bool:
        return await health(url) is not None

    own = {
        "HEALTH_PORT": str(port), "DIALLER_INSTANCE_ID": "second",
        "DIALLER_LOCK_FILE": str(stack.stack.data.root / "dialler-2.lock"),
    }  # fmt: skip
    stack.parts[SECOND] = replace(first, name=SECOND, port=port, env={**first.env, **own}, ready=ready)


async def health(url: str) -> dict[str, Any] | None:
    async with httpx.AsyncClient(trust_env=False, timeout=2) as client:
        try:
            return (await client.get(f"{url}/health")).json()
        except httpx.TransportError:
            return None


async def leads(stack: Plant, name: str) -> float:
    """Wait until it does. Returns: how long that took, seconds."""
    began = time.monotonic()
    async with asyncio.timeout(30):
        while (said := await health(f"http://127.0.0.1:{stack.parts[name].port}")) is None or said["role"] != "leader":
            await asyncio.sleep(0.1)
    return time.monotonic() - began


async def begun(stack: Plant) -> str:
    """A campaign over the carrier of the demo at a rate of its own, started. Its id."""
    always = {"start": "00:00", "end": "00:00", "timezone": "UTC"}
    config = {
        "campaign_mode": "multi_day", "time_window": always, "concurrency_limit": 200,
        "redial_rules": {"max_attempts": 1},
    }  # fmt: skip
    async with stack.bridge() as bridge:
        (carrier,) = (await bridge.get("/carriers"))["items"]
        limits = {"outbound_cps": RATE, "outbound_burst": BURST, "outbound_channels": 150}
        await bridge.put(f"/carriers/{carrier['carrier_id']}", limits)
        body = {"name": "Two", "bot_id": await stack.make_bot(), "number_pool": ["+15550199"], "config": config}
        campaign_id = str((await bridge.post("/campaigns", body))["campaign_id"])
        file = stack.folder / "people.csv"
        file.write_text("phone_number\n" + "".join(f"+1555200{number:04d}\n" for number in range(CALLEES)))
        await bridge.upload(f"/campaigns/{campaign_id}/upload", file, 60)
        await bridge.post(f"/campaigns/{campaign_id}/start")
    return campaign_id


async def dialled(stack: Plant, at_least: int) -> None:
    async with asyncio.timeout(60):
        while (await book(stack, "log"))["orders"] < at_least:
            await asyncio.sleep(0.2)


def most_above_the_rate(times: list[float], rate: float = RATE, burst: int = BURST) -> float:
    """By how many calls any span of time exceeds burst and rate; 0 or less: never."""
    above = [number - rate * at for number, at in enumerate(times)]
    lowest_before = accumulate(above, min)
    most = max(last - first for last, first in zip(above, lowest_before, strict=True))
    return most + 1 - burst - rate * ON_THE_WAY_S


def test_the_measure_of_the_rate_can_fail() -> None:
    assert most_above_the_rate([n / RATE for n in range(100)]) <= 0
    assert most_above_the_rate(sorted([n / RATE for n in range(100)] * 2)) > 0


async def test_nobody_is_called_twice_or_too_fast_when_the_leader_is_killed_and_the_next_one_freezes(
    tmp_path: Path,
) -> None:
    population = tmp_path / "population.yaml"
    population.write_text(yaml.safe_dump(POPULATION))
    async with fleet_with_room() as fleet:
        told = {
            "VOXPHONE_POPULATION": str(population), "VOXPHONE_CPS": "1000", "RING_TIMEOUT_SECONDS": "10",
            "DIALLER_PUBLIC_URL": "",  # asking the carrier is enough
            "FLEET_FALLBACK": "poll", "FLEET_URLS": fleet,
        }  # fmt: skip
        without = ("voxregistry", "voxvoice", "voxcore-1")
        async with plant(tmp_path / "plant", workers=1, without=without, env=told) as stack:
            add_second(stack)
            await leads(stack, FIRST)
            await stack.start(SECOND)
            campaign_id = await begun(stack)
            await dialled(stack, 60)
            stack.kill(FIRST)
            took = [await leads(stack, SECOND)]
            await stack.start(FIRST)
            await dialled(stack, 130)
            stack.signal(signal.SIGSTOP, SECOND)
            took.append(await leads(stack, FIRST))
            stack.signal(signal.SIGCONT, SECOND)  # it believes that it leads until its next beat
            print(f"took over after {took[0]:.1f} and {took[1]:.1f} s")
            client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.stack.mongodb_uri, tz_aware=True)
            db = client[stack.stack.settings.mongodb_db]
            try:
                async with asyncio.timeout(120):
                    while (await db["campaigns"].find_one({"_id": campaign_id}) or {}).get("status") == "running":
                        await asyncio.sleep(0.5)
                rows = await db["campaign_calls"].find({"campaign_id": campaign_id}).to_list()
                attempts = await db["campaign_attempts"].find({"campaign_id": campaign_id}).to_list()
            finally:
                await client.close()
            counts = await book(stack, "log")
            orders = (await book(stack, "log/orders?limit=1000"))["items"]
    assert max(took) <= TAKES_OVER_WITHIN_S, took
    assert (counts["most_calls_of_one_client_ref"], counts["overlapping_calls"]) == (1, 0), counts
    placed = [order for order in orders if order["answer"] == "placed"]
    assert len(placed) == len(orders) == CALLEES, counts
    assert set(Counter(order["to"] for order in placed).values()) == {1}, "one attempt a contact, one call an attempt"
    assert Counter(row["status"] for row in rows) == {"exhausted": CALLEES}
    counted = [attempt for attempt in attempts if attempt["outcome"] != "not_placed"]
    assert {attempt["_id"] for attempt in counted} == {order["client_ref"] for order in placed}
    times = sorted(datetime.fromisoformat(order["at"]).timestamp() for order in placed)
    assert most_above_the_rate(times) <= 0
