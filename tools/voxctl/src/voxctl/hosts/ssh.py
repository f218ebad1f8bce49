"""How an SSH connection is made and what stands in the way of one, in words for an operator."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh

from voxctl.hosts.inventory import Ssh
from voxctl.output import EXIT_PREFLIGHT, CommandError

TRIES, PAUSE_S = 3, 0.5
"""An sshd that many ask at once drops some of them unheard; so does one that is being restarted."""
KEEPALIVE_S, MISSED = 5, 3
"""A host that says nothing for 15 s is away."""


class RemoteFailed(CommandError):
    """A host refused a command. `code` is that of the command, 0 when there was none."""

    def __init__(self, message: str, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


class HostAway(CommandError):
    """A host gives no answer: the text names the cause and the way out."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=EXIT_PREFLIGHT)


class LinkLost(HostAway):
    """The connection broke while a command ran: it may have had its effect, look before it is given again."""

    def __init__(self, host: str, command: str, cause: object) -> None:
        super().__init__(f"{host}: the connection broke during `{command}` ({cause}); nobody knows whether it ran")
        self.host = host


async def connect(ssh: Ssh, name: str, address: str) -> asyncssh.SSHClientConnection:
    """A connection to a host whose key is known. `~/.ssh/config` counts for what the inventory leaves open.

    Raises: HostAway.
    """
    options: dict[str, Any] = {"username": ssh.user, "connect_timeout": ssh.connect_timeout}
    options |= {"keepalive_interval": KEEPALIVE_S, "keepalive_count_max": MISSED}
    if "port" in ssh.model_fields_set:
        options["port"] = ssh.port
    known = known_hosts(ssh)
    options["known_hosts"] = str(known)
    if not known.is_file():
        raise HostAway(f"{name}: {known} is not there, so no host is known: {_scan(ssh, address, known)}")
    if ssh.key:
        if not ssh.key.expanduser().is_file():
            raise HostAway(f"{name}: the key {ssh.key} of ssh.key is not there")
        options["client_keys"] = [str(ssh.key.expanduser())]
    try:
        return await _connected(address, options)
    except asyncssh.HostKeyNotVerifiable:
        raise HostAway(_key_words(ssh, name, address, known)) from None
    except asyncssh.PermissionDenied:
        keys = f"the key {ssh.key} is not accepted" if ssh.key else "no key of the agent or of ~/.ssh is accepted"
        raise HostAway(
            f"{name} ({address}) does not let {ssh.user} in: {keys}; "
            f"put the public key into ~{ssh.user}/.ssh/authorized_keys there"
        ) from None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise HostAway(
            f"{name}: the key {ssh.key or 'in ~/.ssh'} cannot be used ({error}): one with a passphrase goes into the "
            "agent (ssh-add), and ssh.key out of the inventory"
        ) from None
    except TimeoutError:
        raise HostAway(
            f"{name} ({address}) gives no answer within {ssh.connect_timeout} s: is it up, and is its network?"
        ) from None
    except (asyncssh.Error, OSError) as error:
        cause = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise HostAway(f"{name} ({address}) cannot be reached by SSH: {cause}") from None


async def _connected(address: str, options: dict[str, Any]) -> asyncssh.SSHClientConnection:
    for left in reversed(range(TRIES)):
        try:
            return await asyncssh.connect(address, **options)
        except (ConnectionResetError, asyncssh.ConnectionLost):
            if not left:
                raise
            await asyncio.sleep(PAUSE_S * random.uniform(0.5, 1.5))
    raise AssertionError("unreachable")


def known_hosts(ssh: Ssh) -> Path:
    """The file with the keys of the hosts."""
    return ssh.known_hosts.expanduser() if ssh.known_hosts else Path.home() / ".ssh" / "known_hosts"


def _key_words(ssh: Ssh, name: str, address: str, known: Path) -> str:
    keys = asyncssh.read_known_hosts(str(known)).match(address, address, ssh.port)
    if not any(keys[:3]):
        return f"{name} ({address}) is not in {known}: {_scan(ssh, address, known)}"
    return (
        f"{name} ({address}) shows another key than the one in {known}: somebody may stand in between. If the machine "
        f"was installed anew, remove its line (ssh-keygen -f {known} -R {address}), then {_scan(ssh, address, known)}"
    )


def _scan(ssh: Ssh, address: str, known: Path) -> str:
    port = f"-p {ssh.port} " if ssh.port != 22 else ""
    return f"compare its key on its console, then ssh-keyscan {port}{address} >> {known}"


@asynccontextmanager
async def docker_save(image: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`docker save` of this machine; its output is the stream. Raises: CommandError: the image is not here."""
    packed = await asyncio.create_subprocess_exec(
        "docker", "save", image, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=dict(os.environ)
    )
    try:
        yield packed
        if await packed.wait():
            said = (await packed.stderr.read()).decode(errors="replace").strip() if packed.stderr else ""
            raise CommandError(f"{image} cannot be packed here: {said}", exit_code=EXIT_PREFLIGHT)
    finally:
        if packed.returncode is None:
            packed.kill()
            await packed.wait()
