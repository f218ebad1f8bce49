"""A voxbridge inside the test process, on the embedded stores: `bridge`, with one client per kind of caller."""

from __future__ import annotations

import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from redis.asyncio import Redis
from voxbridge.app import create_app
from voxbridge.auth import passwords
from voxbridge.context import Context
from voxbridge.settings import BridgeSettings
from voxctl.children import free_port
from voxctl.embedded import SecantusServer
from voxkit.secrets import SECRET_HEADER

from .registries import SECRET, Registry

ADMIN_EMAIL, ADMIN_PASSWORD = "root@example.com", "correct horse battery"
PASSWORD = "a quiet long pass phrase"
# The same algorithm; each of the thousands of log-ins takes no fifth of a second of CPU.
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))


@dataclass
class Bridge:
    """The app with its lifespan running. `admin`: a super_admin; `service` sends the secret; `nobody` nothing."""

    app: FastAPI
    ctx: Context
    admin: httpx.AsyncClient
    service: httpx.AsyncClient
    nobody: httpx.AsyncClient
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)

    def client(self, headers: dict[str, str] | None = None, *, address: str = "203.0.113.9") -> httpx.AsyncClient:
        """A client of its own; `address` is the peer that voxbridge sees."""
        transport = httpx.ASGITransport(app=self.app, client=(address, 40_000), raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://bridge.test", headers=headers)

    async def log_in(self, email: str, password: str = PASSWORD) -> httpx.AsyncClient:
        """A client of a person."""
        answer = await self.nobody.post("/api/v1/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return self.client({"Authorization": f"Bearer {answer.json()['access_token']}"})

    async def add_user(self, role: str, email: str = "") -> dict[str, Any]:
        """A new user with the password `PASSWORD`."""
        body = {"email": email or f"{role}@example.com", "name": role.title(), "password": PASSWORD, "role": role}
        answer = await self.admin.post("/api/v1/auth/register", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def as_role(self, role: str) -> httpx.AsyncClient:
        """A client of a user with this role, made on first use."""
        if role not in self._clients:
            user = await self.add_user(role)
            self._clients[role] = await self.log_in(user["email"])
        return self._clients[role]

    async def settled(self) -> None:
        """Wait for what runs in the background."""
        await self.ctx.background.settle(10)


BridgeFactory = Callable[..., AbstractAsyncContextManager[Bridge]]


@pytest.fixture
def bridge_settings(
    mongodb_uri: str, redis_url: str, mongo_db_name: str, tmp_path: Path
) -> Callable[..., BridgeSettings]:
    """Settings on the embedded stores; a database and a data folder of this test alone."""

    def make(**changes: Any) -> BridgeSettings:
        values: dict[str, Any] = {
            "mongodb_uri": mongodb_uri,
            "mongodb_db": mongo_db_name,
            "redis_url": redis_url,
            "jwt_secret": "j" * 40,
            "settings_encryption_key": "at-rest-key",
            "voxcore_secret": f"{SECRET},second-service-secret",
            "first_admin_email": ADMIN_EMAIL,
            "first_admin_password": ADMIN_PASSWORD,
            "registry_url": "",
            "vox_data_dir": str(tmp_path / "data"),
            "internal_base_url": "http://bridge.internal:8080",
        }
        return BridgeSettings(_env_file=None, **(values | changes))

    return make


@pytest.fixture
def make_bridge(
    bridge_settings: Callable[..., BridgeSettings], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> BridgeFactory:
    """`async with make_bridge(voxui_dist=…) as bridge:` for a voxbridge with other settings."""
    monkeypatch.setattr(passwords, "HASHER", QUICK)

    @asynccontextmanager
    async def start(**changes: Any) -> AsyncIterator[Bridge]:
        settings = bridge_settings(**changes)
        redis = Redis.from_url(redis_url)
        await redis.flushdb()
        await redis.aclose()
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            bridge = Bridge(app, app.state.ctx, *[None] * 3)
            bridge.nobody = bridge.client()
            bridge.service = bridge.client({SECRET_HEADER: SECRET})
            if settings.first_admin_email and settings.first_admin_password:
                bridge.admin = await bridge.log_in(settings.first_admin_email, settings.first_admin_password)
            yield bridge

    return start


@pytest.fixture
async def bridge(make_bridge: BridgeFactory) -> AsyncIterator[Bridge]:
    """A voxbridge with a super_admin."""
    async with make_bridge() as running:
        yield running


@pytest.fixture(scope="session")
def registry_process(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A capacity registry on the embedded Valkey, not started yet."""
    registry = Registry(redis_url, tmp_path_factory.mktemp("registry"))
    yield registry
    registry.stop()


@pytest.fixture
def registry(registry_process: Registry) -> Registry:
    """Running, whatever the test before did to it."""
    registry_process.start()
    return registry_process


@pytest.fixture
def own_mongo(tmp_path: Path) -> Iterator[SecantusServer]:
    """A database server of this test alone, that may be stopped and killed."""
    server = SecantusServer(free_port(), tmp_path / "mongo")
    server.start()
    server.wait_ready(60)
    yield server
    if server.pid is not None:
        os.kill(server.pid, signal.SIGCONT)
    server.stop()
