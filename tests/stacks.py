"""A whole stack for tests: its own data and ports, and a promise that it is gone afterwards.

Tests of behaviour ask for `running_stack` and take what VOX_STACK names: `embedded` (the default) is `vox up`,
`compose` are the containers of compose.yaml. They see a `RunningStack` and nothing else of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil
from voxctl.children import free_port as find_free_port
from voxctl.children import free_run_of_ports
from voxctl.up.data import read_env_file

ROOT = Path(__file__).resolve().parents[1]
START_WITHIN_S = 240
PORT_FIELDS = (
    "VOX_BRIDGE_PORT",
    "VOX_VOICE_PORT",
    "VOX_PHONE_PORT",
    "VOX_REGISTRY_PORT",
    "VOX_DIALLER_PORT",
    "VOX_MONGODB_PORT",
    "VOX_VALKEY_PORT",
)
KINDS = ("embedded", "compose")
# Answers what was logged so far.
Log = Callable[[], str]


def kind_of_stack() -> str:
    """`embedded` or `compose`: what VOX_STACK asks for."""
    kind = os.environ.get("VOX_STACK") or KINDS[0]
    if kind not in KINDS:
        raise ValueError(f"VOX_STACK={kind} is no kind of stack; there are: {', '.join(KINDS)}")
    return kind


class SingleWorker(Protocol):
    """A worker of one test alone, which the stack does not know of. It is gone when its block ends."""

    url: str
    outbox: Path
    log: Log

    def stop(self) -> None:
        """Send SIGTERM, as an operator does; returns at once."""
        ...

    def exit_code(self, within_s: float) -> int | None:
        """What its process ended with; None: it still runs after this time."""
        ...


class RunningStack(Protocol):
    """What tests of behaviour need of a stack, whatever its services run in."""

    api_url: str
    voice_url: str
    phone_url: str
    # (email, password)
    admin: tuple[str, str]
    # By the names of their variables.
    secrets: dict[str, str]
    # Each worker by its address.
    workers: dict[str, Log]
    bridge_log: Log

    def vox(self, *arguments: str, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
        """A `vox` command against this stack."""
        ...

    def single_worker(
        self, folder: Path, name: str, settings: Mapping[str, str]
    ) -> AbstractContextManager[SingleWorker]:
        """Start a worker with settings of its own over those that the stack gives its workers.

        Its registry is off unless `settings` name one; `folder` exists and is its own.
        """
        ...


@contextmanager
def ground(folder: Path) -> Iterator[str]:
    """What a stack stands on, for containers an engine and the images. Gives the address of this machine as the
    services of a stack reach it: whoever is their outside world listens there.
    """
    if kind_of_stack() == "compose":
        from .containers.composed import container_ground

        with container_ground(folder) as address:
            yield address
        return
    yield "127.0.0.1"


@contextmanager
def running_stack(folder: Path, *, workers: int, extra: Mapping[str, str]) -> Iterator[RunningStack]:
    """A stack with this many workers, on its ground; `extra` are settings of its services."""
    if kind_of_stack() == "compose":
        from .containers.composed import composed

        with composed(folder, workers, extra) as stack:
            yield stack
        return
    with vox_up(folder, find_free_port, "--no-call", workers=workers, extra=extra) as up:
        up.wait_for("stack.up")
        # Read on, or the pipe fills and the supervisor stands still.
        threading.Thread(target=up.read_quietly, daemon=True).start()
        yield up


@dataclass
class VoxUp:
    """A running `vox up --json` and everything it has said so far."""

    process: subprocess.Popen[str]
    data: Path
    environment: dict[str, str]
    events: list[dict[str, Any]] = field(default_factory=list)

    def wait_for(self, event: str) -> dict[str, Any]:
        """Read on until this event; fails when the process ends before it."""
        for seen in self.read():
            if seen["event"] == event:
                return seen
        raise AssertionError(f"vox up ended with {self.process.wait()} before {event}: {self.events[-5:]}")

    def read(self) -> Iterator[dict[str, Any]]:
        """The events that follow, until the process closes its output."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            seen = json.loads(line)
            self.events.append(seen)
            yield seen

    def read_to_the_end(self) -> int:
        """Exit code; every event is in `events` then."""
        for _ in self.read():
            pass
        return self.process.wait(60)

    def read_quietly(self) -> None:
        """Read what follows until nothing does, or somebody closes it."""
        with suppress(ValueError):
            for _ in self.read():
                pass

    def saw(self, event: str) -> list[dict[str, Any]]:
        return [seen for seen in self.events if seen["event"] == event]

    @property
    def stack(self) -> dict[str, Any]:
        """Addresses and pids, as `vox up` keeps them while it runs."""
        stack: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return stack

    @property
    def api_url(self) -> str:
        return str(self.stack["api_url"])

    @property
    def voice_url(self) -> str:
        return str(self.stack["voice_url"])

    @property
    def phone_url(self) -> str:
        return str(self.stack["phone_url"])

    @property
    def admin(self) -> tuple[str, str]:
        email = self.environment.get("FIRST_ADMIN_EMAIL") or "admin@example.com"
        return email, (self.data / "first-admin").read_text().strip()

    @property
    def secrets(self) -> dict[str, str]:
        return read_env_file(self.data / "secrets.env")

    @property
    def workers(self) -> dict[str, Log]:
        urls = self.stack["worker_urls"]
        return {url: self._log(f"voxcore-{number}") for number, url in enumerate(urls, start=1)}

    @property
    def bridge_log(self) -> Log:
        return self._log("voxbridge")

    def _log(self, part: str) -> Log:
        return lambda: (self.data / "logs" / f"{part}.log").read_text(errors="replace")

    def single_worker(
        self, folder: Path, name: str, settings: Mapping[str, str]
    ) -> AbstractContextManager[SingleWorker]:
        return worker_process(self, folder, name, settings)

    def vox(self, *arguments: str, timeout_s: float = 180) -> subprocess.CompletedProcess[str]:
        """Another `vox` command against this stack."""
        return subprocess.run(
            [str(Path(sys.executable).parent / "vox"), *arguments],
            cwd=self.data.parent,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )


