"""Balancers match health answers as text: a changed byte takes a whole host out of service (section 12, HL1 to HL3)."""

import json
import os

import pytest
from voxcore.fleet import summed
from voxcore.slot import DrainSource, Move, Phase
from voxcore.worker import VERSION
from voxcore_fakes import FakeBridge, running_worker, served
from voxkit.contracts.health import WorkerHealth

pytestmark = [pytest.mark.integration]


def health(name: str, state: str, calls: int, most: int) -> WorkerHealth:
    return WorkerHealth(
        worker_calls=calls, worker_max=most, total_capacity=most, total_available=most - calls, workers=1,
        worker_id=name, worker_pid=7, state=state, draining=state == "draining", image_tag="t", version="1", epoch=1,
        outbox_pending=0,
    )  # fmt: skip


async def test_health_is_these_bytes(settings_for) -> None:
    async with running_worker(settings_for(voxcore_workers=16, vox_image_tag="2026.01.31-1")) as run:
        answer = await run.client.get("/health")
        epoch = run.worker.slot.epoch
        expected = (
            f'{{"status":"ok","worker_calls":0,"worker_max":1,"total_capacity":16,"total_available":16,"workers":16,'
            f'"worker_id":"test-1","worker_pid":{os.getpid()},"state":"idle","draining":false,'
            f'"image_tag":"2026.01.31-1","version":"{VERSION}","epoch":{epoch},"outbox_pending":0}}'
        )
        assert answer.content == expected.encode()
        assert answer.headers["content-type"] == "application/json"
        fleet = await run.client.get("/health/fleet")
        assert (
            fleet.content
            == (
                f'{{"status":"ok","fleet_calls":0,"fleet_max":1,"fleet_available":1,"workers":['
                f'{{"id":"test-1","calls":0,"max":1,"pid":{os.getpid()},"state":"idle"}}]}}'
            ).encode()
        )


def test_the_host_is_the_sum_of_its_reachable_workers() -> None:
    fleet = summed(
        [health("f-2", "busy", 1, 1), health("f-1", "idle", 0, 1), health("f-4", "draining", 1, 1),
         health("f-5", "reserved", 0, 1), health("f-6", "starting", 0, 0), health("f-7", "draining", 0, 0)],
        ["f-3"],
    )  # fmt: skip
    assert (fleet.fleet_calls, fleet.fleet_max, fleet.fleet_available) == (2, 4, 1)
    assert [each.id for each in fleet.workers] == [f"f-{n}" for n in range(1, 8)]
    assert '{"id":"f-3","status":"unreachable"}' in fleet.compact()
    assert '"fleet_available":1,' in fleet.compact()


async def test_siblings_are_asked_and_a_silent_one_counts_nothing(settings_for, tmp_path) -> None:
    async with running_worker(settings_for(voxcore_worker_id="f-2", outbox_dir=tmp_path / "o2")) as second:
        siblings = f"{second.url},http://127.0.0.1:9"
        async with running_worker(settings_for(voxcore_worker_id="f-1", voxcore_siblings=siblings)) as first:
            second.worker.slot.take()
            seen = (await first.client.get("/health/fleet")).json()
            assert (seen["fleet_calls"], seen["fleet_max"], seen["fleet_available"]) == (1, 2, 1)
            assert seen["workers"][0] == {"id": "127.0.0.1:9", "status": "unreachable"}
            second.worker.slot.move(Move.REFUSED)


async def test_many_questions_at_once_ask_a_sibling_once(settings_for) -> None:
    import asyncio

    from fastapi import FastAPI

    asked = 0
    app = FastAPI()

    @app.get("/health")
    async def sibling() -> WorkerHealth:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)
        return health("f-9", "idle", 0, 1)

    async with served(app) as url, running_worker(settings_for(voxcore_siblings=url)) as run:
        answers = await asyncio.gather(*(run.client.get("/health/fleet") for _ in range(8)))
        assert {answer.json()["fleet_max"] for answer in answers} == {2}
        assert asked == 1


async def test_ready_is_200_for_a_busy_worker_and_503_while_it_drains(settings_for) -> None:
    async with running_worker(settings_for()) as run:
        run.worker.slot.take()
        answer = await run.client.get("/ready")
        assert (answer.status_code, answer.content) == (200, b'{"ready":true}')
        run.worker.slot.drain(DrainSource.ROUTE, "test")
        answer = await run.client.get("/ready")
        assert (answer.status_code, answer.content) == (503, b'{"ready":false}')
        assert (await run.client.get("/health")).json()["state"] == "draining"
        run.worker.slot.move(Move.REFUSED)
        assert run.worker.slot.phase is Phase.IDLE


async def test_low_disk_drains_and_free_disk_lifts_it(settings_for) -> None:
    """D2: the watch looks at the real disk; only the limit is impossible."""
    async with running_worker(settings_for(outbox_min_free_mb=10**9)) as run:
        import asyncio

        async with asyncio.timeout(30):
            while not run.worker.slot.draining:
                await asyncio.sleep(0.01)
        assert run.worker.slot.drain_reasons == {DrainSource.DISK: "disk_low"}
        run.worker.settings.outbox_min_free_mb = 0
        async with asyncio.timeout(30):
            while run.worker.slot.draining:
                await asyncio.sleep(0.05)


async def test_every_metric_of_the_contract_is_there_with_the_workers_labels(bridge: FakeBridge, settings_for) -> None:
    async with running_worker(settings_for()) as run:
        await run.client.post("/attach", headers={"X-VoxCore-Secret": "wrong"})
        text = (await run.client.get("/metrics")).text
        for name in (
            "slot_state", "draining", "build_info", "calls_total", "starts_refused_total", "call_duration_seconds",
            "setup_seconds", "turn_seconds", "added_latency_seconds", "barge_in_seconds", "frame_jitter_seconds",
            "loop_lag_seconds", "interruptions_total", "provider_errors_total", "tool_calls_total", "tool_seconds",
            "postcall_seconds", "postcall_total", "outbox_pending", "outbox_oldest_seconds", "outbox_dead",
            "outbox_deliveries_total", "recording_uploads_total", "recording_upload_seconds",
            "journals_recovered_total", "heartbeat_failures_total", "heartbeat_age_seconds", "fence_refused_total",
        ):  # fmt: skip
            assert f"# TYPE voxcore_{name} " in text, name
        assert 'voxcore_slot_state{host_id="test",state="idle",worker_id="test-1"} 1.0' in text
        assert "process_resident_memory_bytes{" in text
        refused = [line for line in text.splitlines() if line.startswith("voxcore_starts_refused_total{")]
        assert any('error="forbidden"' in line and 'route="/attach"' in line for line in refused)


def test_the_models_keep_their_field_order() -> None:
    assert list(json.loads(health("a", "idle", 0, 1).model_dump_json())) == [
        "status", "worker_calls", "worker_max", "total_capacity", "total_available", "workers", "worker_id",
        "worker_pid", "state", "draining", "image_tag", "version", "epoch", "outbox_pending",
    ]  # fmt: skip
