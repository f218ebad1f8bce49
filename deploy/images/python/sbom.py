"""`sbom.py FOLDER...`: a CycloneDX list of the Python packages in the folders and of the Debian packages beneath."""

import datetime
import json
import os
import re
import sys
import urllib.parse
from importlib.metadata import distributions
from pathlib import Path

DPKG = (Path("/var/lib/dpkg/status"), *sorted(Path("/var/lib/dpkg/status.d").glob("*")))


def component(kind: str, name: str, version: str, suffix: str = "", licence: str = "") -> dict[str, object]:
    """One entry; `kind` and `suffix` frame the package URL."""
    purl = f"pkg:{kind}/{name}@{urllib.parse.quote(version, safe='.+~:-')}{suffix}"
    entry: dict[str, object] = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    if licence:
        entry["licenses"] = [{"license": {"name": licence}}]
    return entry


def python_packages(folders: list[str]) -> list[dict[str, object]]:
    paths = [str(path) for folder in folders for path in Path(folder).glob("python*/site-packages")]
    found = {}
    for dist in distributions(path=paths):
        name = re.sub(r"[-_.]+", "-", dist.name).lower()
        licence = (dist.metadata.get("License-Expression") or "").strip()
        found[name] = component("pypi", name, dist.version, licence=licence)
    return [found[name] for name in sorted(found)]


def debian_packages() -> list[dict[str, object]]:
    """Name and version as dpkg knows them; the kind of distribution stands in /etc/os-release."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', Path("/etc/os-release").read_text(), re.MULTILINE))
    suffix = f"?distro={release.get('ID', 'linux')}-{release.get('VERSION_ID', 'unknown')}"
    found = {}
    for file in DPKG:
        if not file.is_file():
            continue
        for block in file.read_text(encoding="utf-8").split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Status|Source): (.*)$", block, re.MULTILINE))
            if "Package" in fields and "Version" in fields and "not-installed" not in fields.get("Status", ""):
                more = suffix + upstream(fields["Source"]) if "Source" in fields else suffix
                found[fields["Package"]] = component("deb/debian", fields["Package"], fields["Version"], more)
    return [found[name] for name in sorted(found)]


def upstream(source: str) -> str:
    """The source package of a binary one, `gcc-12 (12.2.0-14)`, as a part of its URL: advisories name no other."""
    name, _, version = source.partition(" ")
    at = f"@{version.strip('()')}" if version else ""
    return "&upstream=" + urllib.parse.quote(name + at, safe=".+~-")


def main() -> None:
    made = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.UTC)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": made.isoformat().replace("+00:00", "Z")},
        "components": [*python_packages(sys.argv[1:]), *debian_packages()],
    }
    json.dump(bom, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
