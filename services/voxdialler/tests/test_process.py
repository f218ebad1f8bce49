"""`voxdialler` as a program: it refuses with one line, tells its health, stands by, takes over, hands over."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient
from voxbridge.campaigns.store import INDEXES
from voxbridge.stores import make_indexes
from voxctl.children import last_lines, spawn

pytestmark = [pytest.mark.integration]


@dataclass
class Diallers:
    """Processes on one database. `folder`: where their logs and lock files are."""

    uri: str
    db_name: str
    folder: Path
    free_port: Callable[[], int]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)
    ports: dict[int, int] = field(default_factory=dict)

    def start(self, name: str, *, lock: str = "", **more: str) -> subprocess.Popen[bytes]:
        port = self.free_port()
        env = {
            **os.environ, "MONGODB_URI": self.uri, "MONGODB_DB": self.db_name, "VOXCORE_SECRET": "secret",
            "REGISTRY_URL": "", "VOXBRIDGE_URL": "http://127.0.0.1:9", "HEALTH_PORT": str(port), "TICK_SECONDS": "0.5",
            "DIALLER_INSTANCE_ID": name, "DIALLER_LOCK_FILE": str(self.folder / f"{lock or name}.lock"), **more,
        }  # fmt: skip
        argv = [sys.executable, "-m", "voxdialler.main"]
        process = spawn(argv, log_path=self.folder / f"{name}.log", env=env, cwd=self.folder)
        self.started.append(process)
        self.ports[process.pid] = port
        return process

    def said(self, name: str) -> str:
        return "\n".join(last_lines(self.folder / f"{name}.log", 30))

    async def get(self, process: subprocess.Popen[bytes], path: str, **headers: str) -> httpx.Response | None:
        """None while nothing listens."""
        async with httpx.AsyncClient(trust_env=False) as http:
            try:
                return await http.get(f"http://127.0.0.1:{self.ports[process.pid]}{path}", headers=headers)
            except httpx.TransportError:
                return None

    async def shown(self, process: subprocess.Popen[bytes], path: str, token: str) -> str:
        answer = await self.get(process, path, Authorization=f"Bearer {token}")
        return answer.text if answer is not None else ""

    async def listens(self, process: subprocess.Popen[bytes]) -> None:
        async with asyncio.timeout(30):
            while await self.get(process, "/health") is None:
                await asyncio.sleep(0.05)

    async def role(self, process: subprocess.Popen[bytes], role: str, within_s: float = 20) -> float:
        """Waits until it has this role. Returns: how long it took, seconds."""
        began = time.monotonic()
        while time.monotonic() - began < within_s:
            answer = await self.get(process, "/health")
            if answer is not None and answer.json()["role"] == role:
                return time.monotonic() - began
            assert process.poll() is None, "it has ended"
            await asyncio.sleep(0.05)
        raise AssertionError(f"no {role} within {within_s} s")

    def end(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.wait(10)


@pytest.fixture
async def diallers(mongodb_uri: str, mongo_db_name: str, tmp_path: Path, free_port: Any) -> AsyncIterator[Diallers]:
    made = Diallers(mongodb_uri, mongo_db_name, tmp_path, free_port)
    yield made
    made.end()


@pytest.fixture
async def prepared(diallers: Diallers) -> Diallers:
    """The database as voxbridge leaves it at its start."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(diallers.uri, tz_aware=True)
    await make_indexes(client[diallers.db_name], INDEXES)
    await client.close()
    return diallers


def test_without_the_secret_it_does_not_start(diallers: Diallers) -> None:
    process = diallers.start("a", VOXCORE_SECRET="")
    assert process.wait(30) == 1
    assert "VOXCORE_SECRET" in diallers.said("a")
    assert "Traceback" not in diallers.said("a")


@pytest.mark.parametrize(("name", "value"), [("TICK_SECONDS", "0"), ("RING_TIMEOUT_SECONDS", "500")])
def test_a_value_outside_its_range_is_named_with_the_range(diallers: Diallers, name: str, value: str) -> None:
    process = diallers.start("a", **{name: value})
    assert process.wait(30) == 1
    assert name in diallers.said("a")
    assert "than" in diallers.said("a")


