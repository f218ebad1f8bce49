"""A job that is lost, done by two at once, tried for ever, or never tried again."""

import asyncio
import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.outbox import service, store
from voxbridge.outbox.handlers import GiveUp, RetryAfter
from voxbridge.outbox.service import Engine

pytestmark = [pytest.mark.integration]


async def job_of(bridge, key: str, kind: str = "greet") -> dict:
    found = await store.find(bridge.ctx, f"{kind}:{key}")
    assert found is not None
    return found


class Recorder:
    """A handler that counts its runs; `fails` is raised while it is set."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fails: Exception | None = None

    async def __call__(self, _: Any, job: dict) -> None:
        self.ran.append(job["key"])
        if self.fails:
            raise self.fails


@pytest.fixture
def handler() -> Recorder:
    return Recorder()


def engine(bridge, handler: Recorder) -> Engine:
    return Engine(bridge.ctx, {"greet": handler})


async def add(bridge, key: str, **changes: Any) -> None:
    """A job that the running workers do not see before the test does: it is due a little later than now."""
    assert await store.insert(bridge.ctx, "greet", key, {"n": key}, bridge.ctx.clock() + timedelta(hours=1))
    if changes:
        await bridge.ctx.db["outbox"].update_one({"_id": f"greet:{key}"}, {"$set": changes})


def later(bridge, **delta: float):
    now = bridge.ctx.clock() + timedelta(**delta)
    return lambda: now


class Later:
    """A context like the bridge's, at another time: the process's own workers stay in theirs."""

    def __init__(self, bridge, **delta: float) -> None:
        from dataclasses import replace

        self.ctx = replace(bridge.ctx, clock=later(bridge, **delta))


async def test_a_job_is_done_once_and_a_second_insert_is_none(bridge, handler) -> None:
    await add(bridge, "a")
    assert not await service.add(bridge.ctx, "greet", "a", {})
    there = Later(bridge, hours=2)
    assert await engine(there, handler).run_once() == 1
    assert await engine(there, handler).run_once() == 0
    assert handler.ran == ["a"]
    done = await job_of(bridge, "a")
    assert (done["status"], done["attempts"], done["lease_owner"]) == ("done", 1, None)
    assert done["done_at"] is not None


async def test_what_is_not_due_waits(bridge, handler) -> None:
    await add(bridge, "a")
    assert await engine(Later(bridge, minutes=59), handler).run_once() == 0
    assert (await job_of(bridge, "a"))["status"] == "pending"


async def test_a_failure_is_tried_again_later_and_later(bridge, handler) -> None:
    await add(bridge, "a")
    handler.fails = RuntimeError("CRM is away")
    moment, pauses = 2.0, []
    for _ in range(9):
        there = Later(bridge, hours=moment)
        assert await engine(there, handler).run_once() == 1
        job = await job_of(bridge, "a")
        assert (job["status"], job["lease_owner"], job["last_error"]) == ("pending", None, "RuntimeError: CRM is away")
        pauses.append((job["next_attempt_at"] - there.ctx.clock()).total_seconds())
        moment += 1
    for number, pause in enumerate(pauses):
        middle = min(600, 5 * 2**number)
        assert 0.79 * middle <= pause <= 1.21 * middle


async def test_after_fifty_tries_it_is_dead_until_somebody_starts_it_again(bridge, handler) -> None:
    await add(bridge, "a", attempts=49)
    handler.fails = RuntimeError("no")
    await engine(Later(bridge, hours=2), handler).run_once()
    assert (await job_of(bridge, "a"))["status"] == "dead"
    answer = await bridge.admin.post("/api/v1/outbox/greet:a/retry")
    assert (answer.status_code, answer.json()["status"], answer.json()["attempts"]) == (200, "pending", 0)
    again = await bridge.admin.post("/api/v1/outbox/greet:a/retry")
    assert (again.status_code, again.json()["error"]) == (409, "not_dead")
    assert (await bridge.admin.post("/api/v1/outbox/greet:b/retry")).status_code == 404


async def test_a_handler_may_give_up_or_name_its_own_time(bridge, handler) -> None:
    await add(bridge, "a")
    handler.fails = RetryAfter(3_600, "429 with Retry-After")
    there = Later(bridge, hours=2)
    await engine(there, handler).run_once()
    assert (await job_of(bridge, "a"))["next_attempt_at"] - there.ctx.clock() == timedelta(hours=1)
    handler.fails = GiveUp("410 Gone")
    await engine(Later(bridge, hours=4), handler).run_once()
    assert (await job_of(bridge, "a"))["status"] == "dead"


async def test_a_kind_of_a_newer_release_waits_without_dying(bridge, handler) -> None:
    await add(bridge, "a", attempts=49)
    await Engine(Later(bridge, hours=2).ctx, {}).run_once()
    job = await job_of(bridge, "a")
    assert (job["status"], job["attempts"], job["last_error"]) == ("pending", 49, "no handler in this release")


async def test_many_engines_share_the_jobs_without_doing_one_twice(bridge, handler) -> None:
    for number in range(60):
        await add(bridge, str(number))
    there = Later(bridge, hours=2)
    ran = await asyncio.gather(*(engine(there, handler).run_once() for _ in range(4)))
    assert sum(ran) == 60
    assert sorted(handler.ran, key=int) == [str(number) for number in range(60)]


async def test_a_lease_that_lapsed_is_taken_over_and_its_late_owner_changes_nothing(bridge, handler) -> None:
    await add(bridge, "a")
    there = Later(bridge, hours=2)
    (job,) = await store.candidates(there.ctx, there.ctx.clock() - timedelta(days=1), there.ctx.clock(), 5)
    owner = await store.claim(there.ctx, job, there.ctx.clock() + service.LEASE)
    assert owner is not None
    assert await store.claim(there.ctx, job, there.ctx.clock() + service.LEASE) is None
    assert await engine(there, handler).run_once() == 0
    assert await engine(Later(bridge, hours=2, seconds=61), handler).run_once() == 1
    assert not await store.finish(there.ctx, "greet:a", owner, {"status": "pending"})
    assert (await job_of(bridge, "a"))["status"] == "done"
    assert handler.ran == ["a"]


async def test_a_stop_gives_back_what_was_claimed(bridge) -> None:
    for number in range(6):
        await add(bridge, str(number))
    begun = asyncio.Event()

    async def hangs(_: Any, __: dict) -> None:
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(Engine(Later(bridge, hours=2).ctx, {"greet": hangs}).run_once())
    await asyncio.wait_for(begun.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    jobs = await bridge.ctx.db["outbox"].find({}).to_list()
    assert {(job["status"], job["attempts"], job["lease_owner"]) for job in jobs} == {("pending", 0, None)}


async def test_a_killed_process_leaves_its_job_to_the_next_one(bridge, handler, mongodb_uri) -> None:
    await add(bridge, "a")
    claim = textwrap.dedent("""
        import datetime, os, sys, pymongo
        outbox = pymongo.MongoClient(sys.argv[1], tz_aware=True)[sys.argv[2]]["outbox"]
        until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1, seconds=60)
        lease = {"status": "leased", "lease_owner": "dead", "lease_expires_at": until}
        outbox.update_one({"_id": "greet:a", "status": "pending"}, {"$set": lease, "$inc": {"attempts": 1}})
        os.kill(os.getpid(), 9)
    """)
    dead = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", claim, mongodb_uri, bridge.ctx.settings.mongodb_db],
        env=os.environ,
        check=False,
        timeout=60,
    )
    assert dead.returncode == -9
    assert await engine(Later(bridge, hours=1), handler).run_once() == 0
    assert await engine(Later(bridge, hours=1, minutes=2), handler).run_once() == 1
    assert (await job_of(bridge, "a"))["attempts"] == 2


async def test_the_workers_of_a_process_wake_up_by_themselves(bridge) -> None:
    """`recording_delete` is done by the jobs that the process started, no poll of ours."""
    await service.add(bridge.ctx, "recording_delete", "s-1", {"key": "nothing-there.wav"})
    for _ in range(400):
        job = await job_of(bridge, "s-1", "recording_delete")
        if job["status"] == "done":
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"still {job['status']}: {job['last_error']}")


async def test_figures_are_metrics_without_ids(bridge, handler) -> None:
    await add(bridge, "a", created_at=bridge.ctx.clock())
    await add(bridge, "b", status="dead")
    await service.measure(Later(bridge, seconds=30).ctx)
    page = (await bridge.nobody.get("/metrics")).text
    assert 'voxbridge_outbox_jobs{kind="greet",status="pending"} 1.0' in page
    assert 'voxbridge_outbox_jobs{kind="greet",status="dead"} 1.0' in page
    assert 'voxbridge_outbox_oldest_seconds{kind="greet"} 3' in page


async def test_done_jobs_are_kept_a_week_and_dead_ones_ninety_days(bridge, handler) -> None:
    for key, status, days in (
        ("a", "done", 8),
        ("b", "done", 6),
        ("c", "dead", 91),
        ("d", "dead", 8),
        ("e", "pending", 91),
    ):
        ended = bridge.ctx.clock() - timedelta(days=days)
        await add(
            bridge,
            key,
            status=status,
            next_attempt_at=ended if status != "pending" else bridge.ctx.clock() + timedelta(hours=1),
            created_at=ended,
        )
    assert await service.sweep(bridge.ctx) == 2
    left = await bridge.ctx.db["outbox"].find({}).to_list()
    assert sorted(job["key"] for job in left) == ["b", "d", "e"]


async def test_the_list_is_for_super_admins_filtered_and_without_payloads(bridge, handler) -> None:
    for number in range(3):
        await add(bridge, str(number))
    await add(bridge, "x", status="dead")
    answer = await bridge.admin.get("/api/v1/outbox", params={"status": "pending", "kind": "greet", "limit": 2})
    body = answer.json()
    assert answer.status_code == 200
    assert len(body["items"]) == 2
    assert "payload" not in body["items"][0]
    rest = await bridge.admin.get(
        "/api/v1/outbox", params={"status": "pending", "kind": "greet", "limit": 2, "cursor": body["next"]}
    )
    assert {item["key"] for item in [*body["items"], *rest.json()["items"]]} == {"0", "1", "2"}
    assert len((await bridge.admin.get("/api/v1/outbox")).json()["items"]) == 4
    assert (await (await bridge.as_role("admin")).get("/api/v1/outbox")).status_code == 403
    assert (await bridge.admin.get("/api/v1/outbox", params={"status": "lost"})).status_code == 422
