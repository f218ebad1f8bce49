"""`vox fleet register`: a new host is one more that voxbridge chooses from, and nothing else changes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from voxctl.checkout import checkout
from voxctl.cli import app
from voxctl.output import CommandError

from .running_bridge import PASSWORD, voxbridge

pytestmark = [pytest.mark.integration]

SAMPLE = checkout() / "deploy" / "examples" / "deploy.yml"


def register(host: str) -> int:
    line = ["fleet", "register", host, "--inventory", str(SAMPLE), "--json"]
    return app(line, result_action="return_value", exit_on_error=False)


def test_a_host_is_registered_once_beside_those_that_are_there(
    mongodb_uri: str,
    mongo_db_name: str,
    redis_url: str,
    free_port: Callable[[], int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Section 24: `vox host up` is half the way, this is the other half."""
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    given = {
        "FIRST_ADMIN_EMAIL": "admin@example.com",
        "FIRST_ADMIN_PASSWORD": PASSWORD,
        "CORE_FLEET": "https://fleet0.example.com",
    }
    key = Fernet.generate_key().decode()
    with voxbridge(free_port(), redis_url, mongo_db_name, key, tmp_path / "bridge", given) as api:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("VOX_API_URL", f"{api}/api/v1")
        monkeypatch.setenv("VOX_EMAIL", "admin@example.com")
        monkeypatch.setenv("VOX_PASSWORD", PASSWORD)
        assert register("fleet1") == 0
        assert register("fleet1") == 0
        said = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [each["added"] for each in said] == [True, False]
        with pytest.raises(CommandError, match="not of role fleet"):
            register("in1")
        with pytest.raises(CommandError, match="there is no host fleet7"):
            register("fleet7")
