"""Wrong use must end with a sentence and the documented exit code, never with a stack trace."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from voxctl.commands.doctor import examine, is_public
from voxctl.settings import VoxctlSettings

pytestmark = [pytest.mark.unit]


def vox(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = "import sys; from voxctl.cli import main; sys.argv[0] = 'vox'; main()"
    environment = {"PATH": "/usr/bin:/bin", "VOX_DATA_DIR": str(folder / "data"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["dance"], 1, "dance"),
        (["up", "--workers", "many"], 1, "many"),
        (["up", "--workers", "0"], 2, "VOX_WORKERS"),
        (["seats", "0"], 1, "COUNT"),
        (["bench", "nothing"], 1, "there is no bench 'nothing'"),
        (["smoke"], 1, "start one with `vox up`"),
        (["call", "demo"], 1, "VOX_EMAIL"),
    ],
)
def test_a_mistake_is_answered_with_a_sentence_and_its_exit_code(
    arguments: list[str], code: int, words: str, tmp_path: Path
) -> None:
    done = vox(*arguments, folder=tmp_path)
    assert done.returncode == code, done.stdout + done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_is_a_json_line_where_json_was_asked_for(tmp_path: Path) -> None:
    done = vox("smoke", "--json", folder=tmp_path)
    assert json.loads(done.stdout)["event"] == "error"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://voice.example.com", True),
        ("http://8.8.8.8:8001", True),
        ("http://localhost:8001", False),
        ("http://127.0.0.1:8001", False),
        ("http://10.0.0.4:8001", False),
        ("http://voxcore-worker:8000", False),
        ("http://fleet1.internal", False),
        ("", False),
    ],
)
def test_a_public_address_is_told_from_a_private_one(url: str, public: bool) -> None:
    assert is_public(url) is public


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({"voxcore_public_url": "https://voice.example.com"}, ["warning"]),
        ({"voxcore_public_url": "https://voice.example.com", "ws_media_tokens": "t1"}, []),
        ({"voxcore_public_url": "http://127.0.0.1:8001"}, []),
    ],
)
def test_the_doctor_warns_of_a_public_worker_without_media_tokens(
    environment: dict[str, str], level: list[str], tmp_path: Path
) -> None:
    settings = VoxctlSettings(vox_data_dir=str(tmp_path), _env_file=None, **environment)
    assert [finding.level for finding in examine(settings) if finding.subject == "media token"] == level


def test_the_doctor_names_a_cure_for_everything_it_finds(tmp_path: Path) -> None:
    (tmp_path / "secrets.env").touch(0o644)
    settings = VoxctlSettings(
        vox_data_dir=str(tmp_path), vox_env="production", voxcore_secret="dev-only-change-me", _env_file=None
    )
    bad = [finding for finding in examine(settings) if finding.level != "ok"]
    assert {"secrets", "database"} <= {finding.subject for finding in bad}
    assert all(finding.cure for finding in bad)
