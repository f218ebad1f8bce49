"""A call that ends without exactly one result, or keeps the slot, breaks S2 and P3."""

import json
from pathlib import Path

import pytest
import websockets
from voxcore.slot import Phase
from voxcore_fakes import FakeBridge, running_worker

pytestmark = [pytest.mark.integration]

CONNECTED = {"event": "connected", "callerId": "+15550100", "did": "+15550199", "callDirection": "incoming"}
START = {"event": "start", "streamId": "st-1"}


async def dial(url: str, **extra: object) -> websockets.ClientConnection:
    socket = await websockets.connect(f"{url}/ws/demo", proxy=None)
    await socket.send(json.dumps(CONNECTED | extra))
    await socket.send(json.dumps(START))
    return socket


async def delivered(bridge: FakeBridge, count: int = 1) -> list[dict]:
    import asyncio

    async with asyncio.timeout(60):
        while len(bridge.results) < count:
            await asyncio.sleep(0.02)
    return bridge.results


async def test_a_call_from_socket_to_delivered_result(bridge: FakeBridge, settings_for, tmp_path: Path) -> None:
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        socket = await dial(run.ws_url, city="Pune")
        await run.until(Phase.BUSY)
        health = (await run.client.get("/health")).json()
        assert (health["state"], health["worker_calls"]) == ("busy", 1)
        await socket.close()
        await run.until(Phase.IDLE)
        [result] = await delivered(bridge)
        assert result["disconnected_by"] == "customer"
        assert result["connected_event"] == {
            "callerId": "+15550100", "did": "+15550199", "callDirection": "incoming", "streamId": "st-1",
            "transport": "ws", "city": "Pune",
        }  # fmt: skip
        assert [entry["role"] for entry in result["transcript"]] == ["assistant", "user"]
        assert bridge.keys == [result["result_id"]]
        assert not list((tmp_path / "outbox" / "open").glob("*.jsonl"))
        assert bridge.fetches[0]["caller_id"] == "+15550100"
        assert bridge.fetches[0]["stream_id"] == "st-1"


async def hung_up(socket: websockets.ClientConnection) -> dict:
    """The last frame of a call that was rejected."""
    last = json.loads(await socket.recv())
    await socket.wait_closed()
    return last


@pytest.mark.parametrize(
    ("status", "detail", "cause", "reported"),
    [
        (503, "outside_active_hours: opens at 09:00", "outside_hours", True),
        (503, "provider_key_missing", "error", True),
        (500, "", "error", True),
        (403, "", "error", False),
        (404, "", "error", False),
        (418, "", "error", True),
    ],
)
async def test_a_config_that_is_not_200_rejects_the_call(
    status: int, detail: str, cause: str, reported: bool, bridge: FakeBridge, settings_for
) -> None:
    """Section 13 and A4: unknown bots make no record, everything else is told in a small result."""
    bridge.config_status, bridge.config_detail = status, detail
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        socket = await dial(run.ws_url)
        assert (await hung_up(socket))["reason"] == cause
        await run.until(Phase.IDLE)
        assert len(bridge.fetches) == (2 if status == 500 else 1)
        assert run.conversation.calls == []
        if reported:
            [result] = await delivered(bridge)
            assert (result["disconnected_by"], result["call_duration_seconds"]) == (cause, 0.0)
            assert [event["type"] for event in result["events"]] == ["service_error"]
            assert result["session_id"] == result["call_id"]
            assert "post_call_analysis" not in result
        else:
            assert list(run.worker.outbox.box("results").glob("*.json")) == []
            assert bridge.tries == 0


@pytest.mark.parametrize("extra", [{"_campaign_call_id": "cc-9"}, {"_context": {"order": 1}}])
async def test_an_unknown_bot_of_a_campaign_is_still_reported(extra: dict, bridge: FakeBridge, settings_for) -> None:
    bridge.config_status = 404
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        await hung_up(await dial(run.ws_url, _campaign_session_id="s-campaign-9", **extra))
        [result] = await delivered(bridge)
        assert result["session_id"] == "s-campaign-9"
        assert result.get("campaign_call_id") == extra.get("_campaign_call_id")


@pytest.mark.parametrize(("direction", "cause"), [("outgoing", "no_answer"), ("incoming", "customer")])
async def test_a_hang_up_in_the_handshake_is_told_only_for_a_campaign(
    direction: str, cause: str, bridge: FakeBridge, settings_for
) -> None:
    """W6, A4."""
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        for campaign in ({}, {"_campaign_call_id": "cc-1"}):
            socket = await websockets.connect(f"{run.ws_url}/ws/demo", proxy=None)
            await socket.send(json.dumps(CONNECTED | {"callDirection": direction} | campaign))
            await run.until(Phase.BUSY)
            await socket.close()
            await run.until(Phase.IDLE)
        [result] = await delivered(bridge)
        assert (result["disconnected_by"], result["campaign_call_id"]) == (cause, "cc-1")
        assert bridge.fetches == []


