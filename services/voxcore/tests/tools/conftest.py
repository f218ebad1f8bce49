"""A call without audio and an HTTP API on loopback: together they note who spoke and what was asked, in order."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from voxcore.conversation import Services, TransferOutcome
from voxcore.pipeline.context import Digits, ToolAnswer, ToolInvocation
from voxcore.pipeline.tools import build_tools
from voxcore.record import CallRecord
from voxkit.contracts.results import WorkerRef
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.netguard import Allowlist

PACKED = gzip.compress(b"z" * 30_000_000)


class FakeTransport:
    """A far end that takes a transfer as it was told; a transfer nobody scripted fails the test."""

    kind = "ws"
    rate = 8000

    def __init__(self, log: list[str], methods: frozenset[str]) -> None:
        self.transfer_methods = methods
        self.outcome: TransferOutcome | None = None
        self._log = log

    async def transfer(self, destination: str, reason: str) -> TransferOutcome:
        self._log.append(f"transfer {destination} ({reason})")
        assert self.outcome is not None, "a transfer was not expected"
        return self.outcome


class FakeToolHost:
    """The call as a tool sees it. `log` holds speech, keys, hang-ups and the API's requests in their order."""

    def __init__(self, config: RuntimeConfig, *, methods: frozenset[str]) -> None:
        self.log: list[str] = []
        self.config = config
        self.record = CallRecord(call_id="c1", bot_id="b1", transport="ws", session_id="s1")
        self.record.answered()
        self.transport = FakeTransport(self.log, methods)
        self.customer_turn = 1
        self.digits = Digits("success", "")
        self.digits_asked: dict[str, Any] = {}
        self.speech_gate: asyncio.Event | None = None
        self.words_are_cut = False

    async def say_and_wait(self, text: str) -> bool:
        if not text:
            return True
        self.log.append(f"say {text}")
        if self.speech_gate:
            await self.speech_gate.wait()
        self.log.append("said")
        return not self.words_are_cut

    async def wait_until_played(self) -> None:
        self.log.append("played")

    async def end_call(self, cause: str, **data: Any) -> None:
        self.record.end(cause, **data)
        self.log.append(f"hang up {cause}")

    async def wait_for_silence(self, seconds: float, max_seconds: float) -> bool:
        self.log.append(f"silence {seconds:g} of {max_seconds:g}")
        return True

    async def collect_digits(self, **asked: Any) -> Digits:
        self.digits_asked = asked
        return self.digits

    async def send_dtmf(self, digits: str) -> None:
        self.log.append(f"keys {digits}")

    @contextmanager
    def idle_pause(self) -> Iterator[None]:
        yield

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Data of the recorded events of a type."""
        return [event.data for event in self.record.events if event.type == kind]


class FakeApi:
    """An HTTP server on loopback. Each path behaves as its name says; `requests` keeps what came."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.log: list[str] = []
        self.release = asyncio.Event()
        self.open = 0
        self.most_open = 0
        self._server: asyncio.Server | None = None
        self._drops = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        assert self._server
        self.release.set()
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            method, target, _ = head[0].split(" ", 2)
            headers = {k.lower(): v for k, v in (line.split(": ", 1) for line in head[1:] if ": " in line)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append({"method": method, "target": target, "headers": headers, "body": body.decode()})
            self.log.append(f"request {method} {urlsplit(target).path}")
            self.open += 1
            self.most_open = max(self.most_open, self.open)
            try:
                answer = await self._answer(urlsplit(target).path)
            finally:
                self.open -= 1
            if answer is not None:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, path: str) -> bytes | None:
        if path.startswith("/slow"):
            await self.release.wait()
        if path == "/never":
            await asyncio.Event().wait()
        if path.startswith("/drop-once"):
            self._drops += 1
            if self._drops == 1:
                return None
        if path == "/drop":
            return None
        if path == "/redirect":
            return _reply(302, b"", "text/plain", ["Location: /ok"])
        if path == "/error":
            return _reply(500, b'{"error":"boom"}')
        if path == "/text":
            return _reply(200, "Delivered on Monday. नमस्ते".encode(), "text/plain; charset=utf-8")
        if path == "/long":
            return _reply(200, json.dumps({"text": "x" * 9000}).encode())
        if path == "/huge":
            return _reply(200, b"y" * 300_000, "text/plain")
        if path == "/gzip":
            return _reply(200, PACKED, "text/plain", ["Content-Encoding: gzip"])
        return _reply(200, b'{"order":"shipped","count":2}')


def _reply(status: int, body: bytes, kind: str = "application/json", more: list[str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "Connection: close"]
    return ("\r\n".join([*lines, *(more or [])]) + "\r\n\r\n").encode() + body


class ToolBench:
    """The tools of one configuration and a way to call them as the LLM would."""

    def __init__(self, host: FakeToolHost, services: Services) -> None:
        self.host = host
        self.specs = {spec.name: spec for spec in build_tools(host, services)}

    async def call(self, name: str, spoken: str = "", **arguments: Any) -> ToolAnswer:
        return await self.specs[name].handler(ToolInvocation(name, f"id-{name}", arguments, spoken))


MakeBench = Callable[..., ToolBench]


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    server = FakeApi()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def bench(api: FakeApi) -> AsyncIterator[MakeBench]:
    """`bench({"name": …, "url": …}, "end_call", methods=…, allow=…, **config)`: a string is a built-in."""
    made: list[Services] = []

    def make(
        *tools: dict[str, Any] | str,
        methods: frozenset[str] = frozenset({"websocket_reverse_transfer"}),
        allow: str | None = None,
        **config: Any,
    ) -> ToolBench:
        stage = {"provider": "openai_compatible", "base_url": "http://localhost/v1"}
        entries = []
        for tool in tools:
            if isinstance(tool, str):
                entries.append({"function": {"name": tool}})
                continue
            runtime = {key: value for key, value in tool.items() if key not in ("name", "parameters", "description")}
            function = {"name": tool["name"], "description": tool.get("description", "")}
            if "parameters" in tool:
                function["parameters"] = tool["parameters"]
            entries.append({"function": function, "runtime": runtime or None})
        given = {
            "session_id": "s1", "webhook_url": "http://localhost", "system_prompt": "p", "opening_message": "o",
            "stt": stage, "llm": stage, "tts": stage, "tools": entries,
        } | config  # fmt: skip
        host = FakeToolHost(RuntimeConfig.model_validate(given), methods=methods)
        api.log = host.log
        allowlist = Allowlist.parse(f"127.0.0.1:{api.port}" if allow is None else allow)
        nothing: Any = None  # what no tool may touch
        services = Services(
            settings=nothing, http=nothing, voxbridge=nothing, allowlist=allowlist, spool=nothing, worker=WorkerRef()
        )
        made.append(services)
        return ToolBench(host, services)

    yield make
    for services in made:
        for client in services.shared.values():
            await client.aclose()
