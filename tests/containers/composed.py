"""The stack of compose.yaml as tests of behaviour see any stack: `RunningStack` of tests/stacks.py."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from voxctl.children import free_port
from voxctl.compose import ONCE, WORKER

from ..stacks import Log, SingleWorker
from .engine import docker, running_engine
from .stack import Stack, build_images

BEHAVIOUR = Path("tests") / "containers" / "behaviour.yaml"
MOST_WORKERS = 4
WORKER_PORT = 8000


@contextmanager
def container_ground(folder: Path) -> Iterator[str]:
    """An engine with every image. Gives this machine's address on its default bridge, which any container reaches.

    IMAGES_READY=1: the images that are there will do.
    """
    with running_engine(folder):
        if not os.environ.get("IMAGES_READY"):
            build_images()
        yield docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", "bridge").strip()


@contextmanager
def composed(folder: Path, workers: int, extra: Mapping[str, str]) -> Iterator[ComposedStack]:
    """A healthy stack with this many free workers; `extra` are variables that its compose files read."""
    stack = ComposedStack(folder, worker_count=workers, extra=dict(extra))
    try:
        stack.up(*stack.services)
        asyncio.run(stack.until_free())
        yield stack
    finally:
        stack.down()


@dataclass
class ComposedStack(Stack):
    extra: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.env |= self.extra
        if ours := self.extra.get("OUTBOUND_URL_ALLOWLIST"):
            self.env["OUTBOUND_URL_ALLOWLIST"] = f"{ours},voxphone"
        self.compose.over = (BEHAVIOUR,)

    @property
    def worker_services(self) -> list[str]:
        return [WORKER, *(f"{WORKER}-{number}" for number in range(2, self.worker_count + 1))]

    @property
    def services(self) -> list[str]:
        """Those that are started, in no order."""
        every = set(self.compose.run("config", "--services").split()) - ONCE
        return sorted({name for name in every if not name.startswith(WORKER)} | set(self.worker_services))

    @property
    def workers(self) -> dict[str, Log]:
        return {
            f"http://{self.compose.address(name, WORKER_PORT)}": log_of(self.container(name))
            for name in self.worker_services
        }

    @property
    def bridge_log(self) -> Log:
        return log_of(self.container("voxbridge"))

    def single_worker(
        self, folder: Path, name: str, settings: Mapping[str, str]
    ) -> AbstractContextManager[SingleWorker]:
        return worker_container(self, folder, name, settings)


@dataclass
class WorkerContainer:
    """A `SingleWorker` in a container that the project does not count among its own."""

    container: str
    url: str
    outbox: Path
    log: Log

    def stop(self) -> None:
        docker("kill", "--signal", "TERM", self.container)

    def exit_code(self, within_s: float) -> int | None:
        deadline = time.monotonic() + within_s
        while True:
            running, code = docker("inspect", "-f", "{{.State.Running}} {{.State.ExitCode}}", self.container).split()
            if running == "false":
                return int(code)
            if time.monotonic() >= deadline:
                return None
            time.sleep(0.2)


@contextmanager
def worker_container(stack: Stack, folder: Path, name: str, settings: Mapping[str, str]) -> Iterator[SingleWorker]:
    """`compose run` of the worker's service, with an outbox of its own that this process can read."""
    port, outbox, kept = free_port(), folder / "outbox", folder / "worker.log"
    outbox.mkdir()
    # Its user is nobody of this machine.
    outbox.chmod(0o777)
    given = {"VOXCORE_WORKER_ID": name, "VOXCORE_HOST_ID": name, "REGISTRY_URL": "", **settings}
    variables = [word for key, value in given.items() for word in ("--env", f"{key}={value}")]
    container = f"{stack.project}-{name}"
    places = ("--publish", f"127.0.0.1:{port}:{WORKER_PORT}", "--volume", f"{outbox}:/var/lib/vox/outbox")
    stack.compose.run("run", "--detach", "--no-deps", "--name", container, *places, *variables, WORKER)
    running = log_of(container)

    def log() -> str:
        """Also when the container is gone."""
        return kept.read_text() if kept.exists() else running()

    try:
        yield WorkerContainer(container, f"http://127.0.0.1:{port}", outbox, log)
    finally:
        kept.write_text(running())
        docker("rm", "--force", container)


def log_of(container: str) -> Log:
    """What a container said so far, on both its streams."""
    return lambda: docker("logs", container)
