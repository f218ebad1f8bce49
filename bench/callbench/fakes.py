"""Fake providers and a fake voxbridge in one process; every phase of every request is noted on CLOCK_MONOTONIC.

`python fakes.py --clips FOLDER` listens on a free port, prints it, and ends with its standard input. That clock is
the same in all processes of a host, so what is noted here can be compared with what a phone noted.

A bot of `PUT /bots/{bot_id}` has delays for each stage and fields that replace those of its configuration. The
configuration of a call names `/{bot_id}/{stream_id}/v1` as its provider, so every request tells whose it is.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
import uuid
from collections import defaultdict
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import WSMsgType, web

ANSWERS = (
    "Thank you, I have written that down for you.",
    "All right, that works well for us. The driver knows about it.",
    "Good, then nothing else is open on our side today.",
)
OPENING = "Hello, this is the parcel desk."
HEARD = "That is fine with me."
RATE = 8000
CHUNK_BYTES = 3_200


class Fakes:
    """All routes. `marks`: one object for each request, times in seconds of the monotonic clock."""

    def __init__(self, clips: Path) -> None:
        self._clips = {path.stem: path.read_bytes() for path in clips.glob("*.pcm")}
        self._bots: dict[str, dict[str, Any]] = {}
        self._marks: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._results: dict[str, dict[str, Any]] = {}

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_put("/bots/{bot}", self._put_bot)
        app.router.add_get("/marks/{stream}", self._get_marks)
        app.router.add_get("/results/{stream}", self._get_result)
        app.router.add_get("/api/v1/config/{bot}", self._config)
        app.router.add_post("/api/v1/call-results", self._result)
        app.router.add_get("/{bot}/{stream}/v1/models", self._models)
        app.router.add_post("/{bot}/{stream}/v1/audio/transcriptions", self._stt)
        app.router.add_get("/{bot}/{stream}/v1/audio/transcriptions/stream", self._stt_socket)
        app.router.add_post("/{bot}/{stream}/v1/chat/completions", self._llm)
        app.router.add_post("/{bot}/{stream}/v1/audio/speech", self._tts)
        return app

    # --- what the bench asks ----------------------------------------------------------------------------------

    async def _put_bot(self, request: web.Request) -> web.Response:
        self._bots[request.match_info["bot"]] = await request.json()
        return web.Response(status=204)

    async def _get_marks(self, request: web.Request) -> web.Response:
        return web.json_response(self._marks.pop(request.match_info["stream"], []))

    async def _get_result(self, request: web.Request) -> web.Response:
        return web.json_response(self._results.pop(request.match_info["stream"], None))

    # --- voxbridge --------------------------------------------------------------------------------------------

    async def _config(self, request: web.Request) -> web.Response:
        bot_id = request.match_info["bot"]
        bot = self._bots.get(bot_id)
        if bot is None:
            return web.json_response({"detail": "no such bot"}, status=404)
        here = f"http://{request.host}"
        if provider := bot.get("provider"):
            stage = {"provider": "openai_compatible", "base_url": provider, "base_url_trusted": True}
        else:
            base = f"{here}/{bot_id}/{request.query['stream_id']}/v1"
            stage = {"provider": "openai_compatible", "base_url": base, "base_url_trusted": True}
        config = {
            "session_id": str(uuid.uuid4()),
            "bot_id": bot_id,
            "bot_name": "Bench",
            "webhook_url": f"{here}/api/v1/call-results",
            "system_prompt": "You are the assistant of a parcel company. Answer in one or two short sentences.",
            "opening_message": OPENING,
            "stt": {**stage, "model": "fake"},
            "llm": {**stage, "model": "fake"},
            "tts": {**stage, "model": "fake", "voice": "default"},
        }
        for name, value in (bot.get("config") or {}).items():
            both = isinstance(value, dict) and isinstance(config.get(name), dict)
            config[name] = {**config[name], **value} if both else value
        return web.json_response(config)

    async def _result(self, request: web.Request) -> web.Response:
        payload = await request.json()
        payload["_stored_at"] = time.monotonic()
        self._results[str(payload.get("stream_id"))] = payload
        return web.json_response({"ok": True})

    # --- providers --------------------------------------------------------------------------------------------

    def _noted(self, request: web.Request, kind: str, began_at: float) -> tuple[dict[str, Any], float]:
        """(a new mark of a request that is complete now, how long the answer is to be held, seconds)"""
        mark: dict[str, Any] = {"kind": kind, "began_at": began_at, "complete_at": time.monotonic()}
        self._marks[request.match_info["stream"]].append(mark)
        bot = self._bots.get(request.match_info["bot"], {})
        return mark, float((bot.get("delays_ms") or {}).get(kind, 0)) / 1000

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"object": "list", "data": []})

    async def _stt(self, request: web.Request) -> web.Response:
        began_at = time.monotonic()
        body = await request.read()
        mark, hold_s = self._noted(request, "stt", began_at)
        mark["bytes"] = len(body)
        await _hold(mark, hold_s)
        mark["answered_at"] = time.monotonic()
        return web.json_response({"text": self._heard(request)})

    def _heard(self, request: web.Request) -> str:
        return str(self._bots.get(request.match_info["bot"], {}).get("heard", HEARD))

    async def _stt_socket(self, request: web.Request) -> web.WebSocketResponse:
        """Notes when each stretch of audio came: `frames` holds [time, bytes so far]."""
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        mark, _ = self._noted(request, "stt_socket", time.monotonic())
        frames: list[list[float]] = []
        mark["frames"] = frames
        got = 0
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                got += len(message.data)
                frames.append([time.monotonic(), got])
            elif message.type == WSMsgType.TEXT:
                final, hold_s = self._noted(request, "stt", time.monotonic())
                await _hold(final, hold_s)
                final["answered_at"] = time.monotonic()
                await socket.send_str(json.dumps({"type": "final", "text": self._heard(request)}))
        return socket

    async def _llm(self, request: web.Request) -> web.StreamResponse:
        began_at = time.monotonic()
        body = await request.json()
        mark, hold_s = self._noted(request, "llm", began_at)
        turn = sum(message.get("role") == "user" for message in body["messages"])
        answers = self._bots.get(request.match_info["bot"], {}).get("answers") or ANSWERS
        text = answers[(turn - 1) % len(answers)]
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await _hold(mark, hold_s)
        await response.prepare(request)
        mark["answered_at"] = time.monotonic()
        for word in text.split(" "):
            await response.write(_event({"delta": {"content": word + " "}, "finish_reason": None}))
        await response.write(_event({"delta": {}, "finish_reason": "stop"}))
        usage = {"prompt_tokens": 200, "completion_tokens": 15, "total_tokens": 215}
        await response.write(b"data: " + json.dumps({"choices": [], "usage": usage}).encode() + b"\n\n")
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _tts(self, request: web.Request) -> web.StreamResponse:
        began_at = time.monotonic()
        body = await request.json()
        mark, hold_s = self._noted(request, "tts", began_at)
        pcm = self._clips[clip_name(body["input"].strip())]
        response = web.StreamResponse(headers={"Content-Type": "audio/pcm", "X-Sample-Rate": str(RATE)})
        await _hold(mark, hold_s)
        await response.prepare(request)
        mark["answered_at"] = time.monotonic()
        for at in range(0, len(pcm), CHUNK_BYTES):
            await response.write(pcm[at : at + CHUNK_BYTES])
        return response


def clip_name(text: str) -> str:
    """File stem of the audio of a sentence."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, text))


def _event(choice: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps({"model": "fake", "choices": [{"index": 0, **choice}]}).encode() + b"\n\n"


async def _hold(mark: dict[str, Any], seconds: float) -> None:
    """Wait until the answer is due, counted from the complete request."""
    if (left_s := mark["complete_at"] + seconds - time.monotonic()) > 0:
        await asyncio.sleep(left_s)


async def serve(clips: Path) -> None:
    runner = web.AppRunner(Fakes(clips).app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    # The end of standard input is the end of whoever started us.
    with contextlib.suppress(OSError):
        await asyncio.to_thread(sys.stdin.buffer.read)
    await runner.cleanup()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=Path, required=True, help="folder of NAME.pcm, 8 kHz, 16 bit, mono")
    clips = parser.parse_args().clips
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        loop.run(serve(clips))


if __name__ == "__main__":
    main()
