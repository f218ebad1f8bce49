"""The stack of compose.yaml as `vox` sees it: run compose, find ports, read what services said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxctl.loglines import is_error, readable
from voxctl.output import EXIT_PREFLIGHT, CommandError

COMPOSE_FILE = Path("compose.yaml")
WORKER = "voxcore-worker"
# These do something and end; compose's own --wait takes their end for a failure.
ONCE = frozenset({"minio-init", "demo"})
STANDINS_FILE = Path("deploy") / "compose" / "standins.yaml"


@dataclass
class Compose:
    """One project of compose.yaml. `standins`: with the services of deploy/compose/standins.yaml; `over`: further files
    that change it.
    """

    root: Path
    standins: bool = False
    env: dict[str, str] = field(default_factory=dict)
    over: tuple[Path, ...] = ()

    def command(self, *arguments: str) -> list[str]:
        """A whole command line. Raises: CommandError: there is no compose."""
        files = [COMPOSE_FILE, *([STANDINS_FILE] if self.standins else []), *self.over]
        # COMPOSE_FILE given by the operator wins, as it does for `docker compose` itself.
        named = [] if os.environ.get("COMPOSE_FILE") else [w for path in files for w in ("--file", str(path))]
        return [*compose_program(), *named, *arguments]

    def run(self, *arguments: str, timeout_s: float = 300) -> str:
        """What compose printed on stdout. Raises: CommandError with its last words."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env={**os.environ, **self.env},
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )
        if done.returncode:
            words = done.stderr.strip().splitlines()[-8:]
            raise CommandError(f"docker compose {' '.join(arguments[:3])} failed: " + "\n".join(words))
        return done.stdout

    def up(self, *services: str, timeout_s: float = 240) -> None:
        """Start services, all without names, and wait until they are healthy. Images must be there already."""
        chosen = services or sorted(set(self.run("config", "--services").split()) - ONCE)
        self.run("up", "--detach", "--no-build", "--wait", *chosen, timeout_s=timeout_s)

    def services(self) -> dict[str, dict[str, Any]]:
        """Service -> what compose says of its container (`State`, `Health`, `ExitCode`); containers that exist only."""
        lines = self.run("ps", "--all", "--format", "json").splitlines()
        return {entry["Service"]: entry for entry in map(json.loads, lines)}

    def address(self, service: str, port: int) -> str:
        """`127.0.0.1:32768`, where this machine reaches a port of a service. Raises: CommandError: it does not run."""
        return self.run("port", service, str(port)).strip()

    def stack(self) -> dict[str, Any]:
        """Addresses as seen from this machine, under the names that `vox up` uses. Raises: CommandError."""
        running = {name for name, entry in self.services().items() if entry["State"] == "running"}
        if missing := sorted({"voxbridge", WORKER, "voxvoice", "voxphone"} - running):
            raise CommandError(
                f"not running: {', '.join(missing)}; start them: docker compose --profile demo up --wait",
                exit_code=EXIT_PREFLIGHT,
            )
        return {
            "api_url": f"http://{self.address('voxbridge', 8080)}/api/v1",
            "voice_url": f"http://{self.address('voxvoice', 8060)}",
            "phone_url": f"http://{self.address('voxphone', 8050)}",
            "registry_url": f"http://{self.address('voxregistry', 8070)}",
            "worker_urls": [f"http://{self.address(WORKER, 8000)}"],
            "worker": WORKER,
            "dialler": "voxdialler" in running,
        }

    def admin(self, email: str, password: str) -> tuple[str, str]:
        """(email, password) of the first admin: the given one, else the one that voxbridge made and keeps."""
        return email, password or self.run("exec", "-T", "voxbridge", "cat", "/data/first-admin").strip()


def compose_program() -> list[str]:
    """`docker compose`, else the program of the development packages. Raises: CommandError."""
    if (
        shutil.which("docker")
        and not subprocess.run(["docker", "compose", "version"], capture_output=True, check=False).returncode
    ):
        return ["docker", "compose"]
    beside = Path(sys.prefix) / "bin" / "docker-compose"
    if beside.is_file():
        return [str(beside)]
    raise CommandError(
        "Compose v2 is not installed: install Docker's compose plugin, or `make install` in a checkout",
        exit_code=EXIT_PREFLIGHT,
    )


@dataclass
class ComposeLogs:
    """What services of a compose project said, since `mark` was called last."""

    compose: Compose
    since: float = field(default_factory=time.time)

    def mark(self) -> None:
        self.since = time.time()

    def errors(self) -> list[str]:
        """`service: line` of every line at ERROR or above."""
        found: list[str] = []
        for service, entry in self.compose.services().items():
            said = self.compose.run("logs", "--no-log-prefix", "--no-color", "--since", self._since(), service)
            found += [f"{entry['Service']}: {line.strip()[:300]}" for line in said.splitlines() if is_error(line)]
        return found

    def last(self, service: str, count: int) -> list[str]:
        said = self.compose.run("logs", "--no-log-prefix", "--no-color", "--tail", str(count), service)
        return [readable(line) for line in said.splitlines()]

    def _since(self) -> str:
        return f"{self.since:.3f}"
