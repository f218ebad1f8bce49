"""Leader jobs in two processes at once, a lease nobody takes over, a failing job that ends the others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client import CollectorRegistry
from pymongo import AsyncMongoClient
from structlog.testing import capture_logs
from voxbridge import jobs
from voxbridge.context import Signals
from voxbridge.jobs import Job, Leadership, Scheduler
from voxbridge.lease import Lease
from voxbridge.metrics import Metrics

pytestmark = [pytest.mark.integration]


class Clock:
    """A monotonic clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def db(mongodb_uri: str, mongo_db_name: str):
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb_uri, tz_aware=True)
    yield client[mongo_db_name]
    await client.close()


def lease(db: Any, clock: Clock) -> Lease:
    return Lease(db["locks"], "voxbridge", take_over_s=15, clock=clock)


async def test_one_takes_the_free_lease_and_keeps_it_by_beating(db) -> None:
    clock = Clock()
    first, second = lease(db, clock), lease(db, clock)
    assert await first.beat_or_take("one")
    for _ in range(10):
        assert not await second.beat_or_take("two")
        clock.now += 5
        assert await first.beat_or_take("one")
    stored = await db["locks"].find_one({"_id": "voxbridge"})
    assert stored == {"_id": "voxbridge", "owner": "one", "epoch": 1, "beat": 11, "released": False}


async def test_a_silent_owner_is_replaced_after_fifteen_seconds_of_the_readers_own_clock(db) -> None:
    clock = Clock()
    first, second = lease(db, clock), lease(db, clock)
    assert await first.beat_or_take("one")
    assert not await second.beat_or_take("two")
    clock.now += 14.9
    assert not await second.beat_or_take("two")
    clock.now += 0.2
    assert await second.beat_or_take("two")
    assert not await first.beat_or_take("one")  # it learns that it lost
    assert (await db["locks"].find_one({"_id": "voxbridge"}))["epoch"] == 2


async def test_a_lease_given_back_is_taken_at_once(db) -> None:
    clock = Clock()
    first, second = lease(db, clock), lease(db, clock)
    assert await first.beat_or_take("one")
    await first.release("one")
    assert await second.beat_or_take("two")
    await first.release("one")  # too late: it is another's now
    assert await second.beat_or_take("two")


async def test_many_who_want_a_dead_lease_get_one_winner(db) -> None:
    clock = Clock()
    assert await lease(db, clock).beat_or_take("dead")
    rivals = [lease(db, clock) for _ in range(8)]
    for number, rival in enumerate(rivals):
        assert not await rival.beat_or_take(f"r{number}")
    clock.now += 16
    won = await asyncio.gather(*(rival.beat_or_take(f"r{number}") for number, rival in enumerate(rivals)))
    assert sum(won) == 1


def test_leadership_ends_ten_seconds_after_the_last_beat_whatever_the_store_says() -> None:
    clock = Clock()
    leadership = Leadership(clock)
    assert not leadership.held
    leadership.beaten(clock())
    clock.now += 9.9
    assert leadership.held
    assert leadership.held_s == pytest.approx(9.9)
    clock.now += 0.2
    assert not leadership.held
    assert leadership.held_s == 0.0


def scheduler(db: Any, *work: Job) -> Scheduler:
    ctx: Any = SimpleNamespace(db=db, metrics=Metrics(CollectorRegistry()), signals=Signals(), leadership=None)
    made = Scheduler(ctx, work)
    made.ctx = ctx
    return made


async def test_leader_jobs_run_in_one_of_two_processes_and_move_when_it_stops(db) -> None:
    ran: list[str] = []
    began = {name: asyncio.Event() for name in ("one", "two")}

    def job(name: str) -> Job:
        async def run() -> None:
            ran.append(name)
            began[name].set()

        return Job("count", 0.01, leader=True, run=run)

    one = scheduler(db, job("one"))
    one.start()
    await asyncio.wait_for(began["one"].wait(), 30)
    two = scheduler(db, job("two"))
    two.start()
    await asyncio.sleep(0.3)
    assert set(ran) == {"one"}
    await one.stop()
    ran.clear()
    await asyncio.wait_for(began["two"].wait(), 30)
    assert set(ran) == {"two"}
    await two.stop()
    assert (await db["locks"].find_one({"_id": "voxbridge"}))["released"] is True


async def test_a_failing_job_is_told_once_a_minute_and_goes_on_and_others_do_not_notice(db) -> None:
    fails = calm = 0
    enough = asyncio.Event()

    async def fail() -> None:
        nonlocal fails
        fails += 1
        raise RuntimeError("broken")

    async def work() -> None:
        nonlocal calm
        calm += 1
        if fails >= 5 and calm >= 5:
            enough.set()

    with capture_logs() as logs:
        running = scheduler(db, Job("bad", 0.01, leader=False, run=fail), Job("good", 0.01, leader=False, run=work))
        running.start()
        await asyncio.wait_for(enough.wait(), 30)
        await running.stop()
    assert len([line for line in logs if line["event"] == "job.failed"]) == 1


async def test_a_signal_wakes_a_job_before_its_period(db) -> None:
    runs = asyncio.Queue[int]()

    async def run() -> None:
        runs.put_nowait(1)

    running = scheduler(db, Job("woken", 3600, leader=False, run=run, signal="outbox"))
    running.start()
    await asyncio.wait_for(runs.get(), 30)
    running.ctx.signals.wake("outbox")
    await asyncio.wait_for(runs.get(), 30)
    await running.stop()


def test_the_times_of_the_lease_leave_room_between_giving_up_and_taking_over() -> None:
    assert jobs.BEAT_S < jobs.GIVE_UP_S < jobs.TAKE_OVER_S
