"""A weakness that everybody knows and no scan has told; or a scan that says "nothing" and has looked nowhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from voxctl.commands.images_scan import scan_images
from voxctl.images.scan import archive as archives
from voxctl.images.scan.advisories import Book, holds
from voxctl.images.scan.archive import Archive
from voxctl.images.scan.packages import Package, packages_of, packages_of_dpkg
from voxctl.images.scan.report import scan
from voxctl.images.scan.versions import DebianVersion, UnknownVersion, parsed
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

# Each is older than the next one.
DEBIAN = [
    "0~~", "0~", "0", "0.1~rc1-1", "0.1-1", "0.1-1+b1", "0.1-1+deb12u1", "0.1-1+deb12u2", "0.1-1+deb12u10", "0.1-2",
    "0.1a-1", "0.1+dfsg-1", "0.1.1-1", "0.9-1", "0.10-1", "1.0~bpo12+1-1", "1.0-1~deb12u1", "1.0-1", "1.0-1.1",
    "1:0.1-1",
]  # fmt: skip
SBOM = {
    "bomFormat": "CycloneDX",
    "components": [
        {"purl": "pkg:pypi/planted-parser@1.4.0"},
        {"purl": "pkg:pypi/harmless@2.0"},
        {"purl": "pkg:deb/debian/libplanted1@1.2-3%2Bb1?distro=debian-12&upstream=planted@1.2-3"},
    ],
}


def advisory(name: str, ecosystem: str, package: str, **more: Any) -> dict[str, Any]:
    events = more.pop("events", [{"introduced": "0"}, {"fixed": "1.5"}])
    affected = {
        "package": {"ecosystem": ecosystem, "name": package},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        "versions": more.pop("versions", []),
    }
    return {"id": name, "modified": "2026-11-01T00:00:00Z", "summary": "Planted.", "affected": [affected], **more}


PARSER = advisory(
    "GHSA-planted", "PyPI", "Planted_Parser", aliases=["CVE-1"], database_specific={"severity": "MODERATE"}
)
SAME = advisory("PYSEC-planted", "PyPI", "planted-parser", aliases=["CVE-1"])
LIBRARY = advisory("DSA-1", "Debian:12", "planted", events=[{"introduced": "0"}, {"fixed": "1.2-4"}])


def pypi(version: str) -> Package:
    return Package("PyPI", "planted-parser", version, "planted-parser", version)


@pytest.fixture
def sbom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The planted list; this machine's apt knows nothing."""

    def nothing(release: str) -> Archive:
        raise CommandError(f"this machine has no list for {release}")

    monkeypatch.setattr("voxctl.commands.images_scan.read_archive", nothing)
    path = tmp_path / "sbom.json"
    path.write_text(json.dumps(SBOM))
    return path


def place(folder: Path, *advisories: dict[str, Any]) -> Path:
    folder.mkdir()
    for each in advisories:
        (folder / f"{each['id']}.json").write_text(json.dumps(each))
    return folder


def test_debian_versions_are_ordered_as_the_policy_says() -> None:
    for older, newer in pairwise(DEBIAN):
        assert DebianVersion(older) < DebianVersion(newer), (older, newer)
        assert not DebianVersion(newer) < DebianVersion(older), (older, newer)
    assert DebianVersion("1.0-0") == DebianVersion("1.0") == DebianVersion("0:1.0-0")


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is the judge, and it is not on this machine")
def test_dpkg_orders_them_the_same_way() -> None:
    for older, newer in pairwise(DEBIAN):
        subprocess.run(["dpkg", "--compare-versions", older, "lt", newer], check=True)


def test_versions_of_npm_are_ordered_as_semantic_versioning_says() -> None:
    ordered = ["0.9.10", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
               "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.10.0"]  # fmt: skip
    for older, newer in pairwise(ordered):
        assert parsed("npm", older) < parsed("npm", newer), (older, newer)
    assert parsed("npm", "1.0.0+build.7") == parsed("npm", "1.0.0")


def test_a_version_that_is_none_is_told_apart() -> None:
    for ecosystem, text in (
        ("PyPI", "not a version"),
        ("npm", "1.x"),
        ("Debian:12", "x:1.0"),
        # apk's order is nobody's here.
        ("Alpine:v3.22", "1.0-r0"),
    ):
        with pytest.raises(UnknownVersion):
            parsed(ecosystem, text)


