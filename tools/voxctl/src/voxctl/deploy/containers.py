"""Containers of one host's compose project, as its Docker knows them, and the images that seats.env names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voxctl.hosts.layout import PROJECT_DIR, SEATS_ENV
from voxctl.hosts.remote import Remote
from voxctl.hosts.ssh import RemoteFailed

LOG_CHARS = 200
LOW_MIB = 256
"""With less disk a worker takes no calls (OUTBOX_MIN_FREE_MB), and Docker fails in many ways: the image is not why."""
DISKS = ("/var/lib/docker", "/var/lib/vox")
INSPECT = (
    '{"id":{{json .Id}},"name":{{json .Name}},"ref":{{json .Config.Image}},"status":{{json .State.Status}},'
    '"exit":{{.State.ExitCode}},"oom":{{.State.OOMKilled}},"restarts":{{.RestartCount}},'
    '"version":{{json (index .Config.Labels "org.opencontainers.image.version")}}}'
)


@dataclass(frozen=True)
class Container:
    """What Docker says of one. `restarts`: how often its restart policy has started it again. `version`: the tag that
    its image was built as.
    """

    ref: str
    status: str
    exit: int
    oom: bool
    restarts: int
    id: str = ""
    version: str = ""

    @property
    def up(self) -> bool:
        return self.status in ("running", "restarting")


class HostContainers:
    """The compose project of a host over SSH, by the names of its services."""

    def __init__(self, remote: Remote) -> None:
        self.remote = remote
        self._project = f"{remote.inventory.project}-{remote.name}"

    def name_of(self, service: str) -> str:
        """The container's name; Compose makes it so."""
        return f"{self._project}-{service}-1"

    async def found(self, services: Sequence[str]) -> dict[str, Container]:
        """Those that exist, whatever they do. Raises: CommandError."""
        names = {self.name_of(service): service for service in services}
        # One that is not there is an error of the command and a fact for us: what it found stands on stdout.
        done = await self.remote.docker("inspect", "--type", "container", "--format", INSPECT, *names, repeat=True)
        if not done.ok and "No such" not in done.err:
            raise RemoteFailed(f"{self.remote.name}: Docker does not answer: {done.words}", done.code)
        containers: dict[str, Container] = {}
        for line in filter(None, map(str.strip, done.out.splitlines())):
            said: dict[str, Any] = json.loads(line)
            service = names[said.pop("name").lstrip("/")]
            containers[service] = Container(**said)
        return containers

    async def complaint(self, service: str, container: Container) -> str:
        """How one that is not well ended, and what it said last."""
        done = await self.remote.docker("logs", "--tail", "5", self.name_of(service), repeat=True)
        lines = [line.strip() for line in (done.out + done.err).splitlines() if line.strip()]
        how = "killed for memory; " if container.oom else "" if container.up else f"ended with code {container.exit}; "
        return how + (f'its last words: "{lines[-1][:LOG_CHARS]}"' if lines else "it said nothing")

    async def trouble(self) -> str:
        """What of the host itself keeps any image from running; empty: nothing. Raises: CommandError."""
        done = await self.remote.run(["df", "--output=avail", "-m", *DISKS], repeat=True)
        free = [int(word) for word in done.out.split() if word.isdigit()]
        least = min(zip(free, DISKS, strict=False), default=(LOW_MIB, ""))
        return f"its disk is full, {least[0]} MiB are free for {least[1]}" if least[0] < LOW_MIB else ""

    async def images(self) -> dict[str, str]:
        """The lines of seats.env. Raises: CommandError: the host was never set up."""
        text = await self.remote.text(PROJECT_DIR / SEATS_ENV)
        if text is None:
            raise RemoteFailed(f"{self.remote.name}: {SEATS_ENV} is not there: vox host up {self.remote.name}")
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    async def write_images(self, changes: Mapping[str, str]) -> None:
        """Change lines of seats.env: what a reboot of the host brings back."""
        lines = await self.images()
        if {**lines, **changes} != lines:
            text = "".join(f"{key}={value}\n" for key, value in {**lines, **changes}.items())
            await self.remote.write(PROJECT_DIR / SEATS_ENV, text)
