"""A start that fails without saying why, makes two admins, shows a password, or runs on data it does not know."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from voxbridge import stores
from voxbridge.settings import BridgeSettings
from voxctl.children import free_port
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.integration]
REQUIRED = {"jwt_secret": "j" * 40, "settings_encryption_key": "k", "voxcore_secret": "s"}


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"jwt_secret": "j" * 31}, "JWT_SECRET"),
        ({"jwt_secret": ""}, "JWT_SECRET"),
        ({"settings_encryption_key": " , "}, "SETTINGS_ENCRYPTION_KEY"),
        ({"voxcore_secret": ""}, "VOXCORE_SECRET"),
        ({"trusted_proxies": "10.0.0.0/33"}, "TRUSTED_PROXIES"),
        ({"outbound_url_allowlist": "10.0.0.0/99"}, "OUTBOUND_URL_ALLOWLIST"),
        ({"deployment_name": "No Good"}, "DEPLOYMENT_NAME"),
        ({"public_base_url": "vox.example"}, "PUBLIC_BASE_URL"),
        ({"port": 0}, "PORT"),
        ({"fleet_fallback": "guess"}, "FLEET_FALLBACK"),
        ({"vox_env": "production", "voxcore_secret": "dev-only-change-me"}, "VOXCORE_SECRET"),
    ],
    ids=str,
)
def test_a_wrong_variable_is_named_in_one_line(change: dict, variable: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        BridgeSettings.load(_env_file=None, **(REQUIRED | change))
    assert variable in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_required_variable_that_is_missing_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in REQUIRED:
        monkeypatch.delenv(name.upper(), raising=False)
    with pytest.raises(ConfigurationError) as caught:
        BridgeSettings.load(_env_file=None)
    for name in REQUIRED:
        assert name.upper() in str(caught.value)
    assert "vox init" in str(caught.value)


def test_every_variable_has_a_description() -> None:
    assert [name for name, field in BridgeSettings.model_fields.items() if not field.description] == []


async def test_the_first_admin_gets_a_password_that_only_the_owner_of_the_folder_reads(make_bridge) -> None:
    with capture_logs() as logs:
        async with make_bridge(first_admin_password="") as bridge:
            path = Path(bridge.ctx.settings.vox_data_dir) / "first-admin"
            password = path.read_text().strip()
            assert path.stat().st_mode & 0o777 == 0o600
            assert len(password) >= 16
            admin = await bridge.log_in("root@example.com", password)
            assert (await admin.get("/api/v1/auth/me")).json()["role"] == "super_admin"
        async with make_bridge(first_admin_password="", first_admin_email="second@example.com") as again:
            assert await again.ctx.db["users"].count_documents({}) == 1
    assert password not in str(logs)


async def test_without_an_email_or_a_folder_there_is_no_admin_but_a_warning(make_bridge, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for change in ({"first_admin_email": ""}, {"first_admin_password": "", "vox_data_dir": str(tmp_path / "file")}):
        with capture_logs() as logs:
            async with make_bridge(**({"first_admin_password": ""} | change)) as bridge:
                assert await bridge.ctx.db["users"].count_documents({}) == 0
        assert [line for line in logs if line["event"].startswith("first_admin.") and line["log_level"] == "warning"]


@pytest.mark.parametrize("change", [{"first_admin_password": "short"}, {"first_admin_email": "nobody"}], ids=str)
async def test_a_first_admin_that_cannot_be_made_stops_the_start(make_bridge, change: dict) -> None:
    with pytest.raises(ConfigurationError, match="FIRST_ADMIN"):
        async with make_bridge(**change):
            pass


async def test_a_schema_of_the_next_release_is_served_and_one_beyond_is_refused(make_bridge) -> None:
    async with make_bridge() as bridge:
        meta = bridge.ctx.db["meta"]
        assert (await meta.find_one({"_id": "schema"}))["schema_version"] == stores.SCHEMA_VERSION
        await meta.update_one({"_id": "schema"}, {"$set": {"schema_version": stores.SCHEMA_VERSION + 1}})
    async with make_bridge() as bridge:
        meta = bridge.ctx.db["meta"]
        assert (await meta.find_one({"_id": "schema"}))["schema_version"] == stores.SCHEMA_VERSION + 1
        await meta.update_one({"_id": "schema"}, {"$set": {"schema_version": stores.SCHEMA_VERSION + 2}})
    with pytest.raises(ConfigurationError, match="newer image"):
        async with make_bridge():
            pass


async def test_a_second_start_finds_the_indexes_it_made(make_bridge) -> None:
    async with make_bridge() as bridge:
        first = await bridge.ctx.db["users"].index_information()
    async with make_bridge() as bridge:
        assert await bridge.ctx.db["users"].index_information() == first
        assert first["email"]["unique"] is True


async def test_a_store_that_stays_away_is_named_with_its_variable() -> None:
    async def ping() -> None:
        raise ConnectionRefusedError("nobody there")

    with pytest.raises(ConfigurationError, match=r"MongoDB cannot be reached.*nobody there.*MONGODB_URI"):
        await stores.wait_for("MongoDB", "MONGODB_URI", ping, wait_s=0.1)


@pytest.mark.parametrize("change", [{"mongodb_uri": "mysql://db"}, {"redis_url": "http://db"}], ids=str)
def test_an_unusable_store_url_is_a_line_and_no_trace(bridge_settings, change: dict) -> None:
    from voxbridge.app import create_app

    with pytest.raises(ConfigurationError, match=next(iter(change)).upper()):
        create_app(bridge_settings(**change))


def environment(settings: BridgeSettings, port: int) -> dict[str, str]:
    names = ("mongodb_uri", "mongodb_db", "redis_url", "jwt_secret", "settings_encryption_key", "voxcore_secret",
             "first_admin_email", "first_admin_password", "vox_data_dir")  # fmt: skip
    values = {name.upper(): str(getattr(settings, name)) for name in names}
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return kept | values | {"HOST": "127.0.0.1", "PORT": str(port), "REGISTRY_URL": ""}


def run(env: dict[str, str], folder: Path) -> subprocess.Popen[str]:
    # In a folder of its own: no `.env` of a developer is read.
    return subprocess.Popen(
        [sys.executable, "-m", "voxbridge.main"], env=env, cwd=folder, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def test_the_process_serves_until_sigterm_and_leaves_with_0(bridge_settings, tmp_path: Path) -> None:
    port = free_port()
    process = run(environment(bridge_settings(), port), tmp_path)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as answer:
                    assert answer.status == 200
                    break
            except OSError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert err == ""
    assert "Traceback" not in out


def test_a_taken_port_is_one_line_and_exit_1(bridge_settings, tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        process = run(environment(bridge_settings(), port), tmp_path)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err.count("\n") == 1
    assert f"127.0.0.1:{port}" in err
    assert "PORT" in err


def test_a_missing_secret_is_one_line_and_exit_1(bridge_settings, tmp_path: Path) -> None:
    env = environment(bridge_settings(), free_port())
    del env["JWT_SECRET"]
    process = run(env, tmp_path)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.count("\n")) == (1, 1)
    assert "JWT_SECRET" in err
