"""Release notes out of commits: one line each, in the words of their authors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from voxctl.images.build import git
from voxctl.images.tags import newest_first

PREFIX = "v"
"""Git's name of a release is `v2026.02.05-2`."""


@dataclass(frozen=True)
class Commit:
    revision: str
    subject: str


def released(root: Path) -> list[str]:
    """Releases that git has a tag for, newest first."""
    return newest_first(tag.removeprefix(PREFIX) for tag in git(root, "tag", "--list", f"{PREFIX}*").split())


def last_before(root: Path) -> str:
    """The newest release that HEAD has grown out of; empty: there is none."""
    merged = git(root, "tag", "--merged", "HEAD", "--list", f"{PREFIX}*").split()
    return next(iter(newest_first(tag.removeprefix(PREFIX) for tag in merged)), "")


def commits_since(root: Path, release: str) -> list[Commit]:
    """What came after a release, oldest first; all of it without one."""
    span = [f"{PREFIX}{release}..HEAD"] if release else ["HEAD"]
    lines = git(root, "log", "--reverse", "--no-merges", "--format=%H %s", *span).splitlines()
    return [Commit(*line.split(" ", 1)) for line in lines if " " in line]


def notes(tag: str, former: str, commits: Sequence[Commit]) -> str:
    """The text that git's tag carries."""
    since = f"Since {former}" if former else "The first release"
    lines = [f"- {each.subject} ({each.revision[:12]})" for each in commits]
    return "\n".join([f"Vox {tag}", "", f"{since}, {len(commits)} commits:", "", *lines]) + "\n"
