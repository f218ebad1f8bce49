"""What Debian's security archive has newer, read from the lists that `apt-get update` left on this machine."""

from __future__ import annotations

import datetime
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from voxctl.images.scan.packages import Package
from voxctl.images.scan.versions import UnknownVersion, parsed
from voxctl.output import CommandError

# Release -> the name of its suites.
CODENAMES = {"12": "bookworm", "13": "trixie"}
LIST = "$(FILENAME)"


@dataclass(frozen=True)
class Archive:
    """The security suite of one release. `versions`: binary package -> its newest version there; `read`: its date."""

    release: str
    versions: dict[str, str]
    read: str

    def newer(self, package: Package) -> str:
        """The version that mends something in this package; empty when there is none that is newer."""
        there = self.versions.get(package.name, "")
        try:
            return there if there and parsed("Debian", package.version) < parsed("Debian", there) else ""
        except UnknownVersion:
            return there


def read_archive(release: str) -> Archive:
    """The security suite of a Debian release. Raises: CommandError: this machine has no such list, and why."""
    codename = CODENAMES.get(release)
    if codename is None:
        raise CommandError(f"Debian {release or 'of unknown release'} has no name here")
    if shutil.which("apt-get") is None:
        raise CommandError("apt-get is not on this machine")
    wanted = ["--format", LIST, "Created-By: Packages", f"Codename: {codename}-security"]
    files = [Path(line) for line in _said("apt-get", "indextargets", *wanted).splitlines()]
    files = [path for path in files if path.is_file()]
    if not files:
        raise CommandError(f"this machine has no list of {codename}-security: add that suite to apt, apt-get update")
    versions: dict[str, str] = {}
    for path in files:
        for block in _said("/usr/lib/apt/apt-helper", "cat-file", str(path)).split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version): (.*)$", block, re.MULTILINE))
            if "Package" in fields and "Version" in fields:
                _keep(versions, fields["Package"], fields["Version"])
    oldest = min(path.stat().st_mtime for path in files)
    return Archive(release, versions, datetime.datetime.fromtimestamp(oldest, datetime.UTC).date().isoformat())


def _keep(versions: dict[str, str], name: str, version: str) -> None:
    known = versions.get(name)
    if known is None or parsed("Debian", known) < parsed("Debian", version):
        versions[name] = version


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{command[0]} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return done.stdout
