"""A release goes into the image registry whole or not at all.

The engine pushes each image under the moving tag `incoming`; the tag of the release is given to all of them when the
last one is there. A tag that exists keeps what it stands for: it is never given to another image.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from voxctl.images.build import docker
from voxctl.images.credentials import Credentials
from voxctl.images.facts import REVISION, VERSION, AtRegistry
from voxctl.images.reference import Reference
from voxctl.images.registry import ImageMissing, Manifest
from voxctl.images.tags import DIRTY, is_release
from voxctl.output import EXIT_PREFLIGHT, CommandError

INCOMING = "incoming"


@dataclass(frozen=True)
class Local:
    """One image of the engine here, ready to go. `id` is the digest of its configuration, wherever it is."""

    name: str
    ref: Reference
    id: str
    revision: str


@dataclass(frozen=True)
class Pushed:
    name: str
    ref: str
    digest: str
    was_there: bool = False


async def push(
    at: AtRegistry,
    names: Sequence[str],
    tag: str,
    known: Credentials | None,
    tell: Callable[[Pushed], None] = lambda _: None,
) -> list[Pushed]:
    """Push every image of `tag`; what is there already stays. `tell` hears of each image once its data are there.

    Raises: CommandError: an image is missing here, they are of several commits, or the tag exists with another image.
    Nothing has the tag then that had it not before.
    """
    require_pushable(tag)
    local = await asyncio.to_thread(whole_release, at, names, tag)
    there = await asyncio.gather(*(_at_registry(at, image) for image in local))
    other = [str(image.ref) for image, id_ in zip(local, there, strict=True) if id_ not in ("", image.id)]
    if other:
        raise CommandError(
            f"{', '.join(other)}: the registry has another image of this name, and a tag never changes what it stands "
            "for. Build a new release: vox release",
            exit_code=EXIT_PREFLIGHT,
        )
    done: list[Pushed] = []
    new: list[tuple[Local, Manifest]] = []
    with tempfile.TemporaryDirectory(prefix="vox-push-") as folder:
        config = _login(Path(folder), at, known)
        for image, id_ in zip(local, there, strict=True):
            if id_:
                one = Pushed(image.name, str(image.ref), await at.registry.resolve(image.ref), was_there=True)
            else:
                manifest = await _upload(at, image, config)
                new.append((image, manifest))
                one = Pushed(image.name, str(image.ref), manifest.digest)
            done.append(one)
            tell(one)
    for image, manifest in new:
        await at.registry.put(image.ref, manifest)
    return done


def require_pushable(tag: str) -> None:
    """Raises: CommandError: this tag belongs to one machine alone."""
    if not is_release(tag) and not DIRTY.fullmatch(tag):
        raise CommandError(
            f"{tag} is no tag of a release: they are like 2026.02.05-2, or dev-<sha>-dirty for a try in development",
            exit_code=EXIT_PREFLIGHT,
        )


def whole_release(at: AtRegistry, names: Sequence[str], tag: str) -> list[Local]:
    """The images of a tag on this engine. Raises: CommandError: one is missing, or they do not belong together."""
    found: list[Local] = []
    missing: list[str] = []
    for name in names:
        ref = at.ref(name, tag)
        try:
            told = json.loads(docker("image", "inspect", str(ref)))[0]
        except CommandError as error:
            if "No such image" not in str(error):
                raise
            missing.append(str(ref))
            continue
        labels = told["Config"].get("Labels") or {}
        if labels.get(VERSION) != tag:
            raise CommandError(f"{ref} says of itself that it is {labels.get(VERSION)}: build it with --tag {tag}")
        found.append(Local(name, ref, told["Id"], labels.get(REVISION, "")))
    if missing:
        raise CommandError(
            f"not on this machine: {', '.join(missing)}; vox images build --tag {tag}", exit_code=EXIT_PREFLIGHT
        )
    if len(revisions := {image.revision for image in found}) != 1:
        raise CommandError(f"the images of {tag} are of several commits: {', '.join(sorted(revisions))}")
    if is_release(tag) and next(iter(revisions)).endswith("-dirty"):
        raise CommandError(f"{tag} holds changes that no commit has: it is no release")
    return found


async def _at_registry(at: AtRegistry, image: Local) -> str:
    """Id of the image that has this tag at the registry, empty when none has."""
    try:
        manifest = await at.registry.manifest(image.ref)
    except ImageMissing:
        return ""
    return str(manifest.document().get("config", {}).get("digest", "an index"))


async def _upload(at: AtRegistry, image: Local, config: Sequence[str]) -> Manifest:
    """Its data, under the moving tag. Somebody else may move that tag meanwhile, so the result is looked at."""
    incoming = image.ref.tagged(INCOMING)
    await asyncio.to_thread(docker, "tag", image.id, str(incoming))
    try:
        said = await asyncio.to_thread(docker, *config, "push", str(incoming))
    finally:
        await asyncio.to_thread(docker, "rmi", "--no-prune", str(incoming))
    digest = next((word for line in said.splitlines() for word in line.split() if word.startswith("sha256:")), "")
    manifest = await at.registry.manifest(image.ref.pinned(digest) if digest else incoming)
    if manifest.document().get("config", {}).get("digest") != image.id:
        raise CommandError(f"{incoming} is not what was pushed: somebody else pushes there, try again")
    return manifest


def _login(folder: Path, at: AtRegistry, known: Credentials | None) -> list[str]:
    """Words for `docker` that make it somebody there; none: as `docker login` has left it."""
    if known is None:
        return []
    file = folder / "config.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(known.docker_config(at.registry.registry)))
    return ["--config", str(folder)]
