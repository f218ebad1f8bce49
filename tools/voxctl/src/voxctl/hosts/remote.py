"""One host over one SSH connection: commands, files, its Docker, and addresses as that host sees them.

async with Remote(inventory, "fleet1") as host:
    done = await host.docker("ps", "--quiet")
"""

from __future__ import annotations

import asyncio
import json
import shlex
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import asyncssh
import httpx

from voxctl.hosts.inventory import Inventory
from voxctl.hosts.layout import ENV_FILES, PROJECT_DIR
from voxctl.hosts.ssh import HostAway, LinkLost, RemoteFailed, connect, docker_save
from voxctl.images.credentials import credentials_for
from voxctl.images.reference import Reference
from voxctl.settings import ImageSettings

COMMAND_WITHIN_S = 60.0
PULL_WITHIN_S = 1_800.0
SESSIONS = 8
"""Commands at a time on one connection; sshd allows ten and refuses the next."""
REFUSALS, REFUSED_S = 50, 0.1
NOT_THERE = 44

READ = 'if [ -e "$1" ]; then exec cat -- "$1"; fi; exit 44'
# A link that breaks looks like the end of the input: a file that is shorter than it should be is never put in place.
WRITE = """
umask 077
new="$1.new.$$"
trap 'rm -f -- "$new"' EXIT
cat >"$new" && [ "$(wc -c <"$new")" -eq "$3" ] && chmod "$2" "$new" && sync "$new" && mv -f -- "$new" "$1"
"""
APPEND = """
umask 077
part=$(mktemp) || exit 1
trap 'rm -f -- "$part"' EXIT
cat >"$part" && [ "$(wc -c <"$part")" -eq "$2" ] && cat "$part" >>"$1" && sync "$1"
"""
PULL = """
umask 077
folder=$(mktemp -d) || exit 1
trap 'rm -rf -- "$folder"' EXIT
cat >"$folder/config.json" && docker --config "$folder" pull --quiet -- "$1"
"""


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def ok(self) -> bool:
        return self.code == 0

    @property
    def words(self) -> str:
        """Its last words, for a message."""
        said = (self.err.strip() or self.out.strip()).splitlines()
        return said[-1][-400:] if said else f"it ended with {self.code} and said nothing"


