"""A voxbridge process on a database of one test."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PASSWORD = "a-long-test-password-1"


@contextmanager
def voxbridge(port: int, redis_url: str, database: str, key: str, folder: Path, more: dict[str, str]) -> Iterator[str]:
    """A voxbridge process on a database."""
    folder.mkdir()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOX")} | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "MONGODB_DB": database,
        "REDIS_URL": redis_url,
        "REGISTRY_URL": "",
        "JWT_SECRET": "j" * 40,
        "SETTINGS_ENCRYPTION_KEY": key,
        "VOXCORE_SECRET": "backup-test-secret",
        "VOX_DATA_DIR": str(folder),
        **more,
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "voxbridge")], cwd=folder, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, (folder / "log").read_text()[-2000:]
            assert time.monotonic() < deadline, (folder / "log").read_text()[-2000:]
            try:
                if httpx.get(f"{url}/health", trust_env=False, timeout=2).status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(30)
