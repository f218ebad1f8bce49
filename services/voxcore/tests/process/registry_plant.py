"""A real voxregistry on a real Valkey, and what the workers of a test read of it."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import redis
from voxctl.embedded import ValkeyServer
from voxkit.registry import RegistryClient


def _registry_tests() -> ModuleType:
    """voxregistry's own way to start itself: its tests know it, and there is no second one."""
    path = Path(__file__).parents[3] / "voxregistry" / "tests" / "running.py"
    spec = importlib.util.spec_from_file_location("voxregistry_running", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


running = _registry_tests().running


class RegistryPlant:
    """One store; registries come and go on it. `port` is the address that workers and callers know."""

    def __init__(self, valkey: ValkeyServer, folder: Path, port: int, secret: str) -> None:
        self.valkey, self.folder, self.port, self.secret = valkey, folder, port, secret

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wipe(self) -> None:
        """Everything the registry knows is gone, its library too."""
        with redis.Redis(port=self.valkey.port) as store:
            store.flushall()
            store.function_flush()

    @asynccontextmanager
    async def api(self, **changed: str) -> AsyncIterator[Any]:
        """A voxregistry process at the known address."""
        given = {"VOXCORE_SECRET": self.secret, "NOTIFY_WORKERS": "true"} | changed
        context = running(self.valkey.uri, self.folder, port=self.port, **given)
        api = await asyncio.to_thread(context.__enter__)
        try:
            yield api
        finally:
            await asyncio.to_thread(context.__exit__, None, None, None)

    @asynccontextmanager
    async def caller(self, client: str = "main") -> AsyncIterator[RegistryClient]:
        registry = RegistryClient(self.url, self.secret, client=client)
        try:
            yield registry
        finally:
            await registry.aclose()

    async def ask(self, path: str, **options: Any) -> Any:
        """An answer of the registry as JSON; `method` is GET unless told."""
        headers = {"X-VoxCore-Secret": self.secret}
        async with httpx.AsyncClient(base_url=self.url, headers=headers, timeout=10, trust_env=False) as http:
            return (await http.request(options.pop("method", "GET"), path, **options)).json()

    async def until(self, worker_id: str, seconds: float = 30, **wanted: Any) -> dict[str, Any]:
        """The registry's view of a seat once it says this."""
        seen: Any = None
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            with suppress(httpx.TransportError, ValueError):
                seen = await self.ask(f"/v1/workers/{worker_id}")
                if all(seen.get(key) == value for key, value in wanted.items()):
                    return seen
            await asyncio.sleep(0.05)
        raise AssertionError(f"{worker_id} was never {wanted}, at last {seen}")

    async def sound(self) -> None:
        """Every index of the store follows from its records."""
        assert await self.ask("/v1/check") == {"ok": True, "findings": []}