@contextmanager
def vox_up(
    folder: Path,
    free_port: Callable[[], int],
    *arguments: str,
    workers: int = 1,
    extra: Mapping[str, str] | None = None,
) -> Iterator[VoxUp]:
    """Start `vox up --json` with its data in `folder`; whatever is left of it at the end is killed.

    `extra` are variables of the environment besides those that a stack of its own needs.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("VOX", "MONGODB", "REDIS"))
    }
    if given := os.environ.get("MONGODB_URI"):
        environment |= {"MONGODB_URI": given, "MONGODB_DB": f"t_stack_{os.getpid()}_{time.monotonic_ns()}"}
    environment |= {name: str(free_port()) for name in PORT_FIELDS}
    environment |= {"VOX_CORE_PORT": str(free_run_of_ports(workers)), "VOX_DATA_DIR": str(folder / "data")}
    environment |= extra or {}
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "vox"), "up", "--json", "--workers", str(workers), *arguments],
        cwd=folder,  # no .env of a developer here
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    running = VoxUp(process, folder / "data", environment)
    try:
        yield running
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@dataclass
class WorkerProcess:
    """A `SingleWorker` that is a process of this machine."""

    process: subprocess.Popen[bytes]
    url: str
    outbox: Path
    log: Log

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self, within_s: float) -> int | None:
        with suppress(subprocess.TimeoutExpired):
            return self.process.wait(within_s)
        return None


@contextmanager
def worker_process(up: VoxUp, folder: Path, name: str, settings: Mapping[str, str]) -> Iterator[SingleWorker]:
    """`voxcore` beside the workers of `vox up`."""
    port = find_free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VOX")} | {
        "VOXCORE_HOST": "127.0.0.1",
        "VOXCORE_PORT": str(port),
        "VOXCORE_WORKER_ID": name,
        "VOXCORE_HOST_ID": name,
        "VOXBRIDGE_CONFIG_URL": f"{up.api_url}/config",
        "VOXCORE_SECRET": up.secrets["VOXCORE_SECRET"],
        "OUTBOX_DIR": str(folder / "outbox"),
        "OBJECT_STORE_URL": (up.data / "objects").as_uri(),
        "REGISTRY_URL": "",
        "LOG_FORMAT": "json",
        **{key: up.environment.get(key, "") for key in ("OUTBOUND_URL_ALLOWLIST", "WS_MEDIA_TOKENS")},
        **settings,
    }
    log = folder / "worker.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "voxcore")],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield WorkerProcess(process, f"http://127.0.0.1:{port}", folder / "outbox", lambda: log.read_text())
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def wait_until_gone(pids: list[int], within_s: float = 30) -> None:
    """Fails when one of these processes is still alive after that time."""
    deadline = time.monotonic() + within_s
    while alive := [pid for pid in pids if _alive(pid)]:
        assert time.monotonic() < deadline, f"still alive: {[psutil.Process(pid).cmdline() for pid in alive]}"
        time.sleep(0.05)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
