"""The packages of an image, read from its CycloneDX list."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from voxctl.output import CommandError

PURL = re.compile(r"pkg:(?P<kind>pypi|deb/debian)/(?P<name>[^@?]+)@(?P<version>[^?]+)(?:\?(?P<rest>.*))?")


@dataclass(frozen=True)
class Package:
    """One package. `ecosystem` is OSV's word for where it comes from (`PyPI`, `Debian:12`); `source` is what advisories
    call it there, which for a Debian package is its source package.
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


def _package(purl: str) -> Package | None:
    found = PURL.fullmatch(purl)
    if found is None:
        return None
    name, version = unquote(found["name"]), unquote(found["version"])
    if found["kind"] == "pypi":
        return Package("PyPI", name, version, name, version)
    more = {key: values[0] for key, values in parse_qs((found["rest"] or "").replace("+", "%2B")).items()}
    release = more.get("distro", "debian-").removeprefix("debian-").split(".")[0]
    source, _, source_version = more.get("upstream", name).partition("@")
    return Package(f"Debian:{release}", name, version, source, source_version or version)
