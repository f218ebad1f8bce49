"""Build the images of a checkout with the Docker engine that answers."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from voxkit.schema import SCHEMA_MIN, SCHEMA_VERSION

from voxctl.images.context import IMAGES, WHEELS, Image
from voxctl.images.tags import dirty_tag, is_release
from voxctl.output import EXIT_PREFLIGHT, CommandError

STANDIN_BASES = {"BASE_PYTHON": "vox-base/python:3.11", "BASE_NGINX": "vox-base/nginx:latest"}
BASE_ARGUMENTS = ("BASE_PYTHON", "BASE_NODE", "BASE_NGINX", "BASE_HAPROXY")
LAST_LINES = 40
BUILDS_AT_ONCE = 2
# Schema of the database that a release writes, and the oldest that it can work with.
SCHEMA, SCHEMA_MIN_LABEL, LOCK = "vox.schema", "vox.schema_min", "vox.lock"
BASE_NAME, BASE_DIGEST = "org.opencontainers.image.base.name", "org.opencontainers.image.base.digest"


@dataclass(frozen=True)
class Built:
    """What became of one image; `left_out` says why there is none."""

    name: str
    tag: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0
    own_megabytes: float = 0.0
    left_out: str = ""


@dataclass(frozen=True)
class Release:
    """What labels say of a build: `version` is the tag, the other two come from the commit."""

    version: str
    revision: str
    seconds: int

    @property
    def created(self) -> str:
        return datetime.datetime.fromtimestamp(self.seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def images(root: Path, *, standins: bool) -> list[Image]:
    """All images of this checkout; stand-ins for foreign services only where they are asked for."""
    names = sorted(path.parent.name for path in (root / IMAGES).glob("*/Dockerfile"))
    target = {"voxui": "prebuilt"}
    return [Image(root, name, target.get(name, "")) for name in names if standins or not name.startswith("standin-")]


def release(root: Path, version: str) -> Release:
    """The commit of a checkout; the revision of a tree with changes ends in `-dirty`.

    Raises: CommandError: a tree with changes is no release.
    """
    revision = git(root, "rev-parse", "HEAD")
    if git(root, "status", "--porcelain", "--untracked-files=no"):
        if is_release(version):
            raise CommandError(
                f"{version} would hold changes that no commit has: commit them, or build {dirty_tag(revision)}",
                exit_code=EXIT_PREFLIGHT,
            )
        revision += "-dirty"
    return Release(version, revision, int(git(root, "show", "-s", "--format=%ct", "HEAD")))


def name_of(image: str, version: str) -> str:
    """`vox/voxcore:dev`, below VOX_REGISTRY when that is set; a stand-in keeps one name everywhere."""
    if image.startswith("standin-"):
        return f"vox-standin/{image.removeprefix('standin-')}:latest"
    registry = os.environ.get("VOX_REGISTRY", "").rstrip("/")
    return f"{registry + '/' if registry else ''}vox/{image}:{version}"


def build(
    chosen: list[Image], made: Release, *, standins: bool, cache: bool = True, platform: str = ""
) -> Iterator[Built]:
    """Build them, two at once; each is yielded when it and those before it are done. `platform`: not the engine's own.

    Raises: CommandError with the builder's last words.
    """

    def one(image: Image) -> Built:
        if image.missing:
            return Built(image.name, left_out=f"{', '.join(image.missing)} is not part of this checkout")
        began = time.monotonic()
        tag = name_of(image.name, made.version)
        build_one(image, tag, made, standins=standins, cache=cache, platform=platform)
        size, own = sizes(tag)
        return Built(image.name, tag, time.monotonic() - began, size / 1e6, own / 1e6)

    pool = ThreadPoolExecutor(BUILDS_AT_ONCE)
    try:
        yield from pool.map(one, chosen)
    finally:
        # The first failure is the answer: what waits is not begun.
        pool.shutdown(cancel_futures=True)


def sizes(tag: str) -> tuple[int, int]:
    """(bytes of an image unpacked, bytes of its layers above the base)."""
    size = int(docker("image", "inspect", "--format", "{{.Size}}", tag))
    layers = docker("history", "--no-trunc", "--human=false", "--format", "{{.Size}} {{.CreatedBy}}", tag).splitlines()
    # The base's own steps stand below the first layer of ours, which is a COPY from a build stage or the checkout.
    ours = [line for line in layers if "COPY" in line or "#(nop)" in line]
    return size, sum(int(line.split()[0]) for line in ours)


def build_one(image: Image, tag: str, made: Release, *, standins: bool, cache: bool, platform: str = "") -> None:
    arguments = {
        "VERSION": made.version,
        "REVISION": made.revision,
        "CREATED": made.created,
        "SOURCE_DATE_EPOCH": str(made.seconds),
    }
    text = (image.root / image.dockerfile).read_text()
    for name in BASE_ARGUMENTS:
        base = os.environ.get(name) or (STANDIN_BASES.get(name) if standins else None)
        if base:
            arguments[name] = base
    command = ["docker", "build", "--file", str(image.dockerfile), "--tag", tag]
    for name, value in provenance(image, arguments).items():
        command += ["--label", f"{name}={value}"]
    command += [
        word
        for name, value in arguments.items()
        if f"ARG {name}" in text
        for word in ("--build-arg", f"{name}={value}")
    ]
    if image.target:
        command += ["--target", image.target]
    if any((image.root / WHEELS).glob("*.whl")):
        command += ["--network", "none"]
    if not cache:
        command.append("--no-cache")
    if platform:
        command += ["--platform", platform]
    done = subprocess.run(
        [*command, "-"],
        input=image.tar(made.seconds),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=builder_environment(),
        check=False,
    )
    if done.returncode:
        words = done.stdout.decode("utf-8", "replace").splitlines()[-LAST_LINES:]
        raise CommandError(f"the image {image.name} was not built:\n" + "\n".join(words))


def provenance(image: Image, arguments: Mapping[str, str]) -> dict[str, str]:
    """Labels over those of the Dockerfile: what an image stands on, and which database it works with.

    `sbom.json` in the image names every package; the hash of the lock says that two images hold the same ones.
    """
    lock = hashlib.sha256((image.root / "requirements.lock").read_bytes()).hexdigest()
    labels = {SCHEMA: str(SCHEMA_VERSION), SCHEMA_MIN_LABEL: str(SCHEMA_MIN), LOCK: f"sha256:{lock}"}
    default = re.search(
        r"^ARG (BASE_(?:PYTHON|NGINX))=(\S+)", (image.root / image.dockerfile).read_text(), re.MULTILINE
    )
    if default:
        labels[BASE_NAME] = base = arguments.get(default[1], default[2])
        # A base that the builder has yet to fetch has no digest here.
        with suppress(CommandError):
            told = json.loads(docker("image", "inspect", base))[0]
            labels[BASE_DIGEST] = (told["RepoDigests"] or [told["Id"]])[0].rpartition("@")[2]
    return labels


def builder_environment() -> dict[str, str]:
    """BuildKit where its plugin is installed, else the builder that every engine has."""
    plugin = subprocess.run(["docker", "buildx", "version"], capture_output=True, check=False).returncode == 0
    return {**os.environ, "DOCKER_BUILDKIT": "1" if plugin else "0"}


def make_bases(root: Path) -> None:
    """The stand-in bases; what is up to date stays. Raises: CommandError."""
    done = subprocess.run([str(root / IMAGES / "standins.sh"), "python", "nginx", "valkey"], check=False)
    if done.returncode:
        raise CommandError("the stand-in bases were not made: see above", exit_code=EXIT_PREFLIGHT)


def read_sbom(tag: str) -> str:
    """The list of an image's packages, CycloneDX JSON. Raises: CommandError."""
    return read_file(tag, "/usr/share/vox/sbom.json")


def read_file(tag: str, path: str) -> str:
    """A file of an image. Raises: CommandError: it has none of this name."""
    return docker("run", "--rm", "--network", "none", "--entrypoint", "cat", tag, path)


def require_engine() -> None:
    """Raises: CommandError: no engine answers."""
    try:
        docker("version", "--format", "{{.Server.Version}}")
    except FileNotFoundError:
        raise CommandError(
            "docker is not installed (Debian: apt-get install docker.io)", exit_code=EXIT_PREFLIGHT
        ) from None
    except CommandError as error:
        raise CommandError(f"no Docker engine answers: {error}", exit_code=EXIT_PREFLIGHT) from None


def docker(*arguments: str) -> str:
    """What `docker` printed. Raises: CommandError with its last words; FileNotFoundError: it is not installed."""
    done = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(done.stderr.strip() or f"docker {arguments[0]} failed")
    return done.stdout.strip()


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"git {arguments[0]} failed: {done.stderr.strip()}", exit_code=EXIT_PREFLIGHT)
    return done.stdout.strip()
