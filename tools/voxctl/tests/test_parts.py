"""A part with the wrong environment starts, looks alive, and cannot find the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder
from voxctl.up.parts import Stack, build_parts, wanted_ports

pytestmark = [pytest.mark.unit]
SECRETS = {
    "JWT_SECRET": "j" * 32,
    "SETTINGS_ENCRYPTION_KEY": "k",
    "VOXCORE_SECRET": "shared",
    "VOXPHONE_API_TOKEN": "t",
}


def stack(tmp_path: Path, *, workers: int = 3, offset: int = 100, **settings: str) -> Stack:
    loaded = VoxctlSettings(vox_data_dir=str(tmp_path), _env_file=None, **settings)
    return Stack(loaded, DataFolder(tmp_path), SECRETS, workers, offset)


def test_every_worker_is_known_to_voxbridge_and_knows_it(tmp_path: Path) -> None:
    parts = {part.name: part for part in build_parts(stack(tmp_path))[0]}
    fleet = parts["voxbridge"].env["CORE_FLEET"].split(",")
    assert fleet == ["http://127.0.0.1:8101", "http://127.0.0.1:8102", "http://127.0.0.1:8103"]
    for number, url in enumerate(fleet, start=1):
        env = parts[f"voxcore-{number}"].env
        assert env["VOXCORE_PUBLIC_URL"] == env["VOXCORE_DIRECT_URL"] == url
        assert env["VOXBRIDGE_CONFIG_URL"] == "http://127.0.0.1:8180/api/v1/config"
        assert env["VOXCORE_SECRET"] == parts["voxbridge"].env["VOXCORE_SECRET"] == "shared"
        assert env["VOXCORE_WORKER_ID"] == f"local-{number}"
    assert parts["voxbridge"].env["INTERNAL_BASE_URL"] == "http://127.0.0.1:8180"


def test_a_given_server_is_used_and_none_is_started(tmp_path: Path) -> None:
    given = stack(tmp_path, mongodb_uri="mongodb://db.example.com", redis_url="redis://cache.example.com/0")
    parts = {part.name: part for part in build_parts(given)[0]}
    assert not {"secantusdb", "valkey"} & set(parts)
    assert parts["voxbridge"].env["MONGODB_URI"] == "mongodb://db.example.com"
    assert parts["voxbridge"].env["REDIS_URL"] == "redis://cache.example.com/0"
    assert not {"secantusdb", "valkey"} & set(parts["voxbridge"].after), "it would wait for ever"


def test_the_offset_moves_every_port(tmp_path: Path) -> None:
    here, there = (
        {part.name: part.port for part in build_parts(stack(tmp_path, offset=offset))[0]} for offset in (0, 1000)
    )
    assert there == {name: port + 1000 for name, port in here.items()}


def test_every_port_has_a_variable_that_moves_it(tmp_path: Path) -> None:
    built = stack(tmp_path)
    for port in wanted_ports(built, build_parts(built)[0]):
        assert port.variable.lower() in VoxctlSettings.model_fields


def test_stores_stop_last_and_workers_first(tmp_path: Path) -> None:
    stages = {part.name: part.stop_stage for part in build_parts(stack(tmp_path))[0]}
    assert stages["voxcore-1"] < stages["voxbridge"] < stages["secantusdb"] == stages["valkey"]


def test_no_secret_of_voxbridge_alone_reaches_another_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWT_SECRET", "from-the-environment")
    for part in build_parts(stack(tmp_path))[0]:
        if part.name != "voxbridge":
            assert not {"JWT_SECRET", "SETTINGS_ENCRYPTION_KEY"} & set(part.env), part.name


def test_dialler_carrier_and_control_plane_find_each_other(tmp_path: Path) -> None:
    parts = {part.name: part for part in build_parts(stack(tmp_path))[0]}
    bridge, dialler, phone = (parts[name].env for name in ("voxbridge", "voxdialler", "voxphone"))
    assert bridge["VOXPHONE_URL"] == f"http://127.0.0.1:{parts['voxphone'].port}"
    assert bridge["VOXPHONE_API_TOKEN"] == phone["VOXPHONE_API_TOKEN"] == "t"
    assert dialler["VOXBRIDGE_URL"] == f"http://127.0.0.1:{parts['voxbridge'].port}"
    assert (dialler["MONGODB_URI"], dialler["MONGODB_DB"]) == (bridge["MONGODB_URI"], bridge["MONGODB_DB"])
    assert dialler["DIALLER_PUBLIC_URL"].removeprefix("http://") in phone["OUTBOUND_URL_ALLOWLIST"].split(",")
    assert f"127.0.0.1:{parts['voxphone'].port}" in dialler["OUTBOUND_URL_ALLOWLIST"].split(",")


def test_the_dialler_keeps_nobody_waiting_who_only_wants_a_call(tmp_path: Path) -> None:
    parts = {part.name: part for part in build_parts(stack(tmp_path))[0]}
    assert [part.name for part in parts.values() if part.late] == ["voxdialler"]
    assert not any("voxdialler" in part.after for part in parts.values())
