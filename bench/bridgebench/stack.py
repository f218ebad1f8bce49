"""A voxbridge with stores of its own, for as long as a bench lasts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from voxctl.children import free_port
from voxctl.embedded import SecantusServer, ValkeyServer

SECRET = "bench-service-secret-0123456789"  # noqa: S105  (of a service that lives as long as the bench)
EMAIL, PASSWORD = "bench@example.com", "bench pass phrase"
STORE = "secantusdb, --sync-on-commit"
READY_S = 60.0
STOP_S = 40.0


@dataclass(frozen=True)
class Bridge:
    """`pids`: of voxbridge and of its database."""

    url: str
    pids: tuple[int, int]
    mongo: SecantusServer
    redis: ValkeyServer
    environment: Mapping[str, str]


@contextmanager
def running(folder: Path) -> Iterator[Bridge]:
    """voxbridge answers within, and is gone with its stores afterwards. Raises: SystemExit: it does not start."""
    mongo, redis = SecantusServer(free_port(), folder / "mongo"), ValkeyServer(free_port(), folder / "redis")
    process = None
    try:
        for server in (mongo, redis):
            server.start()
            server.wait_ready(READY_S)
        environment = _environment(folder, mongo, redis)
        with (folder / "voxbridge.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "voxbridge.main"], env=environment, cwd=folder, stdout=log, stderr=log
            )
        url = f"http://127.0.0.1:{environment['PORT']}"
        _wait_ready(process, url, folder / "voxbridge.log")
        assert mongo.pid is not None
        yield Bridge(url, (process.pid, mongo.pid), mongo, redis, environment)
    finally:
        if process is not None:
            process.terminate()
            process.wait(STOP_S)
        mongo.stop()
        redis.stop()


def _environment(folder: Path, mongo: SecantusServer, redis: ValkeyServer) -> dict[str, str]:
    return {
        **os.environ,
        "MONGODB_URI": mongo.uri, "REDIS_URL": redis.uri, "HOST": "127.0.0.1", "PORT": str(free_port()),
        "JWT_SECRET": "bench-jwt-secret-0123456789-0123456789", "SETTINGS_ENCRYPTION_KEY": "bench", "REGISTRY_URL": "",
        "VOXCORE_SECRET": SECRET, "FIRST_ADMIN_EMAIL": EMAIL, "FIRST_ADMIN_PASSWORD": PASSWORD,
        "VOX_DATA_DIR": str(folder), "LOG_LEVEL": "WARNING", "VOXUI_DIST": "",
    }  # fmt: skip


def _wait_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"voxbridge ended while starting: {log.read_text()[-500:]}")
        try:
            if httpx.get(f"{url}/health/live", timeout=1).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise SystemExit("voxbridge gave no answer within a minute")
