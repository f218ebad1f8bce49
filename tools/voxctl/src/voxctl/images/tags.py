"""Tags of releases: `2026.02.05-2`, the second of that UTC day; `dev-<sha>-dirty` for a tree that no commit has."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

RELEASE = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})-([1-9]\d*)")
DIRTY = re.compile(r"dev-[0-9a-f]{7,40}-dirty")
# Moving tags for people to read, set after a deploy. Nothing is ever started from one.
POINTERS = ("staging", "production")
SHORT_SHA = 12


def is_release(tag: str) -> bool:
    """Whether this tag names a release: immutable, one for all its images."""
    return _key(tag) is not None


def newest_first(tags: Iterable[str]) -> list[str]:
    """The releases among tags, by date and number; `-10` comes after `-9`."""
    keyed = [(key, tag) for tag in tags if (key := _key(tag)) is not None]
    return [tag for _, tag in sorted(keyed, reverse=True)]


def next_tag(taken: Iterable[str], day: datetime.date) -> str:
    """The next free tag of a day; numbers are never used again, also when one in between is missing."""
    date = f"{day:%Y.%m.%d}"
    numbers = [key[1] for tag in taken if (key := _key(tag)) is not None and tag.startswith(f"{date}-")]
    return f"{date}-{max(numbers, default=0) + 1}"


def dirty_tag(revision: str) -> str:
    """Tag of a build that holds changes which no commit has; `vox deploy` takes it nowhere but in development."""
    return f"dev-{revision.removesuffix('-dirty')[:SHORT_SHA]}-dirty"


def day_of(tag: str) -> datetime.date:
    """Raises: ValueError: not a release."""
    key = _key(tag)
    if key is None:
        raise ValueError(f"{tag} is no release")
    return key[0]


def _key(tag: str) -> tuple[datetime.date, int] | None:
    found = RELEASE.fullmatch(tag)
    if not found:
        return None
    year, month, day, number = map(int, found.groups())
    try:
        return datetime.date(year, month, day), number
    except ValueError:
        return None
