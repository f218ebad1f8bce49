"""An answer that goes to the wrong call, or a call that waits for ever for a store that is gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError
from voxctl.embedded import ValkeyServer
from voxkit.errors import ConfigurationError, StoreUnavailable
from voxregistry.link import Link, dial, encoded
from voxregistry.store import VERSION, Store, connect, library

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


async def command(reader: asyncio.StreamReader) -> list[bytes]:
    words = int((await reader.readline())[1:])
    found = []
    for _ in range(words):
        size = int((await reader.readline())[1:])
        found.append((await reader.readexactly(size + 2))[:-2])
    return found


def test_a_command_is_written_as_the_store_reads_it() -> None:
    assert encoded(("FCALL", b"\r\n", "é")) == b"*3\r\n$5\r\nFCALL\r\n$2\r\n\r\n\r\n$2\r\n\xc3\xa9\r\n"


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
async def test_answers_find_their_calls_however_the_bytes_arrive(size: int) -> None:
    loop = asyncio.get_running_loop()
    link = Link()
    sent: list[bytes] = []

    class Transport(asyncio.Transport):
        def write(self, data: bytes) -> None:
            sent.append(data)

        def is_closing(self) -> bool:
            return False

        def abort(self) -> None:
            return None

    with pytest.raises(RedisConnectionError):
        link.send([])
    link.connection_made(Transport())
    answers: list[asyncio.Future[bytes]] = [loop.create_future() for _ in range(5)]
    link.send([(("PING",), answer) for answer in answers])
    assert link.open
    assert link.behind_s > 0
    answers[1].cancel()
    raw = b"+OK\r\n$3\r\none\r\n-ERR no\r\n$-1\r\n$6\r\na\r\nb\r\n\r\n"
    for at in range(0, len(raw), size):
        link.data_received(raw[at : at + size])
    assert await answers[0] == b"OK"
    with pytest.raises(ResponseError, match="ERR no"):
        await answers[2]
    assert await answers[3] == b"-1"
    assert await answers[4] == b"a\r\nb\r\n"
    assert link.behind_s == 0
    lost, gone = loop.create_future(), loop.create_future()
    link.send([(("PING",), lost), (("PING",), gone)])
    gone.cancel()
    link.close()
    with pytest.raises(RedisConnectionError):
        await lost


async def test_a_link_has_the_user_the_password_and_the_database_of_its_url() -> None:
    heard: list[list[bytes]] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heard.append(await command(reader))
            writer.write(b"+OK\r\n")
        writer.close()

    async with store_that(talk) as url:
        for user in ("", "vox"):
            client = connect(url.replace("//", f"//{user}:secret@").replace("/0", "/3"))
            link = await dial(client.connection_pool)
            link.close()
            await client.aclose()
    assert heard == [[b"AUTH", b"secret"], [b"SELECT", b"3"], [b"AUTH", b"vox", b"secret"], [b"SELECT", b"3"]]


async def test_a_unix_socket_leads_to_a_store_as_well(tmp_path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await command(reader) == [b"SELECT", b"2"]
        writer.write(b"+OK\r\n")
        writer.close()

    path = tmp_path / "store.sock"
    async with await asyncio.start_unix_server(talk, path):
        client = connect(f"unix://{path}?db=2")
        (await dial(client.connection_pool)).close()
        await client.aclose()


async def test_a_certificate_is_asked_for_when_the_url_says_so() -> None:
    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with store_that(talk) as url:
        client = connect(url.replace("redis:", "rediss:"))
        with pytest.raises(OSError):
            await dial(client.connection_pool)
        await client.aclose()


@pytest.mark.parametrize(
    "url", ["mongodb://x", "redis://host:port/0", "redis+sentinel://h:x/vox/0", "redis+sentinel://h/vox/one"]
)
def test_a_url_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match="REGISTRY_REDIS_URL"):
        connect(url)


async def test_a_store_that_says_nothing_is_given_up_and_everybody_told_at_once() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader)
        writer.write(b"+OK\r\n")
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
    asked = asyncio.ensure_future(store.step("settle", "default", {"limit": 1}))
    await asyncio.sleep(0)
    asked.cancel()
    await store.close()


async def test_a_store_that_lets_nobody_in_fails_everybody_who_came_meanwhile() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        first = asyncio.create_task(store.step("settle", "default", {"limit": 1}))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(store.step("settle", "default", {"limit": 1}))
        await asyncio.sleep(0.05)
        second.cancel()
        with pytest.raises(StoreUnavailable):
            await first
        third = asyncio.create_task(store.step("settle", "default", {"limit": 1}))
        await asyncio.sleep(0.05)
        await store.close()
        with pytest.raises(StoreUnavailable):
            await third


async def test_each_call_has_its_own_time_limit() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader)
        writer.write(b"+OK\r\n")
        await command(reader)
        writer.write(b"-ERR enough\r\n")
        await reader.read()
        writer.close()

    loop = asyncio.get_running_loop()
    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        with pytest.raises(StoreUnavailable):
            await store.step("settle", "default", {"limit": 1})
        await asyncio.sleep(0.4)
        began = loop.time()
        with pytest.raises(StoreUnavailable):
            await store.step("settle", "default", {"limit": 1})
        assert loop.time() - began > 0.7
        await store.close()


async def test_what_the_store_refuses_is_no_stack_trace_for_the_caller_and_a_replica_is_left() -> None:
    dials = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal dials
        dials += 1
        await command(reader)
        writer.write(b"+OK\r\n")
        await command(reader)
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
    assert (await store.step("settle", "default", {"limit": 1})).result == "ok"
    there.function_flush()
    assert (await store.step("settle", "default", {"limit": 1})).result == "ok"
    await store.close()


async def test_what_is_asked_in_one_turn_leaves_as_one_pipeline(own_store: tuple[ValkeyServer, redis.Redis]) -> None:
    reads: list[Any] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await command(reader)
        writer.write(b"+OK\r\n")
        raw = b""
        while raw.count(b"vox1_settle") < 20:
            raw += await reader.read(1 << 20)
            reads.append(len(raw))
        writer.write(b"-ERR enough\r\n" * 20)
        writer.close()

    async with store_that(talk) as url:
        store = Store(connect(url), LIMITS)
        await asyncio.gather(
            *(store.step("settle", "default", {"limit": 1}) for _ in range(20)), return_exceptions=True
        )
        await store.close()
    assert len(reads) == 1
