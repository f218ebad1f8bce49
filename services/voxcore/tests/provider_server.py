"""A provider without a network beyond loopback: the OpenAI HTTP API with answers, delays and failures as told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from aiohttp import web


class FakeProvider:
    """Each stage takes the next entry of its list of faults: `ok`, a status, `stall`, `cut`, `garbage`, `drop`."""

    def __init__(self) -> None:
        self.base_url = ""
        self.requests: list[tuple[str, Any]] = []
        self.faults: dict[str, list[Any]] = {"stt": [], "llm": [], "tts": []}
        self.text = "hello there"
        self.answer = "I heard you. Thank you."
        self.tool_calls: list[dict[str, Any]] = []
        self.speech_s = 0.2
        self.said_rate: int | None = 8000
        self.refuse_stream = False
        self.silent_finals = False
        self.stream_messages: list[Any] = []
        self.release = asyncio.Event()

    def asked(self, stage: str) -> list[Any]:
        return [body for name, body in self.requests if name == stage]

    async def _fault(self, stage: str, request: web.Request) -> web.StreamResponse | None:
        fault = self.faults[stage].pop(0) if self.faults[stage] else "ok"
        if fault == "stall":
            await self.release.wait()
        elif fault == "drop":
            assert request.transport
            request.transport.abort()
        elif fault == "garbage":
            return web.Response(text="<html>", content_type="application/json")
        elif isinstance(fault, int):
            return web.json_response({"error": {"message": f"planted failure sk-secret123456 {fault}"}}, status=fault)
        return None

    async def stt(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        wav = form["file"].file.read()
        self.requests.append(("stt", {"fields": {k: v for k, v in form.items() if k != "file"}, "wav": wav}))
        if failed := await self._fault("stt", request):
            return failed
        return web.json_response({"text": self.text})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_stream:
            return web.json_response({}, status=404)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.requests.append(("stream", dict(request.query)))
        async for message in socket:
            self.stream_messages.append(message.data)
            if isinstance(message.data, str) and json.loads(message.data)["type"] == "finalize":
                if self.silent_finals:
                    continue
                await socket.send_json({"type": "final", "text": self.text})
            elif len(self.stream_messages) == 1:
                await socket.send_json({"type": "interim", "text": self.text[:5]})
        return socket

    async def llm(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(("llm", body))
        fault = self.faults["llm"][0] if self.faults["llm"] else "ok"
        if fault == "cut":
            self.faults["llm"].pop(0)
        elif failed := await self._fault("llm", request):
            return failed
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        words = self.answer.split(" ")
        for number, word in enumerate(words):
            if fault == "cut" and number == len(words) - 1:
                return response
            await self._event(response, {"content": word if number == 0 else f" {word}"})
        for call in self.tool_calls:
            await self._event(response, {"tool_calls": [call]})
        await self._event(response, {}, "tool_calls" if self.tool_calls else "stop")
        usage = {"prompt_tokens": 11, "completion_tokens": 5, "total_tokens": 16}
        await response.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\n".encode())
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _event(self, response: web.StreamResponse, delta: dict[str, Any], finish: str | None = None) -> None:
        chunk = {"model": "fake", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())

    async def tts(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.requests.append(("tts", {**body, "asked_rate": request.query.get("sample_rate")}))
        if failed := await self._fault("tts", request):
            return failed
        rate = self.said_rate or 24_000
        at = np.arange(int(self.speech_s * rate)) / rate
        pcm = (8000 * np.sin(2 * np.pi * 300 * at)).astype("<i2").tobytes()
        said = {"X-Sample-Rate": str(self.said_rate)} if self.said_rate else {}
        return web.Response(body=pcm, content_type="audio/pcm", headers=said)

    async def models(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"data": []})


@asynccontextmanager
async def serving() -> AsyncIterator[FakeProvider]:
    """A provider that listens on a free port of loopback."""
    provider = FakeProvider()
    app = web.Application()
    app.router.add_get("/v1/models", provider.models)
    app.router.add_post("/v1/audio/transcriptions", provider.stt)
    app.router.add_get("/v1/audio/transcriptions/stream", provider.stream)
    app.router.add_post("/v1/chat/completions", provider.llm)
    app.router.add_post("/v1/audio/speech", provider.tts)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    provider.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield provider
    finally:
        provider.release.set()
        await runner.cleanup()
