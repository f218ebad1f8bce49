"""Who one is at an image registry: VOX_REGISTRY_USER and VOX_REGISTRY_TOKEN, else what `docker login` has left."""

from __future__ import annotations

import base64
import binascii
import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from voxctl.settings import ImageSettings

HELPER_WITHIN_S = 20


@dataclass(frozen=True)
class Credentials:
    user: str
    token: str = field(repr=False)

    def basic(self) -> str:
        """The header `Authorization` that shows them."""
        return f"Basic {self._encoded()}"

    def docker_config(self, registry: str) -> dict[str, Any]:
        """What `docker --config FOLDER` reads as config.json, to push as somebody without a `docker login`."""
        return {"auths": {registry: {"auth": self._encoded()}}}

    def _encoded(self) -> str:
        return base64.b64encode(f"{self.user}:{self.token}".encode()).decode()


def credentials_for(registry: str, settings: ImageSettings) -> Credentials | None:
    """None: nobody, which public images allow. `registry` is `host` or `host:port`."""
    own = settings.vox_registry.partition("/")[0]
    if settings.vox_registry_token and registry == own:
        return Credentials(settings.vox_registry_user, settings.vox_registry_token)
    return from_docker(registry, Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json")


def from_docker(registry: str, file: Path) -> Credentials | None:
    """From Docker's own file: of the helper that it names for this registry, else as it is written there."""
    try:
        config: dict[str, Any] = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    helper = (config.get("credHelpers") or {}).get(registry) or config.get("credsStore")
    if helper and (found := _ask_helper(str(helper), registry)):
        return found
    auths = config.get("auths") or {}
    entry = next(
        (auths[key] for key in (registry, f"https://{registry}", f"https://{registry}/v2/") if key in auths), {}
    )
    try:
        user, _, token = base64.b64decode(entry.get("auth", ""), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return Credentials(user, token) if token else None


def _ask_helper(name: str, registry: str) -> Credentials | None:
    """A program `docker-credential-NAME get`: the registry on its stdin, JSON on its stdout."""
    program = shutil.which(f"docker-credential-{name}")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "get"], input=registry, capture_output=True, text=True, timeout=HELPER_WITHIN_S, check=False
        )
        said = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return Credentials(said["Username"], said["Secret"]) if said.get("Secret") else None
