"""A real image registry (Debian's docker-registry) for as long as a test needs one, with or without a password."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import tarfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from voxctl.children import free_port

NAMES = ("voxcore", "voxbridge")
SHA = "77b20f3" + "0" * 33
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


@dataclass
class Shop:
    """Small images of the engine here, under the names of a registry; all of them gone by `drop`."""

    host: str
    made: list[str] = field(default_factory=list)

    def make(self, name: str, tag: str, *, content: str = "", revision: str = SHA, version: str = "") -> str:
        """An image of one file, with the labels of ours. Returns: its id."""
        body = (content or f"{name} {tag} {uuid.uuid4().hex}").encode()
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            entry = tarfile.TarInfo("what")
            entry.size = len(body)
            archive.addfile(entry, io.BytesIO(body))
        ref = f"{self.host}/vox/{name}:{tag}"
        labels = {"title": name, "version": version or tag, "revision": revision, "created": "2026-02-05T09:00:00Z"}
        words = [w for key, value in labels.items() for w in ("-c", f"LABEL org.opencontainers.image.{key}={value}")]
        words += ["-c", "LABEL vox.schema=15 vox.schema_min=14"]
        done = subprocess.run(
            ["docker", "import", *words, "-", ref], input=packed.getvalue(), capture_output=True, check=True
        )
        self.made.append(done.stdout.decode().strip())
        return self.made[-1]

    def release(self, tag: str, names: Sequence[str] = NAMES) -> dict[str, str]:
        return {name: self.make(name, tag) for name in names}

    def drop(self) -> None:
        """Forget them here, so that what is pulled comes from the registry."""
        for made in dict.fromkeys(self.made):
            subprocess.run(["docker", "rmi", "--force", made], capture_output=True, check=False)
        self.made.clear()