class Remote:
    """A host of the inventory. Every method raises HostAway when it gives no answer, CommandError when it refuses.

    The connection is made at the first use, and once more for a command that finds it broken before it began. A command
    that may have begun is repeated only when `repeat` says that twice is the same as once; else LinkLost is raised, and
    the caller looks whether it had its effect.
    """

    def __init__(self, inventory: Inventory, name: str) -> None:
        self.inventory, self.name = inventory, name
        self.host = inventory.known(name)
        self._link: asyncssh.SSHClientConnection | None = None
        self._connecting = asyncio.Lock()
        self._sessions = asyncio.Semaphore(SESSIONS)

    async def __aenter__(self) -> Self:
        await self.connection()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def connection(self) -> asyncssh.SSHClientConnection:
        """The live connection, a new one when there is none. Raises: HostAway."""
        async with self._connecting:
            if self._link is None or self._link.is_closed():
                self._link = await connect(self.inventory.ssh, self.name, self.host.address)
            return self._link

    async def close(self) -> None:
        if self._link is not None:
            self._link.close()
            await self._link.wait_closed()
            self._link = None

    # --- commands -------------------------------------------------------------------------------------------------

    async def run(
        self,
        argv: Sequence[str | PurePosixPath],
        *,
        stdin: bytes | None = None,
        timeout_s: float = COMMAND_WITHIN_S,
        repeat: bool = False,
    ) -> Done:
        """Run a program there; each word reaches it as it is, whatever it holds. `repeat`: twice is the same as once.

        Raises: LinkLost: the connection broke, and it may have run. HostAway: no connection, or no end in time.
        """
        code, out, err = await self._bytes(argv, stdin, timeout_s, repeat)
        return Done(code, out.decode(errors="replace"), err.decode(errors="replace"))

    async def _bytes(
        self, argv: Sequence[str | PurePosixPath], stdin: bytes | None, timeout_s: float, repeat: bool
    ) -> tuple[int, bytes, bytes]:
        command = shlex.join(str(word) for word in argv)
        tries = 2 if repeat else 1
        while True:
            tries -= 1
            process = await self._begin(command)
            out, err = b"", b""
            try:
                # `closing`, as leaving the process's own block would wait for its end there, however late that is.
                with closing(process):
                    async with asyncio.timeout(timeout_s):
                        with suppress(BrokenPipeError):  # it ended without reading what it was given: its code says how
                            process.stdin.write(stdin or b"")
                            process.stdin.write_eof()
                        out, err = await process.communicate()
            except TimeoutError:
                raise HostAway(f"{self.name}: `{brief(argv)}` had no end within {timeout_s:.0f} s") from None
            except (asyncssh.Error, OSError) as error:
                if tries:
                    continue
                raise LinkLost(self.name, brief(argv), error) from None
            finally:
                self._sessions.release()
            if process.exit_status is None:
                if tries:
                    continue
                raise LinkLost(self.name, brief(argv), "it was cut")
            return process.exit_status, bytes(out or b""), bytes(err or b"")

    async def _begin(self, command: str, **options: Any) -> asyncssh.SSHClientProcess[bytes]:
        """A process that runs there, in one of `SESSIONS` places, which the caller gives back."""
        await self._sessions.acquire()
        broken, refused = 0, 0
        try:
            while True:
                link = await self.connection()
                try:
                    return await link.create_process(command, encoding=None, **options)
                except asyncssh.ChannelOpenError as error:
                    # Refused before anything ran: sshd has not yet cleared away the session that ended before.
                    refused += 1
                    if refused > REFUSALS:
                        raise HostAway(f"{self.name} opens no session: {error.reason}") from None
                    await asyncio.sleep(REFUSED_S)
                except (asyncssh.Error, OSError) as error:
                    broken += 1
                    if broken > 1:
                        raise HostAway(f"{self.name}: the connection broke twice: {error}") from None
                    link.abort()
        except BaseException:
            self._sessions.release()
            raise

    async def lines(self, argv: Sequence[str | PurePosixPath]) -> AsyncIterator[str]:
        """What a program prints, line by line, both streams as one; it is ended when the reader leaves.

        Raises: LinkLost.
        """
        process = await self._begin(shlex.join(str(word) for word in argv), stderr=asyncssh.STDOUT)
        try:
            with closing(process):
                async for line in process.stdout:
                    yield line.decode(errors="replace").rstrip("\r\n")
                await process.wait_closed()
        except (asyncssh.Error, OSError) as error:
            raise LinkLost(self.name, brief(argv), error) from None
        finally:
            self._sessions.release()

    async def docker(self, *args: str, timeout_s: float = COMMAND_WITHIN_S, repeat: bool = False) -> Done:
        """`docker …` of the host."""
        return await self.run(["docker", *args], timeout_s=timeout_s, repeat=repeat)

    async def compose(self, *args: str, timeout_s: float = 300.0, repeat: bool = False) -> Done:
        """`docker compose …` on the host's project /opt/vox."""
        return await self.run(self.compose_words(*args), timeout_s=timeout_s, repeat=repeat)

    @staticmethod
    def compose_words(*args: str) -> list[str]:
        """The command line of `compose`, for `lines`."""
        files = [word for each in ENV_FILES for word in ("--env-file", str(PROJECT_DIR / each))]
        project = ["--project-directory", str(PROJECT_DIR), *files, "--file", str(PROJECT_DIR / "compose.yaml")]
        return ["docker", "compose", *project, *args]

    async def pull(self, image: str, *, timeout_s: float = PULL_WITHIN_S) -> None:
        """Have an image from the registry on the host. Raises: CommandError with the registry's words."""
        if (await self.docker("image", "inspect", "--format", "{{.Id}}", image, repeat=True)).ok:
            return
        registry = Reference.parse(image).registry
        known = credentials_for(registry, ImageSettings.load()) if registry else None
        # A folder of this pull alone: the host keeps no log-in.
        config = json.dumps(known.docker_config(registry) if known else {}).encode()
        done = await self.run(["sh", "-c", PULL, "sh", image], stdin=config, timeout_s=timeout_s, repeat=True)
        if not done.ok:
            raise RemoteFailed(f"{self.name} cannot pull {image}: {done.words}", done.code)

    async def load(self, image: str, *, timeout_s: float = PULL_WITHIN_S) -> None:
        """Send an image of this machine's Docker to the host. Raises: CommandError: it is not here, or was refused."""
        async with docker_save(image) as packed:
            process = await self._begin("docker load --quiet", stdin=packed.stdout)
            err = b""
            try:
                with closing(process):
                    async with asyncio.timeout(timeout_s):
                        _, err = await process.communicate()
            except TimeoutError:
                raise HostAway(f"{self.name}: {image} was not there within {timeout_s:.0f} s") from None
            except (asyncssh.Error, OSError) as error:
                raise LinkLost(self.name, f"docker load of {image}", error) from None
            finally:
                self._sessions.release()
        if process.exit_status != 0:
            raise RemoteFailed(
                f"{self.name} does not take {image}: {bytes(err or b'').decode(errors='replace').strip()}"
            )

    # --- files ----------------------------------------------------------------------------------------------------

    async def read(self, path: PurePosixPath | str) -> bytes | None:
        """The content of a file; None: there is none. Raises: CommandError."""
        code, out, err = await self._bytes(["sh", "-c", READ, "sh", str(path)], None, COMMAND_WITHIN_S, True)
        if code == NOT_THERE:
            return None
        if code:
            raise RemoteFailed(f"{self.name}: {path} cannot be read: {err.decode(errors='replace').strip()}", code)
        return out

    async def text(self, path: PurePosixPath | str) -> str | None:
        """`read`, decoded."""
        found = await self.read(path)
        return None if found is None else found.decode()

    async def write(self, path: PurePosixPath | str, data: bytes | str, mode: int = 0o644) -> None:
        """Put a whole file in place, on disk when this returns; a reader sees the old one or the new one."""
        raw = data.encode() if isinstance(data, str) else data
        argv = ["sh", "-c", WRITE, "sh", str(path), f"{mode:04o}", str(len(raw))]
        done = await self.run(argv, stdin=raw, repeat=True)
        if not done.ok:
            raise RemoteFailed(f"{self.name}: {path} cannot be written: {done.words}", done.code)

    async def append(self, path: PurePosixPath | str, data: bytes | str) -> None:
        """Add to the end of a file, all of it or nothing. Raises: LinkLost: look whether it stands there."""
        raw = data.encode() if isinstance(data, str) else data
        done = await self.run(["sh", "-c", APPEND, "sh", str(path), str(len(raw))], stdin=raw)
        if not done.ok:
            raise RemoteFailed(f"{self.name}: {path} cannot be written: {done.words}", done.code)

    async def exists(self, path: PurePosixPath | str) -> bool:
        return (await self.run(["test", "-e", str(path)], repeat=True)).ok

    # --- addresses ------------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def http(self, url: str, *, timeout_s: float = 10.0) -> AsyncIterator[httpx.AsyncClient]:
        """A client whose requests leave from the host: `url` is an address as the host sees it.

        The way there is a socket in a folder of this user alone; no port opens on this machine.
        """
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        with tempfile.TemporaryDirectory(prefix="vox-") as folder:
            way = str(Path(folder) / "http")
            listener = await (await self.connection()).forward_local_path_to_port(way, parts.hostname or "", port)
            try:
                transport = httpx.AsyncHTTPTransport(uds=way)
                async with httpx.AsyncClient(base_url=url, transport=transport, timeout=timeout_s) as client:
                    yield client
            finally:
                listener.close()
                await listener.wait_closed()

    async def unix(self, path: PurePosixPath | str) -> tuple[asyncssh.SSHReader[bytes], asyncssh.SSHWriter[bytes]]:
        """Reader and writer of a unix socket of the host. Raises: CommandError: nobody listens, or it is not ours."""
        link = await self.connection()
        try:
            return await link.open_unix_connection(str(path), encoding=None)
        except asyncssh.ChannelOpenError as error:
            raise RemoteFailed(
                f"{self.name}: {path} does not answer ({error.reason}): nobody listens there, or "
                f"{self.inventory.ssh.user} is not in the group that may use it (vox, 10001)"
            ) from None

    async def ask(self, path: PurePosixPath | str, command: str, *, timeout_s: float = 10.0) -> str:
        """One line to a unix socket, and all that it answers: how HAProxy's admin sockets are spoken to."""
        reader, writer = await self.unix(path)
        try:
            async with asyncio.timeout(timeout_s):
                writer.write(f"{command}\n".encode())
                return (await reader.read()).decode(errors="replace").strip()
        except TimeoutError:
            raise HostAway(f"{self.name}: {path} gave no answer within {timeout_s:.0f} s") from None
        finally:
            writer.close()


def brief(argv: Sequence[str | PurePosixPath]) -> str:
    """A command for a message: no script, no long tail."""
    words = [str(word) for word in argv]
    if words[:2] == ["sh", "-c"]:
        words = ["sh", *words[4:]]
    text = shlex.join(words)
    return text if len(text) <= 120 else f"{text[:117]}…"


@asynccontextmanager
async def connected(inventory: Inventory, names: Sequence[str]) -> AsyncIterator[dict[str, Remote]]:
    """These hosts, connected all at once. Raises: CommandError that names each host that is away."""
    async with AsyncExitStack() as stack:
        remotes = {name: Remote(inventory, name) for name in names}
        for remote in remotes.values():
            stack.push_async_callback(remote.close)
        answers = await asyncio.gather(*(each.connection() for each in remotes.values()), return_exceptions=True)
        for answer in answers:
            if isinstance(answer, BaseException) and not isinstance(answer, HostAway):
                raise answer
        if away := [str(answer) for answer in answers if isinstance(answer, HostAway)]:
            raise HostAway("\n".join(away))
        yield remotes
