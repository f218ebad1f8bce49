"""What a roll-out asks about images: what a tag stands for, what labels say, and where a pointer points.

    async with image_source(registry) as source:
        found = await source.facts("voxcore", "2026.02.05-2")     # found.ref goes into seats.env
        await source.point("2026.02.05-2", "production", names)   # after the deploy

With `registry` empty the local Docker engine is asked: an image then is its own name, and moves with `docker save`.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from voxctl.images.build import SCHEMA, SCHEMA_MIN_LABEL, docker
from voxctl.images.credentials import credentials_for
from voxctl.images.reference import Reference
from voxctl.images.registry import ImageMissing, ImageRegistry
from voxctl.images.tags import is_release
from voxctl.output import EXIT_PREFLIGHT, EXIT_USAGE, CommandError
from voxctl.settings import ImageSettings

REVISION = "org.opencontainers.image.revision"
CREATED = "org.opencontainers.image.created"
# The images of a release; a test compares them with deploy/images.
RELEASED = ("voxbridge", "voxcore", "voxctl", "voxdialler", "voxphone", "voxregistry", "voxui", "voxvoice")
TITLE = "org.opencontainers.image.title"
VERSION = "org.opencontainers.image.version"


@dataclass(frozen=True)
class ImageFacts:
    """One image of a release. `ref` is what hosts are given; `digest` the manifest's, of a local image its id."""

    name: str
    tag: str
    ref: str
    digest: str
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def revision(self) -> str:
        """Full git SHA; ends in `-dirty` for a tree with changes."""
        return self.labels.get(REVISION, "")

    @property
    def created(self) -> str:
        """Time of the commit, ISO 8601 UTC."""
        return self.labels.get(CREATED, "")

    @property
    def schema_version(self) -> int:
        """0 when the image does not say."""
        return _number(self.labels.get(SCHEMA))

    @property
    def schema_min(self) -> int:
        return _number(self.labels.get(SCHEMA_MIN_LABEL))


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


class ImageSource(Protocol):
    """Where images of releases are: an image registry, or the engine of this machine. Raises CommandError."""

    async def facts(self, name: str, tag: str) -> ImageFacts:
        """One image of a release. Raises: ImageMissing."""
        ...

    async def tags(self, name: str) -> list[str]:
        """Every tag of an image, releases and others."""
        ...

    async def point(self, tag: str, environment: str, names: Iterable[str]) -> None:
        """Let the moving tag of an environment (POINTERS) stand for this release, for each of the images named."""
        ...


class AtRegistry:
    """Images of `prefix` (VOX_REGISTRY, `registry.example.com/team`)."""

    def __init__(self, prefix: str, registry: ImageRegistry) -> None:
        self.prefix = prefix.rstrip("/")
        self.registry = registry

    def ref(self, name: str, tag: str) -> Reference:
        return Reference.parse(f"{self.prefix}/vox/{name}:{tag}")

    async def facts(self, name: str, tag: str) -> ImageFacts:
        ref = self.ref(name, tag)
        digest = await self.registry.resolve(ref)
        # By the digest: the tag may be another one's a moment later.
        pinned = ref.pinned(digest)
        return ImageFacts(name, tag, str(pinned), digest, await self.registry.labels(pinned))

    async def tags(self, name: str) -> list[str]:
        return await self.registry.tags(self.ref(name, "dev"))

    async def point(self, tag: str, environment: str, names: Iterable[str]) -> None:
        require_pointer(environment)
        found = [(name, await self.registry.manifest(self.ref(name, tag))) for name in names]
        # All are there before the first one moves.
        for name, manifest in found:
            await self.registry.put(self.ref(name, environment), manifest)


class AtEngine:
    """Images of the Docker engine that answers here; `vox deploy` then ships them by `docker save`."""

    def ref(self, name: str, tag: str) -> Reference:
        return Reference.parse(f"vox/{name}:{tag}")

    async def facts(self, name: str, tag: str) -> ImageFacts:
        ref = str(self.ref(name, tag))
        try:
            told = json.loads(await asyncio.to_thread(docker, "image", "inspect", ref))[0]
        except CommandError as error:
            if "No such image" in str(error):
                raise ImageMissing(f"this machine has no {ref}: vox images build", exit_code=EXIT_PREFLIGHT) from None
            raise
        return ImageFacts(name, tag, ref, told["Id"], told["Config"].get("Labels") or {})

    async def tags(self, name: str) -> list[str]:
        said = await asyncio.to_thread(docker, "image", "ls", "--format", "{{.Tag}}", f"vox/{name}")
        return [tag for tag in said.split() if tag != "<none>"]

    async def point(self, tag: str, environment: str, names: Iterable[str]) -> None:
        require_pointer(environment)
        for name in names:
            await asyncio.to_thread(docker, "tag", str(self.ref(name, tag)), str(self.ref(name, environment)))


def require_pointer(environment: str) -> None:
    """Raises: CommandError: a pointer of that name would look like something else."""
    if is_release(environment) or not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", environment):
        raise CommandError(f"{environment!r} is no name of an environment", exit_code=EXIT_USAGE)


@asynccontextmanager
async def image_source(prefix: str, settings: ImageSettings | None = None) -> AsyncIterator[AtRegistry | AtEngine]:
    """Where the images of `prefix` are; empty: the engine here."""
    if not prefix:
        yield AtEngine()
        return
    settings = settings or ImageSettings.load()
    host = Reference.parse(f"{prefix.rstrip('/')}/vox/voxcore:dev").registry
    if not host:
        raise CommandError(f"VOX_REGISTRY={prefix} names no registry: expected host, or host:port, and perhaps a path")
    known = credentials_for(host, settings)
    async with ImageRegistry(host, known, plain=settings.vox_registry_plain) as registry:
        yield AtRegistry(prefix, registry)


async def resolve(ref: str) -> str:
    """The digest that `registry/vox/voxcore:TAG` has now; an image without a registry has its id."""
    parsed = Reference.parse(ref)
    if not parsed.registry:
        return str(json.loads(await asyncio.to_thread(docker, "image", "inspect", ref))[0]["Id"])
    settings = ImageSettings.load()
    known = credentials_for(parsed.registry, settings)
    async with ImageRegistry(parsed.registry, known, plain=settings.vox_registry_plain) as registry:
        return await registry.resolve(parsed)
