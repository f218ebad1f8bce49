"""R1 with whole processes: a dialler dies by SIGKILL in the middle of a dial, and the next one brings it to its end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from voxbridge.campaigns.store import INDEXES
from voxbridge.stores import make_indexes
from voxctl.children import last_lines, spawn
from voxphone.app import create_app
from voxphone.settings import ServiceSettings

from .world import World

pytestmark = [pytest.mark.faults]
NUMBERS = """
default: {after_s: 0.3, light: {talk_s: 60}}
endings:
  "90": {ring: busy, after_s: 0.3}
"""
POINTS = ["dial.3", "dial.6", "dial.7", "dial.8", "dial.9", "dial.12", "settle.attempt.done", "settle.row.done"]
PATIENCE_S = 60


def bridge_and_worker(carrier_url: str) -> FastAPI:
    """What a dialler asks of voxbridge, and one host whose workers take every media socket."""
    app = FastAPI()
    access = {
        "adapter": "voxphone", "base_url": carrier_url, "account_sid": "acme", "api_key": "key", "api_token": "token"
    }  # fmt: skip

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/api/v1/internal/carriers/{carrier_id}/credentials")
    async def credentials(carrier_id: str) -> dict[str, str]:
        return access

    @app.get("/health/fleet")
    async def fleet() -> dict[str, Any]:
        return {"status": "ok", "fleet_calls": 0, "fleet_max": 20, "fleet_available": 20, "workers": []}

    @app.websocket("/ws/{bot_id}")
    async def media(socket: WebSocket, bot_id: str) -> None:
        await socket.accept()
        try:
            while True:
                await socket.receive_text()
        except WebSocketDisconnect:
            return

    return app


async def serving(app: FastAPI, port: int) -> tuple[uvicorn.Server, asyncio.Task[None]]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    return server, task


class Stage:
    """Carrier and control plane as servers of this process, and diallers as processes of their own."""

    def __init__(self, env: dict[str, str], folder: Path, free_port: Callable[[], int], carrier_url: str) -> None:
        self.env, self.folder, self.free_port, self.carrier_url = env, folder, free_port, carrier_url
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, **more: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self.env, "HEALTH_PORT": str(self.free_port()), "DIALLER_INSTANCE_ID": name, **more}
        argv = [sys.executable, "-m", "voxdialler.main"]
        process = spawn(argv, log_path=self.folder / f"{name}.log", env=env, cwd=self.folder)
        self.started.append(process)
        return process

    async def ends(self, process: subprocess.Popen[bytes], name: str) -> int:
        until = time.monotonic() + PATIENCE_S
        while process.poll() is None:
            assert time.monotonic() < until, "\n".join(last_lines(self.folder / f"{name}.log", 40))
            await asyncio.sleep(0.05)
        return process.returncode

    async def orders(self) -> list[dict[str, Any]]:
        async with httpx.AsyncClient(auth=("key", "token"), trust_env=False) as http:
            return (await http.get(f"{self.carrier_url}/v1/accounts/acme/log/orders")).json()["items"]


@pytest.fixture
async def stage(
    world: World, mongodb_uri: str, mongo_db_name: str, tmp_path: Path, free_port: Callable[[], int]
) -> AsyncIterator[Stage]:
    numbers = tmp_path / "numbers.yaml"
    numbers.write_text(NUMBERS)
    settings = ServiceSettings(
        _env_file=None, vox_data_dir=str(tmp_path), voxphone_account="acme", voxphone_api_key="key",
        voxphone_api_token="token", voxphone_population=numbers, voxphone_cps=1000,
    )  # fmt: skip
    carrier_port, bridge_port = free_port(), free_port()
    carrier_url, bridge_url = f"http://127.0.0.1:{carrier_port}", f"http://127.0.0.1:{bridge_port}"
    servers = [
        await serving(create_app(settings), carrier_port),
        await serving(bridge_and_worker(carrier_url), bridge_port),
    ]
    await make_indexes(world.db, INDEXES)
    env = {
        "MONGODB_URI": mongodb_uri, "MONGODB_DB": mongo_db_name, "VOXCORE_SECRET": "secret", "REGISTRY_URL": "",
        "FLEET_URLS": bridge_url, "VOXBRIDGE_URL": bridge_url, "OUTBOUND_URL_ALLOWLIST": "127.0.0.1",
        "TICK_SECONDS": "0.3", "CARRIER_POLL_SECONDS": "0.2", "DIALLER_LOCK_FILE": str(tmp_path / "lock"),
    }  # fmt: skip
    made = Stage(env, tmp_path, free_port, carrier_url)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.kill()
            process.wait(10)
    for server, task in servers:
        server.should_exit = True
        await asyncio.wait({task}, timeout=10)
        task.cancel()


@pytest.mark.parametrize("point", POINTS)
async def test_a_contact_whose_dialler_was_killed_is_settled_by_the_next_and_rung_once(world, stage, point):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550190")
    first = stage.start("first", VOX_CRASH_AT=point)
    assert await stage.ends(first, "first") == -signal.SIGKILL
    stage.start("second")
    until = time.monotonic() + PATIENCE_S
    while (after := await world.read(row))["status"] != "retry_scheduled":
        told = "\n".join(last_lines(stage.folder / "second.log", 40))
        assert time.monotonic() < until, f"{point}: still {after['status']}\n{told}"
        await asyncio.sleep(0.1)
    orders = await stage.orders()
    attempts = [attempt for attempt in await world.attempts(row) if attempt["outcome"] != "not_placed"]
    assert max(Counter(order["client_ref"] for order in orders).values()) == 1
    assert (len(orders), len(attempts), after["attempt_count"], after["last_outcome"]) == (1, 1, 1, "rejected")
