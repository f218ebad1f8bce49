"""Advisories in the OSV format: read from folders and zip files, and held against packages.

The format: https://ossf.github.io/osv-schema/ . Where an ecosystem is exported whole, it is one zip file of such files.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from packaging.utils import canonicalize_name

from voxctl.images.scan.packages import Package
from voxctl.images.scan.versions import UnknownVersion, parsed
from voxctl.output import EXIT_USAGE, CommandError

Severity = Literal["low", "moderate", "high", "critical", "unknown"]
# An advisory that names no severity in words counts as the worst: nobody has said that it is harmless.
SEVERITIES: tuple[Severity, ...] = ("low", "moderate", "high", "critical", "unknown")
WORDS: dict[str, Severity] = {"medium": "moderate"}
WORDS.update({word: word for word in SEVERITIES})
LARGEST_FILE = 4 * 1024 * 1024
Advisory = dict[str, Any]


@dataclass(frozen=True)
class Finding:
    """A package with an advisory that holds for its version. `ids`: its names; `fixed`: versions without it."""

    package: Package
    ids: tuple[str, ...]
    severity: Severity
    fixed: str
    summary: str


@dataclass
class Book:
    """Everything that a place holds. `counts`: advisories by ecosystem; `newest`: the date of the latest change."""

    place: Path
    counts: Counter[str] = field(default_factory=Counter)
    newest: str = ""
    affected: dict[tuple[str, str], list[tuple[Advisory, dict[str, Any]]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, advisory: Advisory) -> None:
        if advisory.get("withdrawn"):
            return
        self.newest = max(self.newest, *(str(advisory.get(key, ""))[:10] for key in ("modified", "published")))
        ecosystems: set[str] = set()
        for affected in advisory.get("affected", ()):
            package = affected.get("package") or {}
            ecosystem, name = str(package.get("ecosystem", "")), str(package.get("name", ""))
            ecosystems.add(ecosystem)
            self.affected[ecosystem, canonicalize_name(name) if ecosystem == "PyPI" else name].append(
                (advisory, affected)
            )
        self.counts.update(ecosystems)

    def findings(self, package: Package) -> list[Finding]:
        """What is known of this package, one finding for all names of the same weakness."""
        found: list[Finding] = []
        for advisory, affected in self.affected.get((package.ecosystem, package.source), ()):
            if not holds(affected, package):
                continue
            ids = (str(advisory.get("id", "?")), *map(str, advisory.get("aliases") or ()))
            fixed = ", ".join(_events(affected, "fixed"))
            finding = Finding(package, ids, severity_of(advisory, affected), fixed, str(advisory.get("summary", "")))
            found = merged(found, finding)
        return found


def read_book(place: Path) -> Book:
    """Every advisory under a folder or in a zip file. Raises: CommandError: it cannot be read, or has none."""
    book = Book(place)
    try:
        for name, text in _files(place):
            try:
                advisory = json.loads(text)
            except ValueError:
                raise CommandError(f"{name} in {place} is no JSON", exit_code=EXIT_USAGE) from None
            if isinstance(advisory, dict) and "affected" in advisory and "id" in advisory:
                book.add(advisory)
    except (OSError, zipfile.BadZipFile) as error:
        raise CommandError(f"cannot read the advisories in {place}: {error}", exit_code=EXIT_USAGE) from None
    if not book.counts:
        raise CommandError(
            f"there are no advisories in {place}: give a folder or a zip file of OSV files (JSON)", exit_code=EXIT_USAGE
        )
    return book


def _files(place: Path) -> Iterator[tuple[str, bytes]]:
    if place.is_dir():
        for path in sorted(place.rglob("*.json")):
            yield str(path), path.read_bytes()
        return
    with zipfile.ZipFile(place) as archive:
        for entry in archive.infolist():
            if entry.filename.endswith(".json") and entry.file_size <= LARGEST_FILE:
                yield entry.filename, archive.read(entry)


def holds(affected: dict[str, Any], package: Package) -> bool:
    """Whether this part of an advisory speaks of the package's version.

    A version that cannot be compared is taken for an affected one: a person must look.
    """
    if package.source_version in (affected.get("versions") or ()):
        return True
    ranges = [each for each in affected.get("ranges") or () if each.get("type") in ("ECOSYSTEM", "SEMVER")]
    try:
        return any(_within(each.get("events") or (), package) for each in ranges)
    except UnknownVersion:
        return True


def _within(events: Iterable[dict[str, str]], package: Package) -> bool:
    """OSV's own way: the last event at or before the version decides."""
    version = parsed(package.ecosystem, package.source_version)
    steps = []
    for event in events:
        for kind, text in event.items():
            if kind == "limit":
                continue
            first = kind == "introduced" and text == "0"
            # At the same version a fix is said after an introduction, and the last affected version is still one.
            steps.append((not first, None if first else parsed(package.ecosystem, text), kind))
    inside = False
    for _, at, kind in sorted(steps, key=_order):
        if at is None or (at < version if kind == "last_affected" else at <= version):
            inside = kind == "introduced"
    return inside


def _order(step: tuple[bool, Any, str]) -> tuple[Any, ...]:
    later, at, kind = step
    return (later, at, kind != "introduced") if later else (later,)


def _events(affected: dict[str, Any], kind: str) -> list[str]:
    return [
        event[kind]
        for each in affected.get("ranges") or ()
        if each.get("type") in ("ECOSYSTEM", "SEMVER")
        for event in each.get("events") or ()
        if kind in event
    ]


def severity_of(advisory: Advisory, affected: dict[str, Any]) -> Severity:
    """The worst that is said in words."""
    said: list[Severity | None] = [
        WORDS.get(str(place.get("severity", "")).lower())
        for part in (advisory, affected)
        for key in ("database_specific", "ecosystem_specific")
        if isinstance(place := part.get(key), dict)
    ]
    return worst(word for word in said if word)


def worst(said: Iterable[Severity]) -> Severity:
    """The worst that is known; unknown when nothing is."""
    known = [SEVERITIES.index(word) for word in said if word != "unknown"]
    return SEVERITIES[max(known)] if known else "unknown"


def merged(found: list[Finding], new: Finding) -> list[Finding]:
    """`found` with one more; those that share a name with it become one. A severity in words wins over none."""
    same = [each for each in found if set(each.ids) & set(new.ids)]
    every = [*same, new]
    one = Finding(
        new.package,
        tuple(dict.fromkeys(name for each in every for name in each.ids)),
        worst(each.severity for each in every),
        next((each.fixed for each in every if each.fixed), ""),
        next((each.summary for each in every if each.summary), ""),
    )
    return [*(each for each in found if each not in same), one]
