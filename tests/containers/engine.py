"""The Docker engine of this machine: the one that answers, or one that the tests start and stop again.

DOCKER_ROOT in the environment names another folder for the images of an engine that the tests start; an empty one shows
what a machine needs that has built nothing yet.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STANDINS = ROOT / "deploy" / "images" / "standins.sh"
# Compose v2 comes with the development packages; a plugin of `docker` is not needed.
COMPOSE = Path(sys.prefix) / "bin" / "docker-compose"
START_WITHIN_S = 60
STOP_WITHIN_S = 60
# Where dockerd and the containerd that it starts say who they are, and what each of them is called.
PIDS = {Path("/var/run/docker.pid"): "dockerd", Path("/var/run/docker/containerd/containerd.pid"): "containerd"}
# Compose projects of this suite begin with it.
PROJECTS = "voxtest"
# The engine of every release builds this way; BuildKit needs a plugin that not every distribution packs.
CLASSIC_BUILDER = {"DOCKER_BUILDKIT": "0", "COMPOSE_BAKE": "false"}


def docker(*arguments: str, timeout_s: float = 120, check: bool = True) -> str:
    """Run `docker`, answer what it printed. Raises RuntimeError with its last words when it fails."""
    return run("docker", *arguments, timeout_s=timeout_s, check=check)


def run(*command: str, timeout_s: float = 120, check: bool = True, env: dict[str, str] | None = None) -> str:
    """Run a program of the container suite; both its streams come back as one text."""
    done = subprocess.run(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=timeout_s,
        env={**os.environ, **CLASSIC_BUILDER, **(env or {})},
        cwd=ROOT,
        check=False,
    )
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command[:6])} failed with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def engine_answers() -> bool:
    """Whether `docker` reaches an engine, started by whomever."""
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0


@contextmanager
def running_engine(folder: Path) -> Iterator[None]:
    """Use the engine that answers, else run `dockerd` for as long as the block lasts.

    Its images stay in Docker's usual folder, so that the next run finds them; its log lies in `folder`. An earlier run
    that was killed leaves nothing that matters: no process id, no container that starts again with the engine.
    """
    if engine_answers():
        yield
        return
    if shutil.which("dockerd") is None or os.geteuid() != 0:
        pytest.fail("no Docker engine answers: start one, or run as root with Debian's docker.io installed")
    for path, program in PIDS.items():
        forget_ended(path, program)
    root = ["--data-root", os.environ["DOCKER_ROOT"]] if os.environ.get("DOCKER_ROOT") else []
    log = folder / "dockerd.log"
    with log.open("wb") as out:
        daemon = subprocess.Popen(["dockerd", *root], stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        deadline = time.monotonic() + START_WITHIN_S
        while not engine_answers():
            if daemon.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"dockerd did not start, its last words:\n{log.read_text()[-3000:]}")
            time.sleep(0.3)
        remove_leftovers()
        yield
    finally:
        daemon.terminate()
        try:
            daemon.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def forget_ended(path: Path, program: str) -> None:
    """Remove a process id that nobody has any more, or another program: dockerd would believe it and not start."""
    try:
        told = int(path.read_text())
    except (FileNotFoundError, ValueError):
        told = 0
    comm = Path(f"/proc/{told}/comm")
    if not told or not comm.exists() or comm.read_text().strip() != program:
        path.unlink(missing_ok=True)


def remove_leftovers(projects: str = PROJECTS) -> None:
    """Containers, volumes and networks of compose projects that begin so: a killed run of this suite left them.

    Only for an engine that nobody else uses.
    """
    kinds = {"container": '{{.ID}} {{.Label "com.docker.compose.project"}}'}
    kinds |= dict.fromkeys(("volume", "network"), '{{.Name}} {{.Label "com.docker.compose.project"}}')
    for kind, shape in kinds.items():
        every = ["--all"] if kind == "container" else []
        found = [line.split(" ", 1) for line in docker(kind, "ls", *every, "--format", shape).splitlines()]
        if ours := [name for name, project in found if project.startswith(projects)]:
            docker(kind, "rm", "--force", *ours) if kind != "network" else docker(kind, "rm", *ours)


def make_bases(*names: str) -> None:
    """Make the stand-in base images named (`python`, `nginx`, `haproxy`, `valkey`); what is up to date stays."""
    print(run("bash", str(STANDINS), *names, timeout_s=600), end="", flush=True)
