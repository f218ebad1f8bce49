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
from voxphone.phone import PhoneCall
from voxphone.report import Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

from ..stacks import Log, RunningStack, running_stack
from .backend import Backend
from .outcome import Outcome
from .scenario import Scenario

T = TypeVar("T")
Beside = Callable[[], Awaitable[dict[str, Any]]]
# So many calls at once leave more than half of two cores free, and no caller's voice late.
WORKERS = 4
MEDIA_TOKEN = "planted-media-token-5b7d"
DIALOGUES = Path(__file__).parent / "dialogues"
# Callees of a campaign who do not answer ring so long.
RING_TIMEOUT_S = "12"
CALL_LIMIT_S = 240.0
FREE_WITHIN_S = 100.0


@dataclass
class Switchboard:
    """A running stack, its API, and the calls that were placed on it."""

    stack: RunningStack
    folder: Path
    backend: Backend
    outside: Backend
    bridge: Bridge
    voice: Voice
    lanes: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    logs: dict[str, Log] = field(default_factory=dict)

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
            log=[line for line in await self.log_of(url) if line.get("_at", 0) >= began - 1],
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

    async def log_of(self, url: str) -> list[dict[str, Any]]:
        """Lines of the worker at `url`; `_at` is their time, Unix seconds."""
        return json_lines(await asyncio.to_thread(self.logs[url]))


def json_lines(text: str) -> list[dict[str, Any]]:
    """The JSON lines of a log, each with its time as `_at`, Unix seconds."""
    found = []
    for each in text.splitlines():
        with suppress(ValueError):
            line = json.loads(each)
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

    def __init__(self, folder: Path, host_address: str) -> None:
        self._folder, self._host_address = folder, host_address
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
        backend, outside = Backend(self._host_address), Backend(self._host_address)
        self.wait(backend.start(), 30)
        self.wait(outside.start(), 30)
        extra = {
            "OUTBOUND_URL_ALLOWLIST": f"{backend.host}:{backend.port}",
            "WS_MEDIA_TOKENS": MEDIA_TOKEN,
            "VOXVOICE_DIALOGUES": str(DIALOGUES),
            "RING_TIMEOUT_SECONDS": RING_TIMEOUT_S,
        }
        stack = self._stack.enter_context(running_stack(self._folder, workers=WORKERS, extra=extra))
        backend.voice_url = stack.voice_url
        return self.wait(self._connect(stack, backend, outside), 60)

    async def _connect(self, stack: RunningStack, backend: Backend, outside: Backend) -> Switchboard:
        bridge = Bridge(stack.api_url, *stack.admin)
        await bridge.__aenter__()
        voice = Voice(f"{stack.voice_url}/v1", self._folder / "clips")
        board = Switchboard(stack, self._folder, backend, outside, bridge, voice, logs=stack.workers)
        for url in stack.workers:
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
        """Queue these calls. Who talks most is first: a long call that begins last leaves the other lanes idle.

        But the first of all are those who talk least, while everything does its first work.
        """
        by_length = sorted(scenarios, key=lambda scenario: -len(" ".join(scenario.callee().texts())))
        for scenario in by_length[-WORKERS:] + by_length[:-WORKERS]:
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
