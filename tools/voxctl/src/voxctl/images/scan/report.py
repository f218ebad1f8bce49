"""One image held against every source there is: findings, what they come from, and what nobody could say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from voxctl.images.scan.advisories import SEVERITIES, Book, Finding, Severity, merged
from voxctl.images.scan.archive import Archive
from voxctl.images.scan.packages import Package
from voxctl.output import CommandError

# Nobody looks there.
NEVER = ("what no list of packages names: libraries inside wheels",)
BARE = "all but packages of the distribution: the image has no list of its own"


@dataclass
class Report:
    """`updates`: package and the version of the security archive that it lacks. `sources` and `unchecked` are
    sentences.
    """

    packages: int
    findings: list[Finding] = field(default_factory=list)
    updates: list[tuple[Package, str]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    def bad(self, level: Severity, accepted: frozenset[str]) -> list[Finding]:
        """Findings at or above a level that nobody has accepted."""
        worst = SEVERITIES.index(level)
        return [
            each
            for each in self.findings
            if SEVERITIES.index(each.severity) >= worst and not accepted.intersection(each.ids)
        ]


def scan(
    packages: Sequence[Package], books: Sequence[Book], archive_of: Callable[[str], Archive], *, listed: bool = True
) -> Report:
    """Hold packages against advisories and against the security archive of their distribution.

    `listed` False: the image has no list of its own, and these are what its distribution knows.
    """
    report = Report(len(packages))
    if not listed:
        report.unchecked.append(BARE)
    for book in books:
        held = ", ".join(f"{count} of {name}" for name, count in book.counts.most_common(4))
        report.sources.append(f"{book.place}: advisories, {held}; the newest of {book.newest or 'no date'}")
    for package in packages:
        found: list[Finding] = []
        for book in books:
            for finding in book.findings(package):
                found = merged(found, finding)
        report.findings += found
    report.findings.sort(key=lambda each: (-SEVERITIES.index(each.severity), each.package.name))
    for ecosystem, count in sorted(Counter(package.ecosystem for package in packages).items()):
        known = any(book.counts[ecosystem] for book in books)
        distribution, _, release = ecosystem.partition(":")
        if distribution == "Debian":
            known = _updates(report, packages, ecosystem, release, archive_of) or known
        if not known:
            report.unchecked.append(f"{count} packages of {ecosystem}: no advisories of {ecosystem} were given")
    if any(package.ecosystem.startswith("Debian") for package in packages) and not any(
        name.startswith("Debian") for book in books for name in book.counts
    ):
        report.unchecked.append(
            "weaknesses of Debian packages that Debian has not mended yet: only advisories name them"
        )
    report.unchecked += NEVER
    return report


def _updates(
    report: Report, packages: Sequence[Package], ecosystem: str, release: str, archive_of: Callable[[str], Archive]
) -> bool:
    """Whether the archive of this release could be asked."""
    try:
        archive = archive_of(release)
    except CommandError as error:
        report.unchecked.append(f"security updates of {ecosystem}: {error}")
        return False
    report.sources.append(
        f"security archive of {ecosystem}: {len(archive.versions)} packages, as apt-get knew them on {archive.read}"
    )
    ours = [package for package in packages if package.ecosystem == ecosystem]
    report.updates += [(package, newer) for package in ours if (newer := archive.newer(package))]
    return True
