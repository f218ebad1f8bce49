"""A campaign while the database, voxbridge and the dialler are killed again and again: nobody is lost, nobody is rung
twice for one attempt, and the carrier's own book agrees with ours.

VOX_CAMPAIGN_KILLS=20 VOX_CAMPAIGN_CALLEES=120 is the full size; the default fits CI.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from pymongo import AsyncMongoClient

from .plant import Plant, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

KILLS = int(os.environ.get("VOX_CAMPAIGN_KILLS", "6"))
CALLEES = int(os.environ.get("VOX_CAMPAIGN_CALLEES", "40"))
SEED = int(os.environ.get("VOX_CAMPAIGN_SEED", "11"))
WORKERS = 3
# A result waits 60 s for the lease of a job whose process died, a contact 65 s for that of a dead dialler's task.
SETTLED_WITHIN_S = 300.0
VICTIMS = ("secantusdb", "voxbridge", "voxdialler")
TERMINAL = {"completed", "exhausted", "abandoned", "amd_machine", "excluded"}
POPULATION = {
    "crowds": [
        {
            "first": "+15551000000",
            "count": CALLEES,
            "seed": SEED,
            "outcomes": {"answer": 45, "busy": 25, "reject": 20, "no_answer": 10},
            "after_s": [0.5, 3],
            "talk_s": {"median_s": 2, "spread": 0.3, "max_s": 5},
        }
    ]
}


async def begun(stack: Plant) -> str:
    """A campaign that calls everybody once, started. Its id."""
    async with stack.bridge() as bridge:
        always = {"start": "00:00", "end": "00:00", "timezone": "UTC"}
        config = {
            "campaign_mode": "multi_day", "time_window": always, "concurrency_limit": WORKERS,
            "redial_rules": {"max_attempts": 1},
        }  # fmt: skip
        body = {"name": "Outages", "bot_id": await stack.make_bot(), "number_pool": ["+15550199"], "config": config}
        campaign_id = str((await bridge.post("/campaigns", body))["campaign_id"])
        file = stack.folder / "people.csv"
        file.write_text("phone_number\n" + "".join(f"+1555100{number:04d}\n" for number in range(CALLEES)))
        await bridge.upload(f"/campaigns/{campaign_id}/upload", file, 60)
        await bridge.post(f"/campaigns/{campaign_id}/start")
    return campaign_id


async def book(stack: Plant, path: str) -> Any:
    """What the carrier has written down."""
    auth = httpx.BasicAuth("voxphone", stack.stack.secrets["VOXPHONE_API_TOKEN"])
    async with httpx.AsyncClient(auth=auth, trust_env=False, timeout=10) as client:
        answer = await client.get(f"{stack.stack.phone_url}/v1/accounts/voxphone/{path}")
        return answer.raise_for_status().json()


async def test_every_contact_ends_once_whatever_dies_how_often(tmp_path: Path) -> None:
    population = tmp_path / "population.yaml"
    population.write_text(yaml.safe_dump(POPULATION))
    told = {"VOXPHONE_POPULATION": str(population), "RING_TIMEOUT_SECONDS": "10"}
    chance = random.Random(SEED)
    print(f"VOX_CAMPAIGN_SEED={SEED} VOX_CAMPAIGN_KILLS={KILLS} VOX_CAMPAIGN_CALLEES={CALLEES}")
    async with plant(tmp_path / "plant", workers=WORKERS, without=(), env=told) as stack:
        campaign_id = await begun(stack)
        for number in range(KILLS):
            await asyncio.sleep(chance.uniform(0.5, 4))
            victim = VICTIMS[number % len(VICTIMS)]
            stack.kill(victim)
            await stack.start(victim)
        ended_at = time.monotonic()
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(stack.stack.mongodb_uri, tz_aware=True)
        db = client[stack.stack.settings.mongodb_db]
        try:
            while (campaign := await db["campaigns"].find_one({"_id": campaign_id}) or {}).get("status") == "running":
                states = Counter([row["status"] async for row in db["campaign_calls"].find({}, {"status": 1})])
                assert time.monotonic() - ended_at < SETTLED_WITHIN_S, f"still running: {states}"
                await asyncio.sleep(1)
            print(f"settled {time.monotonic() - ended_at:.0f} s after the last kill")
            rows = await db["campaign_calls"].find({"campaign_id": campaign_id}).to_list()
            attempts = await db["campaign_attempts"].find({"campaign_id": campaign_id}).to_list()
        finally:
            await client.close()
        assert campaign["completion_reason"] == "all_contacts_done"
        assert len(rows) == CALLEES, "nobody is lost"
        assert {row["status"] for row in rows} <= TERMINAL
        # At most one call an attempt, never two to one person at a time, and each call is in our books.
        counts = await book(stack, "log")
        assert (counts["most_calls_of_one_client_ref"], counts["overlapping_calls"]) == (1, 0), counts
        placed = {
            order["client_ref"] for order in (await book(stack, "log/orders?limit=1000"))["items"]
            if order["answer"] == "placed"
        }  # fmt: skip
        by_id = {attempt["_id"]: attempt for attempt in attempts}
        assert placed <= by_id.keys()
        assert {ref for ref in placed if by_id[ref]["outcome"] in (None, "not_placed")} == set()
        # One attempt a contact that counts, and every one of them was a real call.
        made = Counter(a["campaign_call_id"] for a in attempts if a["outcome"] not in (None, "not_placed"))
        assert set(made.values()) == {1}, made.most_common(3)
        assert made.keys() == {row["_id"] for row in rows}
        assert not [attempt for attempt in attempts if attempt["outcome"] is None and attempt["dialled_at"]]
        # Every seat is free again.
        async with stack.registry() as registry, asyncio.timeout(120):
            while len(await registry.seats(state="idle")) < WORKERS:
                await asyncio.sleep(0.5)
