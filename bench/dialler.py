"""Measure the dialler on the embedded store: its turn, its leases, its fairness, a carrier's rate, its query plans, its
memory.

The loop, the leases, the checks before a dial and the settling are the product's own; the carrier says "busy" after a
moment and the fleet always has seats, so nothing but the dialler and its store is measured. Parts (`--parts`):

    tick    20 campaigns with 1,000 contacts each, a turn every two seconds, 32 leases a turn. Goal: p95 <= 500 ms. The
            carrier's own times say whether its rate was kept (burst 5, 16 a second, over 1, 10 and 60 s) and used
            (>= 95 %)
    lease   batches of 32 from one campaign of 20,000 contacts. Goal: 500 a second on a server that is built for it
    fair    two equal campaigns that want twice the seats there are. Goal: dials differ by less than 5 % over 1,000
    plans   every query of a turn over 50 campaigns, explained (`--contacts` in all). Goal: examined <= 2 x returned
    memory  `--ticks` turns without a pause. Goal: flat

Run: `vox bench dialler [--parts tick,lease] [--seconds N] [--contacts N] [--ticks N]`. Writes a dated file to
bench/results. On a busy machine the processor seconds tell more than the times.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridgebench.report import write
from bridgebench.stack import STORE
from contacts_upload import cpu_seconds, resident_mb
from diallerbench.plans import Queries, cost, listening
from diallerbench.world import Bench, opened
from pymongo.errors import PyMongoError
from voxctl.children import free_port
from voxctl.embedded import SecantusServer
from voxdialler import lease
from voxkit import log

Document = dict[str, Any]
PARTS = ("tick", "lease", "fair", "plans", "memory")
CPS, BURST = 16.0, 5
AT_ONCE = 32
GOAL_TICK_MS, GOAL_EXAMINED, GOAL_DIFFERENCE, GOAL_GROWTH_MB = 500.0, 2.0, 0.05, 5.0


def quantiles(times_ms: Sequence[float]) -> Document:
    ordered = sorted(times_ms)

    def pick(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)

    return {"n": len(ordered), "p50": pick(0.5), "p95": pick(0.95), "p99": pick(0.99), "max": round(ordered[-1], 1)}


def most_in(times: Sequence[float], span_s: float) -> int:
    """The most of these within any span of so many seconds."""
    most = first = 0
    for last, at in enumerate(times):
        while at - times[first] > span_s:
            first += 1
        most = max(most, last - first + 1)
    return most


async def turn(bench: Bench) -> bool:
    """One turn. False: the store did not answer in time, as on a machine that does other work; the next one goes on."""
    try:
        await bench.dialler.loop.tick()
    except PyMongoError:
        return False
    return True


async def cpu_of_a_look(bench: Bench, store_pid: int, turns: int = 20) -> Document:
    """Processor time of a turn that finds contacts in every campaign and has no seat for them: what waiting costs."""
    bench.fleet.free = 0
    await turn(bench)
    used = [cpu_seconds(pid) for pid in (os.getpid(), store_pid)]
    for _ in range(turns):
        await turn(bench)
    each = [
        (cpu_seconds(pid) - before) / turns * 1000 for pid, before in zip((os.getpid(), store_pid), used, strict=True)
    ]
    return {"dialler": round(each[0], 1), "store": round(each[1], 1)}


async def tick(bench: Bench, store_pid: int, seconds: float) -> Document:
    await bench.carrier_of(cps=CPS, burst=BURST, channels=2_000)
    await bench.campaigns(20, 1_000)
    looking = await cpu_of_a_look(bench, store_pid)
    bench.fleet.free = 2_000
    took, failed = list[float](), 0
    used = [cpu_seconds(pid) for pid in (os.getpid(), store_pid)]
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        failed += not await turn(bench)
        took.append((time.monotonic() - began) * 1000)
        await asyncio.sleep(max(0.0, 2.0 - (time.monotonic() - began)))
    used = [round(cpu_seconds(pid) - before, 1) for pid, before in zip((os.getpid(), store_pid), used, strict=True)]
    times = bench.carrier.placed_at
    spans = {f"{span} s": {"most": most_in(times, span), "allowed": BURST + CPS * span} for span in (1, 10, 60)}
    per_second = (len(times) - 1) / (times[-1] - times[0])
    return {
        "turn_ms": quantiles(took), "goal_p95_ms": GOAL_TICK_MS, "turns_failed": failed, "look_cpu_ms": looking,
        "dials": len(times),
        "cpu_seconds": {"dialler": used[0], "store": used[1]},
        "rate": {
            "cps": CPS, "burst": BURST, "spans": spans, "per_second": round(per_second, 2),
            "share_of_the_rate": round(per_second / CPS, 3),
            "kept": all(one["most"] <= one["allowed"] for one in spans.values()),
        },
    }  # fmt: skip


async def leases(bench: Bench, store_pid: int, batches: int = 40) -> Document:
    await bench.carrier_of(cps=CPS, burst=BURST, channels=2_000)
    (campaign,) = await bench.campaigns(1, 20_000, name="lease")
    ctx = bench.dialler.ctx
    looks, swaps = list[float](), list[float]()
    used = cpu_seconds(store_pid)
    began = time.monotonic()
    for batch in range(batches):
        at = time.monotonic()
        found = await lease.candidates(ctx, campaign, AT_ONCE)
        looks.append((time.monotonic() - at) * 1000)
        assert len(found) == AT_ONCE
        for number, row in enumerate(found):
            at = time.monotonic()
            assert await lease.take(ctx, row, f"{batch:016x}{number:016x}", "k1") is not None
            swaps.append((time.monotonic() - at) * 1000)
    seconds = time.monotonic() - began
    return {
        "leases": len(swaps), "per_second": round(len(swaps) / seconds), "goal_per_second": 500,
        "per_store_cpu_second": round(len(swaps) / (cpu_seconds(store_pid) - used)),
        "candidates_ms": quantiles(looks), "lease_ms": quantiles(swaps),
    }  # fmt: skip


async def fair(bench: Bench) -> Document:
    await bench.carrier_of(cps=100, burst=100, channels=2_000)
    await bench.campaigns(2, 700, limit=AT_ONCE, name="fair")
    bench.fleet.free = AT_ONCE
    while len(bench.carrier.ordered) < 1_000:
        await turn(bench)
        await bench.dialler.ctx.tasks.settle(30)
    dials = Counter(int(number[5:]) > 700 for number in bench.carrier.ordered[:1_000])
    return {
        "dials": [dials[False], dials[True]], "difference": round(abs(dials[False] - dials[True]) / 1_000, 4),
        "goal": GOAL_DIFFERENCE,
    }  # fmt: skip


async def plans(bench: Bench, contacts: int, queries: Any) -> Document:
    await bench.carrier_of(cps=100, burst=100, channels=2_000)
    began = time.monotonic()
    await bench.campaigns(50, contacts // 50, name="plans")
    filled_s = time.monotonic() - began
    bench.fleet.free = 0  # nobody is dialled: the contacts stay as they are until the queries are explained
    queries.sent.clear()
    at = time.monotonic()
    await bench.dialler.loop.tick()
    first_ms = (time.monotonic() - at) * 1000
    sent = list(queries.sent)
    at = time.monotonic()
    await bench.dialler.loop.tick()
    return {
        "campaigns": 50, "contacts": contacts, "filled_s": round(filled_s), "goal": GOAL_EXAMINED,
        "turn_ms": {"first": round(first_ms), "second": round((time.monotonic() - at) * 1000)},
        **await cost(bench.db, sent),
    }  # fmt: skip


async def memory(bench: Bench, ticks: int) -> Document:
    await bench.carrier_of(cps=100, burst=100, channels=2_000)
    await bench.campaigns(4, max(200, ticks // 8), limit=8, name="memory")
    bench.fleet.free = 16
    marks = list[Document]()
    began = time.monotonic()
    for number in range(ticks + 1):
        if number % max(1, ticks // 10) == 0:
            gc.collect()
            marks.append({"ticks": number, "mb": round(resident_mb(os.getpid()), 1)})
        await turn(bench)
    # What the first tenth fills (pools of connections, caches) is no growth.
    grown = statistics.mean(mark["mb"] for mark in marks[-3:]) - statistics.mean(mark["mb"] for mark in marks[1:4])
    return {
        "ticks": ticks, "seconds": round(time.monotonic() - began), "dials": len(bench.carrier.ordered),
        "resident": marks, "growth_mb": round(grown, 1), "goal_mb": GOAL_GROWTH_MB,
    }  # fmt: skip


async def run(uri: str, store_pid: int, asked: argparse.Namespace, folder: str) -> Document:
    told: Document = {}
    for part in asked.parts:
        began = time.monotonic()
        # Who writes every query down grows with them: only the part that explains them does.
        with listening() if part == "plans" else nullcontext(Queries()) as queries:
            rings_s = {"fair": 0.0, "memory": 0.2}.get(part, 3.0)
            async with opened(uri, part, rings_s=rings_s, folder=folder) as bench:
                told[part] = await {
                    "tick": lambda here: tick(here, store_pid, asked.seconds),
                    "lease": lambda here: leases(here, store_pid),
                    "fair": fair,
                    "plans": lambda here: plans(here, asked.contacts, queries),
                    "memory": lambda here: memory(here, asked.ticks),
                }[part](bench)
        print(f"{part}: {time.monotonic() - began:.0f} s", flush=True)
    return told


def parts_of(text: str) -> list[str]:
    parts = text.split(",")
    if unknown := set(parts) - set(PARTS):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return parts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=parts_of, default=list(PARTS), help="comma list")
    parser.add_argument("--seconds", type=float, default=70, help="of the part tick")
    parser.add_argument("--contacts", type=int, default=500_000, help="of the part plans")
    parser.add_argument("--ticks", type=int, default=10_000, help="of the part memory")
    parser.add_argument("--note", default="", help="conditions of the run, kept with its figures")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results")
    asked = parser.parse_args()
    log.configure("bench", level="ERROR")
    now, load_before = datetime.now(UTC), os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="vox-bench-") as folder:
        server = SecantusServer(free_port(), Path(folder) / "mongo")
        try:
            server.start()
            server.wait_ready(60)
            assert server.pid is not None
            figures = asyncio.run(run(server.uri, server.pid, asked, folder))
        finally:
            server.stop()
    report = {
        "note": asked.note,
        "store": STORE, "load_before": load_before, "load_after": os.getloadavg()[0],
        **figures,
    }  # fmt: skip
    print(json.dumps(report, indent=2))
    write(asked.out, "dialler", "", now, report)


if __name__ == "__main__":
    main()
