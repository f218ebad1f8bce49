"""Which of two versions is older, as the ecosystem of a package says."""

from __future__ import annotations

import re
from functools import total_ordering
from itertools import zip_longest
from typing import Any

from packaging.version import InvalidVersion, Version


class UnknownVersion(Exception):
    """A version that its ecosystem would not take."""


def parsed(ecosystem: str, version: str) -> Any:
    """Something to compare with another of the same ecosystem. Raises: UnknownVersion."""
    if ecosystem.startswith("Debian"):
        return DebianVersion(version)
    if ecosystem == "npm":
        return _semantic(version)
    if ecosystem != "PyPI":
        raise UnknownVersion(version)
    try:
        return Version(version)
    except InvalidVersion:
        raise UnknownVersion(version) from None


def _semantic(text: str) -> tuple[Any, ...]:
    """Semantic Versioning 2.0.0, section 11: a pre-release is before its release, numbers in it before words."""
    found = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?", text)
    if found is None:
        raise UnknownVersion(text)
    before = found[4].split(".") if found[4] else []
    pieces = [(0, int(piece), "") if piece.isdigit() else (1, 0, piece) for piece in before]
    return (*map(int, found.groups()[:3]), not before, pieces)


@total_ordering
class DebianVersion:
    """`[epoch:]upstream[-revision]`, ordered as dpkg does it (Debian policy 5.6.12)."""

    def __init__(self, text: str) -> None:
        epoch, colon, rest = text.partition(":")
        if not colon:
            epoch, rest = "0", text
        if not epoch.isdigit() or not rest:
            raise UnknownVersion(text)
        upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
        self.key = (int(epoch), _Part(upstream), _Part(revision))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DebianVersion) and self.key == other.key

    def __lt__(self, other: DebianVersion) -> bool:
        return self.key < other.key

    def __hash__(self) -> int:
        return hash(self.key[0])


@total_ordering
class _Part:
    """Text and numbers take turns; `~` is before the end, letters are before other signs."""

    def __init__(self, text: str) -> None:
        # One more element for the end, so that `~` can be before it.
        self.pieces = [([_rank(sign) for sign in words] + [0], int(number or 0)) for words, number in _split(text)]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Part) and not self < other and not other < self

    def __lt__(self, other: _Part) -> bool:
        for mine, theirs in zip_longest(self.pieces, other.pieces, fillvalue=([0], 0)):
            if mine != theirs:
                return mine < theirs
        return False


def _split(text: str) -> list[tuple[str, str]]:
    return [(words, number) for words, number in re.findall(r"(\D*)(\d*)", text) if words or number]


def _rank(sign: str) -> int:
    if sign == "~":
        return -1
    return ord(sign) if sign.isalpha() else ord(sign) + 256
