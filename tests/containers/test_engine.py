"""The engine of the tests starts over whatever an earlier run has left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .engine import docker, forget_ended, remove_leftovers

pytestmark = [pytest.mark.containers]


@pytest.mark.parametrize("told", ["ended", "nobody", "not a number"])
def test_a_process_id_that_is_nobody_s_is_forgotten(tmp_path: Path, told: str) -> None:
    file = tmp_path / "docker.pid"
    ended = subprocess.Popen(["true"])
    ended.wait()
    file.write_text({"ended": str(ended.pid), "nobody": "0", "not a number": "x"}[told])
    forget_ended(file, "dockerd")
    assert not file.exists()
    forget_ended(file, "dockerd")


def test_a_process_id_that_another_program_has_by_now_is_forgotten_and_the_right_one_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "docker.pid"
    file.write_text(str(os.getpid()))
    own = Path("/proc/self/comm").read_text().strip()
    forget_ended(file, own)
    assert file.exists()
    forget_ended(file, "dockerd")
    assert not file.exists()


def test_what_a_killed_run_left_is_removed_and_nothing_else(docker_engine: None) -> None:
    ours, others = "voxgone1", "somebody"
    made: list[tuple[str, str]] = []
    for project in (ours, others):
        label = f"com.docker.compose.project={project}"
        made.append(("network", docker("network", "create", "--label", label, f"{project}-net").strip()))
        made.append(("volume", docker("volume", "create", "--label", label, f"{project}-vol").strip()))
    try:
        remove_leftovers("voxgone")
        for kind in ("network", "volume"):
            names = docker(kind, "ls", "--format", "{{.Name}}").split()
            assert [name for name in names if name.startswith((ours, others))] == [f"{others}-{kind[:3]}"]
    finally:
        for kind, name in made:
            docker(kind, "rm", name, check=False)
