"""`vox bench call` must measure and write what dashboards and reviewers read: a bench that rots is noticed too late."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(300),
    pytest.mark.embedded("`vox bench call` starts processes of its own, which it measures"),
]

VOX = str(Path(sys.executable).parent / "vox")


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([VOX, "bench", "call", *arguments], capture_output=True, text=True, check=False, timeout=240)


def test_a_quick_run_of_one_measure_leaves_figures_and_their_conditions(tmp_path: Path) -> None:
    done = bench("--quick", "--only", "first_word", "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr[-2000:]
    (path,) = tmp_path.glob("*.json")
    assert path.name.endswith("-call.json")
    found = json.loads(path.read_text())
    assert {"began_at", "size", "measures", "quiet", "machine", "failed", "lines"} <= found.keys()
    assert {"cores", "load_before", "busy_percent_before", "python", "versions", "niceness"} <= found["machine"].keys()
    assert (found["size"], found["measures"], found["failed"]) == ("quick", ["first_word"], [])
    lines = {line["name"]: line for line in found["lines"]}
    assert set(lines) == {"first_word", "slot_turnaround"}
    for line in lines.values():
        assert line["count"] == len(line["samples"]) == 5
        assert 0 < line["values"]["p50"] <= line["values"]["p95"] <= line["values"]["max"]
        assert line["goals"] == {"p95": {"at_most": 500.0}}
        assert line["verdict"] == ("met" if line["values"]["p95"] <= 500 else "missed")
        assert line["text"] in done.stdout


def test_an_unknown_measure_is_named_and_nothing_is_started(tmp_path: Path) -> None:
    done = bench("--only", "speed", "--results", str(tmp_path))
    assert done.returncode == 2
    assert "no measure speed; there are: start, first_word" in done.stderr
    assert not list(tmp_path.iterdir())
