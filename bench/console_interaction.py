"""How fast the console answers: routes, filters, presses, a fleet of 1,000 seats, a long call, a long stay.

    make ui && python bench/console_interaction.py [--only routes,fleet] [--calls 20000] [--stay-seconds 1200]

Starts a stack of its own with calls over 90 days, bots, one call of ten minutes, and seats that exist only at the
registry, then looks at it with Chromium (or its path in CHROMIUM), 1440 pixels wide, on the same machine. Times begin
with the press and end with the frame that shows what was asked for. The long stay is shortened: timers run 20 times as
fast, and each answer of the fleet has a twentieth of the seats in another state. Writes a dated file to bench/results;
exit 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bridgebench.report import write
from callbench.figures import Line
from consolebench import measures
from consolebench.stage import ENTRIES, LONG_S, ready
from playwright.sync_api import sync_playwright

from tests.browser.conftest import chromium_path
from tests.stacks import ROOT

WHAT = ("routes", "filters", "interactions", "fleet", "long_call", "stay")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(WHAT), help=f"of {','.join(WHAT)}")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seats", type=int, default=1_000)
    parser.add_argument("--fleet-seconds", type=float, default=60)
    parser.add_argument("--stay-seconds", type=float, default=1_200)
    asked = parser.parse_args()
    if unknown := set(asked.only) - set(WHAT):
        parser.error(f"unknown figure {sorted(unknown)}; there are: {', '.join(WHAT)}")
    if not (ROOT / "services/voxui/dist/index.html").is_file():
        raise SystemExit("the console is not built: make ui")
    lines, loads = list[Line](), dict[str, float]()
    with (
        tempfile.TemporaryDirectory(prefix="vox-interaction-") as name,
        ready(Path(name), asked.calls, asked.seats) as stage,
        sync_playwright() as playwright,
    ):
        runs: dict[str, Callable[..., list[Line]]] = {
            "routes": measures.routes,
            "filters": measures.filters,
            "interactions": measures.interactions,
            "fleet": lambda browser, stage: measures.fleet(browser, stage, Path(name), asked.fleet_seconds),
            "long_call": measures.long_call,
            "stay": lambda browser, stage: measures.stay(browser, stage, asked.stay_seconds),
        }
        for what in asked.only:
            loads[what] = round(os.getloadavg()[0], 2)
            browser = playwright.chromium.launch(executable_path=chromium_path(), args=["--no-sandbox"])
            for line in runs[what](browser, stage):
                print(line.printed(), flush=True)
                lines.append(line)
            browser.close()
    report = {
        "calls": asked.calls, "seats": asked.seats, "long_call_s": LONG_S, "entries": ENTRIES,
        "load_before_each": loads, "figures": [line.as_json() for line in lines],
    }  # fmt: skip
    write(Path(__file__).parent / "results", "console_interaction", "", datetime.now(UTC), report)
    return 1 if any(line.verdict == "missed" for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
