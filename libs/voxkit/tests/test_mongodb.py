"""A caller who hangs up twice, and a service that never reaches its database again."""

from __future__ import annotations

import asyncio

import pymongo.lock
import pytest
from voxkit.errors import ConfigurationError
from voxkit.mongodb import open_mongodb, wait_in_place

pytestmark = [pytest.mark.unit]
TURNS = 20


@pytest.fixture
async def _client_was_opened() -> None:
    await open_mongodb("mongodb://127.0.0.1:1", appname="test").close()


@pytest.mark.usefixtures("_client_was_opened")
async def test_a_wait_that_is_cancelled_twice_leaves_nobody_behind_who_takes_the_lock() -> None:
    """In the driver's own words: its lock, its condition, its wait."""
    lock = pymongo.lock._async_create_lock()
    condition = pymongo.lock._async_create_condition(lock)

    async def waits() -> None:
        async with lock:
            await pymongo.lock._async_cond_wait(condition, 30)

    waiting = asyncio.create_task(waits())
    await turns()
    await lock.acquire()
    for _ in range(TURNS):  # as a task group does it
        waiting.cancel()
        await asyncio.sleep(0)
    assert not waiting.done(), "it has not got its lock back: whose would it release?"
    lock.release()
    await asyncio.wait([waiting])
    await turns()
    assert waiting.cancelled()
    assert not lock.locked(), "nobody has it who is not there any more"


async def turns() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def test_a_wait_in_place_gives_its_result_or_says_that_the_time_is_over() -> None:
    done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    done.set_result(7)
    assert await wait_in_place(done, None) == 7
    with pytest.raises(TimeoutError):
        await wait_in_place(asyncio.Event().wait(), 0)


def test_an_address_that_is_none_is_told_with_its_variable() -> None:
    with pytest.raises(ConfigurationError, match="MONGODB_URI is not usable"):
        open_mongodb("http://mongo", appname="test")
