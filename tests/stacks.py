"""A stack of `vox up` for tests: its own data folder and ports, and a promise that it is gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from voxctl.children import free_run_of_ports

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

    def saw(self, event: str) -> list[dict[str, Any]]:
        return [seen for seen in self.events if seen["event"] == event]

    @property
    def stack(self) -> dict[str, Any]:
        """Addresses and pids, as `vox up` keeps them while it runs."""
        stack: dict[str, Any] = json.loads((self.data / "stack.json").read_text())
        return stack

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
