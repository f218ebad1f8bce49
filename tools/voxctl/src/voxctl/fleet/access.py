"""The way to the registry: its address, the secret that opens it, and its errors as sentences."""

from __future__ import annotations

import getpass
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from voxkit.errors import Forbidden, Invalid, VoxError
from voxkit.registry import RegistryAway, RegistryClient
from voxkit.secrets import split_secrets

from voxctl.output import EXIT_PREFLIGHT, CommandError
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder, read_env_file

BY_CHARS = 128


@asynccontextmanager
async def registry(settings: VoxctlSettings, pool: str) -> AsyncIterator[RegistryClient]:
    """A client of the registry that the running stack has, else of REGISTRY_URL, for the length of the block.

    Raises: CommandError: no address, no secret, or what `told` makes of the registry's own errors.
    """
    url = registry_url(settings)
    kept = read_env_file(DataFolder(settings.data_dir).secrets_file)
    secrets = split_secrets(settings.voxcore_secret or kept.get("VOXCORE_SECRET", ""))
    if not secrets:
        raise CommandError(
            f"no secret for the registry at {url}: set VOXCORE_SECRET, or VOX_DATA_DIR to the folder of its stack",
            exit_code=EXIT_PREFLIGHT,
        )
    client = RegistryClient(url, secrets[0], client="vox", pool=pool)
    try:
        with told(url):
            yield client
    finally:
        await client.aclose()


def registry_url(settings: VoxctlSettings) -> str:
    """Raises: CommandError: the stack that runs here has no registry, or REGISTRY_URL is empty."""
    stack = DataFolder(settings.data_dir).read_stack()
    url = str(stack.get("registry_url", "")) if stack else settings.registry_url
    if not url:
        cause = "the running stack has no capacity registry" if stack else "REGISTRY_URL is empty"
        raise CommandError(f"{cause}: start voxregistry and set REGISTRY_URL", exit_code=EXIT_PREFLIGHT)
    return url


@contextmanager
def told(url: str) -> Iterator[None]:
    """The registry's errors as CommandError: the cause and the way out."""
    try:
        yield
    except RegistryAway as away:
        why = away.extra.get("why")
        raise CommandError(
            f"the capacity registry gives no answer at {url} ({why or away.message}): start it with `vox up`, or set "
            "REGISTRY_URL",
            exit_code=EXIT_PREFLIGHT,
        ) from None
    except Forbidden:
        raise CommandError(
            f"the capacity registry at {url} refuses our secret: VOXCORE_SECRET must be one of its own",
            exit_code=EXIT_PREFLIGHT,
        ) from None
    except Invalid as error:
        raise CommandError(f"the capacity registry does not take this: {error.detail or error.message}") from None
    except VoxError as error:
        raise CommandError(f"the capacity registry answered: {error.message}") from None


def who(settings: VoxctlSettings) -> str:
    """Who steers, as drains keep it."""
    return (settings.vox_email or f"{getpass.getuser()}@{socket.gethostname()}")[:BY_CHARS]
