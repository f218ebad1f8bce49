"""A registry in this process, for tests of its API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import redis
from voxregistry.app import Registry

from .running import HEADERS, beat

Start = Callable[..., Any]


class Served:
    """A registry in this process, asked like one behind HTTP."""

    def __init__(self, registry: Registry, store: redis.Redis) -> None:
        self.registry, self.store = registry, store
        transport = httpx.ASGITransport(registry, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://registry", headers=HEADERS)
        self.seqs: dict[str, int] = {}

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        answer = await self.http.request(method, path, json=body, headers=headers)
        return answer.status_code, answer.json() if answer.content else None

    async def beat(self, worker: str, phase: str = "idle", **said: Any) -> tuple[int, Any]:
        self.seqs[worker] = self.seqs.get(worker, 0) + 1
        return await self.ask("PUT", f"/v1/workers/{worker}", {**beat(worker, phase, seq=self.seqs[worker]), **said})

    async def grant(self, rid: str, **said: Any) -> dict[str, Any]:
        status, body = await self.ask("PUT", f"/v1/reservations/{rid}", {"client": "main", **said})
        assert status == 201, body
        return body

    async def until(self, happened: Callable[[], Any], seconds: float = 20) -> None:
        async with asyncio.timeout(seconds):
            while not happened():
                await asyncio.sleep(0.02)
