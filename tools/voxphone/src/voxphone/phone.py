"""The simulated telephone: one call over a media socket, in real time, measured where a person would hear it."""

import asyncio
import contextlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from voxkit.clock import iso, utc_now
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from voxphone import measure, pcm
from voxphone.account import Tracks, fill
from voxphone.callee import Callee, Checkpoint, Leave, Mark, Note, PressKey
from voxphone.ear import Ear, JitterBuffer
from voxphone.persona import Persona
from voxphone.recording import write_stereo
from voxphone.report import BotUtterance, CallReport, EndedBy, Moment, Refusal, Transfer
from voxphone.settings import PhoneSettings
from voxphone.target import CallOptions, CallTarget
from voxphone.transcript import Listener, judge
from voxphone.voice import Voice
from voxphone.wire import WIRES
from voxphone.wire.base import Audio, BotHangUp, Caption, Flush, Line, Pong, TransferAsked

OnEvent = Callable[[Moment], None]
CLOSE_WAIT_S = 3.0
TICK_S = pcm.FRAME_MS / 1000
HANG_UP_STOP_S = 0.2
MAX_MOMENTS = 2000


async def place_call(
    target: CallTarget,
    persona: Persona,
    *,
    options: CallOptions | None = None,
    voice: Voice | None = None,
    clips: Mapping[str, pcm.Samples] | None = None,
    on_event: OnEvent | None = None,
) -> CallReport:
    """Make one call and wait for its end.

    `voice` gives the persona its speech and reads the bot's; without one it is made from the environment. `clips` are
    the persona's texts as samples, when they exist already (`Voice.clips`). A refused upgrade and a network error are
    outcomes of the report, not exceptions. `on_event` is called in the loop with each moment of the call.
    Raises: VoiceUnavailable: clips are missing and there is no speech server.
    """
    options = options or CallOptions()
    own = None
    if voice is None and (options.transcribe != "off" or (clips is None and persona.texts())):
        voice = own = Voice.from_settings(PhoneSettings.load())
    try:
        if clips is None:
            clips = await voice.clips(persona.texts(), persona.voice) if voice else {}
        return await PhoneCall(target, persona, clips, options=options, voice=voice, on_event=on_event).run()
    finally:
        if own:
            await own.close()