async def test_a_200_that_cannot_be_used_ends_in_a_full_result_of_kind_error(bridge: FakeBridge, settings_for) -> None:
    bridge.config_override = {"llm": {"provider": "unheard-of", "model": "x"}, "system_prompt": "secret prompt"}
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        assert (await hung_up(await dial(run.ws_url)))["reason"] == "error"
        [result] = await delivered(bridge)
        assert result["session_id"].startswith("s-1-")
        assert result["post_call_analysis"]["DISPOSITION"] == "Failed"
        told = next(event for event in result["events"] if event["type"] == "service_error")
        assert told["data"]["message"] == "not usable: llm.provider"


async def test_a_crash_of_the_pipeline_frees_the_slot_only_with_a_result(bridge: FakeBridge, settings_for) -> None:
    """S2."""
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        socket = await dial(run.ws_url, fake="crash")
        await socket.wait_closed()
        await run.until(Phase.IDLE)
        [result] = await delivered(bridge)
        assert result["disconnected_by"] == "error"
        assert result["post_call_analysis"]["SUB_DISPOSITION"] == "fallback"
        assert "cause_missing" not in [event["type"] for event in result["events"]]
        assert {"stage": "pipeline", "code": "RuntimeError"}.items() <= next(
            event["data"] for event in result["events"] if event["type"] == "service_error"
        ).items()


async def test_a_call_without_any_cause_is_an_error_with_an_event_of_its_own(bridge: FakeBridge, settings_for) -> None:
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url)) as run:
        await (await dial(run.ws_url, fake="silent end")).wait_closed()
        [result] = await delivered(bridge)
        assert result["disconnected_by"] == "error"
        assert "cause_missing" in [event["type"] for event in result["events"]]


@pytest.mark.parametrize(("wish", "event"), [("hang", "wrap_timeout"), ("crash", "post_call_failed")])
async def test_a_wrap_that_hangs_or_breaks_still_leaves_a_result(
    wish: str, event: str, bridge: FakeBridge, settings_for
) -> None:
    """S5: with the budget cut to a moment, since nobody waits 90 s."""
    async with running_worker(settings_for(voxbridge_config_url=bridge.config_url), wrap_budget_s=0.2) as run:
        socket = await dial(run.ws_url, wrap=wish)
        await run.until(Phase.BUSY)
        await socket.close()
        [result] = await delivered(bridge)
        assert result["disconnected_by"] == "customer"
        assert event in [each["type"] for each in result["events"]]
        assert len(result["transcript"]) == 2


async def test_a_recording_is_served_while_it_waits_and_after_it_is_stored(
    bridge: FakeBridge, settings_for, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    settings = settings_for(voxbridge_config_url=bridge.config_url, object_store_url=f"file://{store}")
    async with running_worker(settings) as run:
        socket = await dial(run.ws_url, fake="record")
        await run.until(Phase.BUSY)
        await socket.close()
        [result] = await delivered(bridge)
        key = result["recording_key"]
        assert result["recording_url"] == f"file://{store}/{key}"
        assert (store / key).read_bytes()[:4] == b"RIFF"
        assert not list((tmp_path / "outbox" / "recordings").iterdir())
        headers = {"X-VoxCore-Secret": "test-secret-1"}
        whole = await run.client.get(f"/recordings/{key}", headers=headers)
        assert whole.status_code == 200
        assert whole.headers["content-type"] == "audio/wav"
        assert (whole.headers["accept-ranges"], whole.headers["content-length"]) == ("bytes", "32044")
        for asked, status, first, length in (
            ("bytes=0-3", 206, 0, 4), ("bytes=-4", 206, 32040, 4), ("bytes=32000-", 206, 32000, 44),
            ("bytes=32000-99999", 206, 32000, 44), ("bytes=3-1", 200, 0, 32044), ("items=1-2", 200, 0, 32044),
        ):  # fmt: skip
            part = await run.client.get(f"/recordings/{key}", headers=headers | {"Range": asked})
            assert part.status_code == status, asked
            assert part.content == whole.content[first : first + length]
            if status == 206:
                assert part.headers["content-range"] == f"bytes {first}-{first + length - 1}/32044"
        outside = await run.client.get(f"/recordings/{key}", headers=headers | {"Range": "bytes=32044-"})
        assert (outside.status_code, outside.headers["content-range"]) == (416, "bytes */32044")
        assert outside.json()["error"] == "range_not_satisfiable"
        for bad in ("..%2Fx.wav", "a.mp3", "a" * 129 + ".wav", "a b.wav"):
            answer = await run.client.get(f"/recordings/{bad}", headers=headers)
            assert answer.status_code in (400, 404), bad
            assert answer.json()["error"] in ("bad_key", "not_found")
        missing = await run.client.get("/recordings/none.wav", headers=headers)
        assert (missing.status_code, missing.json()["error"]) == (404, "not_found")
