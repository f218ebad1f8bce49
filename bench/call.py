"""`vox bench call`: what a call costs and how fast it answers, on this machine, against the goals.

Providers are fakes in a process of their own (instant, or STT 250, LLM 300, TTS 120 ms), the customer is voxphone with
speech of the local voice, all on loopback. Workers in a crowd are forked seats pinned to one core; phone and fakes
take the others. CPU and memory are those of the workers alone. What each figure means stands in docs/performance.md.

    vox bench call                        about five minutes
    vox bench call --full                 more of everything, 100 calls for growth: about three quarters of an hour
    vox bench call --only latency,cpu     some measures
    nice -n -15 vox bench call            on a machine that others use too (as root)
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent))

from callbench import clips
from callbench.figures import Line
from callbench.measures import MEASURES
from callbench.processes import BenchError, own_niceness, running_fakes
from callbench.stage import FULL, QUICK, Bench, pick_core

RESULTS = Path(__file__).resolve().parent / "results"
PACKAGES = ("voxcore", "voxphone", "pipecat-ai", "onnxruntime", "uvicorn", "websockets", "aiohttp", "uvloop")
BUSY_LOAD = 0.5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="vox bench call", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="about five minutes (this is what runs without a flag)")
    size.add_argument("--full", action="store_true", help="more of everything, about three quarters of an hour")
    parser.add_argument("--only", default="", metavar="NAMES", help=f"some of: {', '.join(MEASURES)}")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="where the JSON goes")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave logs and recordings of the workers here")
    given = parser.parse_args()
    given.names = [name.strip() for name in given.only.split(",") if name.strip()] or list(MEASURES)
    if unknown := sorted(set(given.names) - set(MEASURES)):
        parser.error(f"no measure {', '.join(unknown)}; there are: {', '.join(MEASURES)}")
    return given


def machine() -> dict[str, Any]:
    """The conditions: what the figures depend on besides our code."""
    model = ""
    if (info := Path("/proc/cpuinfo")).is_file():
        model = next(
            (line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line), ""
        )
    return {
        "commit": commit(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "cpu": model,
        "memory_mb": psutil.virtual_memory().total // 2**20,
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "load_before": [round(value, 2) for value in os.getloadavg()],
        "busy_percent_before": psutil.cpu_percent(interval=1.0),
        "niceness": os.nice(0),
    }


def commit() -> str:
    """The commit that was measured, with `+` when the code differs from it; empty outside a checkout."""
    here = Path(__file__).resolve().parents[1]
    try:
        git = [["git", "-C", str(here), *words.split()] for words in ("rev-parse --short HEAD", "status --porcelain")]
        head, changed = (subprocess.run(each, capture_output=True, text=True, check=True).stdout for each in git)
    except (OSError, subprocess.CalledProcessError):
        return ""
    touched = [line for line in changed.splitlines() if line[3:].startswith(("services/", "libs/")) and "/src/" in line]
    return head.strip() + ("+" if touched else "")


class Progress:
    """One line that says what runs now; on a terminal it is overwritten."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self.prefix = ""

    def say(self, text: str) -> None:
        line = f"{self.prefix}{text} ..."
        print(f"\r\033[K{line}" if self._live else line, end="" if self._live else "\n", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


async def measure(given: argparse.Namespace, folder: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Run the measures, print their lines. Returns (what goes into the file, measures that failed)."""
    # A full collection over everything that is imported here would hold up the phones for 70 ms.
    gc.collect()
    gc.freeze()
    progress = Progress()
    progress.say("speech for both sides")
    found: list[dict[str, Any]] = []
    failed: list[str] = []
    with own_niceness(), running_fakes(clips.prepare()) as fakes:
        bench = Bench(fakes, folder, FULL if given.full else QUICK, progress.say, pick_core())
        for number, name in enumerate(given.names, start=1):
            progress.prefix = f"[{number}/{len(given.names)}] {name}: "
            psutil.cpu_percent()
            began = time.monotonic()
            try:
                lines: list[Line] = await MEASURES[name](bench)
            except BenchError as error:
                progress.clear()
                print(f"{name}: {error}", file=sys.stderr)
                failed.append(name)
                continue
            progress.clear()
            seconds, busy = round(time.monotonic() - began, 1), psutil.cpu_percent()
            for line in lines:
                print(line.printed(), flush=True)
                found.append({"measure": name, "seconds": seconds, "busy_percent": busy, **line.as_json()})
    return found, failed


def as_text(body: dict[str, Any], lines: list[dict[str, Any]]) -> str:
    """JSON that people can read and compare: one figure a line."""
    head = json.dumps(body, indent=1).removesuffix("\n}")
    figures = ",\n  ".join(json.dumps(line) for line in lines)
    return f'{head},\n "lines": [\n  {figures}\n ]\n}}\n'


def main() -> int:
    given = arguments()
    facts = machine()
    cores = facts["usable_cores"]
    quiet = facts["load_before"][0] <= BUSY_LOAD * cores and facts["busy_percent_before"] <= 100 * BUSY_LOAD
    print(
        f"{cores} cores, load {facts['load_before'][0]}, {facts['busy_percent_before']:.0f} % busy, "
        f"niceness {facts['niceness']}"
    )
    if not quiet:
        print(
            "This machine is busy: latencies are those of a busy machine; CPU seconds and memory hold. "
            "Repeat when it is quiet, or as root with: nice -n -15 vox bench call"
        )
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="vox-bench-") as folder:
        try:
            lines, failed = asyncio.run(measure(given, given.keep or Path(folder)))
        except (BenchError, KeyboardInterrupt) as error:
            print(str(error) or "stopped", file=sys.stderr)
            return 1
    path = given.results / f"{began:%Y-%m-%d}-call.json"
    given.results.mkdir(parents=True, exist_ok=True)
    body = {
        "began_at": f"{began:%Y-%m-%dT%H:%M:%SZ}",
        "size": "full" if given.full else "quick",
        "measures": given.names,
        "quiet": quiet,
        "machine": facts,
        "load_after": [round(value, 2) for value in os.getloadavg()],
        "failed": failed,
    }
    draft = path.with_suffix(".tmp.json")
    draft.write_text(as_text(body, lines))
    draft.replace(path)
    print(f"written to {path}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
