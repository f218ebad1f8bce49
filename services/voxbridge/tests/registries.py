"""A real capacity registry as a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from voxctl.children import free_port, last_lines, spawn

SECRET = "first-service-secret"
FUZZED_SECRET = "fuzzed-service-secret"


@dataclass
class Registry:
    """One `voxregistry`, which can be ended and started again on its port."""

    redis_url: str
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Blocks until it hands out seats; one that runs stays. Raises: AssertionError with what it said."""
        if self.process is not None and self.process.poll() is None:
            return
        env = {
            **os.environ, "REGISTRY_REDIS_URL": f"{self.redis_url.removesuffix('/0')}/1", "HOST": "127.0.0.1",
            "VOXCORE_SECRET": f"{SECRET},{FUZZED_SECRET}", "PORT": str(self.port), "WEB_PROCESSES": "1",
            "REBUILD_MS": "200", "NOTIFY_WORKERS": "false",
        }  # fmt: skip
        argv, log = [sys.executable, "-m", "voxregistry.main"], self.folder / "voxregistry.log"
        self.process = spawn(argv, log_path=log, env=env, cwd=self.folder)
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/ready", timeout=2, trust_env=False).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError("\n".join(last_lines(log, 30)))

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None
