"""An answer that goes to the wrong call, or a call that waits for ever for a store that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
import redis
from redis.asyncio.sentinel import SentinelConnectionPool
from voxctl.embedded import ValkeyServer
from voxkit.errors import ConfigurationError, StoreUnavailable
from voxregistry.store import STEP_S, VERSION, Store, connect, library

from .pool import LIMITS

pytestmark = [pytest.mark.integration]

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def store_that(talk: Talk) -> AsyncIterator[str]:
    """A server of its own mind; its URL."""
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        yield f"redis://127.0.0.1:{port}/0"


async def command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> list[bytes]:
    """The next call of a step; what a client says of itself at first is answered with OK."""
    while True:
        words = int((await reader.readline())[1:])
        found = []
        for _ in range(words):
            size = int((await reader.readline())[1:])
            found.append((await reader.readexactly(size + 2))[:-2])
        if found[0].startswith(b"FCALL"):
            return found
        writer.write(b"+OK\r\n")


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://:hunter2@x", "redis://host:port/0", "redis://:hunter2@host/one", "redis://:hunter2/@host/0",
        "redis://:hunter2[@host/0", "redis+sentinel://h:x/vox/0", "redis+sentinel://:hunter2@h/vox/one",
    ],
)  # fmt: skip
def test_a_url_that_is_none_is_named_and_its_password_is_not(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"REGISTRY_REDIS_URL: .*expected redis://") as failed:
        connect(url)
    assert "hunter2" not in str(failed.value)


async def test_a_socket_file_is_a_store_too() -> None:
    client = connect("unix:///run/valkey.sock?db=1")
    asked = client.connection_pool.connection_kwargs
    assert (asked["path"], asked["db"]) == ("/run/valkey.sock", 1)
    await client.aclose()


async def test_a_login_in_a_sentinel_url_is_the_stores() -> None:
    client = connect("redis+sentinel://vox:p%40ss@s1:26380,s2/main/1")
    pool = client.connection_pool
    assert (pool.connection_kwargs["username"], pool.connection_kwargs["password"]) == ("vox", "p@ss")
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"], each.get("password")) for each in asked] == [
        ("s1", 26380, None), ("s2", 26379, None),
    ]  # fmt: skip
    await client.aclose()


@pytest.mark.parametrize(
    ("rest", "hosts", "name", "database"),
    [
        ("s1,s2:26380,s3/main/3", [("s1", 26379), ("s2", 26380), ("s3", 26379)], "main", 3),
        ("s1/main", [("s1", 26379)], "main", 0),
        ("s1", [("s1", 26379)], "vox", 0),
    ],
)
async def test_a_sentinel_url_names_every_sentinel_the_primary_and_its_database(
    rest: str, hosts: list[tuple[str, int]], name: str, database: int
) -> None:
    client = connect(f"redis+sentinel://{rest}")
    pool = client.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    assert (pool.is_master, pool.service_name, pool.connection_kwargs["db"]) == (True, name, database)
    asked = [sentinel.connection_pool.connection_kwargs for sentinel in pool.sentinel_manager.sentinels]
    assert [(each["host"], each["port"]) for each in asked] == hosts
    # A sentinel that says nothing is given up as soon as a store that does.
    assert {each["socket_connect_timeout"] for each in (*asked, pool.connection_kwargs)} == {STEP_S}
    await client.aclose()


async def test_a_store_that_says_nothing_is_given_up_and_everybody_told_at_once() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader, writer)
        await reader.read()  # and from then on it says nothing
        writer.close()

    loop = asyncio.get_running_loop()
    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        began = loop.time()
        asked = [store.step("settle", "default", {"limit": 1}) for _ in range(3)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(result, StoreUnavailable) for result in results)
        assert loop.time() - began < 2
        await store.close()


async def test_a_store_that_cannot_be_reached_is_said_to_be_away() -> None:
    store = Store(connect("redis://127.0.0.1:1/0"), LIMITS)
    with pytest.raises(StoreUnavailable):
        await store.step("settle", "default", {"limit": 1})
    with pytest.raises(StoreUnavailable):
        await store.load()
    assert store.behind_s == 0
    await store.close()


async def test_who_comes_while_the_store_is_silent_is_told_with_the_others_or_at_the_stop() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        first = asyncio.create_task(store.step("settle", "default", {"limit": 1}))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        late = [asyncio.create_task(store.step("settle", "default", {"limit": 1})) for _ in range(2)]
        await asyncio.sleep(0)
        late[1].cancel()
        assert store.behind_s > 0
        with pytest.raises(StoreUnavailable):
            await first
        with pytest.raises(StoreUnavailable):
            await late[0]
        assert store.behind_s == 0
        third = asyncio.create_task(store.step("settle", "default", {"limit": 1}))
        await asyncio.sleep(0)
        await store.close()
        with pytest.raises(StoreUnavailable, match="the process stops"):
            await third


def said(result: str) -> bytes:
    raw = b'{"out":{"result":"%b","now_ms":1,"generation":"g"},"notes":[],"events":[]}' % result.encode()
    return b"$%d\r\n%b\r\n" % (len(raw), raw)


async def test_each_call_gets_its_own_answer_and_a_refused_one_fails_alone() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            await command(reader, writer)
        writer.write(said("one") + b"-ERR no\r\n" + said("three"))
        await reader.read()
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        asked = [store.step("settle", "default", {"limit": 1}) for _ in range(3)]
        one, two, three = await asyncio.gather(*asked, return_exceptions=True)
        await store.close()
    assert (one.result, three.result) == ("one", "three")
    assert isinstance(two, StoreUnavailable)


async def test_an_answer_that_comes_too_late_is_not_taken_for_that_of_the_next_call() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        dials.append(1)
        await command(reader, writer)
        if len(dials) == 1:
            await reader.read()  # until it was given up
        writer.write(said(f"connection {len(dials)}"))
        await reader.read()
        writer.close()

    dials: list[int] = []
    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        with pytest.raises(StoreUnavailable):
            await store.step("settle", "default", {"limit": 1})
        assert (await store.step("settle", "default", {"limit": 1})).result == "connection 2"
        await store.close()


async def test_a_store_that_is_closed_leaves_no_connection_behind() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader, writer)
        writer.write(said("one"))
        await reader.read()
        gone.set()
        writer.close()

    gone = asyncio.Event()
    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        assert (await store.step("settle", "default", {"limit": 1})).result == "one"
        await store.close()
        async with asyncio.timeout(5):
            await gone.wait()


async def test_what_the_store_refuses_is_no_stack_trace_for_the_caller_and_a_replica_is_left() -> None:
    dials = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dials
        dials += 1
        await command(reader, writer)
        writer.write(b"-READONLY You can't write against a read only replica.\r\n")
        await reader.read()
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="log of voxregistry"):
                await store.step("settle", "default", {"limit": 1})
        await store.close()
    assert dials == 2


# --- the library -----------------------------------------------------------------------------------------------------


async def version(store: redis.Redis) -> int:
    return int(store.execute_command("FCALL_RO", "vox1_version", 0))


async def test_the_library_is_loaded_when_missing_or_older_and_never_over_a_newer_one(
    own_store: tuple[ValkeyServer, redis.Redis],
) -> None:
    valkey, there = own_store
    store = Store(connect(valkey.uri), LIMITS)
    await store.load()
    assert await version(there) == VERSION
    there.execute_command("FUNCTION", "LOAD", "REPLACE", library(version=VERSION - 1))
    await store.load()
    assert await version(there) == VERSION
    there.execute_command("FUNCTION", "LOAD", "REPLACE", library(version=VERSION + 1))
    await store.load()
    assert await version(there) == VERSION + 1
    await store.close()


async def test_a_store_that_has_lost_its_library_gets_it_in_the_middle_of_a_call(
    own_store: tuple[ValkeyServer, redis.Redis],
) -> None:
    valkey, there = own_store
    store = Store(connect(valkey.uri), LIMITS)
    took: list[float] = []
    store.watchers.append(lambda pool, step, reply, seconds: took.append(seconds))
    assert (await store.step("settle", "default", {"limit": 1})).result == "ok"
    assert 0 < took[0] < 60
    there.function_flush()
    assert (await store.step("settle", "default", {"limit": 1})).result == "ok"
    await store.close()


async def test_what_is_asked_in_one_turn_leaves_as_one_pipeline() -> None:
    heard: list[list[bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader, writer)
        for _ in range(19):  # all of them come before any is answered
            heard.append(await command(reader, writer))
        writer.write(b"-ERR enough\r\n" * 20)
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        await asyncio.gather(
            *(store.step("settle", "default", {"limit": 1}) for _ in range(20)), return_exceptions=True
        )
        await store.close()
    assert len(heard) == 19
