"""A real capacity registry on a real Valkey, worker hosts that beat, and a voxbridge that knows both."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from voxkit.secrets import SECRET_HEADER

from ..registries import SECRET, Registry
from .hosts import Host, beating, serving

CLIENT = "main"


_pools = itertools.count(1)


@dataclass
class World:
    """A voxbridge, its registry and its hosts. `pool` belongs to this test alone."""

    bridge: Any
    registry: Registry
    pool: str
    hosts: list[Host]
    http: httpx.AsyncClient
    beats: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def ctx(self) -> Any:
        return self.bridge.ctx

    @property
    def calls(self) -> list[tuple[str | None, str]]:
        """(reservation, call) of every start that a seat took."""
        return [call for host in self.hosts for call in host.calls]

    async def fleet(self) -> dict[str, Any]:
        return (await self.http.get("/v1/fleet", params={"pool": self.pool})).json()

    async def until(self, holds: Callable[[dict[str, Any]], bool], seconds: float = 15) -> dict[str, Any]:
        """Wait until the registry's figures say so."""
        async with asyncio.timeout(seconds):
            while True:
                try:
                    told = await self.fleet()
                    if told.get("status") == "ok" and holds(told):
                        return told
                except httpx.TransportError:
                    pass
                await asyncio.sleep(0.02)

    async def quota(self, pool: str | None = None, **limits: Any) -> None:
        """Set the limits of this voxbridge, in every pool unless one is named."""
        where = {"pool": pool} if pool else {}
        answer = await self.bridge.admin.put("/api/v1/fleet/quotas", params=where, json={"client": CLIENT, **limits})
        assert answer.status_code == 200, answer.text


MakeWorld = Callable[..., AbstractAsyncContextManager[World]]


@pytest.fixture
def make_world(make_bridge: Any, registry: Registry) -> MakeWorld:
    """`async with make_world(seats=(2, 1), fleet_fallback="poll") as world:` for hosts of so many seats each."""

    @asynccontextmanager
    async def make(
        *, seats: tuple[int, ...] = (2,), beating_hosts: bool = True, **settings: Any
    ) -> AsyncIterator[World]:
        pool = f"pool-{next(_pools)}"
        async with AsyncExitStack() as stack:
            hosts = [
                await stack.enter_async_context(serving(Host(f"{pool}h{number}", count, SECRET)))
                for number, count in enumerate(seats, 1)
            ]
            own = {
                "registry_url": registry.url,
                "registry_pools": f"{pool}={registry.url}",
                "deployment_name": CLIENT,
                "seed_demo": True,
                "core_fleet": ",".join(host.url for host in hosts),
            }
            bridge = await stack.enter_async_context(make_bridge(**(own | settings)))
            http = await stack.enter_async_context(
                httpx.AsyncClient(base_url=registry.url, headers={SECRET_HEADER: SECRET}, timeout=5, trust_env=False)
            )
            world = World(bridge, registry, pool, hosts, http)
            await stack.enter_async_context(world.beats)
            if beating_hosts:
                for host in hosts:
                    await world.beats.enter_async_context(beating(host, registry.url, pool))
                await world.until(lambda told: told["free"] == sum(seats))
            yield world

    return make


@pytest.fixture
async def world(make_world: MakeWorld) -> AsyncIterator[World]:
    """One host with two seats."""
    async with make_world() as running:
        yield running
