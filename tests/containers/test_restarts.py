"""Services of compose.yaml stopped, restarted and killed while calls run: no call dropped, no result lost."""

from __future__ import annotations

import asyncio

import pytest

from .engine import docker
from .stack import Caller, Stack

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

WORKER = "voxcore-worker"


@pytest.mark.parametrize("service", ["voxbridge", "voxregistry", "redis", "mongo", "minio", "voxui"])
async def test_a_call_outlives_the_restart_of(stack: Stack, phone: Caller, service: str) -> None:
    async def restart() -> None:
        await asyncio.to_thread(stack.compose.run, "restart", "--no-deps", service)

    report = await phone.call(restart)
    assert (report.outcome, report.ended_by) == ("completed", "bot"), report.reason
    await asyncio.to_thread(stack.up)
    record = await phone.record(report)
    assert (record["status"], record["disconnected_by"]) == ("completed", "bot")
    assert len(record["transcript"]) >= 4


async def test_a_worker_that_is_stopped_finishes_its_call_first(stack: Stack, phone: Caller) -> None:
    """SIGTERM drains: the process ends by itself after the call, long before Docker would kill it."""
    stopping: list[asyncio.Task[str]] = []

    async def stop() -> None:
        stopping.append(asyncio.create_task(asyncio.to_thread(stack.compose.run, "stop", WORKER)))

    report = await phone.call(stop)
    assert (report.outcome, report.ended_by) == ("completed", "bot"), report.reason
    await asyncio.wait_for(stopping[0], 120)
    assert stack.inspect(WORKER)["State"]["ExitCode"] == 0
    assert (await phone.record(report))["disconnected_by"] == "bot"
    await asyncio.to_thread(stack.up)


async def test_what_a_killed_worker_leaves_is_sent_by_its_successor(stack: Stack, phone: Caller) -> None:
    """The journal of the call lies in the volume; a container is nothing but a process."""
    before = stack.container(WORKER)

    async def kill() -> None:
        await asyncio.sleep(2)
        await asyncio.to_thread(docker, "kill", "--signal", "KILL", before)
        await asyncio.to_thread(docker, "rm", "--force", before)

    report = await phone.call(kill)
    assert report.outcome != "completed" or report.ended_by != "bot"
    await asyncio.to_thread(stack.up)
    assert stack.container(WORKER) != before
    record = await phone.record(report, within_s=90)
    assert (record["status"], record["disconnected_by"]) == ("failed", "error")
    assert any(event["type"] == "worker_crashed" for event in record["events"])


async def test_a_recording_waits_for_the_object_store(stack: Stack, phone: Caller) -> None:
    async def stop() -> None:
        await asyncio.to_thread(stack.compose.run, "stop", "minio")

    report = await phone.call(stop)
    assert report.outcome == "completed", report.reason
    waiting = stack.inside(WORKER, "sh", "-c", "find /var/lib/vox/outbox -name '*.wav*' | wc -l")
    assert int(waiting) >= 1
    await asyncio.to_thread(stack.up)
    record = await phone.record(report)
    for _ in range(60):
        if stack.inside("minio", "ls", f"/data/recordings/{record['recording_key']}", check=False).endswith(".wav\n"):
            break
        await asyncio.sleep(1)
    else:
        pytest.fail("the recording was not uploaded after the store was back")


@pytest.mark.full
async def test_a_wiped_registry_is_right_again(stack: Stack, phone: Caller) -> None:
    """Its store is rebuilt from heartbeats; a live call does not notice (P2)."""

    async def wipe() -> None:
        await asyncio.to_thread(stack.inside, "redis", "valkey-cli", "-n", "1", "FLUSHDB")

    report = await phone.call(wipe)
    assert (report.outcome, report.ended_by) == ("completed", "bot"), report.reason
    await phone.record(report)
    await stack.until_free()
