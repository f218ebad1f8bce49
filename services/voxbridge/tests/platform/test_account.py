"""A database that asks for an account: the rights that hosts give must be enough, and a wrong password is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from voxctl.children import free_port
from voxctl.embedded import SecantusServer
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.integration]
PASSWORD = "only-of-this-test"


class Guarded(SecantusServer):
    """Asks for accounts once `guarded` is set; a replica set of one, as on hosts."""

    guarded = False

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=secantus"

    def of(self, user: str, password: str) -> str:
        return f"mongodb://{user}:{password}@127.0.0.1:{self.port}/?replicaSet=secantus&authSource=admin"

    def argv(self) -> list[str]:
        return [*super().argv(), *(["--auth"] if self.guarded else [])]

    def ping(self) -> bool:
        """A ping is answered before anybody has logged in; to say hello is enough."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.uri, serverSelectionTimeoutMS=500)
        try:
            return bool(client.admin.command("hello").get("ok"))
        except Exception:
            return False
        finally:
            client.close()


@pytest.fixture
def guarded(tmp_path: Path, mongo_db_name: str) -> Iterator[Guarded]:
    """With one account, which may read and write one database and nothing else."""
    server = Guarded(free_port(), tmp_path / "mongo")
    server.start()
    server.wait_ready(60)
    with MongoClient[dict[str, Any]](server.uri) as client:
        client.admin.command("createUser", "vox", pwd=PASSWORD, roles=[{"role": "readWrite", "db": mongo_db_name}])
    server.stop()
    server.guarded = True
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


async def test_an_account_of_one_database_is_enough_to_start_and_to_work(make_bridge, guarded: Guarded) -> None:
    async with make_bridge(mongodb_uri=guarded.of("vox", PASSWORD)) as bridge:
        assert (await bridge.nobody.get("/health")).json()["mongodb"] == "ok"
        await bridge.add_user("agent")
        listed = await bridge.admin.get("/api/v1/users")
        assert {user["email"] for user in listed.json()["items"]} >= {"agent@example.com"}
        assert await bridge.ctx.db["users"].index_information()
        refused = bridge.ctx.mongo["another"]["users"]
        with pytest.raises(Exception, match=r"(?i)not authorized|unauthorized"):
            await refused.insert_one({})


async def test_a_wrong_password_of_the_database_ends_the_start_with_one_line(
    make_bridge, guarded: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxbridge.stores.WAIT_S", 1.0)
    with pytest.raises(ConfigurationError) as error:
        async with make_bridge(mongodb_uri=guarded.of("vox", "wrong")):
            pass
    said = str(error.value)
    assert "MONGODB_URI" in said
    assert "\n" not in said
    assert "wrong" not in said
