"""Secrets of hosts: read on the operator's machine, sent over SSH's standard input, shown by name alone."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values
from voxkit.settings import DEVELOPMENT_SECRET

from voxctl.hosts.inventory import Inventory, SecretSource
from voxctl.hosts.layout import SECRETS_FILE
from voxctl.hosts.remote import Remote
from voxctl.hosts.rendering import render_host, required_secrets
from voxctl.hosts.replicas import KINDS, replicas_of
from voxctl.hosts.told import told
from voxctl.output import EXIT_PREFLIGHT, CommandError

READ_WITHIN_S = 60.0
SHORTEST = 16
SHORTEST_OF = {"JWT_SECRET": 32, "VOXCORE_SECRET": 32}
NAMED = ("FIRST_ADMIN_EMAIL", "S3_ACCESS_KEY", "VOXBRIDGE_S3_ACCESS_KEY", "LIVEKIT_API_KEY")
"""Names of somebody rather than secrets: they may be short."""


class Refused(CommandError):
    """The secrets cannot be used as they are."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=EXIT_PREFLIGHT)


async def load(source: SecretSource | None) -> dict[str, str]:
    """Name -> value, from where the inventory says. Raises: Refused; its text holds no value."""
    if source is None:
        raise Refused("the inventory does not say where secrets come from: secrets: {source: env_file, file: …}")
    if source.source == "command":
        return parsed(await _printed(source.command), f"what {source.command[0]} prints")
    assert source.file is not None
    if not source.file.is_file():
        raise Refused(f"secrets.file {source.file} is not there")
    if source.source == "sops":
        argv = ["sops", "--decrypt", "--output-type", "dotenv", str(source.file)]
        return parsed(await _printed(argv), str(source.file))
    check_place(source.file)
    return parsed(source.file.read_text(), str(source.file))


def check_place(path: Path) -> None:
    """Plain secrets are read by their owner alone and lie in no repository. Raises: Refused."""
    if mode := path.stat().st_mode & 0o077:
        raise Refused(f"{path} can be read by others (mode {mode:03o} of group and others): chmod 600 {path}")
    inside = next((each for each in path.resolve().parents if (each / ".git").exists()), None)
    if inside:
        raise Refused(f"{path} lies inside the repository {inside}: move it out, or encrypt it with sops")


def check_values(values: Mapping[str, str], env: str) -> None:
    """Raises: Refused, with every value that is a known or a weak one. Outside of development alone."""
    if env == "development":
        return
    wrong: list[str] = []
    for name, value in sorted(values.items()):
        shortest = 0 if name in NAMED else SHORTEST_OF.get(name, SHORTEST)
        parts = (
            [part.strip() for part in value.split(",")] if name in ("VOXCORE_SECRET", "WS_MEDIA_TOKENS") else [value]
        )
        if DEVELOPMENT_SECRET in value:
            wrong.append(f"{name} is a value for development, known to everybody")
        elif value and min(len(part.encode()) for part in parts) < shortest:
            wrong.append(f"{name} is shorter than {shortest} bytes")
    if wrong:
        raise Refused(f"{'; '.join(wrong)}. New random ones: vox init <file outside of the repository>")


@dataclass(frozen=True)
class Needs:
    """Names that a host's services ask for: without a required one they do not start."""

    required: frozenset[str]
    optional: frozenset[str]


def needs(inventory: Inventory, name: str) -> Needs:
    """What one host gets: what its own services ask for, and nothing that only others need."""
    services = [service for service in KINDS if replicas_of(inventory, name, service)]
    services += ["voxcore"] if "fleet" in inventory.known(name).roles else []
    wanted = [told(inventory, service) for service in services]
    required = set(required_secrets(render_host(inventory, name)["compose.yaml"]))
    for each in wanted:
        required |= {found for value in each.values() for found in re.findall(r"\$\{(\w+):\?", value or "")}
    optional = {variable for each in wanted for variable, value in each.items() if value is None}
    return Needs(frozenset(required), frozenset(optional - required))


def for_host(inventory: Inventory, name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Its part of the secrets. Raises: Refused: one that it needs is missing."""
    wanted = needs(inventory, name)
    if missing := sorted(each for each in wanted.required if not values.get(each)):
        raise Refused(
            f"{name} needs {', '.join(missing)}, and the secrets do not have {'it' if len(missing) == 1 else 'them'}"
        )
    return {each: values[each] for each in sorted(wanted.required | wanted.optional) if each in values}


def to_text(values: Mapping[str, str]) -> str:
    """The lines of secrets.env, as Compose reads them. Raises: Refused: a value that it cannot be told."""
    return "".join(f"{name}={_quoted(name, value)}\n" for name, value in sorted(values.items()))


@dataclass(frozen=True)
class Change:
    """What a push does to one host, by names."""

    host: str
    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def __str__(self) -> str:
        parts = [("added", self.added), ("changed", self.changed), ("removed", self.removed)]
        return "; ".join(f"{what} {', '.join(names)}" for what, names in parts if names) or "nothing changed"


def compare(host: str, before: Mapping[str, str], after: Mapping[str, str]) -> Change:
    """Pure."""
    both = sorted(before.keys() & after.keys())
    return Change(
        host,
        tuple(sorted(after.keys() - before.keys())),
        tuple(name for name in both if before[name] != after[name]),
        tuple(sorted(before.keys() - after.keys())),
    )


async def push(host: Remote, values: Mapping[str, str]) -> Change:
    """Put a host's secrets in place, 0600; asked twice, the second changes nothing. Raises: CommandError."""
    before = await host.text(str(SECRETS_FILE))
    change = compare(host.name, parsed(before or "", f"{SECRETS_FILE} of {host.name}"), values)
    if before is None or not change.empty:
        await host.write(str(SECRETS_FILE), to_text(values), 0o600)
    return change


def parsed(text: str, what: str) -> dict[str, str]:
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    if wrong := [name for name, value in found.items() if value is None or not re.fullmatch(r"[A-Z][A-Z0-9_]*", name)]:
        # A part of a value may stand where a name should be: nothing of it is shown.
        raise Refused(f"{what}: {len(wrong)} line{'s' if len(wrong) > 1 else ''} not of the form NAME=value")
    return {name: value for name, value in found.items() if value is not None}


def _quoted(name: str, value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_.,:/@%+=~-]*", value):
        return value
    if "'" in value or "\n" in value:
        raise Refused(f"{name} has a quote ' or more than one line, which an env file cannot hold: make another one")
    return f"'{value}'"


async def _printed(argv: list[str]) -> str:
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise Refused(f"{argv[0]} cannot be run ({error.strerror}): is it installed?") from None
    try:
        async with asyncio.timeout(READ_WITHIN_S):
            out, err = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise Refused(f"{argv[0]} printed no secrets within {READ_WITHIN_S:.0f} s") from None
    if process.returncode:
        said = err.decode(errors="replace").strip().splitlines()
        raise Refused(f"{argv[0]} ended with {process.returncode}{': ' + said[-1][:200] if said else ''}")
    return out.decode()