class PhoneCall:
    """One call. `run()` once; `hang_up()` from outside ends it as the caller would."""

    def __init__(
        self,
        target: CallTarget,
        persona: Persona,
        clips: Mapping[str, pcm.Samples],
        *,
        options: CallOptions | None = None,
        voice: Voice | None = None,
        on_event: OnEvent | None = None,
    ) -> None:
        self.options = options or CallOptions()
        self.target, self.persona = target, persona
        line = Line(
            caller=self.options.caller,
            did=self.options.did,
            stream_id=self.options.stream_id or f"st-{uuid.uuid4().hex[:16]}",
            direction=self.options.direction,
            extra=dict(self.options.extra),
        )
        self.wire = WIRES[target.protocol](line)
        self.report = CallReport(
            call_id=uuid.uuid4().hex,
            persona=persona.name,
            protocol=target.protocol,
            url=target.public_url,
            stream_id=line.stream_id,
            caller=line.caller,
            did=line.did,
            direction=line.direction,
            started_at=iso(utc_now()),
        )
        self._on_event = on_event
        self._jitter = JitterBuffer(self.options.jitter_buffer_ms)
        self._ear = Ear()
        self._callee = Callee(persona, clips, self._ear, self.options.seed)
        self._callee.skip(self.options.played_s)
        self.arrivals = measure.Arrivals()
        self._keep_audio = self.options.recording is not None or self.options.transcribe != "off"
        self._heard, self._said = bytearray(), bytearray()
        self._lags_ms: list[float] = []
        self._flushes: list[tuple[float, int]] = []
        self._checkpoints: list[Checkpoint] = []
        self._pings: list[float] = []
        self._pinged_at: float | None = None
        self._over = asyncio.Event()
        self._leave: Leave | None = None
        self._answered_at: float | None = None
        self._transferring: asyncio.Task[None] | None = None
        reading = self.options.transcribe != "off"
        self._listener = Listener(voice if reading else None, self.options.transcribe == "live", self._tell_words)

    def record_to(self, path: Path) -> None:
        """Record to a file that is named after the call; only before `run()`."""
        self.options = replace(self.options, recording=path)
        self._keep_audio = True

    def hang_up(self, reason: str = "hung up") -> None:
        """End the call from outside, as the caller; repeat-safe."""
        if not self._over.is_set():
            self._leave = Leave()
            self._end("caller", reason)

    async def run(self) -> CallReport:
        """The whole call; the report is complete when this returns."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        self._tell("dialling", self.report.url)
        try:
            socket = await connect(
                self.target.url,
                additional_headers=self.target.headers,
                compression=None,
                proxy=None,
                open_timeout=self.options.connect_timeout_s,
                close_timeout=CLOSE_WAIT_S,
                max_size=1024 * 1024,
                max_queue=None,
            )
        except InvalidStatus as exc:
            self._refused(exc, (loop.time() - began) * 1000)
            return self.report
        except TimeoutError:
            self._failed(f"no answer from {self.report.url} within {self.options.connect_timeout_s:g} s")
            return self.report
        except (OSError, InvalidHandshake) as exc:
            self._failed(f"cannot reach {self.report.url}: {exc}")
            return self.report
        self.report.connect_ms = round((loop.time() - began) * 1000, 1)
        self._tell("connected")
        reader = asyncio.create_task(self._read(socket))
        try:
            await self._converse(socket)
            await self._close(socket, reader)
        finally:
            for task in (reader, self._transferring):
                if task:
                    task.cancel()
            await asyncio.gather(*(t for t in (reader, self._transferring) if t), return_exceptions=True)
            socket.transport.abort()
            if self._answered_at is None or ((task := asyncio.current_task()) and task.cancelling()):
                await self._listener.drop()
        await self._account()
        return self.report

    # --- the line -------------------------------------------------------------------------------------------------

    async def _converse(self, socket: ClientConnection) -> None:
        try:
            for message in self.wire.opening():
                await socket.send(json.dumps(message))
            early = self.options.hang_up_before_answer_s
            wait_s = self.options.answer_after_s if early is None else early
            if wait_s > 0 or early is not None:
                self._tell("ringing")
                await _wait(self._over, wait_s)
            if self._over.is_set():
                return
            if early is not None:
                self._leave = Leave()
                self._end("caller", "hung up before the answer")
                return
            for message in self.wire.answer():
                await socket.send(json.dumps(message))
            self._answered_at = asyncio.get_running_loop().time()
            self._tell("answered")
            await self._tick_until_over(socket)
        except ConnectionClosed:
            await _wait(self._over, CLOSE_WAIT_S)  # the reader has seen the close as well, and knows its code

    async def _tick_until_over(self, socket: ClientConnection) -> None:
        """20 ms by 20 ms on an absolute clock: a late tick is followed by quick ones, so the line never drifts."""
        loop, start = asyncio.get_running_loop(), self._answered_at or 0.0
        limit = round((self.options.max_call_s or self.persona.max_call_s) / TICK_S)
        ping_ticks = round((self.options.ping_every_s or 0) / TICK_S)
        tick = 0
        while not self._over.is_set():
            due = start + tick * TICK_S
            await asyncio.sleep(max(0.0, due - loop.time()))
            self._lags_ms.append(max(0.0, (loop.time() - due) * 1000))
            heard = self._jitter.pop()
            self._ear.hear(heard)
            said = self._callee.frame()
            if self._keep_audio:
                self._heard += heard
                self._said += said
            await socket.send(json.dumps(self.wire.media(said)))
            await self._perform(socket)
            if self._listener.live:
                self._listener.follow(self._ear.stretches, self._heard, tick)
            tick += 1
            if ping_ticks and tick % ping_ticks == 0 and (ping := self.wire.ping()):
                self._pinged_at = loop.time()
                await socket.send(json.dumps(ping))
            if tick >= limit and not self._over.is_set():
                self._leave = Leave()
                self._end("limit", f"the call reached its limit of {limit * TICK_S:g} s")

    async def _perform(self, socket: ClientConnection) -> None:
        for act in self._callee.take_acts():
            match act:
                case Mark():
                    self._tell("caller_says", act.text, sound=act.kind, over_bot=act.over_bot)
                    if act.kind == "greeting":
                        self.report.answered_by = "machine"
                case PressKey():
                    self.report.dtmf += act.digit
                    self._tell("dtmf", act.digit)
                    await socket.send(json.dumps(self.wire.dtmf(act.digit)))
                case Note():
                    self.report.notes.append(act.text)
                    self._tell("note", act.text)
                case Checkpoint():
                    self._checkpoints.append(act)
                case Leave():
                    self._leave = act
                    self._end("caller", "hung up in mid-sentence" if act.mid_sentence else "hung up")

    async def _close(self, socket: ClientConnection, reader: "asyncio.Task[None]") -> None:
        """Say goodbye to the worker as a line does, and give it `CLOSE_WAIT_S` to close."""
        if self._leave and self._leave.abrupt:
            socket.transport.abort()
            return
        began = asyncio.get_running_loop().time()
        by = "customer" if self._leave else "bot" if self.report.ended_by == "bot" else None
        if by == "customer" or (by == "bot" and not self.wire.closing_hangs_up):
            with contextlib.suppress(ConnectionClosed):
                await socket.send(json.dumps(self.wire.hang_up(by)))
        done, _ = await asyncio.wait({reader}, timeout=CLOSE_WAIT_S)
        if done:
            self.report.hang_up_to_close_ms = round((asyncio.get_running_loop().time() - began) * 1000, 1)
        else:
            self.report.notes.append(f"the worker left the socket open for {CLOSE_WAIT_S:g} s after the end")
            await socket.close()

    # --- what the worker sends ------------------------------------------------------------------------------------

    async def _read(self, socket: ClientConnection) -> None:
        loop = asyncio.get_running_loop()
        try:
            async for raw in socket:
                self._take(socket, self.wire.read(raw), loop.time())
        except ConnectionClosed:
            pass
        self._closed(socket.close_code, socket.close_reason or "")

    def _take(self, socket: ClientConnection, event: object, now: float) -> None:
        at_s = now - self._answered_at if self._answered_at is not None else 0.0
        match event:
            case Audio():
                first = not self.arrivals.onsets_s
                self.arrivals.add(at_s, event.pcm)
                self._jitter.push(event.pcm)
                if first and self.arrivals.onsets_s:
                    self._tell("first_word")
            case Flush():
                self._flushes.append((at_s, self._jitter.flush()))
                self.arrivals.flushed()
                self._tell("flush", dropped_ms=self._flushes[-1][1])
            case BotHangUp():
                # The stop just before belongs to the hang-up: what it dropped was never heard, and nobody barged in.
                own = [flush for flush in self._flushes if at_s - flush[0] < HANG_UP_STOP_S]
                self._flushes = self._flushes[: len(self._flushes) - len(own)]
                self.report.cut_ms = sum(dropped for _, dropped in own) + self._jitter.flush()
                if self._ear.last_audible_tick >= 0:
                    silent_since_s = (self._ear.last_audible_tick + 1) * TICK_S
                    self.report.hang_up_gap_ms = round((at_s - silent_since_s) * 1000, 1)
                self._end("bot", event.reason or event.message)
            case TransferAsked():
                self._transfer(socket, event, at_s)
            case Pong():
                if self._pinged_at is not None:
                    self._pings.append((now - self._pinged_at) * 1000)
                    self._pinged_at = None
            case Caption():
                self._tell("caption", event.text, role=event.role, final=event.final)

    def _transfer(self, socket: ClientConnection, asked: TransferAsked, at_s: float) -> None:
        answer = self.persona.on_transfer
        self.report.transfers.append(Transfer(to=asked.to, reason=asked.reason, at_s=round(at_s, 3), answer=answer))
        self._tell("transfer", asked.to, reason=asked.reason, answer=answer)
        if answer != "ignore":
            self._transferring = asyncio.create_task(self._answer_transfer(socket, answer))

    async def _answer_transfer(self, socket: ClientConnection, answer: str) -> None:
        await asyncio.sleep(self.persona.transfer_after_s)
        if self._over.is_set():
            return
        if answer == "accept":
            self._leave = Leave()
            self._end("transfer", "transferred")
        elif (message := self.wire.transfer_failed(self.persona.transfer_reason)) is not None:
            self._tell("transfer_failed", self.persona.transfer_reason)
            with contextlib.suppress(ConnectionClosed):
                await socket.send(json.dumps(message))

    def _closed(self, code: int | None, text: str) -> None:
        self.report.close_code, self.report.close_reason = code, text
        if self._over.is_set():
            return
        if code == 1000 and self.wire.closing_hangs_up:
            self._end("bot", text)
        elif code == 1000:
            self._end("worker_closed", text or "the worker closed the socket without a hang-up frame")
        else:
            self._end("line_lost", f"socket closed with {code}{f': {text}' if text else ''}")

    def _end(self, by: EndedBy, reason: str) -> None:
        if not self._over.is_set():
            self._over.set()
            self.report.ended_by, self.report.reason = by, reason
            self._tell("ended", reason, by=by)

    # --- the report -----------------------------------------------------------------------------------------------

    def _refused(self, exc: InvalidStatus, after_ms: float) -> None:
        body = (exc.response.body or b"")[:2000].decode("utf-8", "replace")
        try:
            error = json.loads(body).get("error")
        except (ValueError, AttributeError):
            error = None
        self.report.outcome = "refused"
        self.report.refusal = Refusal(
            status=exc.response.status_code,
            body=body,
            error=error if isinstance(error, str) else None,
            retry_after=exc.response.headers.get("Retry-After"),
            after_ms=round(after_ms, 1),
        )
        self.report.reason = f"HTTP {exc.response.status_code} {error or ''}".strip()
        self._tell("refused", self.report.reason)

    def _failed(self, reason: str) -> None:
        self.report.outcome, self.report.reason = "failed", reason
        self._tell("failed", reason)

    async def _account(self) -> None:
        report = self.report
        if report.close_code == 1013 and self.arrivals.chunks == 0:
            report.outcome = "refused"  # a server that cannot refuse before the upgrade closes like this
        elif self._answered_at is None:
            report.outcome = "not_answered"
        else:
            report.outcome = "completed"
        tracks = Tracks(self._ear, self._callee, self.arrivals, self._jitter, [at for at, _ in self._flushes])
        fill(report, tracks, self.wire.faults, self._lags_ms, self._pings)
        if self.options.recording is not None and self._heard:
            await asyncio.to_thread(write_stereo, self.options.recording, bytes(self._heard), bytes(self._said))
            report.recording = str(self.options.recording)
        self._listener.follow(self._ear.stretches, self._heard, self._ear.tick, over=True)
        await self._listener.finish()
        report.bot = self._listener.found
        report.transcription_error = self._listener.error
        report.expectations = judge(self._checkpoints, report.bot)

    def _tell_words(self, item: BotUtterance) -> None:
        self._tell("bot_said", item.text or "", started_s=item.started_s, ended_s=item.ended_s)

    def _tell(self, kind: str, text: str = "", **data: Any) -> None:
        at_s = 0.0
        if self._answered_at is not None:
            at_s = round(asyncio.get_running_loop().time() - self._answered_at, 3)
        moment = Moment(at_s=at_s, kind=kind, text=text, data=data)
        if len(self.report.moments) < MAX_MOMENTS:
            self.report.moments.append(moment)
        if self._on_event:
            self._on_event(moment)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Until the event or for `seconds`, whichever comes first."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
