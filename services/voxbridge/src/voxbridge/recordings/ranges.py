"""HTTP byte ranges: one range is served as a part, everything else as the whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voxkit.errors import VoxError

_ONE = re.compile(r"bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE | re.ASCII)
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", re.ASCII)
_MAX_DIGITS = 18


class RangeNotSatisfiable(VoxError):
    """The range lies beyond the end of the recording."""

    code, status = "range_not_satisfiable", 416

    def __init__(self, size: int) -> None:
        super().__init__(headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})


@dataclass(frozen=True)
class ByteRange:
    """`start` to `end`, both inclusive, of `size` bytes."""

    start: int
    end: int
    size: int

    @property
    def length(self) -> int:
        return self.end - self.start + 1

    @property
    def content_range(self) -> str:
        return f"bytes {self.start}-{self.end}/{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range asked for; None = the whole (no range, several, or bad syntax).

    Raises: RangeNotSatisfiable: nothing of it exists.
    """
    found = _ONE.fullmatch(header.strip()) if header else None
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if len(first) > _MAX_DIGITS or len(last) > _MAX_DIGITS:
        return None
    if not first:
        wanted = min(int(last), size)
        if wanted == 0:
            raise RangeNotSatisfiable(size)
        return ByteRange(size - wanted, size - 1, size)
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        raise RangeNotSatisfiable(size)
    return ByteRange(start, min(int(last), size - 1) if last else size - 1, size)


def if_range_holds(header: str | None, etag: str | None, last_modified: str | None) -> bool:
    """Whether a range may be answered as a part: no `If-Range`, or one that names exactly what is stored (strong ETags
    only)."""
    if header is None:
        return True
    value = header.strip()
    if value.startswith("W/") or (etag or "").startswith("W/"):
        return False
    return value == etag if value.startswith('"') else bool(last_modified) and value == last_modified


def size_of(content_range: str | None) -> int | None:
    """The whole size that a `Content-Range` names."""
    found = _CONTENT_RANGE.fullmatch(content_range.strip()) if content_range else None
    return int(found.group(3)) if found else None
