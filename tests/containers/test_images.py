"""What an image holds: what its service needs, nothing that must stay out, and the same bytes for the same input."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import tarfile
from pathlib import Path

import pytest
from voxbridge.console import config_js
from voxbridge.settings import BridgeSettings
from voxctl.commands.images_scan import scan_images
from voxctl.images.build import Built, Image, build_one, read_sbom, release, sizes
from voxctl.images.build import images as all_images
from voxctl.images.selftest import self_test
from voxctl.output import CommandError

from .engine import ROOT, docker

pytestmark = [pytest.mark.containers, pytest.mark.usefixtures("images"), pytest.mark.timeout(1800)]

OURS = [image for image in all_images(ROOT, standins=False) if not image.missing]
NAMES = [image.name for image in OURS]
PYTHON = [name for name in NAMES if name != "voxui"]
# Megabytes above the base: bases differ, what we add does not.
LIMIT_MB = {"voxcore": 750, "voxvoice": 1350, "voxctl": 260, "voxui": 20}
OTHERS_LIMIT_MB = 230
FORBIDDEN = re.compile(r"(^|/)(\.git|\.env|pip\.conf|\.pip|\.netrc|\.npmrc|node_modules|\.venv)(/|$)")
COMPILERS = re.compile(r"(^|/)bin/(gcc|cc|make|pip3?|uv|npm|git)$")


def tag(name: str) -> str:
    return f"vox/{name}:dev"


def files_of(image: str) -> dict[str, tuple[int, int, str]]:
    """Path -> (mode, time of change, content or target) of every file of an image; folders count for nothing."""
    container = docker("create", image).strip()
    try:
        with (
            subprocess.Popen(["docker", "export", container], stdout=subprocess.PIPE) as export,
            tarfile.open(fileobj=export.stdout, mode="r|") as archive,
        ):
            found: dict[str, tuple[int, int, str]] = {}
            for entry in archive:
                if entry.isfile():
                    content = archive.extractfile(entry)
                    assert content is not None
                    found[entry.name] = (entry.mode, int(entry.mtime), hashlib.sha256(content.read()).hexdigest())
                elif entry.issym() or entry.islnk():
                    found[entry.name] = (entry.mode, int(entry.mtime), entry.linkname)
    finally:
        docker("rm", container)
    # The engine puts these into each container.
    return {
        path: entry for path, entry in found.items() if not re.match(r"(\.dockerenv|dev/|etc/(host|resolv|mtab))", path)
    }


@pytest.mark.parametrize("name", NAMES)
def test_an_image_says_what_it_is_and_runs_as_nobody(name: str) -> None:
    told = json.loads(docker("image", "inspect", tag(name)))[0]["Config"]
    labels = told["Labels"]
    assert told["User"] == "10001:10001"
    assert labels["org.opencontainers.image.title"] == name
    assert labels["org.opencontainers.image.version"] == "dev"
    assert re.fullmatch(r"[0-9a-f]{40}(-dirty)?", labels["org.opencontainers.image.revision"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", labels["org.opencontainers.image.created"])
    assert "VOX_IMAGE_TAG=dev" in told["Env"]
    # The program itself is process 1, so that signals reach it.
    assert told["Entrypoint"][0] != "/bin/sh"
    assert name == "voxctl" or told["Healthcheck"]["Test"][0] == "CMD"


@pytest.mark.parametrize("name", NAMES)
def test_an_image_stays_within_its_size(name: str) -> None:
    _, own = sizes(tag(name))
    assert own / 1e6 <= LIMIT_MB.get(name, OTHERS_LIMIT_MB), f"{own / 1e6:.0f} MB above the base"


@pytest.mark.parametrize("name", NAMES)
def test_nothing_of_the_build_is_left(name: str) -> None:
    """No sources' history, no settings of an index, no tools: neither as a file nor as a layer's command."""
    found = [path for path in files_of(tag(name)) if FORBIDDEN.search(path) or COMPILERS.search(path)]
    assert not found
    history = docker("history", "--no-trunc", "--format", "{{.CreatedBy}}", tag(name))
    assert not re.search(r"https?://(?!127\.0\.0\.1[:/])", history), "an address beside the health check's own"


@pytest.mark.parametrize("name", PYTHON)
def test_an_image_holds_its_part_of_the_lock_and_no_more(name: str) -> None:
    sbom = json.loads(read_sbom(tag(name)))
    held = {(entry["name"], entry["version"]) for entry in sbom["components"] if entry["purl"].startswith("pkg:pypi/")}
    pinned = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    listed = (ROOT / "deploy" / "images" / name / "packages.txt").read_text().splitlines()[1:]
    theirs = {(entry, version) for entry, version in held if not entry.startswith("vox")}
    assert theirs == {(entry, pinned[entry]) for entry in listed}
    own = {entry for entry, _ in held if entry.startswith("vox")}
    assert {"voxkit", name} <= own
    assert any(entry["purl"].startswith("pkg:deb/") for entry in sbom["components"])


def test_the_console_s_image_lists_what_its_lock_puts_into_it_and_what_its_base_holds() -> None:
    components = json.loads(read_sbom(tag("voxui")))["components"]
    entries = json.loads((ROOT / "services" / "voxui" / "package-lock.json").read_text())["packages"]
    locked = {
        (folder.rpartition("node_modules/")[2], entry["version"])
        for folder, entry in entries.items()
        if folder and not entry.get("dev")
    }
    assert ("react", entries["node_modules/react"]["version"]) in locked
    kinds = {kind: [each for each in components if each["purl"].startswith(kind)] for kind in ("pkg:npm/", "pkg:deb/")}
    assert {(each["name"], each["version"]) for each in kinds["pkg:npm/"]} == locked
    assert "nginx-light" in {each["name"] for each in kinds["pkg:deb/"]}
    assert len(components) == sum(map(len, kinds.values())), "Python packages of the stage that wrote the list"


@pytest.mark.parametrize("name", ["voxcore", "voxui"])
def test_a_scan_of_an_image_says_of_each_kind_of_package_what_it_was_held_against(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scan_images(name, json=True)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (image,) = [event for event in events if event["event"] == "scan.image"]
    assert image["packages"] > 50
    told = [event.get("source") or event.get("what") or "" for event in events]
    kinds = ["Debian:12", "PyPI" if name in PYTHON else "npm"]
    assert [kind for kind in kinds if not any(kind in line for line in told)] == []


@pytest.mark.parametrize("name", ["voxcore", "voxui"])
def test_an_image_passes_its_self_test(name: str) -> None:
    self_test(Built(name, tag(name)))


@pytest.mark.parametrize(("name", "other"), [("voxcore", "voxregistry"), ("voxui", "voxregistry")])
def test_an_image_without_its_program_fails_it(name: str, other: str) -> None:
    with pytest.raises(CommandError, match=f"{tag(other)} fails its self-test"):
        self_test(Built(name, tag(other)))


@pytest.mark.full
@pytest.mark.parametrize("name", ["voxregistry", "voxdialler", "voxui"])
def test_two_builds_of_one_commit_have_the_same_layers(name: str) -> None:
    """By digest: a registry and a host that have the first one fetch nothing of the second."""
    image: Image = next(image for image in OURS if image.name == name)
    made = release(ROOT, "again")
    layers, files = [], []
    for number in (1, 2):
        again = f"vox-test/{name}:{number}"
        build_one(image, again, made, standins=True, cache=False)
        layers.append(json.loads(docker("image", "inspect", "--format", "{{json .RootFS.Layers}}", again)))
        files.append(files_of(again))
        docker("rmi", again)
    first, second = files
    assert first.keys() == second.keys()
    assert not {path: (first[path], second[path]) for path in first if first[path] != second[path]}
    assert layers[0] == layers[1], "the files are the same: look at folders, their times and owners"


@pytest.mark.parametrize(
    ("name", "folder"),
    [("voxcore", "/var/lib/vox/outbox"), ("voxdialler", "/var/lib/vox/dialler"), ("voxbridge", "/data"),
     ("voxui", "/var/lib/vox/console")],
)  # fmt: skip
def test_a_service_owns_the_folder_that_it_writes_to_and_nothing_above_it(name: str, folder: str) -> None:
    parents = [str(parent) for parent in Path(folder).parents]
    owners = docker("run", "--rm", "--entrypoint", "stat", tag(name), "-c", "%u", folder, *parents).split()
    assert owners == ["10001", *["0"] * len(parents)]


def test_the_console_s_image_writes_the_config_that_voxbridge_writes() -> None:
    """Two programs make /config.js from the same variables; values must not be able to end a script."""
    values = {
        "VOXUI_API_URL": "/api/v1",
        "VOXUI_BRAND_NAME": 'Nä"me\\ </script>',
        "VOXUI_BRAND_POWERED_BY": "by\tus",
        "VOXUI_TOKEN_KEY": "key",
        "VOXUI_BRAND_LOGO": "false",
        "VOXUI_BRAND_THEME": "/brand/theme.css",
        "VOXUI_PRIMARY_COLOR": "#123456",
        "VOXUI_PRIMARY_SOFT": "#234567",
        "VOXUI_BG_COLOR": "#345678",
        "VOXUI_AURORA_COLOR1": "#456789",
        "VOXUI_AURORA_COLOR2": "#56789a",
        "VOXUI_ADK_ENABLED": "true",
        "VOXUI_DOCS_URL": "https://docs.example.com/",
    }
    given = [word for name, value in values.items() for word in ("--env", f"{name}={value}")]
    awk = ("--entrypoint", "awk", tag("voxui"), "-f", "/usr/share/vox/config.awk")
    written = docker("run", "--rm", "--network", "none", *given, *awk)
    secrets = dict.fromkeys(("jwt_secret", "settings_encryption_key", "voxcore_secret"), "x" * 40)
    settings = BridgeSettings(**secrets, **{name.lower(): value for name, value in values.items()})
    assert "</script>" not in written
    assert json.loads(js_object(written)) == json.loads(js_object(config_js(settings)))


def js_object(text: str) -> str:
    """The object of `window.__VOX_CONFIG__ = {…};`."""
    return text.strip().removeprefix("window.__VOX_CONFIG__ = ").removesuffix(";")


def test_one_image_serves_every_brand() -> None:
    """A change of brand is a restart, never a build."""
    awk = ("--entrypoint", "awk", tag("voxui"), "-f", "/usr/share/vox/config.awk")
    written = [docker("run", "--rm", "--env", f"VOXUI_BRAND_NAME={name}", *awk) for name in ("North", "South")]
    assert ['"North"' in written[0], '"South"' in written[1]] == [True, True]


def test_an_address_that_is_none_stops_the_console_with_a_sentence(tmp_path: Path) -> None:
    said = docker("run", "--rm", "--env", "VOXUI_API_UPSTREAM=http://a; root /etc", tag("voxui"), check=False)
    assert "voxui: VOXUI_API_UPSTREAM is no plain address" in said
