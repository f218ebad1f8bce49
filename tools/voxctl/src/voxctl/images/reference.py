"""Names of images as Docker writes them: `registry.example.com/vox/voxcore:2026.02.05-2@sha256:…`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from voxctl.output import EXIT_USAGE, CommandError

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")


@dataclass(frozen=True)
class Reference:
    """`registry` is `host` or `host:port`, empty for an image of the local engine; one of `tag`, `digest` is set."""

    registry: str
    repository: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference:
        """As Docker reads it: the first part is a registry when it has a dot, a port, or is `localhost`.

        Raises: CommandError: this is no name of an image, or it has neither tag nor digest.
        """
        name, _, digest = text.partition("@")
        head, slash, rest = name.partition("/")
        registry = head if slash and ("." in head or ":" in head or head == "localhost") else ""
        path = rest if registry else name
        repository, _, tag = path.partition(":")
        fits = (
            REPOSITORY.fullmatch(repository)
            and (not tag or TAG.fullmatch(tag))
            and (not digest or DIGEST.fullmatch(digest))
        )
        if not fits or not (tag or digest):
            raise CommandError(
                f"{text!r} is no image: expected registry/vox/voxcore:TAG or registry/vox/voxcore@sha256:…",
                exit_code=EXIT_USAGE,
            )
        return cls(registry, repository, tag, digest)

    @property
    def wanted(self) -> str:
        """What the registry is asked for: the digest where there is one, it wins over the tag."""
        return self.digest or self.tag

    def pinned(self, digest: str) -> Reference:
        """The same image by its digest alone: what compose files and hosts are given."""
        return replace(self, tag="", digest=digest)

    def tagged(self, tag: str) -> Reference:
        return replace(self, tag=tag, digest="")

    def __str__(self) -> str:
        name = f"{self.registry}/{self.repository}" if self.registry else self.repository
        return name + (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")
