"""Inbound test calls over HTTP: call a bot as a persona, read the report, fetch the recording."""

import asyncio
import re
from collections import OrderedDict
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field
from voxkit.errors import Invalid, NotFound, RateLimited, Unavailable
from voxkit.log import get_logger

from voxphone.carrier.routes import authorised
from voxphone.errors import TargetError, VoiceUnavailable
from voxphone.persona import builtin_names, load_persona
from voxphone.phone import PhoneCall
from voxphone.report import CallReport
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

AT_ONCE = 20
KEPT = 200
log = get_logger("voxphone.testcalls")


class CallOrder(BaseModel):
    """`POST /calls`."""

    model_config = ConfigDict(extra="forbid")

    url: str = Field(max_length=2048, description="Complete media socket of a bot: `ws://host:port/ws/{bot_id}`.")
    protocol: Literal["vox", "exotel"] = "vox"
    persona: str = Field(default="friendly", description="Name of a built-in persona, see `GET /personas`.")
    caller: str = Field(default="+15550100", max_length=64)
    did: str = Field(default="+15550199", max_length=64)
    direction: Literal["incoming", "outgoing"] = "incoming"
    answer_after_s: float = Field(default=0.0, ge=0, le=60)
    extra: dict[str, Any] = Field(default_factory=dict, description="Further fields of the first frame.")
    headers: dict[str, str] = Field(default_factory=dict, description="Headers of the upgrade.")
    max_call_s: float | None = Field(default=None, gt=0, le=3600)
    transcribe: Literal["off", "after", "live"] = "live"
    record: bool = True
    wait: bool = Field(default=True, description="Answer with the report when the call is over, instead of at once.")


class Desk:
    """Test calls that run or ran; the last 200 reports are kept, with their recordings."""

    def __init__(self, voice: Voice, recordings: Path) -> None:
        self._voice = voice
        self._recordings = recordings
        self._calls: OrderedDict[str, CallReport] = OrderedDict()
        self._running: dict[str, asyncio.Task[CallReport]] = {}

    async def start(self, order: CallOrder) -> CallReport:
        """Begin a call; the report that comes back fills as the call goes on.

        Raises: Invalid: unknown persona or address; Unavailable: no speech server; RateLimited: too many at once.
        """
        if order.persona not in builtin_names():
            raise Invalid(f"persona: unknown name {order.persona[:48]!r}; use one of {', '.join(builtin_names())}.")
        persona = load_persona(order.persona)
        try:
            target = CallTarget(order.url, order.protocol, order.headers)
        except TargetError as exc:
            raise Invalid(f"url: {exc}") from exc
        if len(self._running) >= AT_ONCE:
            raise RateLimited(f"{AT_ONCE} test calls run already.", headers={"Retry-After": "5"})
        try:
            clips = await self._voice.clips(persona.texts(), persona.voice)
        except VoiceUnavailable as exc:
            raise Unavailable(str(exc)) from exc
        options = CallOptions(
            caller=order.caller,
            did=order.did,
            direction=order.direction,
            extra=order.extra,
            answer_after_s=order.answer_after_s,
            max_call_s=order.max_call_s,
            transcribe=order.transcribe,
        )
        call = PhoneCall(target, persona, clips, options=options, voice=self._voice)
        report = call.report
        if order.record:
            call.record_to(self._recordings / f"{report.call_id}.wav")
        self._calls[report.call_id] = report
        task = asyncio.create_task(call.run())
        self._running[report.call_id] = task
        task.add_done_callback(lambda _: self._finished(report))
        return report

    def _finished(self, report: CallReport) -> None:
        self._running.pop(report.call_id, None)
        log.info("testcall.ended", call_id=report.call_id, outcome=report.outcome, ended_by=report.ended_by)
        while len(self._calls) > KEPT:
            call_id, old = self._calls.popitem(last=False)
            if call_id in self._running:
                self._calls[call_id] = old  # still talking: it goes with a later one
                break
            if old.recording:
                Path(old.recording).unlink(missing_ok=True)

    async def result(self, call_id: str) -> CallReport:
        """The finished report of a call."""
        if task := self._running.get(call_id):
            await asyncio.shield(task)
        return self.report(call_id)

    def report(self, call_id: str) -> CallReport:
        """Raises NotFound."""
        if call_id not in self._calls:
            raise NotFound("There is no such test call, or it is too long ago.")
        return self._calls[call_id]

    def running(self, call_id: str) -> bool:
        return call_id in self._running

    def reports(self) -> list[CallReport]:
        """Newest first."""
        return list(reversed(self._calls.values()))

    async def close(self) -> None:
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class CallState(BaseModel):
    """A report and whether the call still runs; then the report is what is known so far."""

    running: bool
    report: CallReport


class PersonaView(BaseModel):
    name: str
    about: str
    texts: list[str]


def desk_of(request: Request) -> Desk:
    return request.app.state.desk


TheDesk = Annotated[Desk, Depends(desk_of)]
router = APIRouter(tags=["test calls"])
private = APIRouter(prefix="/calls", dependencies=[Depends(authorised)], tags=["test calls"])
CALL_ID = re.compile(r"[0-9a-f]{32}")


@router.get("/personas")
async def personas() -> list[PersonaView]:
    """The built-in personas."""
    found = [load_persona(name) for name in builtin_names()]
    return [PersonaView(name=item.name, about=item.about, texts=item.texts()) for item in found]


@private.post("")
async def call(order: CallOrder, desk: TheDesk, response: Response) -> CallState:
    """Call a bot. With `wait` (default) the answer comes after the call (200), else at once (202)."""
    report = await desk.start(order)
    if order.wait:
        return CallState(running=False, report=await desk.result(report.call_id))
    response.status_code = 202
    return CallState(running=True, report=report)


@private.get("")
async def calls(desk: TheDesk) -> list[CallState]:
    """Test calls, newest first."""
    return [CallState(running=desk.running(report.call_id), report=report) for report in desk.reports()]


@private.get("/{call_id}")
async def read(call_id: str, desk: TheDesk) -> CallState:
    return CallState(running=desk.running(call_id), report=desk.report(call_id))


@private.get("/{call_id}/recording.wav")
async def recording(call_id: str, desk: TheDesk) -> FileResponse:
    """Stereo: left the bot as heard, right the caller."""
    report = desk.report(call_id)
    if not report.recording or not CALL_ID.fullmatch(call_id):
        raise NotFound("This call has no recording (yet).")
    return FileResponse(report.recording, media_type="audio/wav", filename=f"{call_id}.wav")