def test_a_list_gives_names_as_advisories_write_them() -> None:
    parser, _, library = packages_of(json.dumps(SBOM))
    assert (parser.ecosystem, parser.source) == ("PyPI", "planted-parser")
    assert library == Package("Debian:12", "libplanted1", "1.2-3+b1", "planted", "1.2-3")
    with pytest.raises(CommandError, match="no list of packages"):
        packages_of("[]")


def test_the_list_of_an_image_with_a_console_is_read_back_as_advisories_write_it(tmp_path: Path) -> None:
    """Also on Alpine, which the console's image stands on by default."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "os-release").write_text("ID=alpine\nVERSION_ID=3.22.1\n")
    (tmp_path / "lib" / "apk" / "db").mkdir(parents=True)
    (tmp_path / "lib" / "apk" / "db" / "installed").write_text(
        "C:Q1=\nP:libplanted++\nV:1.2_p3-r0\nL:MIT\no:planted\nF:lib\n\nC:Q1=\nP:plain\nV:2.0-r1\nL:MIT\n\n"
    )
    lock = tmp_path / "package-lock.json"
    entries = {
        "": {"name": "console", "version": "1.0.0"},
        "node_modules/@planted/parser": {"version": "1.4.0", "license": "MIT"},
        "node_modules/plain": {"version": "2.0.0"},
        "node_modules/plain/node_modules/@planted/parser": {"version": "0.9.0"},
        "node_modules/builder": {"version": "5.0.0", "dev": True},
    }
    lock.write_text(json.dumps({"packages": entries}))
    script = Path(__file__).resolve().parents[3] / "deploy" / "images" / "python" / "sbom.py"
    command = [sys.executable, str(script), "--base", str(tmp_path), str(lock)]
    listed = packages_of(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert listed == [
        Package("npm", "@planted/parser", "0.9.0", "@planted/parser", "0.9.0"),
        Package("npm", "@planted/parser", "1.4.0", "@planted/parser", "1.4.0"),
        Package("npm", "plain", "2.0.0", "plain", "2.0.0"),
        Package("Alpine:v3.22", "libplanted++", "1.2_p3-r0", "planted", "1.2_p3-r0"),
        Package("Alpine:v3.22", "plain", "2.0-r1", "plain", "2.0-r1"),
    ]


STATUS = """Package: libplanted1
Status: install ok installed
Source: planted (1.2-3)
Version: 1.2-3+b1

Package: gone
Status: deinstall ok not-installed
Version: 1

