"""The packages of an image, read from its CycloneDX list, or from what dpkg knows where it has none."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from voxctl.output import CommandError

PURL = re.compile(
    r"pkg:(?P<kind>pypi|npm|deb/debian|apk/alpine)/(?P<name>[^@?]+)@(?P<version>[^?]+)(?:\?(?P<rest>.*))?"
)


@dataclass(frozen=True)
class Package:
    """One package. `ecosystem` is OSV's word for where it comes from (`PyPI`, `npm`, `Debian:12`, `Alpine:v3.22`);
    `source` is what advisories call it there, which for a package of a distribution is its source package.
    """

    ecosystem: str
    name: str
    version: str
    source: str
    source_version: str


def packages_of(sbom: str) -> list[Package]:
    """Packages in the list's order. Raises: CommandError: no CycloneDX list."""
    try:
        components: list[dict[str, Any]] = json.loads(sbom)["components"]
        purls = [str(component["purl"]) for component in components]
    except (ValueError, KeyError, TypeError):
        raise CommandError("this is no list of packages (CycloneDX JSON with package URLs)") from None
    return [package for purl in purls if (package := _package(purl))]


def packages_of_dpkg(status: str, os_release: str) -> list[Package]:
    """Debian packages from `/var/lib/dpkg/status` and `/etc/os-release`. Raises: CommandError: it is no Debian."""
    told = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', os_release, re.MULTILINE))
    if told.get("ID") != "debian":
        raise CommandError(f"its base is {told.get('ID') or 'unknown'}, not Debian")
    found: list[Package] = []
    for block in status.split("\n\n"):
        fields = dict(re.findall(r"^(Package|Version|Status|Source): (.*)$", block, re.MULTILINE))
        if "Version" not in fields or "not-installed" in fields.get("Status", ""):
            continue
        source, _, version = fields.get("Source", fields["Package"]).partition(" ")
        own = fields["Version"]
        ecosystem = f"Debian:{told.get('VERSION_ID', '')}"
        found.append(Package(ecosystem, fields["Package"], own, source, version.strip("()") or own))
    return found


def _package(purl: str) -> Package | None:
    found = PURL.fullmatch(purl)
    if found is None:
        return None
    name, version = unquote(found["name"]), unquote(found["version"])
    if alone := {"pypi": "PyPI", "npm": "npm"}.get(found["kind"]):
        return Package(alone, name, version, name, version)
    more = {key: values[0] for key, values in parse_qs((found["rest"] or "").replace("+", "%2B")).items()}
    _, _, release = more.get("distro", "").partition("-")
    numbers = release.split(".")
    ecosystem = f"Debian:{numbers[0]}" if found["kind"] == "deb/debian" else f"Alpine:v{'.'.join(numbers[:2])}"
    source, _, source_version = more.get("upstream", name).partition("@")
    return Package(ecosystem, name, version, source, source_version or version)
