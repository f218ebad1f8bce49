"""Every command that is written can be run, and those that simulate say what they can do."""

from __future__ import annotations

import json
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest
import voxctl.commands
from voxctl.cli import app

pytestmark = [pytest.mark.unit]

VOX = Path(sys.executable).parent / "vox"
# File -> what it gives, where that is not one command of the file's name.
GIVES = {
    "fleet_register": ["fleet register"],
    "host_up": ["host up"],
    "host_life": ["host seats", "host retire"],
    "remote": ["logs", "exec"],
    "backup": ["backup", "restore"],
    "images_scan": ["images scan"],
    "deploy": ["plan", "deploy", "rollback", "status"],
    "options": [],
}


def test_every_command_that_is_written_is_registered() -> None:
    for file in (module.name for module in pkgutil.iter_modules(voxctl.commands.__path__)):
        for words in GIVES.get(file, [file]):
            group = app
            for word in words.split():
                assert word in list(group), f"commands/{file}.py: vox {words} is not registered"
                group = group[word]


def vox(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(VOX), *arguments], capture_output=True, text=True, check=False, timeout=120)


def test_sim_pacing_passes_its_options_on_and_its_figures_back() -> None:
    done = vox("sim", "pacing", "--json", "--", "--seats", "10", "--contacts", "500", "--caps", "0.03")
    assert done.returncode == 0, done.stderr
    days = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(day["mode"], day["cap"], day["dialled"]) for day in days] == [
        ("reserved", 0.0, 500), ("predictive", 0.03, 500),
    ]  # fmt: skip


@pytest.mark.parametrize("arguments", [("pacing", "--", "--caps", "many"), ("registry", "--", "--seats", "3")])
def test_a_simulation_that_cannot_be_is_refused_with_a_sentence(arguments: tuple[str, ...]) -> None:
    done = vox("sim", *arguments)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
