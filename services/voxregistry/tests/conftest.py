"""A Valkey of its own for these tests: they load a library with a test clock into it, and changed ones."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import redis
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxregistry.app import Registry
from voxregistry.settings import RegistrySettings

from .pool import Pool, load
from .running import HEADERS, SECRET
from .served import Served, Start
from .workers import Fleet


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """The server; it dies with the tests."""
    server = ValkeyServer(free_port(), tmp_path_factory.mktemp("registry-valkey") / "data")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def store(valkey: ValkeyServer) -> Iterator[redis.Redis]:
    """A connection, with the library loaded."""
    client = redis.Redis(port=valkey.port)
    load(client)
    yield client
    client.close()


_names = itertools.count(1)


@pytest.fixture
def new_pool(store: redis.Redis) -> Iterator[Callable[[], Pool]]:
    """Makes pools that are empty and have done rebuilding; each is compared with the model after every step."""
    made: list[Pool] = []

    def make() -> Pool:
        pool = Pool(store, f"pool-{next(_names)}")
        made.append(pool)
        pool.step("settle", {"limit": 64})
        pool.tick(4_000)
        return pool

    yield make
    for pool in made:
        pool.clear()


@pytest.fixture
def fleet(new_pool: Callable[[], Pool]) -> Fleet:
    """A pool with workers that say what they are told to say."""
    return Fleet(new_pool())


@pytest.fixture(scope="session")
def _product_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    server = ValkeyServer(free_port(), tmp_path_factory.mktemp("product-valkey") / "data")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


@pytest.fixture
def own_store(_product_valkey: ValkeyServer) -> Iterator[tuple[ValkeyServer, redis.Redis]]:
    """An empty store with no library in it, for whole registries."""
    with redis.Redis(port=_product_valkey.port) as client:
        client.flushall()
        client.function_flush()
        yield _product_valkey, client


@pytest.fixture
async def start(own_store: tuple[ValkeyServer, redis.Redis]) -> AsyncIterator[Start]:
    """Starts registries on an empty store; what they read can be changed."""
    valkey, store = own_store
    opened: list[tuple[Any, Served]] = []

    async def make(worker: Any = None, **changed: Any) -> Served:
        read = {
            "registry_redis_url": valkey.uri,
            "voxcore_secret": SECRET,
            "rebuild_ms": 0,
            "notify_workers": bool(worker),
        }
        workers = httpx.AsyncClient(headers=HEADERS, transport=httpx.MockTransport(worker)) if worker else None
        registry = Registry(RegistrySettings(_env_file=None, **{**read, **changed}), workers)
        context = registry.running()
        await context.__aenter__()
        served = Served(registry, store)
        opened.append((context, served))
        await served.until(lambda: registry.core.ready)
        return served

    yield make
    for context, served in opened:
        await served.http.aclose()
        await context.__aexit__(None, None, None)
