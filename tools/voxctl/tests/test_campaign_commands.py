"""An operator who mistypes a name or a window must not call a thousand people at night. The control plane is real."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from pymongo import MongoClient
from voxctl.cli import app
from voxctl.output import CommandError

from .running_bridge import PASSWORD, voxbridge

pytestmark = [pytest.mark.integration]
NUMBER = "+15550199"
PEOPLE = "phone_number,name\n+15550100,Ana\n+15550101,Ben\n12,Nobody\n+15550100,Ana again\n"


@pytest.fixture
def database(mongodb_uri: str, mongo_db_name: str) -> Iterator[Any]:
    with MongoClient[Any](mongodb_uri) as client:
        yield client[mongo_db_name]


@pytest.fixture
def vox(
    database: Any,
    mongodb_uri: str,
    redis_url: str,
    free_port: Callable[[], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., int]]:
    """`vox campaign …` against a voxbridge that has the demo bot and one number that calls out."""
    monkeypatch.chdir(tmp_path)
    first = {"FIRST_ADMIN_EMAIL": "admin@example.com", "FIRST_ADMIN_PASSWORD": PASSWORD, "SEED_DEMO": "true"}
    first["MONGODB_URI"] = mongodb_uri
    key = Fernet.generate_key().decode()
    with voxbridge(free_port(), redis_url, database.name, key, tmp_path / "bridge", first) as url:
        number = {"number": NUMBER, "phone_key": NUMBER[1:], "direction": "outbound"}
        database["carriers"].insert_one({"_id": "c1", "name": "test", "dids": [number]})
        for name, value in {
            "VOX_API_URL": f"{url}/api/v1", "VOX_EMAIL": "admin@example.com", "VOX_PASSWORD": PASSWORD,
            "VOX_DATA_DIR": str(tmp_path / "data"),
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)

        def run(*words: str) -> int:
            return app(["campaign", *words], result_action="return_value", exit_on_error=False)

        yield run


def test_a_campaign_from_the_first_file_to_the_report(
    vox: Callable[..., int], database: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE)

    def said() -> str:
        return capsys.readouterr().out

    options = ["--from", NUMBER, "--window", "00:00-00:00", "--mode", "multi_day", "--attempts", "2", "--no-amd"]
    assert vox("create", "Autumn [north]", "--bot", "demo", *options, "--contacts", str(people)) == 0
    assert "2 people will be called; of 4 rows 1 invalid, 1 duplicates" in (text := said())
    assert "row 4: 12" in text
    stored = database["campaigns"].find_one({})
    assert stored["config"]["redial_rules"]["max_attempts"] == 2
    assert stored["config"]["amd"]["enabled"] is False
    assert stored["config"]["time_window"]["start"] == stored["config"]["time_window"]["end"] == "00:00"

    assert vox("list") == 0
    assert "Autumn [north]" in said(), "brackets are part of a name, not of our markup"
    with pytest.raises(CommandError, match="there is no campaign"):
        vox("start", "Spring")
    assert vox("start", "autumn") == 0, "a part of the name will do, and capitals do not count"
    assert "is running" in said()
    with pytest.raises(CommandError, match=r"vox campaign report"):
        vox("start", "Autumn")
    assert vox("pause", "Autumn") == 0
    assert vox("start", "Autumn") == 0, "start goes on with what was paused"
    assert vox("report", "Autumn") == 0
    assert "waiting for voxdialler" in said(), "nobody dials here, and the report says so"
    assert vox("stop", "Autumn") == 0
    assert vox("watch", "Autumn") == 0, "what is over needs no waiting"
    capsys.readouterr()

    with pytest.raises(CommandError, match="--again"):
        vox("start", "Autumn")
    with pytest.raises(CommandError, match="has run already"):
        vox("upload", "Autumn", str(people))
    assert vox("start", "Autumn", "--unfinished", "--json") == 0
    started = json.loads(said().splitlines()[0])
    assert (started["event"], started["status"], started["run_number"]) == ("campaign.started", "running", 2)

    attempts, rejected = tmp_path / "attempts.csv", tmp_path / "rejected.csv"
    assert vox("report", "Autumn", "--csv", str(attempts), "--rejected", str(rejected)) == 0
    assert attempts.read_text("utf-8-sig").startswith("campaign_id,")
    assert rejected.read_text("utf-8-sig").splitlines()[1].startswith("4,12,")


def test_mistakes_are_answered_with_the_way_out(vox: Callable[..., int], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no bot 'nobody'"):
        vox("create", "X", "--bot", "nobody", "--from", NUMBER)
    with pytest.raises(CommandError, match="add the number to a carrier"):
        vox("create", "X", "--bot", "demo", "--from", "+15559999")
    assert vox("create", "Empty", "--bot", "demo", "--from", NUMBER) == 0
    with pytest.raises(CommandError, match="no_contacts: nobody is left to call: vox campaign upload"):
        vox("start", "Empty")
    with pytest.raises(CommandError, match="cannot read"):
        vox("upload", "Empty", str(tmp_path / "absent.csv"))
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("telephone\n+15550100\n")
    with pytest.raises(CommandError, match="phone_number"):
        vox("upload", "Empty", str(wrong))
    assert vox("create", "Empty two", "--bot", "demo", "--from", NUMBER) == 0
    with pytest.raises(CommandError, match=r"could mean Empty two .*, Empty "):
        vox("start", "mpty")


def test_the_demo_campaign_is_made_once_and_run_again(
    vox: Callable[..., int], database: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vox("demo") == 0
    assert vox("demo") == 0
    assert "vox campaign demo --start" in capsys.readouterr().out
    assert database["campaigns"].count_documents({}) == 1
    assert database["campaign_calls"].count_documents({}) == 6
    database["carriers"].delete_many({})
    database["campaigns"].delete_many({})
    with pytest.raises(CommandError, match="SEED_DEMO, VOXPHONE_URL"):
        vox("demo")
