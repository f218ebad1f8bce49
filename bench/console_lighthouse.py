"""What Lighthouse says of the console as on a slow phone: the sign-in page, and the overview after a call.

    make ui && python bench/console_lighthouse.py [--lighthouse "npx --yes lighthouse@12.8.2"]

Starts a stack of its own. Needs Chromium (or its path in CHROMIUM) and Lighthouse, which is no part of the project: npx
fetches it. Network and processor are slowed down by Lighthouse's own model of a middle-class phone. Writes a dated file
to bench/results; exit 1 when a limit is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bridgebench.report import write
from playwright.sync_api import sync_playwright
from voxctl.children import free_port

from tests.browser.conftest import ADMIN, chromium_path
from tests.stacks import ROOT, VoxUp, vox_up

LIGHTHOUSE = "npx --yes lighthouse@12.8.2"
PAGES = {"sign-in": "/login", "overview": "/dashboard"}
AT_LEAST = {"performance": 0.90, "accessibility": 1.00, "best-practices": 0.95}
AT_MOST = {"largest-contentful-paint": 2_500.0, "total-blocking-time": 200.0, "cumulative-layout-shift": 0.05}
WITHIN_S = 300.0


def judged(argv: list[str], url: str, port: int) -> dict[str, float]:
    """Scores from 0 to 1, times in milliseconds. The browser at `port` keeps what it has stored: who is signed in."""
    options = ["--output=json", "--quiet", f"--port={port}", "--disable-storage-reset"]
    only = f"--only-categories={','.join(AT_LEAST)}"
    done = subprocess.run([*argv, url, only, *options], capture_output=True, text=True, timeout=WITHIN_S, check=False)
    if done.returncode:
        raise SystemExit(f"{shlex.join(argv)} failed: {done.stderr.strip()[-800:]}")
    said: dict[str, Any] = json.loads(done.stdout)
    scores = {name: float(said["categories"][name]["score"]) for name in AT_LEAST}
    return scores | {name: round(float(said["audits"][name]["numericValue"]), 3) for name in AT_MOST}


def missed(figures: dict[str, float]) -> list[str]:
    low = [f"{name} {figures[name]:.2f}" for name, limit in AT_LEAST.items() if figures[name] < limit]
    return low + [f"{name} {figures[name]:g}" for name, limit in AT_MOST.items() if figures[name] > limit]


def look(stack: VoxUp, argv: list[str], profile: Path) -> dict[str, dict[str, float]]:
    """Each page, in a browser whose one user has signed in by the form."""
    base = stack.stack["api_url"].removesuffix("/api/v1")
    port, password = free_port(), (stack.data / "first-admin").read_text().strip()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch_persistent_context(
            str(profile),
            executable_path=chromium_path(),
            args=["--no-sandbox", f"--remote-debugging-port={port}"],
        )
        found = {"sign-in": judged(argv, base + PAGES["sign-in"], port)}
        page = browser.new_page()
        page.goto(base + PAGES["sign-in"])
        page.get_by_label("Email").fill(ADMIN)
        page.get_by_label("Password", exact=True).fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Overview").wait_for()
        page.close()
        found["overview"] = judged(argv, base + PAGES["overview"], port)
        browser.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lighthouse", default=LIGHTHOUSE, help="How it is started.")
    options = parser.parse_args()
    if not (ROOT / "services/voxui/dist/index.html").is_file():
        raise SystemExit("the console is not built: make ui")
    load = os.getloadavg()
    with tempfile.TemporaryDirectory(prefix="vox-lighthouse-") as name:
        folder = Path(name)
        (folder / "stack").mkdir()
        with vox_up(folder / "stack", free_port) as stack:
            stack.wait_for("stack.waiting")
            found = look(stack, shlex.split(options.lighthouse), folder / "profile")
    wrong = {page: names for page, figures in found.items() if (names := missed(figures))}
    goal = {"at_least": AT_LEAST, "at_most": AT_MOST}
    report = {"load_before": load, "figures": found, "goal": goal, "verdict": "missed" if wrong else "met"}
    write(Path(__file__).parent / "results", "console_lighthouse", "", datetime.now(UTC), report)
    for page, figures in found.items():
        print(f"{page}: {figures}" + (f"  MISSED: {', '.join(wrong[page])}" if page in wrong else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
