"""`vox doctor`: what is missing or unsafe on this machine, and the cure."""

from __future__ import annotations

import importlib.util
import ipaddress
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal
from urllib.parse import urlsplit

import psutil
from cyclopts import Parameter
from voxkit.settings import DEVELOPMENT_SECRET

from voxctl.checkout import find_checkout
from voxctl.embedded import EmbeddedServerError
from voxctl.embedded.secantus import secantus_program
from voxctl.embedded.valkey import valkey_binary
from voxctl.output import EXIT_DONE, EXIT_PREFLIGHT, CommandError, Output, escape
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder
from voxctl.up.parts import Stack, build_parts, wanted_ports
from voxctl.up.ports import check_ports

Level = Literal["ok", "warning", "missing"]
SIGNS = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "missing": "[red]✗[/]"}
NEEDED_DISK_MB, NEEDED_MEMORY_MB = 500, 1_500


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `cure` says what to do; empty when it is all right."""

    level: Level
    subject: str
    found: str
    cure: str = ""


def doctor(*, json: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Say what is missing or unsafe on this machine and how to mend it. Exit code 2 when something is missing.

    Parameters
    ----------
    json
        JSON lines instead of text.
    """
    output = Output(as_json=json)
    worst_is_missing = False
    for finding in examine(VoxctlSettings.load()):
        worst_is_missing |= finding.level == "missing"
        cure = f"\n    {escape(finding.cure)}" if finding.cure else ""
        output.emit(
            "doctor.finding",
            f"{SIGNS[finding.level]} {finding.subject}: {escape(finding.found)}{cure}",
            level=finding.level,
            subject=finding.subject,
            found=finding.found,
            cure=finding.cure,
        )
    return EXIT_PREFLIGHT if worst_is_missing else EXIT_DONE


def examine(settings: VoxctlSettings) -> Iterator[Finding]:
    """Every check, in the order in which a newcomer would meet the problem."""
    for check in CHECKS:
        yield from check(settings)


def _python(_: VoxctlSettings) -> Iterator[Finding]:
    version = ".".join(str(part) for part in sys.version_info[:3])
    if (3, 11) <= sys.version_info[:2] < (3, 13):
        yield Finding("ok", "Python", version)
    else:
        yield Finding("missing", "Python", version, "Vox needs 3.11 or 3.12: make up PYTHON=/path/to/python3.12")


def _stores(settings: VoxctlSettings) -> Iterator[Finding]:
    for subject, given, find in (
        ("database", settings.mongodb_uri, secantus_program),
        ("Valkey", settings.redis_url, valkey_binary),
    ):
        if given:
            yield Finding("ok", subject, "a server is given")
            continue
        try:
            yield Finding("ok", subject, str(find()))
        except EmbeddedServerError as error:
            yield Finding("missing", subject, str(error), "make install")


def _packages(_: VoxctlSettings) -> Iterator[Finding]:
    absent = [
        name
        for name in ("voxbridge", "voxregistry", "voxcore", "voxvoice", "voxphone")
        if not importlib.util.find_spec(name)
    ]
    if absent:
        yield Finding("missing", "packages", f"{', '.join(absent)} not installed", "make install")
    else:
        yield Finding("ok", "packages", "all parts are installed")


def _console(_: VoxctlSettings) -> Iterator[Finding]:
    root = find_checkout()
    if root is None or not (root / "services" / "voxui" / "package.json").is_file():
        return
    if (root / "services" / "voxui" / "dist" / "index.html").is_file():
        yield Finding("ok", "console", "built")
    else:
        yield Finding("warning", "console", "not built", "make ui")


def _room(settings: VoxctlSettings) -> Iterator[Finding]:
    place = settings.data_dir
    while not place.exists():
        place = place.parent
    free_mb = shutil.disk_usage(place).free // 1_000_000
    yield (
        Finding("ok", "disk", f"{free_mb:,} MB free in {place}")
        if free_mb >= NEEDED_DISK_MB
        else Finding("missing", "disk", f"{free_mb:,} MB free in {place}", "make room, or set VOX_DATA_DIR elsewhere")
    )
    memory_mb = psutil.virtual_memory().available // 1_000_000
    yield (
        Finding("ok", "memory", f"{memory_mb:,} MB available")
        if memory_mb >= NEEDED_MEMORY_MB
        else Finding("warning", "memory", f"{memory_mb:,} MB available", "the local speech models want about 1.5 GB")
    )


def _ports(settings: VoxctlSettings) -> Iterator[Finding]:
    data = DataFolder(settings.data_dir)
    if data.read_stack():
        yield Finding("ok", "ports", "a stack is running")
        return
    # Only its ports are looked at, so any secret will do.
    stack = Stack(settings, data, defaultdict(str), settings.vox_workers, settings.vox_port_offset)
    try:
        parts, _ = build_parts(stack)
        check_ports(wanted_ports(stack, parts))
    except EmbeddedServerError:
        return  # said by the check of the stores
    except CommandError as taken:
        yield Finding("warning", "ports", str(taken).replace("\n", "; "), "set the variables named, or --port-offset")
    else:
        yield Finding("ok", "ports", "all free")


def _secrets(settings: VoxctlSettings) -> Iterator[Finding]:
    file = DataFolder(settings.data_dir).secrets_file
    if file.is_file() and file.stat().st_mode & 0o077:
        yield Finding("missing", "secrets", f"{file} can be read by others", f"chmod 600 {file}")
    weak = [
        name.upper()
        for name in ("jwt_secret", "settings_encryption_key", "voxcore_secret")
        if DEVELOPMENT_SECRET in getattr(settings, name)
    ]
    if weak:
        level: Level = "missing" if settings.production else "warning"
        yield Finding(level, "secrets", f"{', '.join(weak)}: a development value", "set a random one, or none at all")


def _media_token(settings: VoxctlSettings) -> Iterator[Finding]:
    exposed = [
        name
        for name, url in (
            ("VOXCORE_PUBLIC_URL", settings.voxcore_public_url),
            ("BROWSER_WSS_BASE", settings.browser_wss_base),
        )
        if is_public(url)
    ]
    if exposed and not settings.ws_media_tokens:
        yield Finding(
            "warning",
            "media token",
            f"{' and '.join(exposed)} can be reached from outside, and WS_MEDIA_TOKENS is empty",
            "anybody may start calls there: set WS_MEDIA_TOKENS for voxbridge and voxcore alike",
        )


def _database_in_production(settings: VoxctlSettings) -> Iterator[Finding]:
    if settings.production and not settings.mongodb_uri:
        yield Finding(
            "missing", "database", "VOX_ENV=production on the embedded database", "give a MongoDB server: MONGODB_URI"
        )


def is_public(url: str) -> bool:
    """Whether a URL names a host outside this machine and its private networks; no name is looked up."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith((".local", ".internal", ".localhost", ".test"))


CHECKS: tuple[Callable[[VoxctlSettings], Iterator[Finding]], ...] = (
    _python,
    _packages,
    _stores,
    _console,
    _room,
    _ports,
    _secrets,
    _media_token,
    _database_in_production,
)
