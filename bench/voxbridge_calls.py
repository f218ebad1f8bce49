"""Store 10,000 call results through voxbridge's HTTP API on the embedded stores, then read the call list.

Measured: results a second; per kind of page p50 and p95 in milliseconds, seen by an HTTP client on the same machine
while nothing else is asked. Goal: p95 <= 50 ms a page. Run: `python bench/voxbridge_calls.py [--calls N] [--burst]`.
`--burst` lets all calls begin within two minutes instead of thirty days. Writes a dated file to bench/results.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from bridgebench.report import write
from bridgebench.stack import EMAIL, PASSWORD, SECRET, STORE, running
from voxkit.clock import iso

BOTS = 20
DISPOSITIONS = ("Order Status", "Delivery Changed", "Callback", "Transferred", "Complaint", "RNR")
CAUSES = ("customer",) * 5 + ("bot",) * 8 + ("RNR", "voicemail", "timeout", "error", "no_answer")
GOAL_P95_MS = 50.0
CLIENTS = 12


def result_of(number: int, rng: random.Random, began: datetime) -> dict[str, Any]:
    """A result as a worker sends it after a conversation of a dozen turns, about 17 KB."""
    seconds = 0.0 if rng.random() < 0.15 else round(rng.expovariate(1 / 75) + 2, 1)
    turns = [
        {
            "turn": turn // 2, "role": "assistant" if turn % 2 == 0 else "user",
            "content": "Your parcel is on its way and should arrive tomorrow. Is there anything else I can do for you?",
            "timestamp": iso(began), "start_ms": turn * 2_000, "end_ms": turn * 2_000 + 1_500, "interrupted": False,
        }
        for turn in range(24)
    ]  # fmt: skip
    samples = [
        {
            "turn": turn, "ts": iso(began), "stt_ms": 180, "turn_ms": 60, "llm_ms": 300, "tts_ms": 120,
            "total_ms": rng.randrange(500, 1_400), "prompt_tokens": 800, "completion_tokens": 30,
            "tts_characters": 140, "interrupted": False,
        }
        for turn in range(12)
    ]  # fmt: skip
    events = [
        {"type": "user_started", "ts": iso(began), "offset_ms": step * 700, "data": {"source": "vad"}}
        for step in range(70)
    ]
    return {
        "schema_version": 1,
        "result_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "session_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "bot_id": f"bench-{rng.randrange(BOTS):02d}",
        "stream_id": f"st-{number}",
        "caller_id": f"+1555{rng.randrange(10**7):07d}",
        "from_number": "+15550199",
        "call_direction": "incoming",
        "transport": "ws",
        "started_at": iso(began),
        "ended_at": iso(began + timedelta(seconds=seconds)),
        "call_duration_seconds": seconds,
        "disconnected_by": rng.choice(CAUSES),
        "transcript": turns,
        "events": events,
        "latency": {"turns": 12, "total_avg_response_ms": rng.randrange(600, 1_100)},
        "latency_samples": samples,
        "recording_key": f"{number}.wav",
        "post_call_analysis": {"DISPOSITION": rng.choice(DISPOSITIONS), "SUB_DISPOSITION": "COMPLETED"},
        "qc_analysis": {"overall_score": rng.randrange(3, 11)},
        "was_transferred": rng.random() < 0.1,
    }


async def store_all(base: str, results: list[dict[str, Any]]) -> dict[str, float]:
    """Send every result once from a few clients; raises when one is not stored."""
    waiting = list(reversed(results))
    took: list[float] = []

    async def client() -> None:
        async with httpx.AsyncClient(headers={"X-VoxCore-Secret": SECRET}, timeout=60) as http:
            while waiting:
                body = waiting.pop()
                began = time.perf_counter()
                answer = await http.post(f"{base}/api/v1/call-results", json=body)
                took.append((time.perf_counter() - began) * 1000)
                answer.raise_for_status()
                assert answer.json()["duplicate"] is False

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    seconds = time.perf_counter() - began
    return {"seconds": round(seconds, 1), "per_second": round(len(results) / seconds, 1), **quantiles(took)}


def quantiles(took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        "n": len(ordered),
        "p50_ms": round(statistics.median(ordered), 1),
        "p95_ms": round(ordered[max(0, int(len(ordered) * 0.95 + 0.5) - 1)], 1),
        "max_ms": round(ordered[-1], 1),
    }


async def read_lists(base: str, results: list[dict[str, Any]], rng: random.Random, repeats: int) -> dict[str, Any]:
    """Every kind of page `repeats` times; each answer is checked to hold what was asked for."""
    async with httpx.AsyncClient(timeout=60) as http:
        login = await http.post(f"{base}/api/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
        login.raise_for_status()
        http.headers["Authorization"] = f"Bearer {login.json()['access_token']}"

        async def page(params: dict[str, Any]) -> tuple[float, dict[str, Any]]:
            began = time.perf_counter()
            answer = await http.get(f"{base}/api/v1/calls", params=params)
            took = (time.perf_counter() - began) * 1000
            answer.raise_for_status()
            return took, answer.json()

        async def many(make: Callable[[], dict[str, Any]], check: Callable[[dict[str, Any], Any], bool]) -> Any:
            took: list[float] = []
            for _ in range(repeats):
                params = make()
                ms, found = await page(params)
                assert found["items"], params
                assert all(check(item, params) for item in found["items"]), params
                took.append(ms)
            return quantiles(took)

        async def deep(params: dict[str, Any]) -> Any:
            took: list[float] = []
            seen: set[str] = set()
            cursor = None
            while True:
                ms, found = await page({**params, **({"cursor": cursor} if cursor else {})})
                took.append(ms)
                seen |= {item["session_id"] for item in found["items"]}
                cursor = found["next"]
                if cursor is None:
                    break
            assert len(seen) == len(results), f"{len(seen)} of {len(results)} calls seen"
            return quantiles(took)

        kinds: dict[str, Callable[[], Awaitable[Any]]] = {
            "first page": lambda: many(dict, lambda item, _: True),
            "bot": lambda: many(
                lambda: {"bot_id": f"bench-{rng.randrange(BOTS):02d}"},
                lambda item, asked: item["bot_id"] == asked["bot_id"],
            ),
            "status completed": lambda: many(
                lambda: {"status": "completed"}, lambda item, _: item["status"] == "completed"
            ),
            "status failed": lambda: many(lambda: {"status": "failed"}, lambda item, _: item["status"] == "failed"),
            "disposition": lambda: many(
                lambda: {"disposition": rng.choice(DISPOSITIONS)},
                lambda item, asked: item["disposition"] == asked["disposition"],
            ),
            "phone, last 4 digits": lambda: many(
                lambda: {"phone": rng.choice(results)["caller_id"][-4:]},
                lambda item, asked: item["caller_id"].endswith(asked["phone"]),
            ),
            "bot and disposition": lambda: many(
                lambda: {"bot_id": f"bench-{rng.randrange(BOTS):02d}", "disposition": rng.choice(DISPOSITIONS)},
                lambda item, asked: item["bot_id"] == asked["bot_id"] and item["disposition"] == asked["disposition"],
            ),
            "longest first": lambda: many(lambda: {"sort": "-call_duration_seconds"}, lambda item, _: True),
            "all pages by cursor, newest first": lambda: deep({"limit": 50}),
            "all pages by cursor, longest first": lambda: deep({"limit": 50, "sort": "-call_duration_seconds"}),
        }
        return {name: await run() for name, run in kinds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--repeats", type=int, default=60, help="pages of each kind")
    parser.add_argument("--burst", action="store_true")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    rng = random.Random(7)
    now = datetime.now(UTC)
    span_s = 120 if asked.burst else 30 * 86_400
    results = [result_of(number, rng, now - timedelta(seconds=rng.random() * span_s)) for number in range(asked.calls)]
    with tempfile.TemporaryDirectory(prefix="vox-bench-") as name, running(Path(name)) as bridge:
        insert = asyncio.run(store_all(bridge.url, results))
        print("insert", insert, flush=True)
        load_before_reading = os.getloadavg()[0]
        pages = asyncio.run(read_lists(bridge.url, results, rng, asked.repeats))
    for kind, figures in pages.items():
        verdict = "ok" if figures["p95_ms"] <= GOAL_P95_MS else "over the goal"
        print(f"{kind:38s} p50 {figures['p50_ms']:7.1f} ms   p95 {figures['p95_ms']:7.1f} ms   {verdict}")
    report = {
        "calls": asked.calls, "burst": asked.burst,
        "store": STORE, "clients": CLIENTS,
        "load_before_reading": load_before_reading, "goal_p95_ms": GOAL_P95_MS,
        "result_bytes": len(json.dumps(results[0])), "insert": insert, "pages": pages,
    }  # fmt: skip
    write(asked.out, "voxbridge_calls", "burst-" if asked.burst else "", now, report)


if __name__ == "__main__":
    main()
