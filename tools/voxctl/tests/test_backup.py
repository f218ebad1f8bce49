"""Backups: what was dumped comes back byte by byte, a damaged one is found, and a restore never writes over data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bson
import httpx
import pyrage
import pytest
from cryptography.fernet import Fernet
from pymongo import ASCENDING, MongoClient
from voxctl import audit
from voxctl.backup.manifest import STAMP, outdated
from voxctl.backup.place import read_identity
from voxctl.cli import app
from voxctl.output import CommandError

from .running_bridge import PASSWORD, voxbridge


class Backups:
    """A place for backups, a key, and `vox` speaking to one database."""

    def __init__(self, folder: Path, uri: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "backups"
        self.key = folder / "backup.key"
        self.key.write_text(f"# made for a test\n{pyrage.x25519.Identity.generate()}\n")
        self.key.chmod(0o600)
        self.audit = folder / "audit.jsonl"
        self.metrics = folder / "metrics"
        self.database = database
        self.client: MongoClient[Any] = MongoClient(uri, tz_aware=True)
        self.db = self.client[database]
        monkeypatch.chdir(folder)
        monkeypatch.setenv("MONGODB_URI", uri)
        monkeypatch.setenv("MONGODB_DB", database)

    def vox(self, *words: str) -> int:
        more = ["--identity", str(self.key), "--audit", str(self.audit)]
        return app([*words, *more], result_action="return_value", exit_on_error=False)

    def run(self) -> Path:
        """One backup; the folder of the newest."""
        assert self.vox("backup", "run", "--to", self.folder.as_uri(), "--metrics", str(self.metrics)) == 0
        return sorted(self.folder.iterdir())[-1]

    def restore(self, backup: Path, into: str, *more: str) -> int:
        return self.vox("restore", f"{backup.as_uri()}/manifest.json", "--into", into, *more)

    def audited(self) -> list[tuple[str, str]]:
        assert audit.broken_at(self.audit) is None
        return [(each["action"], each["result"]) for each in map(json.loads, self.audit.read_text().splitlines())]


@pytest.fixture
def backups(tmp_path: Path, mongodb_uri: str, mongo_db_name: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Backups]:
    made = Backups(tmp_path, mongodb_uri, mongo_db_name, monkeypatch)
    yield made
    for name in made.client.list_database_names():
        if name.startswith(f"{mongo_db_name}_"):
            made.client.drop_database(name)
    made.client.close()


def filled(backups: Backups) -> list[dict[str, Any]]:
    """Every kind of value that our records use, and an index of each kind."""
    documents = [
        {
            "_id": number,
            "when": datetime(2026, 2, 3, tzinfo=UTC) + timedelta(milliseconds=number),
            "id": bson.ObjectId(),
            "raw": bytes([number % 256] * 3),
            "big": 2**40 + number,
            "nested": {"list": [1, 2.5, None, "é"], "flag": True},
            "email": f"u{number}@example.com",
        }
        for number in range(1234)
    ]
    backups.db["users"].insert_many(documents)
    backups.db["users"].create_index([("email", ASCENDING)], name="email", unique=True)
    backups.db["calls"].insert_one({"_id": "c1", "number": "+12025550101"})
    backups.db["calls"].create_index([("when", ASCENDING)], name="when", expireAfterSeconds=3600)
    return documents


@pytest.mark.integration
def test_what_was_backed_up_comes_back_byte_by_byte_with_its_indexes(backups: Backups) -> None:
    """BK1."""
    documents = filled(backups)
    into = f"{backups.database}_restored"
    assert backups.restore(backups.run(), into) == 0
    there = backups.client[into]
    assert list(there["users"].find({}, sort=[("_id", 1)])) == documents
    for collection in ("users", "calls"):
        assert there[collection].index_information() == backups.db[collection].index_information()
    assert backups.audited() == [("backup.run", "done"), ("restore", "done")]
    assert (backups.metrics / "vox_backup_newest_timestamp.prom").read_text().count("vox_backup_newest_timestamp") == 3


@pytest.mark.integration
def test_nothing_of_a_call_can_be_read_without_the_key(backups: Backups) -> None:
    """Section 21: encrypted with age; numbers of people stand in there."""
    filled(backups)
    backup = backups.run()
    for file in backup.glob("*.age"):
        assert file.read_bytes().startswith(b"age-encryption.org/v1")
        assert b"2025550101" not in file.read_bytes()
    backups.key.write_text(str(pyrage.x25519.Identity.generate()))
    with pytest.raises(CommandError, match="another key"):
        backups.restore(backup, f"{backups.database}_other")


@pytest.mark.integration
def test_a_restore_never_writes_over_data_without_being_told(backups: Backups) -> None:
    """BK1."""
    filled(backups)
    backup = backups.run()
    with pytest.raises(CommandError, match="holds data"):
        backups.restore(backup, backups.database)
    backups.db["calls"].insert_one({"_id": "later"})
    assert backups.restore(backup, backups.database, "--overwrite") == 0
    assert backups.db["calls"].count_documents({}) == 1


@pytest.mark.integration
def test_a_damaged_backup_is_found_before_anything_is_written(backups: Backups) -> None:
    """BK1, BK3: one bit, one missing file."""
    filled(backups)
    backup = backups.run()
    file = backup / "users.bson.gz.age"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    into = f"{backups.database}_bad"
    with pytest.raises(CommandError, match="damaged"):
        backups.restore(backup, into)
    with pytest.raises(CommandError, match="damaged"):
        backups.vox("backup", "drill", "--to", backups.folder.as_uri())
    file.unlink()
    with pytest.raises(CommandError, match="could not be read"):
        backups.restore(backup, into)
    assert into not in backups.client.list_database_names()
    assert backups.audited()[-1] == ("backup.drill", "failed")


@pytest.mark.integration
def test_an_empty_database_is_no_backup(backups: Backups) -> None:
    """A wrong MONGODB_DB would be noticed on the day of the restore."""
    with pytest.raises(CommandError, match="MONGODB_DB"):
        backups.run()


@pytest.mark.integration
def test_a_voxbridge_starts_on_a_restored_backup_and_its_people_log_in(
    backups: Backups, redis_url: str, free_port: Callable[[], int], tmp_path: Path
) -> None:
    """BK2 in small: dump, another database, log-in, the same bots."""
    key = Fernet.generate_key().decode()
    first = {"FIRST_ADMIN_EMAIL": "admin@example.com", "FIRST_ADMIN_PASSWORD": PASSWORD, "SEED_DEMO": "true"}
    with voxbridge(free_port(), redis_url, backups.database, key, tmp_path / "one", first) as api:
        bots = log_in_and_list_bots(api)
        assert bots
    assert backups.vox("backup", "run", "--to", backups.folder.as_uri()) == 0
    assert backups.vox("backup", "drill", "--to", backups.folder.as_uri()) == 0
    into = f"{backups.database}_restored"
    assert backups.restore(sorted(backups.folder.iterdir())[-1], into) == 0
    with voxbridge(free_port(), redis_url, into, key, tmp_path / "two", {}) as api:
        assert log_in_and_list_bots(api) == bots


def log_in_and_list_bots(api: str) -> list[str]:
    with httpx.Client(base_url=f"{api}/api/v1", trust_env=False, timeout=30) as client:
        answer = client.post("/auth/login", json={"email": "admin@example.com", "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        answer = client.get("/bots", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return sorted(json.dumps(bot, sort_keys=True) for bot in answer.json()["items"])


@pytest.mark.unit
def test_days_weeks_and_months_are_kept_and_the_rest_goes() -> None:
    """Section 21: 7 daily, 5 weekly, 12 monthly of two years with four backups a day."""
    start = datetime(2026, 11, 28, 22, tzinfo=UTC)
    stamps = [(start - timedelta(hours=6 * n)).strftime(STAMP) for n in range(4 * 730)]
    kept = sorted(set(stamps) - set(outdated(stamps)), reverse=True)
    assert kept[0] == stamps[0]
    assert len({stamp[:8] for stamp in kept}) == len(kept)
    assert [stamp[:8] for stamp in kept[:7]] == [f"202611{day}" for day in range(28, 21, -1)]
    assert sum(stamp[:6] != "202611" for stamp in kept) >= 11
    assert len(kept) <= 7 + 5 + 12
    assert outdated([stamps[-1]]) == []


@pytest.mark.unit
def test_a_key_that_others_can_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    key = tmp_path / "backup.key"
    with pytest.raises(CommandError, match="age-keygen"):
        read_identity(key)
    key.write_text("AGE-SECRET-KEY-1NONSENSE\n")
    key.chmod(0o644)
    with pytest.raises(CommandError, match="chmod 600"):
        read_identity(key)
    key.chmod(0o600)
    with pytest.raises(CommandError, match="holds no age key"):
        read_identity(key)
