"""Releases of an image registry: which there are, of which commit, whether they are whole, and who runs them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from voxctl.images.facts import ImageFacts, ImageSource
from voxctl.images.hosts import HostImages
from voxctl.images.registry import ImageMissing
from voxctl.images.tags import DIRTY, POINTERS, is_release, newest_first

AT_ONCE = 8


@dataclass(frozen=True)
class Listed:
    """One tag. `missing`: images that it has not. `pointers`: moving tags that stand for it now."""

    tag: str
    revision: str
    created: str
    digests: Mapping[str, str]
    missing: tuple[str, ...] = ()
    pointers: tuple[str, ...] = ()
    running: Mapping[str, int] = field(default_factory=dict)


async def listed(
    source: ImageSource,
    names: Sequence[str],
    *,
    limit: int,
    hosts: Collection[HostImages] = (),
    pointers: Sequence[str] = (),
) -> list[Listed]:
    """The newest `limit` releases, then tries of development. `pointers` are looked up besides the usual ones."""
    tags = {name: await source.tags(name) for name in names}
    known = {tag for found in tags.values() for tag in found}
    wanted = [*newest_first(known)[:limit], *sorted(tag for tag in known if DIRTY.fullmatch(tag))]
    moving = [each for each in dict.fromkeys((*POINTERS, *pointers)) if each in known and not is_release(each)]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(name: str, tag: str) -> ImageFacts | None:
        if tag not in tags[name]:
            return None
        async with gate:
            try:
                return await source.facts(name, tag)
            except ImageMissing:
                return None

    async def all_of(tag: str) -> dict[str, ImageFacts]:
        found = await asyncio.gather(*(one(name, tag) for name in names))
        return {facts.name: facts for facts in found if facts}

    stands_for = dict(zip(moving, await asyncio.gather(*(all_of(tag) for tag in moving)), strict=True))
    result: list[Listed] = []
    for tag in wanted:
        found = await all_of(tag)
        if not found:
            continue
        first = next(iter(found.values()))
        digests = {name: facts.digest for name, facts in found.items()}
        pointed = [
            each for each, its in stands_for.items() if its and all(digests.get(n) == f.digest for n, f in its.items())
        ]
        running = {host.host: count for host in hosts if (count := host.tags_running().get(tag, 0))}
        missing = tuple(sorted(set(names) - set(found)))
        result.append(Listed(tag, first.revision, first.created, digests, missing, tuple(pointed), running))
    return result
