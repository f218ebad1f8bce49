"""Deploys and rollbacks on two real hosts of four seats, with calls all the time: what is dropped, refused, slow.

    vox bench deploy_soak -- --deploys 100 --rollbacks 20   the full size; without arguments 5 and 2

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
from voxctl.deploy.site import Site, opened
from voxctl.deploy.view import View
from voxctl.embedded import ValkeyServer
from voxctl.images.facts import ImageSource, image_source
from voxctl.output import CommandError, Output
from voxctl.settings import ImageSettings, VoxctlSettings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.containers.engine import running_engine  # noqa: E402  (the checkout is no package)
from tests.deploy.callers import Callers, EchoCanary  # noqa: E402  (the checkout is no package)
from tests.deploy.town import SEATS, SECRET, Town, release, town  # noqa: E402  (the checkout is no package)
from tests.deploy.watching import first_seat, watched  # noqa: E402  (the checkout is no package)

RESULTS = Path(__file__).parent / "results"
FIRST_CALL_GOAL_S = 10.0
OPEN_GOAL = 0.8


@dataclass
class Figures:
    """Seconds; shares of all seats. `stopped`: why it did not come to its end."""

    deploy_s: list[float] = field(default_factory=list)
    rollback_s: list[float] = field(default_factory=list)
    first_seat_s: list[float] = field(default_factory=list)
    refused_in_deploys: int = 0
    refused_in_rollbacks: int = 0
    least_open: float = 1.0
    stopped: str = ""


@dataclass
class Soak:
    """One operator who deploys and rolls back, beside callers who call all the time."""

    site: Site
    source: ImageSource
    town: Town
    callers: Callers
    figures: Figures
    view: View

    async def go(self, deploys: int, rollbacks: int) -> None:
        """Every deploy, with a rollback after each few. Raises: AssertionError: one did not end as it should."""
        every = max(1, deploys // max(1, rollbacks))
        for number in range(1, deploys + 1):
            await self.deploy(self.town.build(1 + number))
            if number % every == 0 and len(self.figures.rollback_s) < rollbacks:
                await self.rollback(release(number))
            print(f"{number}/{deploys}: {len(self.callers.calls)} calls, {asdict(self.figures)}", file=sys.stderr)

    async def deploy(self, tag: str) -> None:
        refused, began = len(self.callers.refused), time.monotonic()
        outcome = await deploy(self.site, self.source, Wanted(tag=tag), self.view)
        assert outcome.ending == "done", outcome
        self.figures.deploy_s.append(round(time.monotonic() - began, 1))
        self.figures.refused_in_deploys += len(self.callers.refused) - refused

    async def rollback(self, tag: str) -> None:
        refused, began = len(self.callers.refused), time.monotonic()
        first = asyncio.create_task(first_seat(self.callers.registry, tag, began))
        outcome = await rollback(self.site, Wanted(tag=tag), self.view)
        assert outcome.ending == "done", outcome
        self.figures.first_seat_s.append(round(await first, 1))
        self.figures.rollback_s.append(round(time.monotonic() - began, 1))
        self.figures.refused_in_rollbacks += len(self.callers.refused) - refused


async def soak(made: Town, deploys: int, rollbacks: int, live: int) -> tuple[Figures, Callers, int]:
    """What was seen, how each call ended, and how many results are missing."""
    figures = Figures()
    registry = made.registry()
    canary = EchoCanary(registry)
    callers = Callers(registry, [machine.address for machine in made.lab.machines.values()], live)
    stream = asyncio.create_task(callers.run())
    settings = VoxctlSettings.load(voxcore_secret=SECRET, vox_data_dir=str(made.folder / "data"))
    async with watched(registry, 2 * SEATS) as watch:
        try:
            async with (
                opened(made.inventory, settings) as site,
                image_source(made.inventory.registry, ImageSettings.load(vox_registry_plain=True)) as source,
            ):
                site.canary = canary
                output = Output()
                output.console.quiet = True  # what counts are the figures, one line for each deploy
                await Soak(site, source, made, callers, figures, View(output)).go(deploys, rollbacks)
        except (AssertionError, CommandError) as error:
            figures.stopped = str(error)
        finally:
            stream.cancel()
            with suppress(asyncio.CancelledError):
                await stream
            await callers.finish()
    figures.least_open = watch.least_open
    # The check calls have results too.
    due = sum(not call.why for call in callers.calls) + canary.good
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
            with running_engine(folder), town(folder, store.uri) as made:
                figures, callers, lost = asyncio.run(soak(made, options.deploys, options.rollbacks, options.live))
        finally:
            store.kill()
    slowest = max(figures.first_seat_s, default=0.0)
    found = {
        "calls": len(callers.calls),
        "dropped": len(callers.dropped),
        "results_lost": lost,
        **asdict(figures),
        "refusals": callers.refusals,
        "deploy_median_s": statistics.median(figures.deploy_s or [0.0]),
        "first_seat_max_s": slowest,
    }
    met = {
        "dropped": not callers.dropped,
        "results_lost": not lost,
        "refused": not callers.refused,
        "open_seats": figures.least_open >= OPEN_GOAL - 1e-9,
        "first_seat": slowest <= FIRST_CALL_GOAL_S,
        "came_to_its_end": not figures.stopped,
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
