"""A scripted registry for the tests of its client."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from voxkit.registry import RegistryClient

from .registry_world import SECRET, Clock, World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
async def registry(world: World) -> AsyncIterator[RegistryClient]:
    http = httpx.AsyncClient(transport=httpx.MockTransport(world.handle), headers={"X-VoxCore-Secret": SECRET})
    client = RegistryClient("http://registry", SECRET, client="main", http=http)
    yield client
    await client.aclose()
    assert world.script == [], "answers that nobody asked for"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def timed(world: World, clock: Clock) -> RegistryClient:
    http = httpx.AsyncClient(transport=httpx.MockTransport(world.handle), headers={"X-VoxCore-Secret": SECRET})
    return RegistryClient("http://registry/", SECRET, client="main", http=http, monotonic=clock)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxkit.registry.client.PAUSE_S", 0)