async def test_a_database_that_voxbridge_did_not_prepare_is_refused_with_the_way_out(
    diallers: Diallers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from voxdialler import app
    from voxkit.errors import ConfigurationError

    monkeypatch.setattr(app, "WAIT_S", 0.0)
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(diallers.uri, tz_aware=True)
    with pytest.raises(ConfigurationError, match=r"index campaign_calls.due is missing.*start voxbridge"):
        await app.wait_for_store(client[diallers.db_name])
    await client.close()


async def test_the_leader_tells_its_health_and_its_figures(prepared: Diallers) -> None:
    leader = prepared.start("a", METRICS_TOKEN="figures")
    await prepared.role(leader, "leader")
    health = await prepared.get(leader, "/health")
    assert health is not None
    body = health.json()
    assert (health.status_code, body["status"], body["instance_id"], body["epoch"]) == (200, "ok", "a", 1)
    ready = await prepared.get(leader, "/ready")
    assert ready is not None
    assert ready.status_code == 200
    for path in ("/metrics", "/metrics.json"):
        refused = await prepared.get(leader, path)
        assert refused is not None
        assert refused.status_code == 401
        shown = await prepared.get(leader, path, Authorization="Bearer figures")
        assert shown is not None
        assert shown.status_code == 200
    async with asyncio.timeout(20):  # the figure is set by the next turn of the loop
        while "voxdialler_leader 1.0" not in (await prepared.shown(leader, "/metrics", "figures")):
            await asyncio.sleep(0.05)


async def test_a_standby_is_healthy_not_ready_and_leads_after_the_leader_was_killed(prepared: Diallers) -> None:
    leader = prepared.start("a")
    await prepared.role(leader, "leader")
    standby = prepared.start("b")
    await prepared.role(standby, "standby")
    ready = await prepared.get(standby, "/ready")
    assert ready is not None
    assert (ready.status_code, ready.json()) == (503, {"role": "standby"})
    leader.send_signal(signal.SIGKILL)
    assert await prepared.role(standby, "leader") <= 10  # D6


async def test_a_restart_on_the_same_host_leads_at_once(prepared: Diallers) -> None:
    leader = prepared.start("a", lock="shared")
    await prepared.role(leader, "leader")
    leader.send_signal(signal.SIGKILL)
    leader.wait(10)
    again = prepared.start("b", lock="shared")
    await prepared.listens(again)  # it may lead already: whoever holds the lock has nobody to wait for
    assert await prepared.role(again, "leader") <= 3  # D6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_leader_that_is_stopped_hands_over_at_once(prepared: Diallers, number: signal.Signals) -> None:
    leader = prepared.start("a")
    await prepared.role(leader, "leader")
    standby = prepared.start("b")
    await prepared.role(standby, "standby")
    leader.send_signal(number)
    assert await prepared.role(standby, "leader") <= 4  # D6
    assert leader.wait(10) == 0


async def smoke(diallers: Diallers, **env: str) -> dict[str, dict[str, str]]:
    """Lines of `python -m voxdialler.smoke_check --json` by their check."""
    given = {
        **os.environ, "MONGODB_URI": diallers.uri, "MONGODB_DB": diallers.db_name, "VOXCORE_SECRET": "secret",
        "REGISTRY_URL": "", "VOXBRIDGE_URL": "http://127.0.0.1:9", **env,
    }  # fmt: skip
    argv = [sys.executable, "-m", "voxdialler.smoke_check", "--json"]
    run = await asyncio.to_thread(subprocess.run, argv, env=given, capture_output=True, cwd=diallers.folder, timeout=60)
    lines = {line["check"]: line for line in json.loads(run.stdout)}
    assert run.returncode == int(any(line["verdict"] == "fail" for line in lines.values()))
    return lines


async def test_the_smoke_check_beside_a_working_dialler_finds_only_what_is_missing(prepared: Diallers) -> None:
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(prepared.uri, tz_aware=True)
    db = client[prepared.db_name]
    await db["meta"].insert_one({"_id": "schema", "schema_version": 1})
    await db["campaigns"].insert_one({"_id": "c1", "name": "Autumn", "status": "running", "number_pool": ["+15550199"]})
    await client.close()
    leader = prepared.start("a")
    await prepared.role(leader, "leader")
    lines = await smoke(prepared, HEALTH_PORT=str(prepared.ports[leader.pid]))
    good = {check for check, line in lines.items() if line["verdict"] == "ok"}
    assert good == {"settings", "mongodb", "indexes", "dialler", "figures", "leader", "stale contacts"}
    assert lines["voxbridge"]["verdict"] == "fail"
    assert lines["campaign Autumn"]["told"].startswith("0 of 1 numbers can ring")


async def test_the_smoke_check_says_when_the_database_is_not_voxbridges(diallers: Diallers) -> None:
    lines = await smoke(diallers, HEALTH_PORT=str(diallers.free_port()))
    assert "MONGODB_DB" in lines["mongodb"]["told"]
    assert lines["dialler"]["verdict"] == lines["leader"]["verdict"] == "fail"


async def test_a_setting_that_is_missing_is_a_failed_check(diallers: Diallers) -> None:
    lines = await smoke(diallers, VOXCORE_SECRET="")
    assert "VOXCORE_SECRET" in lines["settings"]["told"]
