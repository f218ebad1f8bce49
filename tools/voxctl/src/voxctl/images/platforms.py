"""Images for another processor than that of this machine: what must be there before a build is begun."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

from voxctl.images.build import docker
from voxctl.images.context import WHEELS
from voxctl.output import EXIT_PREFLIGHT, EXIT_USAGE, CommandError

MACHINES = {"linux/amd64": "x86_64", "linux/arm64": "aarch64"}
"""Platform -> how wheels call its processor."""


def require_platform(root: Path, platform: str, *, standins: bool) -> None:
    """Raises: CommandError: the engine that answers cannot build for it."""
    own = docker("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}")
    wheels = [path.name for path in (root / WHEELS).glob("*.whl")]
    if why := unfit(platform, own=own, built=_of_builder(), wheels=wheels, standins=standins):
        raise CommandError(why, exit_code=EXIT_PREFLIGHT if platform in MACHINES else EXIT_USAGE)


def unfit(platform: str, *, own: str, built: Collection[str], wheels: Iterable[str], standins: bool) -> str:
    """Why there can be no image for a platform, and the way out; empty: there can. Pure.

    `own`: platform of the engine; `built`: those that its buildx builds for; `wheels`: names in the wheelhouse.
    """
    if platform not in MACHINES:
        return f"--platform {platform} is none of {', '.join(MACHINES)}"
    if platform == own:
        return ""
    if standins:
        return (
            f"stand-in bases are made for this machine ({own}): without VOX_STANDINS the bases of {platform} are taken"
        )
    known = ", ".join(dict.fromkeys((own, *built)))
    if platform not in built:
        return (
            f"this engine builds for {known}, not for {platform}: let one of that kind "
            "do it (DOCKER_HOST=ssh://…), or install docker-buildx and qemu-user-static here"
        )
    machine = MACHINES[platform]
    foreign = [name for name in wheels if not (name.endswith("-any.whl") or machine in name)]
    if foreign:
        return (
            f"the wheelhouse {WHEELS} has wheels of another processor ({foreign[0]}): move it away, then the build "
            "fetches the ones that requirements.lock names"
        )
    return ""


def _of_builder() -> list[str]:
    """What the buildx of this engine builds for; nothing without the plugin."""
    done = subprocess.run(["docker", "buildx", "inspect", "--bootstrap"], capture_output=True, text=True, check=False)
    found = re.search(r"^Platforms:\s+(.+)$", done.stdout, re.MULTILINE) if done.returncode == 0 else None
    return [each.strip().rstrip("*") for each in found[1].split(",")] if found else []
