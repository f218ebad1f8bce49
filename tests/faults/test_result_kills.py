"""voxbridge killed again and again while results arrive, each three times: one record each, every job done once.

`VOX_RESULTS=10000` is the full size; the default fits CI.
"""

from __future__ import annotations

import asyncio
import os
import random
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxkit.clock import iso, utc_now
from voxkit.secrets import SECRET_HEADER

from .plant import NOBODY_DIALS, Plant, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1800)]

RESULTS = int(os.environ.get("VOX_RESULTS", "600"))
KILLS = 5
SENDERS = 8
ENDS = ("bot", "customer", "voicemail", "RNR", "timeout", "error", "no_answer")


def result(number: int) -> dict[str, Any]:
    return {
        "session_id": str(uuid.UUID(int=number + 1)),
        "result_id": str(uuid.UUID(int=number + 1_000_000)),
        "bot_id": "load",
        "caller_id": f"+1555{number:07d}",
        "call_direction": "incoming",
        "transport": "ws",
        "started_at": iso(utc_now()),
        "call_duration_seconds": number % 300,
        "disconnected_by": ENDS[number % len(ENDS)],
        "transcript": [{"turn": 1, "role": "user", "content": f"call {number}", "start_ms": 0, "end_ms": 900}],
        "post_call_analysis": {"DISPOSITION": f"D{number % 5}"},
    }


class Sender:
    """Delivers as a worker does: again and again until the answer is 200."""

    def __init__(self, stack: Plant, http: httpx.AsyncClient) -> None:
        self._url, self._http = f"{stack.stack.bridge_url}/api/v1/call-results", http
        self._headers = {SECRET_HEADER: stack.stack.secrets["VOXCORE_SECRET"]}
        self.stored = 0
        self.repeats = 0
        self.interrupted = 0

    async def deliver(self, body: dict[str, Any]) -> None:
        while True:
            try:
                answer = await self._http.post(self._url, json=body, headers=self._headers)
            except httpx.TransportError:
                self.interrupted += 1
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 200:
                reply = answer.json()
                self.repeats += reply["duplicate"]
                self.stored += not reply["duplicate"]
                return
            assert answer.status_code >= 500, (answer.status_code, answer.text)
            await asyncio.sleep(0.2)


async def test_each_result_is_stored_once_however_often_it_comes_and_voxbridge_dies(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}, {RESULTS} results")
    dice = random.Random(seed)
    parcels = [result(number) for number in range(RESULTS)] * 3
    dice.shuffle(parcels)
    kill_after = sorted(dice.sample(range(len(parcels) // 10, len(parcels) * 9 // 10), KILLS))
    async with (
        plant(tmp_path, workers=1, without=("voxvoice", "voxcore-1", *NOBODY_DIALS)) as stack,
        httpx.AsyncClient(timeout=30) as http,
    ):
        sender = Sender(stack, http)
        queue = list(reversed(parcels))

        async def send() -> None:
            while queue:
                body = queue.pop()
                await sender.deliver(body)

        async def murder() -> None:
            for count in kill_after:
                while len(parcels) - len(queue) < count:
                    await asyncio.sleep(0.005)
                stack.kill("voxbridge")
                await stack.start("voxbridge")

        await asyncio.gather(murder(), *(send() for _ in range(SENDERS)))
        assert sender.interrupted > 0, "no delivery met a kill"
        print(f"stored {sender.stored}, repeats {sender.repeats}, interrupted {sender.interrupted}")
        found = await everything(stack)
        assert len(found) == RESULTS
        wanted = {body["session_id"]: body for body in parcels}
        for item in found:
            body = wanted.pop(item["session_id"])
            assert (item["disconnected_by"], item["disposition"]) == (
                body["disconnected_by"],
                body["post_call_analysis"]["DISPOSITION"],
            )
            assert item.get("result_conflicts", 0) == 0
        assert not wanted


async def everything(stack: Plant) -> list[dict[str, Any]]:
    """The whole call list, page by page."""
    found: list[dict[str, Any]] = []
    async with stack.bridge() as bridge:
        page = await bridge.get("/calls", bot_id="load", limit="200")
        while True:
            found += page["items"]
            if not page["next"]:
                return found
            page = await bridge.get("/calls", bot_id="load", limit="200", cursor=page["next"])
