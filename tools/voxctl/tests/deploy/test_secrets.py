"""Secrets: each host gets its own part, weak ones are refused, and no message ever holds a value."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from voxctl.deploy.secrets import Refused, check_values, compare, for_host, load, needs, to_text
from voxctl.hosts.inventory import Inventory, SecretSource

pytestmark = [pytest.mark.unit]

LONG = "v" * 43


def inventory(**hosts: dict[str, Any]) -> Inventory:
    return Inventory.model_validate(
        {
            "image": "vox/voxcore:dev",
            "balancer_image": "haproxy:3.0",
            "services": {"voxbridge": {"env": {"PUBLIC_BASE_URL": "https://api.test"}}},
            "hosts": {name: {"address": f"10.0.0.{n}", **told} for n, (name, told) in enumerate(hosts.items(), 1)},
        }
    )


TWO = inventory(
    api1={"roles": ["api", "data", "dialler"]}, fleet1={"roles": ["fleet"], "seats": 2, "public_url": "https://f.test"}
)


def source(path: Path, text: str, mode: int = 0o600) -> SecretSource:
    path.write_text(text)
    path.chmod(mode)
    return SecretSource(source="env_file", file=path)


def test_a_host_of_seats_gets_no_password_of_a_store() -> None:
    """Its seats are given the whole file."""
    values = dict.fromkeys(needs(TWO, "api1").required | {"WS_MEDIA_TOKENS", "JUNK"}, LONG)
    assert set(for_host(TWO, "fleet1", values)) == {
        "VOXCORE_SECRET",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "WS_MEDIA_TOKENS",
    }
    whole = set(for_host(TWO, "api1", values))
    assert {"JWT_SECRET", "MONGODB_PASSWORD", "VALKEY_PASSWORD", "MONGO_ROOT_PASSWORD"} <= whole
    assert "JUNK" not in whole


def test_a_missing_one_is_named_with_its_host() -> None:
    with pytest.raises(Refused, match="fleet1 needs S3_SECRET_KEY, VOXCORE_SECRET, and the secrets do not have them"):
        for_host(TWO, "fleet1", {"S3_ACCESS_KEY": "vox-1", "VOXCORE_SECRET": ""})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"VOXCORE_SECRET": "dev-only-change-me-and-more-of-it-to-be-long"},
            "VOXCORE_SECRET is a value for development",
        ),
        ({"JWT_SECRET": "j" * 31}, "JWT_SECRET is shorter than 32 bytes"),
        ({"VOXCORE_SECRET": f"{LONG},short"}, "VOXCORE_SECRET is shorter than 32 bytes"),
        ({"VALKEY_PASSWORD": "hunter2"}, "VALKEY_PASSWORD is shorter than 16 bytes"),
    ],
)
def test_a_weak_value_is_refused_outside_of_development(values: dict[str, str], said: str) -> None:
    """S2; and what it was is not said."""
    with pytest.raises(Refused) as caught:
        check_values(values, "production")
    assert said in str(caught.value)
    assert not any(value in str(caught.value) for value in values.values())
    check_values(values, "development")
    check_values({"VOXCORE_SECRET": f"{LONG},{LONG}x", "S3_ACCESS_KEY": "vox-1", "METRICS_TOKEN": ""}, "production")


async def test_a_plain_file_is_for_its_owner_and_outside_of_repositories(tmp_path: Path) -> None:
    text = "A_KEY='with space and $dollar'\n# comment\nB_KEY=plain\n"
    assert await load(source(tmp_path / "s.env", text)) == {"A_KEY": "with space and $dollar", "B_KEY": "plain"}
    with pytest.raises(Refused, match=r"can be read by others .*chmod 600"):
        await load(source(tmp_path / "open.env", text, 0o640))
    (tmp_path / "repo" / ".git").mkdir(parents=True)
    with pytest.raises(Refused, match="inside the repository"):
        await load(source(tmp_path / "repo" / "s.env", text))
    with pytest.raises(Refused, match="is not there"):
        await load(SecretSource(source="env_file", file=tmp_path / "none.env"))
    with pytest.raises(Refused, match="does not say where secrets come from"):
        await load(None)


async def test_a_line_that_is_none_is_counted_and_not_shown(tmp_path: Path) -> None:
    """It may be the second line of a key."""
    with pytest.raises(Refused) as caught:
        await load(source(tmp_path / "s.env", "A_KEY=x\nMIIEvQIBADANBgkq\n"))
    assert "1 line not of the form NAME=value" in str(caught.value)
    assert "MIIE" not in str(caught.value)


async def test_a_program_prints_them_and_its_failure_is_named() -> None:
    def command(script: str) -> SecretSource:
        return SecretSource(source="command", command=[sys.executable, "-c", script])

    assert await load(command("print('A_KEY=one'); print('B_KEY=two')")) == {"A_KEY": "one", "B_KEY": "two"}
    with pytest.raises(Refused, match="ended with 3: the store is sealed"):
        await load(
            command("import sys; print('A_KEY=s3cr3t'); print('the store is sealed', file=sys.stderr); sys.exit(3)")
        )
    with pytest.raises(Refused, match=r"vox-no-such-program cannot be run .*is it installed\?"):
        await load(SecretSource(source="command", command=["vox-no-such-program"]))


def test_what_is_written_is_read_again_as_it_was(tmp_path: Path) -> None:
    values = {"A": "plain-1", "B": 'with "quotes" and $HOME #x', "C": "", "D": "a=b"}
    path = tmp_path / "secrets.env"
    path.write_text(to_text(values))
    from dotenv import dotenv_values

    assert dict(dotenv_values(path, interpolate=False)) == values
    with pytest.raises(Refused, match="A has a quote '") as caught:
        to_text({"A": "it's-a-secret"})
    assert "secret" not in str(caught.value)


def test_a_change_is_told_by_names() -> None:
    change = compare("fleet1", {"A": "1", "B": "2", "C": "3"}, {"A": "1", "B": "x", "D": "4"})
    assert str(change) == "added D; changed B; removed C"
    assert str(compare("fleet1", {"A": "1"}, {"A": "1"})) == "nothing changed"


async def test_sops_is_asked_for_lines_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in that takes these words alone; what sops itself decrypts is its own business."""
    file = tmp_path / "secrets.production.enc.yaml"
    file.write_text("encrypted")
    program = tmp_path / "bin" / "sops"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\n[ "$*" = "--decrypt --output-type dotenv {file}" ] || exit 1\n'
        "printf 'JWT_SECRET=from-sops\\nA_KEY=\"two words\"\\n'\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    assert await load(SecretSource(source="sops", file=file)) == {"JWT_SECRET": "from-sops", "A_KEY": "two words"}
    program.unlink()
    with pytest.raises(Refused, match=r"sops cannot be run .*is it installed\?"):
        await load(SecretSource(source="sops", file=file))
