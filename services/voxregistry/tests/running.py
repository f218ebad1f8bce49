"""voxregistry as real processes on a real store, for tests that kill, freeze and cut."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from voxctl.children import free_port, last_lines, spawn

SECRET = "test-secret"
EPOCH = 1_769_850_000_123
HEADERS = {"X-VoxCore-Secret": SECRET}


@dataclass
class Api:
    """One `voxregistry`."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers=HEADERS, timeout=10, trust_env=False, **options)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def said(self) -> str:
        return "\n".join(last_lines(self.log, 50))


def environment(redis_url: str, port: int, **changed: str) -> dict[str, str]:
    """What a process of these tests reads."""
    own = {
        "REGISTRY_REDIS_URL": redis_url, "VOXCORE_SECRET": SECRET, "HOST": "127.0.0.1", "PORT": str(port),
        "WEB_PROCESSES": "1", "REBUILD_MS": "300", "LOG_LEVEL": "INFO", "NOTIFY_WORKERS": "false",
    }  # fmt: skip
    return {**os.environ, **own, **changed}


@contextmanager
def running(redis_url: str, folder: Path, *, port: int | None = None, **changed: str) -> Iterator[Api]:
    """Started and ready; gone afterwards, whatever happened to it."""
    port = port or free_port()
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / f"voxregistry-{port}-{time.monotonic_ns()}.log"
    argv = [sys.executable, "-m", "voxregistry.main"]
    process = spawn(argv, log_path=log, env=environment(redis_url, port, **changed), cwd=folder)
    api = Api(process, port, log)
    try:
        wait_ready(api)
        yield api
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                api.kill()


def wait_ready(api: Api, seconds: float = 60) -> None:
    """Blocks until it answers and hands out seats. Raises: AssertionError with what it said."""
    until = time.monotonic() + seconds
    with httpx.Client(base_url=api.url, timeout=2, trust_env=False) as http:
        while time.monotonic() < until and api.process.poll() is None:
            try:
                pools = http.get("/health").json().get("pools", {})
                if http.get("/ready").status_code == 200 and pools.get("default") == "ok":
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
    raise AssertionError(f"voxregistry is not ready: {api.said()}")


def beat(worker: str, phase: str = "idle", *, seq: int, **said: Any) -> dict[str, Any]:
    """A heartbeat as JSON."""
    host = worker.partition("-")[0]
    return {
        "worker_id": worker, "instance_id": f"{worker}-life1", "seq": seq, "host_id": host, "lb_url": f"http://{host}",
        "direct_url": f"http://{host}/{worker}", "image_tag": "v1", "version": "1", "phase": phase, "epoch": EPOCH,
        "protocols": ["ws"], **said,
    }  # fmt: skip
