"""Background work that is collected half done, or that outlives its owner."""

from __future__ import annotations

import asyncio
import gc

import pytest
from voxkit.tasks import Tasks

pytestmark = [pytest.mark.unit]


async def test_what_nobody_holds_runs_to_its_end() -> None:
    tasks, done = Tasks(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0)
        gc.collect()
        done.set()

    tasks.start(work())
    await tasks.settle()
    assert done.is_set()
    assert len(tasks) == 0


async def test_settling_waits_for_what_was_started_meanwhile() -> None:
    tasks, order = Tasks(), list[str]()

    async def second() -> None:
        order.append("second")

    async def first() -> None:
        order.append("first")
        tasks.start(second())

    tasks.start(first())
    await tasks.settle()
    assert order == ["first", "second"]


async def test_a_failure_is_told_to_whoever_settles_and_ends_no_other_work() -> None:
    tasks, goes_on = Tasks(), asyncio.Event()

    async def fails() -> None:
        raise ValueError("broken")

    async def works() -> None:
        await goes_on.wait()

    tasks.start(fails())
    tasks.start(works())
    with pytest.raises(ValueError, match="broken"):
        await tasks.settle()
    assert len(tasks) == 1
    goes_on.set()
    await tasks.settle()


async def test_closing_ends_what_runs_and_waits_for_its_last_word() -> None:
    tasks, said = Tasks(), list[str]()

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            said.append("put away")

    task = tasks.start(work())
    await asyncio.sleep(0)
    await tasks.close()
    assert task.cancelled()
    assert said == ["put away"]
    assert len(tasks) == 0
