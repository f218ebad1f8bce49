"""SecantusDB: a MongoDB-compatible server, started as a separate program and never imported."""

from __future__ import annotations

import sys
from pathlib import Path
from shutil import which
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from voxctl.embedded.server import EmbeddedServer, EmbeddedServerError

CACHE = "1G"
"""At most; small data take little. A list of contacts that does not fit costs a third more for each row."""


def secantus_program() -> Path:
    """Where `secantusd-py` is: beside our own Python first, then on the PATH. Raises: EmbeddedServerError."""
    beside = Path(sys.executable).parent / "secantusd-py"
    found = beside if beside.is_file() else which("secantusd-py")
    if found is None:
        raise EmbeddedServerError(
            "secantusd-py is not installed: run `make up` (it installs the extra `embedded`), "
            "or give a MongoDB server with MONGODB_URI"
        )
    return Path(found)


class SecantusServer(EmbeddedServer):
    """`--sync-on-commit` always: without it a crash loses writes that were acknowledged."""

    name = "secantusdb"

    @property
    def uri(self) -> str:
        # Without directConnection a driver follows the advertised replica set to another address. A driver that may
        # repeat writes has the server remember 10,000 answers and look through all of them at every write; and what it
        # remembers does not outlive it, so a repeat over a restart was never safe.
        return f"mongodb://127.0.0.1:{self.port}/?directConnection=true&retryWrites=false"

    @property
    def config_path(self) -> Path:
        return self.folder.parent / f"{self.folder.name}.toml"

    def argv(self) -> list[str]:
        return [
            str(secantus_program()),
            *("--config", str(self.config_path), "--host", "127.0.0.1", "--port", str(self.port)),
            *("--storage-path", str(self.folder), "--sync-on-commit", "--cache-size", CACHE),
            *("--log-level", "WARNING"),
        ]

    def prepare(self) -> None:
        super().prepare()
        # An existing file, even an empty one, keeps the server from reading a secantusd.toml of home or /etc.
        self.config_path.touch()

    def ping(self) -> bool:
        client: MongoClient[dict[str, Any]] = MongoClient(
            self.uri, serverSelectionTimeoutMS=500, connectTimeoutMS=500, socketTimeoutMS=1000
        )
        try:
            client.admin.command("ping")
        except PyMongoError:
            return False
        finally:
            client.close()
        return True
