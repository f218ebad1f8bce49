"""Named stand-ins of what a worker meets: a far end's media, a conversation, voxbridge. Run as a program: one worker.

python voxcore_fakes.py        (environment as for voxcore; the conversation is FakeConversation)
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocket
from voxcore.conversation import HandshakeFailed, LiveCall, Parts, RecordingFacts, RoomStart, Services, TransferOutcome
from voxcore.main import listening_socket, server_for
from voxcore.payload import bare_payload, with_disposition
from voxcore.record import CallRecord
from voxcore.settings import VoxcoreSettings
from voxcore.slot import Phase
from voxcore.worker import Worker

SECRET = "test-secret-1"
PLANTED_KEY = "sk-planted-provider-key"


class FakeMedia:
    """A far end that sends `connected` and `start`, then hangs up when it likes. Answered at once."""

    def __init__(self, kind: str, socket: WebSocket | None) -> None:
        self.kind = kind
        self.rate = 8000
        self.transfer_methods: frozenset[str] = frozenset()
        self.socket = socket
        self.gone = asyncio.Event()
        self.closed_with: str | None = None

    async def read_handshake(self, record: CallRecord) -> None:
        if self.socket is None:
            return
        for wanted in ("connected", "start"):
            message = await self.socket.receive()
            if message["type"] == "websocket.disconnect":
                raise HandshakeFailed("left", 1000, gone=True)
            frame = json.loads(message["text"])
            if frame["event"] != wanted:
                await self.socket.close(1008)
                raise HandshakeFailed("wrong frame", 1008)
            if wanted == "connected":
                record.connected_event = {key: value for key, value in frame.items() if key != "event"}
                record.caller_id = frame.get("callerId", "")
                record.from_number = frame.get("did", "")
                record.call_direction = frame.get("callDirection", "incoming")
            record.stream_id = frame.get("streamId", record.stream_id)

    async def wait_answer(self) -> bool:
        return True

    async def listen(self) -> None:
        if self.socket is not None:
            with suppress(RuntimeError):
                while (await self.socket.receive())["type"] != "websocket.disconnect":
                    continue
            self.gone.set()
        await self.gone.wait()

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        raise AssertionError("no transfer is told to this fake")

    async def hang_up(self, cause: str) -> None:
        await self.close()

    async def reject(self, cause: str) -> None:
        self.closed_with = cause
        if self.socket:
            with suppress(RuntimeError):
                await self.socket.send_text(json.dumps({"event": "reverse-hangup-call", "reason": cause}))
                await self.socket.close(1000)

    async def close(self) -> None:
        self.gone.set()
        if self.socket:
            with suppress(RuntimeError):
                await self.socket.close(1000)


class FakeConversation:
    """Holds a silent call until the far end leaves or the process wants its end. `connected_event.fake` misbehaves."""

    def __init__(self) -> None:
        self.live = 0
        self.most = 0
        self.calls: list[LiveCall] = []

    async def converse(self, call: LiveCall) -> None:
        self.live += 1
        self.most = max(self.most, self.live)
        self.calls.append(call)
        wish = call.record.connected_event.get("fake")
        try:
            if wish == "crash":
                raise RuntimeError("the pipeline broke")
            call.enter("opening")
            call.record.answered()
            call.record.say("assistant", "Hello, this is a test.", start_ms=0, end_ms=900)
            call.enter("conversing")
            call.record.say("user", "hello to you", start_ms=1000, end_ms=1500)
            if wish == "record":
                self._record(call)
            if wish == "silent end":
                return
            await self._until_over(call, deaf=wish == "deaf")
        finally:
            self.live -= 1

    async def _until_over(self, call: LiveCall, *, deaf: bool) -> None:
        assert isinstance(call.media, FakeMedia)
        left = asyncio.ensure_future(call.media.listen())
        stop = asyncio.ensure_future(call.stop.wait())
        await asyncio.wait({left} if deaf else {left, stop}, return_when=asyncio.FIRST_COMPLETED)
        left.cancel()
        stop.cancel()
        if not call.stop.requested:
            call.record.end("customer")

    def _record(self, call: LiveCall) -> None:
        spool = call.services.spool
        key = f"{call.record.session_id}.wav"
        spool.part(key).write_bytes(wav(8000))
        call.recording = RecordingFacts(key=key, path=spool.finish(key))


def wav(frames: int) -> bytes:
    """A stereo WAV file of so many frames of a ramp."""
    sound = b"".join((n % 30000).to_bytes(2, "little") * 2 for n in range(frames))
    size = len(sound)
    head = b"RIFF" + (36 + size).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    head += (1).to_bytes(2, "little") + (2).to_bytes(2, "little") + (8000).to_bytes(4, "little")
    head += (32000).to_bytes(4, "little") + (4).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return head + b"data" + size.to_bytes(4, "little") + sound


async def fake_wrap_up(call: LiveCall, recording: RecordingFacts | None) -> dict[str, Any]:
    """The record as it is; `connected_event.wrap` = `hang` or `crash` misbehaves."""
    wish = call.record.connected_event.get("wrap")
    if wish == "hang":
        await asyncio.Event().wait()
    if wish == "crash":
        raise RuntimeError("the wrap broke")
    if recording:
        await call.services.spool.upload(recording.key)
    facts = {"recording_key": recording.key, "recording_url": recording.url} if recording else {}
    return with_disposition(bare_payload(call.record, call.services.worker, **facts))


class FakeRooms:
    """Stands where LiveKit will: each POST start gets a room that stays silent until the test releases it.

    `connected_event.lasts_s`: the far end hangs up by itself after so many seconds.
    """

    def __init__(self) -> None:
        self.joined: list[RoomStart] = []
        self.media: list[FakeMedia] = []

    async def join(self, start: RoomStart, services: Services) -> FakeMedia:
        self.joined.append(start)
        media = FakeMedia(start.kind, None)
        self.media.append(media)
        if lasts_s := start.record.connected_event.get("lasts_s"):
            asyncio.get_running_loop().call_later(lasts_s, media.gone.set)
        return media


def fake_parts(conversation: FakeConversation, rooms: FakeRooms | None = None) -> Parts:
    return Parts(
        converse=conversation.converse,
        wrap_up=fake_wrap_up,
        socket_media=lambda kind, socket, services: FakeMedia(kind, socket),
        preload=lambda names: None,
        room_media=rooms.join if rooms else None,
    )


@dataclass
class FakeBridge:
    """voxbridge as a worker sees it: configurations and results. Statuses are told; results are kept."""

    url: str = ""
    config_status: int = 200
    config_detail: str = ""
    config_override: dict[str, Any] = field(default_factory=dict)
    result_statuses: list[int] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    tries: int = 0
    fetches: list[dict[str, str]] = field(default_factory=list)

    @property
    def config_url(self) -> str:
        return f"{self.url}/api/v1/config"

    def config(self, session_id: str) -> dict[str, Any]:
        return {
            "session_id": session_id,
            "webhook_url": f"{self.url}/api/v1/call-results",
            "system_prompt": "You are a test.",
            "opening_message": "Hello.",
            "stt": {"provider": "openai_compatible", "api_key": PLANTED_KEY, "base_url": "http://localhost:1/v1"},
            "llm": {"provider": "openai_compatible", "model": "demo", "base_url": "http://localhost:1/v1"},
            "tts": {"provider": "openai_compatible", "base_url": "http://localhost:1/v1"},
        } | self.config_override

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/api/v1/config/{bot_id}")
        async def config(bot_id: str, request: Request) -> JSONResponse:
            self.fetches.append(dict(request.query_params))
            assert request.headers["x-voxcore-secret"] == SECRET
            if self.config_status != 200:
                return JSONResponse({"detail": self.config_detail}, self.config_status)
            return JSONResponse(self.config(f"s-{len(self.fetches)}-{os.urandom(3).hex()}"))

        @app.post("/api/v1/call-results")
        async def results(request: Request) -> JSONResponse:
            self.tries += 1
            assert request.headers["x-voxcore-secret"] == SECRET
            status = self.result_statuses.pop(0) if self.result_statuses else 200
            if status == 200:
                self.results.append(await request.json())
                self.keys.append(request.headers["idempotency-key"])
            return JSONResponse({"status": "ok"}, status)

        return app


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """A FastAPI app on a free port of loopback, in this event loop."""
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, lifespan="off", access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    async with asyncio.timeout(30):
        while not server.started:
            await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


@dataclass
class RunningWorker:
    """A worker that serves on `url`, with the fakes around it."""

    worker: Worker
    url: str
    conversation: FakeConversation
    rooms: FakeRooms | None
    client: httpx.AsyncClient

    @property
    def ws_url(self) -> str:
        return self.url.replace("http", "ws")

    async def until(self, phase: Phase) -> None:
        async with asyncio.timeout(60):
            while self.worker.slot.phase is not phase:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def running_worker(
    settings: VoxcoreSettings, *, rooms: FakeRooms | None = None, wrap_budget_s: float | None = None
) -> AsyncIterator[RunningWorker]:
    """A whole worker in this event loop: real server, real outbox, fake conversation."""
    conversation = FakeConversation()
    worker = Worker(settings, fake_parts(conversation, rooms), wrap_budget_s=wrap_budget_s)
    sock = listening_socket(settings)
    server = server_for(worker)
    serving = asyncio.create_task(server.serve(sockets=[sock]))
    worker.start()
    url = f"http://127.0.0.1:{sock.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        running = RunningWorker(worker, url, conversation, rooms, client)
        try:
            await running.until(Phase.IDLE)
            yield running
        finally:
            worker.stop_now()
            await asyncio.wait_for(worker.until_leaving_is_done(), 30)
            server.should_exit = True
            await serving
            await worker.close()


if __name__ == "__main__":
    from voxcore.main import main

    sys.exit(main(fake_parts(FakeConversation(), FakeRooms())))
