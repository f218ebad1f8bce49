"""What the console's heaviest pages cost with 100,000 calls on the embedded store.

    python bench/console_lists.py [--calls 100000] [--repeats 60]

Calls are written to the store as voxbridge leaves them after a result, over 90 days, 20 bots and 8 campaigns, and are
counted as after `voxbridge recount`. Measured at its HTTP API, by one client on the
same machine while nothing else is asked: the list of calls (first page, filters, deep pages), the overview and each
chart, with the copies of 10 s thrown away before each question, so that every answer is made. Goal: p95 <= 150 ms.
Writes a dated file to bench/results.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import httpx
from bridgebench.report import write
from bridgebench.stack import EMAIL, PASSWORD, STORE, running
from pymongo import AsyncMongoClient
from redis.asyncio import Redis
from voxbridge.calls.skeleton import bucket_of, duration_order
from voxbridge_calls import BOTS, CAUSES, DISPOSITIONS, quantiles
from voxkit.contracts.results import status_of
from voxkit.phone import phone_rev

GOAL_P95_MS = 150.0
DAYS = 90
CAMPAIGNS = 8
BATCH = 500
STORE_ANSWERS_WITHIN_MS = 60_000
COUNTED_WITHIN_S = 1_800


def calls(count: int, now: datetime, rng: random.Random) -> Iterator[dict[str, Any]]:
    """Records as a result leaves them; more calls by day than by night, as people call."""
    for number in range(count):
        began = now - timedelta(days=rng.random() * DAYS)
        began = began.replace(hour=min(23, max(0, round(rng.gauss(13, 3)))))
        if began >= now:
            began -= timedelta(days=1)
        session_id = str(uuid.UUID(int=rng.getrandbits(128), version=4))
        seconds = 0.0 if rng.random() < 0.15 else round(rng.expovariate(1 / 75) + 2, 1)
        caller, cause = f"+1555{rng.randrange(10**7):07d}", rng.choice(CAUSES)
        campaign = f"campaign-{rng.randrange(CAMPAIGNS)}" if rng.random() < 0.7 else None
        yield {
            "_id": session_id, "bot_id": f"bench-{rng.randrange(BOTS):02d}", "bot_name": "Bench", "call_type": "bot",
            "stream_id": f"st-{number}", "caller_id": caller, "phone_rev": phone_rev(caller),
            "from_number": "+15550199", "call_direction": "outgoing" if campaign else "incoming", "transport": "ws",
            "campaign_id": campaign, "status": status_of(cause), "disconnected_by": cause,
            "call_duration_seconds": seconds, "duration_order": duration_order(session_id, seconds),
            "disposition": rng.choice(DISPOSITIONS), "was_transferred": rng.random() < 0.1,
            "avg_response_ms": float(rng.randrange(500, 1_400)), "qc_overall_score": float(rng.randrange(3, 11)),
            "recording_key": f"{number}.wav", "created_at": began, "completed_at": began + timedelta(seconds=seconds),
            "bucket_utc": bucket_of(began), "result_received_at": began, "max_call_duration_seconds": 600,
        }  # fmt: skip


async def fill(uri: str, count: int, now: datetime) -> float:
    """Write the calls. Returns seconds."""
    began = time.perf_counter()
    async with AsyncMongoClient(uri, tz_aware=True, timeoutMS=STORE_ANSWERS_WITHIN_MS) as mongo:
        rows, written = calls(count, now, random.Random(7)), 0
        while batch := list(itertools.islice(rows, BATCH)):
            await mongo["voxbridge"]["calls"].insert_many(batch, ordered=False)
            written += len(batch)
            if written % 10_000 == 0:
                print(f"{written} calls after {time.perf_counter() - began:.0f} s", flush=True)
    return time.perf_counter() - began


async def counted(uri: str, environment: Mapping[str, str]) -> tuple[float, int, int]:
    """Have everything counted anew, and wait for it: (seconds, buckets, days)."""
    began = time.perf_counter()
    command = await asyncio.create_subprocess_exec(sys.executable, "-m", "voxbridge.main", "recount", env=environment)
    if await command.wait():
        raise SystemExit("the recount was refused")
    async with AsyncMongoClient(uri, tz_aware=True) as mongo:
        db = mongo["voxbridge"]
        while time.perf_counter() - began < COUNTED_WITHIN_S:
            left = [await db[name].count_documents({}) for name in ("call_stats_due", "call_stats_counting")]
            if not any(left):
                buckets = await db["call_stats"].count_documents({})
                return time.perf_counter() - began, buckets, await db["call_stats_days"].count_documents({})
            await asyncio.sleep(1)
    raise SystemExit(f"the calls were not counted within {COUNTED_WITHIN_S} s")


async def measure(base: str, redis_uri: str, today: date, count: int, repeats: int) -> dict[str, dict[str, float]]:
    """Every page and chart `repeats` times; each answer is checked to be one."""
    rng, figures = random.Random(11), dict[str, dict[str, float]]()
    async with httpx.AsyncClient(base_url=f"{base}/api/v1", timeout=120) as http, Redis.from_url(redis_uri) as redis:
        login = await http.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
        login.raise_for_status()
        http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"

        async def ask(path: str, params: dict[str, Any]) -> tuple[float, Any]:
            if copies := [key async for key in redis.scan_iter("vox:analytics:*")]:
                await redis.delete(*copies)
            began = time.perf_counter()
            answer = await http.get(path, params=params)
            took = (time.perf_counter() - began) * 1000
            answer.raise_for_status()
            return took, answer.json()

        async def many(name: str, path: str, make: Callable[[], dict[str, Any]], check: Callable[[Any], bool]) -> None:
            took: list[float] = []
            for _ in range(repeats):
                ms, found = await ask(path, make())
                assert check(found), f"{name}: {str(found)[:200]}"
                took.append(ms)
            figures[name] = quantiles(took)
            print(f"{name:44s} p50 {figures[name]['p50_ms']:7.1f}  p95 {figures[name]['p95_ms']:7.1f} ms", flush=True)

        def bot() -> dict[str, str]:
            return {"bot_id": f"bench-{rng.randrange(BOTS):02d}"}

        def days(number: int) -> dict[str, str]:
            return {"from": str(today - timedelta(days=number - 1)), "to": str(today)}

        def full(found: Any) -> bool:
            return len(found["items"]) > (0 if count < 50_000 else 49)

        await many("list, first page", "/calls", dict, full)
        await many("list, one bot", "/calls", bot, full)
        await many(
            "list, one campaign", "/calls", lambda: {"campaign_id": f"campaign-{rng.randrange(CAMPAIGNS)}"}, full
        )
        await many("list, one disposition", "/calls", lambda: {"disposition": rng.choice(DISPOSITIONS)}, full)
        await many("list, failed", "/calls", lambda: {"status": "failed"}, full)
        await many(
            "list, bot and disposition", "/calls", lambda: {**bot(), "disposition": rng.choice(DISPOSITIONS)}, full
        )
        await many("list, longest first", "/calls", lambda: {"sort": "-call_duration_seconds"}, full)
        await many(
            "list, a day a while ago", "/calls",
            lambda: dict.fromkeys(("date_from", "date_to"), str(today - timedelta(days=rng.randrange(2, 80)))), full,
        )  # fmt: skip
        cursor: str | None = None

        def onwards() -> dict[str, Any]:
            return {"cursor": cursor} if cursor else {}

        def follow(found: Any) -> bool:
            nonlocal cursor
            cursor = found["next"]
            return full(found) and cursor is not None

        await many("list, page after page", "/calls", onwards, follow)

        def some(found: Any) -> bool:
            return bool(found["total_calls"] > 0)

        for number in (1, 7, 30, 90):
            await many(f"overview, {number} days", "/analytics/overview", lambda n=number: days(n), lambda _: True)
        await many("overview, 30 days, one bot", "/analytics/overview", lambda: {**days(30), **bot()}, some)

        def filled(found: Any) -> bool:
            return any(bucket["calls"] for bucket in found["buckets"])

        def by(interval: str, number: int) -> Callable[[], dict[str, str]]:
            return lambda: {**days(number), "interval": interval}

        for chart in ("calls-per-hour", "latency"):
            for interval, number in (("hour", 7), ("day", 30), ("day", 90)):
                name = f"{chart}, {number} days by {interval}"
                await many(name, f"/analytics/{chart}", by(interval, number), filled)
        for chart in ("dispositions", "disconnect-reasons"):
            await many(f"{chart}, 30 days", f"/analytics/{chart}", lambda: days(30), lambda found: bool(found["items"]))
        _, all_days = await ask("/analytics/overview", days(92))
        assert all_days["total_calls"] == count, f"{all_days['total_calls']} of {count} calls are counted"
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=60, help="questions of each kind")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="vox-bench-") as name, running(Path(name)) as bridge:
        filled_s = asyncio.run(fill(bridge.mongo.uri, asked.calls, now))
        print(f"{asked.calls} calls written in {filled_s:.0f} s", flush=True)
        counted_s, buckets, days = asyncio.run(counted(bridge.mongo.uri, bridge.environment))
        print(f"counted in {counted_s:.0f} s: {buckets} buckets, {days} days", flush=True)
        load = os.getloadavg()[0]
        figures = asyncio.run(measure(bridge.url, bridge.redis.uri, now.date(), asked.calls, asked.repeats))
    over = [name for name, found in figures.items() if found["p95_ms"] > GOAL_P95_MS]
    print(f"over {GOAL_P95_MS:.0f} ms: {', '.join(over) or 'none'}")
    report = {
        "calls": asked.calls, "days": DAYS, "bots": BOTS,
        "campaigns": CAMPAIGNS, "store": STORE, "load_before_reading": load,
        "fill_s": round(filled_s, 1), "first_count_s": round(counted_s, 1), "buckets": buckets, "counted_days": days,
        "goal_p95_ms": GOAL_P95_MS, "over_the_goal": over, "figures": figures,
    }  # fmt: skip
    write(asked.out, "console_lists", f"{asked.calls}-", now, report)


if __name__ == "__main__":
    main()
