"""Images of ours on the hosts of an inventory: what they have, what runs, and what is written for the next start."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import PROJECT_DIR, SEATS_ENV
from voxctl.hosts.remote import Remote, connected
from voxctl.hosts.ssh import RemoteFailed
from voxctl.images.facts import TITLE, VERSION
from voxctl.images.retention import OnHost

OURS = re.compile(r"(?:^|/)vox/[a-z]+(?=[:@])")


@dataclass(frozen=True)
class HostImages:
    """What one host has. `digests`: image id -> digests at the registry. `written`: references in seats.env.

    `running`: (container, image id) of each container of ours that exists, stopped ones included.
    """

    host: str
    images: list[OnHost] = field(default_factory=list)
    digests: dict[str, list[str]] = field(default_factory=dict)
    running: list[tuple[str, str]] = field(default_factory=list)
    written: dict[str, str] = field(default_factory=dict)

    def tag_of(self, image_id: str) -> str:
        return next((image.tag for image in self.images if image.id == image_id), "?")

    def tags_running(self) -> dict[str, int]:
        """Tag -> containers."""
        found: dict[str, int] = {}
        for _, image_id in self.running:
            tag = self.tag_of(image_id)
            found[tag] = found.get(tag, 0) + 1
        return found

    def needed(self) -> set[str]:
        """Digests and tags that this host runs, or would start."""
        ids = {image_id for _, image_id in self.running}
        found = {digest for image_id in ids for digest in self.digests.get(image_id, [])}
        found |= {self.tag_of(image_id) for image_id in ids} - {"?"}
        for ref in self.written.values():
            found.add(ref.partition("@")[2] or ref.rpartition(":")[2])
        return found


async def images_on(inventory: Inventory, names: Iterable[str] | None = None) -> list[HostImages]:
    """Raises: CommandError: a host is away."""
    chosen = list(names if names is not None else inventory.hosts)
    async with connected(inventory, chosen) as remotes:
        return list(await asyncio.gather(*(look(remote) for remote in remotes.values())))


async def look(remote: Remote) -> HostImages:
    listed = (await _docker(remote, "image", "ls", "--quiet", "--no-trunc")).split()
    told = await _inspected(remote, "image", listed)
    containers = (await _docker(remote, "container", "ls", "--all", "--quiet", "--no-trunc")).split()
    made = await _inspected(remote, "container", containers)
    used = {each["Image"] for each in made}
    images = [_on_host(each, used) for each in told if is_ours(each)]
    ours = {image.id for image in images}
    return HostImages(
        remote.name,
        images,
        {each["Id"]: [d.rpartition("@")[2] for d in each.get("RepoDigests") or []] for each in told},
        [(each["Name"].removeprefix("/"), each["Image"]) for each in made if each["Image"] in ours],
        written(await remote.text(PROJECT_DIR / SEATS_ENV) or ""),
    )


async def remove(remote: Remote, images: Collection[OnHost]) -> list[str]:
    """Take every name from these images; one that a container has taken meanwhile stays. Returns Docker's refusals."""
    refused: list[str] = []
    for image in images:
        done = await remote.docker("image", "rm", *image.names)
        if not done.ok:
            refused.append(f"{image.name}:{image.tag}: {done.words}")
    return refused


def is_ours(told: dict[str, Any]) -> bool:
    names = [*(told.get("RepoTags") or []), *(told.get("RepoDigests") or [])]
    return any(OURS.search(name) for name in names)


def _on_host(told: dict[str, Any], used: Collection[str]) -> OnHost:
    labels = told["Config"].get("Labels") or {}
    names = tuple(told.get("RepoTags") or ()) or tuple(told.get("RepoDigests") or ())
    return OnHost(told["Id"], labels.get(TITLE, "?"), labels.get(VERSION, ""), told["Id"] in used, names)


def written(text: str) -> dict[str, str]:
    """Variable -> reference of every image of ours in `seats.env`."""
    lines = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name: value.strip() for name, _, value in lines if OURS.search(value)}


async def _docker(remote: Remote, *words: str) -> str:
    done = await remote.docker(*words, repeat=True)
    if not done.ok:
        raise RemoteFailed(f"{remote.name}: docker {words[0]} {words[1]}: {done.words}", done.code)
    return done.out


async def _inspected(remote: Remote, kind: str, ids: Iterable[str]) -> list[dict[str, Any]]:
    unique = list(dict.fromkeys(ids))
    return json.loads(await _docker(remote, kind, "inspect", *unique)) if unique else []
