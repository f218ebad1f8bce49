"""Deploys and rollbacks on two real hosts of four seats, with calls all the time: what is dropped, refused, slow.

    vox bench deploy -- --deploys 100 --rollbacks 20        the full size; without arguments 5 and 2

Hosts, callers and the stand-in talk are those of tests/deploy: namespaces with a real sshd and a real Docker engine, as
root on Linux. Writes bench/results/deploy-<time>.json; exit 1 when a call was dropped, a result lost, or a goal missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voxctl.children import free_port
from voxctl.deploy.run import Wanted, deploy, rollback
from voxctl.deploy.site import opened
from voxctl.deploy.view import View
from voxctl.embedded import ValkeyServer
from voxctl.images.facts import image_source
from voxctl.output import Output
from voxctl.settings import ImageSettings, VoxctlSettings
from voxkit.registry import RegistryClient

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.deploy.callers import Callers, EchoCanary  # noqa: E402  (the checkout is no package)
from tests.deploy.town import SEATS, SECRET, Town, release, town  # noqa: E402  (the checkout is no package)

RESULTS = Path(__file__).parent / "results"
FIRST_CALL_GOAL_S = 10.0
OPEN_GOAL = 0.8
LOOK_EVERY_S = 0.25


@dataclass
class Figures:
    """Seconds; shares of all seats."""

    deploy_s: list[float] = field(default_factory=list)
    rollback_s: list[float] = field(default_factory=list)
    first_seat_s: list[float] = field(default_factory=list)
    least_open_in_deploys: float = 1.0
    refused_in_deploys: int = 0
    refused_in_rollbacks: int = 0


async def watch(registry: RegistryClient, figures: Figures, deploying: asyncio.Event) -> None:
    """The share of regular seats that a deploy leaves to callers, as the registry tells it."""
    while True:
        seats = [seat for seat in await registry.seats() if "-s" not in seat.worker_id]
        there = sum(not seat.draining and seat.state not in ("starting", "lost") for seat in seats)
        if deploying.is_set():
            figures.least_open_in_deploys = min(figures.least_open_in_deploys, there / (2 * SEATS))
        await asyncio.sleep(LOOK_EVERY_S)


async def first_seat(registry: RegistryClient, tag: str, began: float) -> float:
    while True:
        if any(seat.state in ("idle", "reserved", "busy") for seat in await registry.seats(image_tag=tag)):
            return time.monotonic() - began
        await asyncio.sleep(0.1)


async def soak(made: Town, deploys: int, rollbacks: int, live: int) -> tuple[Figures, Callers, int]:
    """Every deploy, with a rollback after each few. Raises: AssertionError: one did not end as it should."""
    figures, deploying = Figures(), asyncio.Event()
    registry = made.registry()
    canary = EchoCanary(registry)
    callers = Callers(registry, [machine.address for machine in made.lab.machines.values()], live)
    stream = asyncio.create_task(callers.run())
    looking = asyncio.create_task(watch(registry, figures, deploying))
    settings = VoxctlSettings.load(voxcore_secret=SECRET, vox_data_dir=str(made.folder / "data"))
    every = max(1, deploys // max(1, rollbacks))
    view = View(Output(as_json=True))
    try:
        async with (
            opened(made.inventory, settings) as site,
            image_source(made.inventory.registry, ImageSettings.load(vox_registry_plain=True)) as source,
        ):
            site.canary = canary
            for number in range(1, deploys + 1):
                tag = made.build(1 + number)
                refused, began = len(callers.refused), time.monotonic()
                deploying.set()
                outcome = await deploy(site, source, Wanted(tag=tag), view)
                deploying.clear()
                assert outcome.ending == "done", outcome
                figures.deploy_s.append(round(time.monotonic() - began, 1))
                figures.refused_in_deploys += len(callers.refused) - refused
                if number % every == 0 and len(figures.rollback_s) < rollbacks:
                    refused, began = len(callers.refused), time.monotonic()
                    first = asyncio.create_task(first_seat(registry, release(number), began))
                    outcome = await rollback(site, Wanted(tag=release(number)), view)
                    assert outcome.ending == "done", outcome
                    figures.first_seat_s.append(round(await first, 1))
                    figures.rollback_s.append(round(time.monotonic() - began, 1))
                    figures.refused_in_rollbacks += len(callers.refused) - refused
    finally:
        for task in (stream, looking):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await callers.finish()
    held = sum(not call.why for call in callers.calls)
    # The check calls have results too.
    due = held + canary.good
    for _ in range(120):
        if len(set(made.results)) >= due:
            break
        await asyncio.sleep(0.5)
    await registry.aclose()
    return figures, callers, max(0, due - len(set(made.results)))


def report_of(options: argparse.Namespace, load: tuple[float, float, float]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="vox-soak-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        store = ValkeyServer(free_port(), folder / "valkey")
        store.start()
        store.wait_ready(60)
        try:
            with town(folder, store.uri) as made:
                figures, callers, lost = asyncio.run(soak(made, options.deploys, options.rollbacks, options.live))
        finally:
            store.kill()
    slowest = max(figures.first_seat_s, default=0.0)
    found = {
        "calls": len(callers.calls),
        "dropped": len(callers.dropped),
        "results_lost": lost,
        **asdict(figures),
        "deploy_median_s": statistics.median(figures.deploy_s),
        "first_seat_max_s": slowest,
    }
    met = {
        "dropped": not callers.dropped,
        "results_lost": not lost,
        "refused_in_deploys": not figures.refused_in_deploys,
        "open_seats": figures.least_open_in_deploys >= OPEN_GOAL - 1e-9,
        "first_seat": slowest <= FIRST_CALL_GOAL_S,
    }
    return {
        "bench": "deploy",
        "conditions": {
            "cores": os.cpu_count(),
            "machine": platform.platform(),
            "python": platform.python_version(),
            "load_before": load,
            "load_after": os.getloadavg(),
            "hosts": 2,
            "seats": 2 * SEATS,
            "live_calls": options.live,
            "talk": "stand-in (echo), check call by the same",
        },
        "figures": found,
        "goal": {"first_seat_s": {"at_most": FIRST_CALL_GOAL_S}, "open_seats": {"at_least": OPEN_GOAL}},
        "met": met,
        "verdict": "met" if all(met.values()) else "missed",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deploys", type=int, default=5)
    parser.add_argument("--rollbacks", type=int, default=2)
    parser.add_argument("--live", type=int, default=5, help="Calls at once, of eight seats.")
    options = parser.parse_args()
    report = report_of(options, os.getloadavg())
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"deploy-{datetime.now(UTC):%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps({"verdict": report["verdict"], "met": report["met"], "file": str(path)}))
    return 0 if report["verdict"] == "met" else 1


if __name__ == "__main__":
    sys.exit(main())
