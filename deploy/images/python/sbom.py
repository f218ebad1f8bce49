"""`sbom.py [--base FOLDER] PLACE...`: a CycloneDX list of what an image holds.

A place is a folder of Python packages or a package-lock.json; `--base` is the root of what dpkg or apk put beneath.
"""

import argparse
import datetime
import json
import os
import re
import sys
import urllib.parse
from importlib.metadata import distributions
from pathlib import Path

Component = dict[str, object]


def component(kind: str, name: str, version: str, suffix: str = "", licence: str = "") -> Component:
    """One entry; `kind` and `suffix` frame the package URL."""
    purl = f"pkg:{kind}/{urllib.parse.quote(name, safe='/+')}@{urllib.parse.quote(version, safe='.+~:-')}{suffix}"
    entry: Component = {"type": "library", "name": name, "version": version, "purl": purl, "bom-ref": purl}
    if licence:
        entry["licenses"] = [{"license": {"name": licence}}]
    return entry


def python_packages(folders: list[Path]) -> list[Component]:
    paths = [str(path) for folder in folders for path in folder.glob("python*/site-packages")]
    found = {}
    for dist in distributions(path=paths):
        name = re.sub(r"[-_.]+", "-", dist.name).lower()
        licence = (dist.metadata.get("License-Expression") or "").strip()
        found[name] = component("pypi", name, dist.version, licence=licence)
    return [found[name] for name in sorted(found)]


def npm_packages(locks: list[Path]) -> list[Component]:
    """What a lock installs without its tools of development. A folder in it is `node_modules/a/node_modules/@b/c`."""
    found = {}
    for lock in locks:
        for folder, entry in json.loads(lock.read_text(encoding="utf-8"))["packages"].items():
            if folder and not entry.get("dev"):
                name = entry.get("name") or folder.rpartition("node_modules/")[2]
                made = component("npm", name, entry["version"], licence=entry.get("license", ""))
                found[str(made["purl"])] = made
    return [found[purl] for purl in sorted(found)]


def distro(base: Path) -> str:
    """The distribution, as package URLs name it."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', (base / "etc/os-release").read_text(), re.MULTILINE))
    return f"?distro={release.get('ID', 'linux')}-{release.get('VERSION_ID', 'unknown')}"


def debian_packages(base: Path) -> list[Component]:
    """Name and version as dpkg knows them."""
    suffix = distro(base)
    found = {}
    for file in (base / "var/lib/dpkg/status", *sorted((base / "var/lib/dpkg/status.d").glob("*"))):
        if not file.is_file():
            continue
        for block in file.read_text(encoding="utf-8").split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Status|Source): (.*)$", block, re.MULTILINE))
            if "Package" in fields and "Version" in fields and "not-installed" not in fields.get("Status", ""):
                more = suffix + upstream(fields["Source"]) if "Source" in fields else suffix
                found[fields["Package"]] = component("deb/debian", fields["Package"], fields["Version"], more)
    return [found[name] for name in sorted(found)]


def alpine_packages(base: Path) -> list[Component]:
    """Name (P), version (V), source package (o) and licence (L) as apk knows them."""
    installed = base / "lib/apk/db/installed"
    if not installed.is_file():
        return []
    suffix = distro(base)
    entries = [
        dict(re.findall(r"^([PVoL]):(.*)$", block, re.MULTILINE))
        for block in installed.read_text(encoding="utf-8").split("\n\n")
    ]
    return [
        component("apk/alpine", each["P"], each["V"], suffix + upstream(each.get("o", each["P"])), each.get("L", ""))
        for each in sorted((each for each in entries if "P" in each), key=lambda each: each["P"])
    ]


def upstream(source: str) -> str:
    """The source package of a binary one, `gcc-12 (12.2.0-14)`, as a part of its URL: advisories name no other."""
    name, _, version = source.partition(" ")
    at = f"@{version.strip('()')}" if version else ""
    return "&upstream=" + urllib.parse.quote(name + at, safe=".+~-")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("places", nargs="+", type=Path)
    parser.add_argument("--base", type=Path, default=Path("/"))
    asked = parser.parse_args()
    locks = [place for place in asked.places if place.is_file()]
    folders = [place for place in asked.places if place not in locks]
    made = datetime.datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), datetime.UTC)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"timestamp": made.isoformat().replace("+00:00", "Z")},
        "components": [
            *python_packages(folders),
            *npm_packages(locks),
            *debian_packages(asked.base),
            *alpine_packages(asked.base),
        ],
    }
    json.dump(bom, sys.stdout, indent=1, sort_keys=True)
    print()


if __name__ == "__main__":
    main()
