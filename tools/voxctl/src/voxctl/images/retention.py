"""What `vox images gc` may remove, as pure functions of what is there and what is used."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from voxctl.images.tags import DIRTY, day_of, is_release, newest_first

DAYS, AT_LEAST = 30, 10
"""A registry keeps releases of so many days, and at least so many of them."""


@dataclass(frozen=True)
class Gone:
    """One manifest that nothing needs: `tags` are all that it has."""

    digest: str
    tags: tuple[str, ...]


def to_remove(
    tags: Mapping[str, str], *, today: datetime.date, used: Collection[str], days: int = DAYS, at_least: int = AT_LEAST
) -> list[Gone]:
    """Of one repository. `tags`: tag -> digest. `used`: digests and tags that hosts run, or keep for a rollback.

    Only releases and tries of development go. Any other tag, the pointers among them, keeps the manifest it stands for:
    what nobody here has named is nobody's here to remove.
    """
    releases = newest_first(tags)
    oldest = today - datetime.timedelta(days=days)
    kept = {tag for place, tag in enumerate(releases) if place < at_least or day_of(tag) >= oldest}
    kept |= {tag for tag in tags if not is_release(tag) and not DIRTY.fullmatch(tag)}
    kept |= {tag for tag, digest in tags.items() if tag in used or digest in used}
    needed = {tags[tag] for tag in kept}
    # By digest: removing a manifest removes each of its tags.
    doomed: dict[str, list[str]] = {}
    for tag, digest in tags.items():
        if digest not in needed:
            doomed.setdefault(digest, []).append(tag)
    return [Gone(digest, tuple(sorted(names))) for digest, names in sorted(doomed.items())]


@dataclass(frozen=True)
class OnHost:
    """An image that a host's engine has. `tag` is what its label says; `names` are those that Docker has for it."""

    id: str
    name: str
    tag: str
    in_use: bool
    names: tuple[str, ...] = ()


def to_remove_on_host(images: Collection[OnHost], *, keep: int, used: Collection[str]) -> list[OnHost]:
    """Images of ours beyond the last `keep` of each name, oldest first. Whatever a container has stays, and `used`."""
    gone: list[OnHost] = []
    for name in sorted({image.name for image in images}):
        own = [image for image in images if image.name == name]
        order = newest_first({image.tag for image in own})
        ranked = [*order, *sorted({image.tag for image in own} - set(order))]
        kept = set(ranked[:keep]) | set(used)
        free = [i for i in own if not i.in_use and i.tag not in kept and i.id not in used]
        gone += sorted(free, key=lambda image: -ranked.index(image.tag))
    return gone
