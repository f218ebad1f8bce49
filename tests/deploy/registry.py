"""A real image registry (Debian's docker-registry) for as long as a test needs one, with or without a password."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from voxctl.children import free_port

PROGRAM = "docker-registry"
START_WITHIN_S = 20
USER, TOKEN = "vox", "registry-test-token"
# bcrypt of TOKEN, as `htpasswd -B` writes it.
HTPASSWD = f"{USER}:$2b$04$ODQUxkkPsiOuaD1x/Pbp2ugiVoD0M2LA4GyykWWof8FiozR4HeXXq\n"


@dataclass
class RegistryServer:
    """`host` is what stands before the names of images. Its images outlive `stop` and `start`."""

    folder: Path
    address: str
    port: int
    password: bool = False
    process: subprocess.Popen[bytes] | None = None

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "registry.log"

    def start(self) -> None:
        config = self.folder / "config.yml"
        config.write_text(json.dumps(self._config()))
        (self.folder / "htpasswd").write_text(HTPASSWD)
        with self.log.open("ab") as out:
            self.process = subprocess.Popen([PROGRAM, "serve", str(config)], stdout=out, stderr=out)
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            with suppress(httpx.TransportError):
                if httpx.get(f"http://{self.host}/v2/", trust_env=False).status_code in (200, 401):
                    return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the image registry did not start:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """Gone, as when its machine is off: connections are refused."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _config(self) -> dict[str, object]:
        """JSON is YAML."""
        told: dict[str, object] = {
            "version": 0.1,
            "log": {"level": "warn", "accesslog": {"disabled": True}},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")}, "delete": {"enabled": True}},
            "http": {"addr": self.host},
        }
        if self.password:
            told["auth"] = {"htpasswd": {"realm": "vox", "path": str(self.folder / "htpasswd")}}
        return told


@contextmanager
def image_registry(folder: Path, address: str = "127.0.0.1", *, password: bool = False) -> Iterator[RegistryServer]:
    """A registry that listens on an address of this machine. Engines speak plain HTTP to loopback by themselves; to
    another address they need it in their `insecure-registries`."""
    if shutil.which(PROGRAM) is None:
        pytest.fail("no image registry to try with: apt-get install docker-registry")
    server = RegistryServer(folder, address, free_port(), password)
    server.start()
    try:
        yield server
    finally:
        server.stop()
