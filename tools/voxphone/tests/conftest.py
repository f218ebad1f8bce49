"""Shared parts of the tests: a named fake worker that speaks both media protocols, and a fake speech server."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from voxphone import pcm
from voxphone.persona import Persona, parse_persona
from voxphone.target import CallTarget
from voxphone.voice import Voice
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from .carrier_network import Network, network

TONE = pcm.tone(400, 1.0, -20.0).astype("<i2").tobytes()
PATIENCE_S = 20.0


class Talk:
    """The worker's end of one call: what a behaviour may do on the line."""

    def __init__(self, socket: ServerConnection, path: str) -> None:
        self.socket = socket
        self.path = path
        self.received: list[dict[str, Any]] = []
        self.chunk = 0
        self.closed = asyncio.Event()
        self._changed = asyncio.Condition()

    @property
    def exotel(self) -> bool:
        return self.path.startswith("/exotel/")

    @property
    def first(self) -> dict[str, Any]:
        return self.received[0]

    @property
    def stream_id(self) -> str:
        return self.of("start")[0].get("stream_sid" if self.exotel else "streamId", "")

    def of(self, event: str) -> list[dict[str, Any]]:
        return [frame for frame in self.received if frame["event"] == event]

    def heard(self) -> bytes:
        """Everything the caller has sent, as raw audio."""
        payloads = [f["media"]["payload"] if self.exotel else f["payload"] for f in self.of("media")]
        return b"".join(base64.b64decode(payload) for payload in payloads)

    async def listen(self) -> None:
        with suppress(ConnectionClosed):
            async for raw in self.socket:
                async with self._changed:
                    self.received.append(json.loads(raw))
                    self._changed.notify_all()
        self.closed.set()

    async def until(self, condition: Callable[["Talk"], bool]) -> None:
        """Wait for something to be true of the frames received."""
        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(lambda: condition(self)), PATIENCE_S)

    async def speech_from_caller(self) -> None:
        """Until the caller has spoken and has been silent for 0.2 s."""

        def finished(talk: "Talk") -> bool:
            frames = pcm.frames_of(talk.heard())
            loud = [i for i, frame in enumerate(frames) if pcm.level_dbfs(frame) > pcm.AUDIBLE_DBFS]
            return bool(loud) and len(frames) - loud[-1] > 10

        await self.until(finished)

    async def send(self, **frame: Any) -> None:
        await self.socket.send(json.dumps(frame))

    def ids(self) -> dict[str, Any]:
        return {"streamId": self.stream_id, "callerId": self.first["callerId"]}

    def media_frame(self, audio: bytes, **changed: Any) -> dict[str, Any]:
        self.chunk += 1
        payload = base64.b64encode(audio).decode()
        if self.exotel:
            return {"event": "media", "stream_sid": self.stream_id, "media": {"payload": payload}} | changed
        stamp = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        frame = {"event": "reverse-media", "chunk": self.chunk, "did": self.first["did"], "payload": payload}
        frame |= {"timestamp": stamp, "chunk_durn_ms": len(audio) // 16, "callDirection": self.first["callDirection"]}
        return frame | self.ids() | {"encoding": "LINEAR", "RevMediaQ": 0, "source": "ai"} | changed

    async def speak(self, seconds: float, chunk_ms: int = 20, **changed: Any) -> None:
        """A tone in real time; `changed` spoils fields of its frames."""
        size, started = chunk_ms * 16, asyncio.get_running_loop().time()
        for index in range(round(seconds * 1000 / chunk_ms)):
            await asyncio.sleep(started + index * chunk_ms / 1000 - asyncio.get_running_loop().time())
            start = index * size % len(TONE)
            await self.send(**self.media_frame((TONE + TONE)[start : start + size], **changed))

    async def stop(self) -> None:
        if self.exotel:
            await self.send(event="clear", stream_sid=self.stream_id)
        else:
            await self.send(event="reverse-media-stop", **self.ids())

    async def hang_up(self, reason: str = "bot") -> None:
        """As a worker does it: a pause, the stop frame, the hang-up, then the far end's answer, then the close."""
        if self.exotel:
            return await self.socket.close(1000)
        await self.stop()
        await self.send(event="reverse-hangup-call", source="ai", message="Call completed", reason=reason, **self.ids())
        with suppress(TimeoutError):
            await asyncio.wait_for(self.until(lambda talk: bool(talk.of("hangup-call"))), 3)
        await self.socket.close(1000)

    async def transfer(self, to: str = "2001") -> None:
        await self.send(event="reverse-call-transfer", transferTo=to, source="ai", reason="asked", **self.ids())


Behaviour = Callable[[Talk], Awaitable[None]]


class FakeWorker:
    """A worker that does what its behaviour says, and remembers every call."""

    def __init__(self, behaviour: Behaviour, refuse: tuple[int, str] | None = None) -> None:
        self.behaviour = behaviour
        self.refuse = refuse
        self.port = 0
        self.talks: list[Talk] = []
        self.requests: list[Request] = []

    def target(self, bot: str = "demo", **options: Any) -> CallTarget:
        return CallTarget.for_bot(f"http://127.0.0.1:{self.port}", bot, **options)

    async def _before_upgrade(self, _: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        if not self.refuse:
            return None
        status, body = self.refuse
        headers = Headers({"Content-Type": "application/json", "Retry-After": "1", "Content-Length": str(len(body))})
        return Response(status, HTTPStatus(status).phrase, headers, body.encode())

    async def _call(self, socket: ServerConnection) -> None:
        talk = Talk(socket, socket.request.path if socket.request else "")
        self.talks.append(talk)
        reader = asyncio.create_task(talk.listen())
        opened = "start" if talk.exotel else "answer"
        answered = asyncio.create_task(talk.until(lambda t: bool(t.of(opened))))
        gone = asyncio.create_task(talk.closed.wait())
        await asyncio.wait({answered, gone}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if answered.done():
                with suppress(ConnectionClosed):
                    await self.behaviour(talk)
            await asyncio.wait_for(talk.closed.wait(), PATIENCE_S)
        finally:
            for task in (answered, gone, reader):
                task.cancel()
            await asyncio.gather(answered, gone, reader, return_exceptions=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeWorker"]:
        async with serve(self._call, "127.0.0.1", 0, process_request=self._before_upgrade) as server:
            self.port = next(iter(server.sockets)).getsockname()[1]
            yield self


class FakeSpeech:
    """Speech server double: a text becomes a tone of 40 ms a character, any audio becomes `words`."""

    def __init__(self, words: str = "thank you for calling", status: int = 200) -> None:
        self.words, self.status = words, status
        self.spoken: list[str] = []
        self.transcribed: list[bytes] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        if self.status != 200:
            return httpx.Response(self.status, text="model is loading")
        if request.url.path.endswith("/audio/speech"):
            text = json.loads(request.content)["input"]
            self.spoken.append(text)
            samples = pcm.tone(300, 0.04 * len(text), -18.0)
            quiet = np.zeros(800, dtype=np.int16)
            content = np.concatenate((quiet, samples, quiet)).astype("<i2").tobytes()
            return httpx.Response(200, content=content, headers={"X-Sample-Rate": "8000"})
        if request.url.path.endswith("/audio/transcriptions"):
            self.transcribed.append(request.content)
            return httpx.Response(200, json={"text": self.words})
        return httpx.Response(404)

    def voice(self, cache: Path) -> Voice:
        return Voice("http://speech.test/v1", cache, transport=httpx.MockTransport(self.answer))


def persona_of(*steps: str, **fields: Any) -> Persona:
    """A persona from step lines as they stand in a file."""
    head = {"name": "tested", "about": "for a test", "linger_s": 0, **fields}
    lines = [f"{key}: {json.dumps(value)}" for key, value in head.items()]
    return parse_persona("\n".join([*lines, "steps:" if steps else "", *(f"  - {step}" for step in steps)]))


@pytest.fixture
def fake_worker() -> type[FakeWorker]:
    return FakeWorker


@pytest.fixture
def speech() -> FakeSpeech:
    return FakeSpeech()


@pytest.fixture
async def voice(speech: FakeSpeech, tmp_path: Path) -> AsyncIterator[Voice]:
    made = speech.voice(tmp_path / "cache")
    yield made
    await made.close()


@pytest.fixture
def persona() -> Callable[..., Persona]:
    return persona_of


@pytest.fixture
async def net(tmp_path: Path, speech: Any) -> AsyncIterator[Network]:
    """The carrier's side with a mute callback receiver."""
    async with network(tmp_path, speech) as made:
        yield made
