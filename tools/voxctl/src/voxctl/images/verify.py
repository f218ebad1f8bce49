"""Are what hosts run, what their files say and what the registry has one and the same?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from voxctl.images.facts import AtRegistry
from voxctl.images.hosts import HostImages
from voxctl.images.reference import Reference
from voxctl.images.registry import ImageMissing
from voxctl.output import CommandError


@dataclass(frozen=True)
class Finding:
    """One thing that was compared. `wrong` says what does not fit; empty: it fits."""

    host: str
    what: str
    tag: str
    wrong: str = ""


async def verify(at: AtRegistry, image: str, hosts: Collection[HostImages]) -> list[Finding]:
    """Every container and every line of seats.env against the registry; `image` is that of the inventory."""
    found = [await _inventory(at, image)]
    known: dict[tuple[str, str], str] = {}
    for host in hosts:
        by_id = {each.id: each for each in host.images}
        for container, image_id in host.running:
            own = by_id[image_id]
            key = (own.name, own.tag)
            if key not in known:
                known[key] = await _digest(at, *key)
            found.append(Finding(host.host, container, own.tag, _container(known[key], own.tag, host, image_id)))
        for variable, text in host.written.items():
            found.append(Finding(host.host, variable, text.rpartition("@")[0] or text, await _line(at, text)))
    return found


async def _inventory(at: AtRegistry, image: str) -> Finding:
    try:
        await at.registry.resolve(Reference.parse(image))
    except CommandError as error:
        return Finding("inventory", "image", image, str(error))
    return Finding("inventory", "image", image)


async def _digest(at: AtRegistry, name: str, tag: str) -> str:
    try:
        return await at.registry.resolve(at.ref(name, tag))
    except ImageMissing:
        return ""


def _container(digest: str, tag: str, host: HostImages, image_id: str) -> str:
    own = host.digests.get(image_id, [])
    if not digest:
        return f"the registry has no {tag} any more"
    if digest in own:
        return ""
    if not own:
        return "it did not come from a registry: its image was built or loaded there"
    return f"it runs {own[0]}, {tag} is {digest} at the registry"


async def _line(at: AtRegistry, text: str) -> str:
    ref = Reference.parse(text)
    if not ref.digest:
        return "a tag and no digest: what starts from it may change"
    if ref.registry != at.registry.registry:
        return f"another registry than {at.registry.registry}"
    try:
        await at.registry.resolve(ref)
    except ImageMissing:
        return "the registry has no such image any more: a new host could not start it"
    return ""


def is_sound(findings: Collection[Finding]) -> bool:
    return not any(finding.wrong for finding in findings)
