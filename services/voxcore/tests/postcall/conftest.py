"""A finished call, and a model that answers what it was told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxcore.conversation import LiveCall, Services
from voxcore.record import CallRecord
from voxkit.clock import utc_now
from voxkit.contracts.results import WorkerRef
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.netguard import Allowlist

STAGE = {"provider": "openai_compatible", "base_url": "http://model.test/v1", "base_url_trusted": True, "model": "demo"}


class FakeModel:
    """Answers the questions in the order of its script; a question nobody scripted fails the test.

    A script entry is the reply's text, a status code, an exception, or a coroutine function that gives one of them.
    """

    def __init__(self) -> None:
        self.script: list[Any] = []
        self.by_prompt: dict[str, list[Any]] = {}
        self.asked: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.urls: list[str] = []
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.asked.append(body)
        self.headers.append(request.headers)
        self.urls.append(str(request.url))
        openai = "messages" in body
        system = body["messages"][0]["content"] if openai else body["systemInstruction"]["parts"][0]["text"]
        script = self.by_prompt.get(system, self.script)
        assert script, f"a question was not expected: {system}"
        step = script.pop(0)
        if callable(step):
            step = await step()
        if isinstance(step, Exception):
            raise step
        if isinstance(step, int):
            return httpx.Response(step, json={"error": {"message": "refused, key sk-planted-secret-123"}})
        if openai:
            usage = {
                "prompt_tokens": 900,
                "completion_tokens": 120,
                "prompt_tokens_details": {"cached_tokens": 100},
            }
            return httpx.Response(200, json={"choices": [{"message": {"content": step}}], "usage": usage})
        parts = [{"text": '{"draft": 1}', "thought": True}, {"text": step}]
        tokens = {"promptTokenCount": 700, "candidatesTokenCount": 50, "thoughtsTokenCount": 5}
        return httpx.Response(200, json={"candidates": [{"content": {"parts": parts}}], "usageMetadata": tokens})


class FakeSpool:
    """A store whose upload lasts until it is released."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.release.set()
        self.started: list[str] = []
        self.stored: list[str] = []

    async def upload(self, key: str) -> bool:
        self.started.append(key)
        await self.release.wait()
        self.stored.append(key)
        return True


MakeCall = Callable[..., LiveCall]


@pytest.fixture
def spool() -> FakeSpool:
    return FakeSpool()


@pytest.fixture
async def model() -> AsyncIterator[FakeModel]:
    fake = FakeModel()
    yield fake
    await fake.client.aclose()


@pytest.fixture
def make_call(model: FakeModel, spool: FakeSpool, tmp_path: Path) -> MakeCall:
    """`make_call("customer", said=True, duration_s=41, **config)`: a call that is over."""

    def make(cause: str | None = "customer", *, said: bool = True, duration_s: float = 41.0, **config: Any) -> LiveCall:
        record = CallRecord(
            call_id="call-1",
            bot_id="bot-1",
            transport="ws",
            session_id="session-1",
            stream_id="st-1",
            caller_id="+15550100",
            from_number="+15550199",
            connected_event={"callerId": "+15550100"},
        )
        record.answered()
        record.answered_at = utc_now() - timedelta(seconds=duration_s)
        record.ended_at = record.answered_at + timedelta(seconds=duration_s)
        record.say("assistant", "Hello, this is the demo.", start_ms=100, end_ms=900, turn=1)
        if said:
            record.say("user", "where is\nmy order", start_ms=1200, end_ms=2000, turn=1)
        if cause:
            record.end(cause)
        given = {
            "session_id": "session-1", "webhook_url": "http://localhost", "system_prompt": "SECRET PROMPT",
            "opening_message": "o", "stt": STAGE, "llm": STAGE | {"api_key": "planted-llm-key"}, "tts": STAGE,
        } | config  # fmt: skip
        shared = {
            f"postcall.{name}": model.client for name in ("openai_compatible", "openai", "google", "google_vertex")
        }
        nothing: Any = None  # what no pass may touch
        services = Services(
            settings=nothing,
            http=nothing,
            voxbridge=nothing,
            allowlist=Allowlist(),
            spool=spool,
            worker=WorkerRef(worker_id="w-1", host_id="h", image_tag="t", version="1"),
            shared=shared,
        )
        return LiveCall(record=record, config=RuntimeConfig.model_validate(given), services=services, media=nothing)

    return make
