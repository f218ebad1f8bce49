"""A call that ended without exactly one result on disk and at voxbridge, or that kept the slot, would break S2 and P3."""

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
