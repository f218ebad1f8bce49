"""Places the calls of all selected tests, some at a time, while the tests wait for the one they judge.

A spoken call takes real time, so calls run beside each other: one lane a worker, in a loop of its own thread. Which
calls are placed is read from the `call` markers of the tests that were selected.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from concurrent.futures import Future
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
from voxctl.api import Bridge
from voxctl.output import CommandError
from voxphone.phone import PhoneCall
from voxphone.report import Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

from ..stacks import VoxUp, vox_up
from .backend import Backend
from .outcome import Outcome
from .scenario import Scenario

T = TypeVar("T")
Beside = Callable[[], Awaitable[dict[str, Any]]]
WORKERS = 3
MEDIA_TOKEN = "planted-media-token-5b7d"
ADMIN_EMAIL = "admin@example.com"
DIALOGUES = Path(__file__).parent / "dialogues"
CALL_LIMIT_S = 240.0
FREE_WITHIN_S = 100.0


@dataclass
class Switchboard:
    """A running stack, its API, and the calls that were placed on it."""

    up: VoxUp
    folder: Path
    backend: Backend
    outside: Backend
    bridge: Bridge
    voice: Voice
    lanes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    logs: dict[str, Path] = field(default_factory=dict)

    async def place(
        self,
        scenario: Scenario,
        url: str,
        bot_id: str,
        beside: Beside | None = None,
        *,
        delivered: bool = True,
        until_gone: bool = False,
    ) -> Outcome:
        """Place the call of a scenario at the worker `url` and gather what is left of it.

        `beside` runs from the answer on, while the call goes on; what it returns becomes `extra`. `delivered` False:
        the worker has nobody to deliver the result to, so none is waited for. `until_gone`: it ends after this call.
        """
        persona = scenario.callee()
        # Made before the line is opened: what the callee says must not wait for its voice.
        clips = await self.voice.clips(persona.texts(), persona.voice)
        options = CallOptions(**{"transcribe": "off", "caller": "+15550100", **scenario.options})
        target = CallTarget.for_bot(url, bot_id, protocol=scenario.protocol, media_token=MEDIA_TOKEN)
        answered = asyncio.Event()
        call = PhoneCall(target, persona, clips, options=options, on_event=lambda moment: _note(moment, answered))
        began = time.time()
        acting = asyncio.ensure_future(_act(answered, beside)) if beside else None
        report = await call.run()
        extra = await acting if acting else {}
        if report.outcome == "refused":
            return Outcome(scenario.name, report, None, None, [], extra=extra)
        await (self.wait_until_gone(url) if until_gone else self.wait_until_free(url, delivered))
        record = await self.record_of(report.stream_id)
        return Outcome(
            name=scenario.name,
            report=report,
            record=record,
            recording=await self.recording_of(record),
            log=[line for line in self.log_of(url) if line.get("_at", 0) >= began - 1],
            persona_texts=persona.texts(),
            extra=extra,
        )

    async def make_bot(self, scenario: Scenario) -> str:
        return str((await self.bridge.post("/bots", scenario.bot_fields(self.backend)))["bot_id"])

    async def wait_until_free(self, url: str, delivered: bool = True) -> None:
        """Until the worker may take a call and has delivered its results."""
        deadline = time.monotonic() + FREE_WITHIN_S
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while time.monotonic() < deadline:
                health = (await client.get(f"{url}/health")).json()
                if health["state"] == "idle" and not (delivered and health["outbox_pending"]):
                    return
                await asyncio.sleep(0.1)
        raise AssertionError(f"{url} was not free {FREE_WITHIN_S:.0f} s after its call: {health}")

    async def wait_until_gone(self, url: str) -> None:
        """Until nobody listens at this address any more."""
        deadline = time.monotonic() + FREE_WITHIN_S
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while time.monotonic() < deadline:
                try:
                    await client.get(f"{url}/health")
                except httpx.TransportError:
                    return
                await asyncio.sleep(0.1)
        raise AssertionError(f"{url} still answers {FREE_WITHIN_S:.0f} s after its last call")

    async def record_of(self, stream_id: str) -> dict[str, Any] | None:
        """The stored call; None when no call with this stream was ever stored."""
        if not (await self.bridge.get("/calls", stream_id=stream_id))["items"]:
            return None
        return await self.bridge.finished_call(stream_id, within_s=60)

    async def recording_of(self, record: dict[str, Any] | None) -> Path | None:
        if not record or not record.get("recording_key"):
            return None
        path = self.folder / "recordings" / f"{record['session_id']}.wav"
        path.parent.mkdir(exist_ok=True)
        await self.bridge.download(f"/recordings/{record['session_id']}", path)
        return path

    def log_of(self, url: str) -> list[dict[str, Any]]:
        """Lines of the worker at `url`; `_at` is their time, Unix seconds."""
        return read_log(self.logs[url])

    @property
    def worker_urls(self) -> list[str]:
        first = int(self.up.environment["VOX_CORE_PORT"])
        return [f"http://127.0.0.1:{first + number}" for number in range(WORKERS)]

    @property
    def bridge_url(self) -> str:
        return f"http://127.0.0.1:{self.up.environment['VOX_BRIDGE_PORT']}"

    @property
    def secrets(self) -> dict[str, str]:
        """The secrets that the stack made for itself."""
        lines = (self.up.data / "secrets.env").read_text().splitlines()
        return {name: value for name, _, value in (line.partition("=") for line in lines)}


def read_log(path: Path) -> list[dict[str, Any]]:
    """The JSON lines of a log, each with its time as `_at`, Unix seconds."""
    found = []
    with suppress(FileNotFoundError):
        for text in path.read_text(errors="replace").splitlines():
            with suppress(ValueError):
                line = json.loads(text)
                if isinstance(line, dict) and "ts" in line:
                    line["_at"] = datetime.fromisoformat(str(line["ts"]).replace("Z", "+00:00")).timestamp()
                    found.append(line)
    return found


def _note(moment: Moment, answered: asyncio.Event) -> None:
    if moment.kind == "answered":
        answered.set()


async def _act(answered: asyncio.Event, beside: Beside) -> dict[str, Any]:
    await answered.wait()
    return await beside()


async def _plain(board: Switchboard, scenario: Scenario, url: str) -> Outcome:
    return await board.place(scenario, url, await board.make_bot(scenario))


class Calls:
    """All calls of a test run. `outcome(scenario)` waits for one of them."""

    def __init__(self, folder: Path, free_port: Callable[[], int]) -> None:
        self._folder, self._free_port = folder, free_port
        self._stack = ExitStack()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="switchboard", daemon=True)
        self._futures: dict[str, Future[Outcome]] = {}
        self.board: Switchboard | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self.board = self._open()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for future in self._futures.values():
            future.cancel()
        if self.board:
            self.wait(self._close(self.board), 30)
        self._stack.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _open(self) -> Switchboard:
        backend, outside = Backend(), Backend()
        self.wait(backend.start(), 30)
        self.wait(outside.start(), 30)
        extra = {
            "OUTBOUND_URL_ALLOWLIST": f"127.0.0.1:{backend.port}",
            "WS_MEDIA_TOKENS": MEDIA_TOKEN,
            "VOXVOICE_DIALOGUES": str(DIALOGUES),
            "FIRST_ADMIN_EMAIL": ADMIN_EMAIL,
        }
        up = self._stack.enter_context(vox_up(self._folder, self._free_port, "--no-call", workers=WORKERS, extra=extra))
        up.wait_for("stack.up")
        # Read on, or the pipe fills and the supervisor stands still.
        threading.Thread(target=lambda: [None for _ in _ended_quietly(up)], daemon=True).start()
        voice_url = f"http://127.0.0.1:{up.environment['VOX_VOICE_PORT']}"
        backend.voice_url = voice_url
        return self.wait(self._connect(up, backend, outside, voice_url), 60)

    async def _connect(self, up: VoxUp, backend: Backend, outside: Backend, voice_url: str) -> Switchboard:
        password = (up.data / "first-admin").read_text().strip()
        bridge = Bridge(f"http://127.0.0.1:{up.environment['VOX_BRIDGE_PORT']}/api/v1", ADMIN_EMAIL, password)
        await bridge.__aenter__()
        voice = Voice(f"{voice_url}/v1", self._folder / "clips")
        board = Switchboard(up, self._folder, backend, outside, bridge, voice)
        for number, url in enumerate(board.worker_urls, start=1):
            board.logs[url] = up.data / "logs" / f"voxcore-{number}.log"
            board.lanes.put_nowait(url)
        return board

    async def _close(self, board: Switchboard) -> None:
        await board.bridge.__aexit__(None, None, None)
        await board.voice.close()
        await board.backend.stop()
        await board.outside.stop()

    def wait(self, work: Coroutine[Any, Any, T], timeout_s: float) -> T:
        """Run a coroutine in the loop of the calls."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout_s)

    def place(self, scenarios: Iterable[Scenario]) -> None:
        """Queue these calls, in this order."""
        for scenario in scenarios:
            if scenario.name not in self._futures:
                self._futures[scenario.name] = asyncio.run_coroutine_threadsafe(self._held(scenario), self._loop)

    async def _held(self, scenario: Scenario) -> Outcome:
        assert self.board
        url = await self.board.lanes.get()
        try:
            work = scenario.run(self.board, scenario, url) if scenario.run else _plain(self.board, scenario, url)
            outcome = await asyncio.wait_for(work, CALL_LIMIT_S)
        finally:
            self.board.lanes.put_nowait(url)
        self._keep(outcome)
        return outcome

    def _keep(self, outcome: Outcome) -> None:
        """Leave everything about the call in the folder of the run, for whoever has to find out why a test failed."""
        folder = Path(os.environ.get("VOX_E2E_KEEP") or self._folder / "calls")
        folder.mkdir(parents=True, exist_ok=True)
        body = {
            "record": outcome.record,
            "phone": outcome.report.model_dump(),
            "log": outcome.log,
            "extra": {key: repr(value) for key, value in outcome.extra.items()},
        }
        (folder / f"{outcome.name}.json").write_text(json.dumps(body, indent=1, ensure_ascii=False, default=str))
        if outcome.recording:
            (folder / f"{outcome.name}.wav").write_bytes(outcome.recording.read_bytes())

    def outcome(self, scenario: Scenario) -> Outcome:
        """Wait for a call that was placed. Raises what went wrong while it was placed."""
        return self._futures[scenario.name].result()

    def all(self) -> list[Outcome]:
        """Every call of this run that could be placed, once the last one is over."""
        over = []
        for future in self._futures.values():
            with suppress(Exception):
                over.append(future.result())
        return over


def _ended_quietly(up: VoxUp) -> Iterable[dict[str, Any]]:
    with suppress(ValueError, CommandError):
        yield from up.read()