Package: plain
Status: install ok installed
Version: 2.0
"""


def test_an_image_without_a_list_is_read_from_what_dpkg_knows() -> None:
    library, plain = packages_of_dpkg(STATUS, 'ID=debian\nVERSION_ID="12"\n')
    assert library == Package("Debian:12", "libplanted1", "1.2-3+b1", "planted", "1.2-3")
    assert plain == Package("Debian:12", "plain", "2.0", "plain", "2.0")
    report = scan([library], (), lambda release: Archive(release, {}, "2026-11-28"), listed=False)
    assert "all but packages of the distribution" in report.unchecked[0]
    with pytest.raises(CommandError, match="alpine, not Debian"):
        packages_of_dpkg("", "ID=alpine\n")


@pytest.mark.parametrize(
    ("events", "version", "inside"),
    [
        ([{"introduced": "0"}, {"fixed": "1.5"}], "1.4.9", True),
        ([{"introduced": "0"}, {"fixed": "1.5"}], "1.5", False),
        ([{"introduced": "1.2"}, {"fixed": "1.5"}], "1.1", False),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], "1.5", True),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], "1.5.1", False),
        ([{"introduced": "0"}], "99", True),
        # Two branches, out of order.
        ([{"introduced": "2.0"}, {"fixed": "1.5"}, {"introduced": "1.0"}, {"fixed": "2.3"}], "1.7", False),
        ([{"introduced": "2.0"}, {"fixed": "1.5"}, {"introduced": "1.0"}, {"fixed": "2.3"}], "2.2", True),
        # Nobody can compare it: a person must look.
        ([{"introduced": "0"}, {"fixed": "never.ever"}], "1.0", True),
    ],
)
def test_a_range_holds_from_where_it_begins_to_where_it_is_mended(
    events: list[dict[str, str]], version: str, inside: bool
) -> None:
    (affected,) = advisory("A", "PyPI", "planted-parser", events=events)["affected"]
    assert holds(affected, pypi(version)) is inside


def test_versions_that_are_listed_are_affected_and_commits_say_nothing() -> None:
    affected = {"versions": ["1.0"], "ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}
    assert holds(affected, pypi("1.0"))
    assert not holds(affected, pypi("1.1"))


def test_two_names_of_one_weakness_are_one_finding_with_the_severity_that_is_known() -> None:
    book = Book(Path("both"))
    book.add(SAME)
    book.add(PARSER)
    book.add({**PARSER, "id": "GHSA-taken-back", "aliases": [], "withdrawn": "2026-01-01T00:00:00Z"})
    (finding,) = book.findings(pypi("1.4.0"))
    assert set(finding.ids) == {"GHSA-planted", "PYSEC-planted", "CVE-1"}
    assert (finding.severity, finding.fixed) == ("moderate", "1.5")


@pytest.mark.parametrize("packed", [False, True])
def test_a_planted_package_is_found_and_fails_at_its_level(
    tmp_path: Path, sbom: Path, capsys: pytest.CaptureFixture[str], packed: bool
) -> None:
    where = place(tmp_path / "osv", PARSER)
    if packed:
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.write(where / "GHSA-planted.json", "PyPI/GHSA-planted.json")
        where = tmp_path / "all.zip"
    assert scan_images(sbom=sbom, advisories=[where], level="moderate", json=True) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (finding,) = [event for event in events if event["event"] == "scan.finding"]
    assert (finding["package"], finding["version"], finding["fails"]) == ("planted-parser", "1.4.0", True)
    assert "CVE-1" in finding["ids"]
    assert scan_images(sbom=sbom, advisories=[where], level="high") == 0, "moderate is below high"


def test_a_weakness_without_a_severity_fails_until_somebody_has_judged_it(tmp_path: Path, sbom: Path) -> None:
    where = place(tmp_path / "osv", LIBRARY)
    assert scan_images(sbom=sbom, advisories=[where], level="critical") == 1
    assert scan_images(sbom=sbom, advisories=[where], level="critical", accept=["DSA-1"]) == 0


def test_what_nobody_could_check_is_said(sbom: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert scan_images(sbom=sbom) == 0
    said = capsys.readouterr().out
    assert "not checked: 2 packages of PyPI: no advisories of PyPI were given" in said
    assert "not checked: 1 packages of Debian:12" in said
    assert "this machine has no list for 12" in said


def test_a_security_update_that_an_image_lacks_is_told_with_its_version() -> None:
    packages = packages_of(json.dumps(SBOM))
    report = scan(packages, (), lambda release: Archive(release, {"libplanted1": "1.2-3+deb12u1"}, "2026-11-28"))
    assert [(package.name, newer) for package, newer in report.updates] == [("libplanted1", "1.2-3+deb12u1")]
    assert any("as apt-get knew them on 2026-11-28" in source for source in report.sources)
    same = scan(packages, (), lambda release: Archive(release, {"libplanted1": "1.2-3+b1"}, "2026-11-28"))
    assert not same.updates


def test_a_distribution_that_apt_does_not_know_is_no_clean_bill(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError, match="Debian 3 has no name here"):
        archives.read_archive("3")
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(CommandError, match="apt-get is not on this machine"):
        archives.read_archive("12")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("empty", "", "there are no advisories"), ("bad", "{", "is no JSON"), ("other", "{}", "there are no advisories")],
)
def test_advisories_that_are_none_are_refused(tmp_path: Path, sbom: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).mkdir()
    if text:
        (tmp_path / name / "a.json").write_text(text)
    with pytest.raises(CommandError, match=said):
        scan_images(sbom=sbom, advisories=[tmp_path / name])
    with pytest.raises(CommandError, match="cannot read the advisories"):
        scan_images(sbom=sbom, advisories=[tmp_path / "nowhere.zip"])
