"""kill -9 of a worker in each state of its call: one result each, never two, made from what its journal holds."""

from __future__ import annotations

import asyncio
import uuid
import wave
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
import pytest_asyncio

from .plant import Plant, callee, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

# The bot has begun to speak.
OPENING_S = 1.5
STATES = ("opening", "conversing", "ending", "post_call", "persisting")
CALLEE = callee(
    "asks_once",
    "  - wait_for_bot: {timeout_s: 20}\n  - say: Where is my order 4471?\n  - wait_for_bot: {timeout_s: 20}\n"
    "  - say: No, thank you. Goodbye.\n  - silence: {for_s: 20}",
)
# The analysis takes seconds, so that the state after the hang-up can be hit.
SLOW_ANALYSIS = {
    "post_call_analysis_prompt": "Answer with a JSON object that has the key DISPOSITION.",
    "post_call_llm": {"provider": "openai_compatible", "model": "fault-slow"},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with plant(tmp_path_factory.mktemp("workers"), workers=len(STATES) + 1) as running:
        yield running


async def _killed_in(stack: Plant, worker: str, bot: str, state: str, stream: str) -> None:
    call = asyncio.create_task(stack.call(worker, bot, CALLEE, stream=stream))
    await stack.until_logged(
        worker, lambda line: line.get("event") == "call.state" and line.get("after") == state, within_s=120
    )
    if state == "opening":
        await asyncio.sleep(OPENING_S)
    if state == "conversing":
        await _asked(stack, stream)
    stack.kill(worker)
    await call


async def _asked(stack: Plant, stream: str) -> None:
    """Wait until the journal of this call has words of the customer."""
    async with asyncio.timeout(60):
        while True:
            for path in (stack.stack.data.outbox / "open").glob("*.jsonl"):
                with suppress(FileNotFoundError):
                    if stream in (text := path.read_text()) and '"role":"user"' in text:
                        return
            await asyncio.sleep(0.05)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def streams(stack: Plant) -> dict[str, str]:
    """A call for each state, its worker killed in it; two of the dead are started again. Its stream by its state."""
    quick, slow = await stack.make_bot(), await stack.make_bot(**SLOW_ANALYSIS)
    run = uuid.uuid4().hex[:8]
    streams = {state: f"st-{run}-{state}" for state in STATES}
    await asyncio.gather(
        *(
            _killed_in(stack, worker, slow if state == "post_call" else quick, state, streams[state])
            for worker, state in zip(stack.worker_names, STATES, strict=False)
        )
    )
    await asyncio.gather(*(stack.start(worker) for worker in stack.worker_names[:2]))
    return streams


async def test_a_worker_killed_in_any_state_leaves_exactly_one_result(stack: Plant, streams: dict[str, str]) -> None:
    """Neighbours find what those left that are not started again."""
    records = {state: await stack.settled(stream, within_s=180) for state, stream in streams.items()}
    for state in ("opening", "conversing"):
        record = records[state]
        assert (record["status"], record["disconnected_by"]) == ("failed", "error"), state
        assert any(event["type"] == "worker_crashed" for event in record["events"]), state
    assert any(entry["role"] == "user" for entry in records["conversing"]["transcript"])
    for state in ("ending", "post_call", "persisting"):
        assert records[state]["disconnected_by"] == "bot", (state, records[state]["disconnected_by"])
        assert len(records[state]["transcript"]) >= 4, state
    await asyncio.sleep(6)  # a second delivery would come from the next scan of a neighbour
    for state, stream in streams.items():
        (record,) = await stack.records(stream)
        assert record.get("result_conflicts", 0) == 0, state
    # What was half written at the kill goes with the next look of a neighbour, every 30 s.
    async with asyncio.timeout(60):
        while stack.undelivered():
            await asyncio.sleep(0.5)


async def test_recordings_of_killed_calls_can_be_played(stack: Plant, streams: dict[str, str], tmp_path: Path) -> None:
    record = await stack.settled(streams["conversing"], within_s=180)
    await stack.until_free(stack.worker_names[STATES.index("conversing")])
    async with stack.bridge() as bridge:
        await bridge.download(f"/recordings/{record['session_id']}", tmp_path / "call.wav")
    with wave.open(str(tmp_path / "call.wav")) as recording:
        assert recording.getnchannels() == 2
        assert recording.getnframes() / recording.getframerate() > 1.0
