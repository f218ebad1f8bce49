"""The switch of the simulated network: takes orders, rings callees, connects the answered ones, keeps the log."""

import asyncio
import json
import math
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from voxkit.clock import utc_now
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierCallResult, CarrierCallStatus, CarrierDial
from voxkit.errors import BadRequest, Conflict, NotFound, RateLimited, VoxError
from voxkit.log import bound, get_logger
from voxkit.tasks import Tasks

from voxphone.carrier import light, screening
from voxphone.carrier.callbacks import Callbacks
from voxphone.carrier.ledger import PLACED, REPEATED, Ledger, Ordered
from voxphone.carrier.population import Population
from voxphone.carrier.states import advance, screened
from voxphone.errors import PhoneError, TargetError
from voxphone.persona import Persona
from voxphone.phone import PhoneCall
from voxphone.report import CallReport, Moment
from voxphone.settings import ServiceSettings
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice
from voxphone.wire.base import Direction, Line

log = get_logger("voxphone.exchange")
Ending = tuple[CarrierCallResult, str, CallReport | None]


class Expired(VoxError):
    """The order arrived after its `not_after`; the call was not placed."""

    code, status = "expired", 410


class InvalidNumber(VoxError):
    """The number cannot be dialled."""

    code, status = "invalid_number", 422


class IdempotencyConflict(Conflict):
    """The same key came with another body."""

    code = "idempotency_conflict"


class ChannelsFull(RateLimited):
    """All channels are in use."""

    code = "channels_full"


class Exchange:
    """All calls of the account. Nothing here outlives the process; calls are readable for 24 h after their end."""

    def __init__(
        self,
        settings: ServiceSettings,
        population: Population,
        voice: Voice,
        callbacks: Callbacks,
        *,
        now: Callable[[], datetime] = utc_now,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        done: Callable[[CallReport | None, CarrierCall], None] = lambda report, call: None,
    ) -> None:
        self._settings, self._population, self._voice, self._callbacks = settings, population, voice, callbacks
        self._personas: Mapping[str, Persona] = population.personas()
        self._now, self._pause, self._done = now, pause, done
        self.ledger = Ledger(now)
        self._tasks = Tasks()
        self._tokens, self._refilled_s = settings.voxphone_cps, time.monotonic()

    @property
    def active(self) -> int:
        """Calls that hold a channel."""
        return self.ledger.active

    async def place(self, key: str, body: dict[str, Any], dial: CarrierDial) -> tuple[CarrierAccepted, bool]:
        """Take an order. Returns the acceptance and whether it is a repeat of an earlier one.

        Raises: BadRequest, IdempotencyConflict, Expired, InvalidNumber, RateLimited, ChannelsFull: nothing was placed.
        """
        self.ledger.forget_old()
        try:
            call, repeated = await self._take(key, json.dumps(body, sort_keys=True), dial)
        except VoxError as refusal:
            self.ledger.note(dial, refusal.code)
            raise
        self.ledger.note(dial, REPEATED if repeated else PLACED, call.view.call_ref)
        view = call.view
        return CarrierAccepted(call_ref=view.call_ref, client_ref=view.client_ref, created_at=view.created_at), repeated

    async def _take(self, key: str, form: str, dial: CarrierDial) -> tuple[Ordered, bool]:
        if known := self.ledger.by_key(key):
            # Before every other check: a repeat asks what became of the first, also when it comes late.
            if known.body != form:
                raise IdempotencyConflict("This Idempotency-Key was used with another body.")
            return known, True
        if self.ledger.by_client_ref(dial.client_ref):
            raise IdempotencyConflict(f"client_ref {dial.client_ref} belongs to a call with another Idempotency-Key.")
        target = self._target(dial)
        screening.settings_of(dial.amd)
        if dial.status_callback is not None:
            await self._callbacks.check(dial.status_callback)
            if self.ledger.by_key(key):  # the same order came twice at once, and the other one was quicker
                return await self._take(key, form, dial)
        if dial.not_after is not None and self._now() > dial.not_after:
            raise Expired("The order arrived after its not_after; compare the clocks of both hosts.")
        callee = self._population.callee(dial.to, self.ledger.times_called(dial.to), self._now())
        if not _is_number(dial.to) or callee.ring == "invalid":
            raise InvalidNumber("The number in `to` cannot be dialled; send + and 7 to 15 digits.")
        self._take_channel()
        view = CarrierCall.model_validate(
            {
                "call_ref": f"c-{uuid.uuid4().hex}",
                "client_ref": dial.client_ref,
                "seq": 1,
                "status": "queued",
                "to": dial.to,
                "from": dial.from_,
                "created_at": self._now(),
            }
        )
        call = Ordered(dial, key, form, target, view, callee)
        self.ledger.open(call)
        self._tasks.start(self._carry(call))
        log.info("call.queued", call_ref=view.call_ref, client_ref=dial.client_ref, pii_number=dial.to)
        return call, False

    def get(self, call_ref: str) -> CarrierCall:
        """Raises NotFound."""
        return self._call(call_ref).view

    def _call(self, call_ref: str) -> Ordered:
        if call := self.ledger.by_ref(call_ref):
            return call
        raise NotFound("There is no such call, or it ended more than 24 hours ago.")

    def find(self, client_refs: list[str]) -> list[CarrierCall]:
        """The calls of these references; one that is missing was never placed."""
        return [call.view for ref in dict.fromkeys(client_refs) if (call := self.ledger.by_client_ref(ref))]

    def hang_up(self, call_ref: str, reason: str) -> CarrierCall:
        """End a call in whatever state it is; repeat-safe.  Raises NotFound."""
        call = self._call(call_ref)
        if not call.over and not call.hung_up.is_set():
            call.hang_up_reason = reason
            call.hung_up.set()
            if call.phone:
                call.phone.hang_up(reason)
        return call.view

    async def close(self) -> None:
        """Hang up everything."""
        await self._tasks.close()

    # --- taking an order ------------------------------------------------------------------------------------------

    def _target(self, dial: CarrierDial) -> CallTarget:
        protocol = dial.media.protocol
        if protocol not in ("vox", "exotel"):
            raise BadRequest("media.protocol: this carrier speaks vox and exotel.")
        try:
            return CallTarget(dial.media.url, protocol)
        except TargetError as exc:
            raise BadRequest(f"media.url: {exc}") from exc

    def _take_channel(self) -> None:
        now_s, rate = time.monotonic(), self._settings.voxphone_cps
        self._tokens = min(max(1.0, rate), self._tokens + (now_s - self._refilled_s) * rate)
        self._refilled_s = now_s
        if self.active >= self._settings.voxphone_channels:
            raise ChannelsFull("All channels are in use.", headers={"Retry-After": "1"})
        if self._tokens < 1:
            wait_s = max(1, math.ceil((1 - self._tokens) / rate))
            raise RateLimited(f"More than {rate:g} calls a second.", headers={"Retry-After": str(wait_s)})
        self._tokens -= 1

    # --- carrying a call ------------------------------------------------------------------------------------------

    def _step(
        self,
        call: Ordered,
        status: CarrierCallStatus,
        result: CarrierCallResult | None = None,
        reason: str | None = None,
    ) -> None:
        changed = advance(call.view, status, self._now(), result=result, reason=reason)
        if changed is None:
            return
        log.info("call." + status, call_ref=changed.call_ref, seq=changed.seq, result=result, reason=reason)
        self._change(call, changed)

    def _change(self, call: Ordered, view: CarrierCall) -> None:
        call.view = view
        if call.dial.status_callback:
            self._callbacks.send(call.dial.status_callback, view)

    async def _carry(self, call: Ordered) -> None:
        report: CallReport | None = None
        result: CarrierCallResult = "error"
        reason = "the network is shutting down"
        with bound(call_ref=call.view.call_ref, client_ref=call.view.client_ref):
            try:
                result, reason, report = await self._ring_and_talk(call)
            except PhoneError as exc:
                reason = str(exc)
            except Exception as exc:
                log.error("call.failed", exc_info=exc)
                reason = type(exc).__name__
            finally:
                self._step(call, "completed", result, reason)
                self.ledger.close(call)
                self._done(report, call.view)

    async def _ring_and_talk(self, call: Ordered) -> Ending:
        number, callee = call.dial.to, call.callee
        persona = self._personas[callee.persona]
        if self.ledger.other_call_of(call):
            return "busy", "the number is in another call", None
        clips = asyncio.create_task(self._clips(call, persona))
        try:
            self._step(call, "ringing")
            answers = callee.ring != "no_answer" and callee.rings_for_s(number) < call.dial.ring_timeout_seconds
            rings_s = callee.rings_for_s(number) if answers else call.dial.ring_timeout_seconds
            if await self._cancelled_within(call, rings_s):
                return "cancelled", call.hang_up_reason, None
            if not answers:
                return "no_answer", f"not answered within {call.dial.ring_timeout_seconds} s", None
            refused: dict[str, CarrierCallResult] = {"busy": "busy", "reject": "rejected", "error": "error"}
            if callee.ring in refused:
                return refused[callee.ring], "", None
            ready = await clips
        finally:
            clips.cancel()
            await asyncio.gather(clips, return_exceptions=True)
        self._step(call, "answered")
        if callee.hang_up_before_bot_s is not None:
            await self._cancelled_within(call, callee.hang_up_before_bot_s)
            return "hangup", "hung_up_before_bot", None
        played_s = 0.0
        if settings := screening.settings_of(call.dial.amd):
            verdict = screening.judge(settings, screening.sound_of(callee, persona, ready))
            played_s = verdict.ms / 1000
            await self._cancelled_within(call, played_s)
            self._change(call, screened(call.view, asdict(verdict)))
            if screening.ends_call(settings, verdict) and not call.hung_up.is_set():
                return "machine", f"{verdict.decision}: {verdict.cause}", None
        if call.hung_up.is_set():
            return "cancelled", call.hang_up_reason, None
        if callee.light:
            return await self._hold(call, callee.light.talk_s)
        return await self._talk(call, persona, ready, played_s if screening.is_machine(persona) else 0.0)

    async def _clips(self, call: Ordered, persona: Persona) -> Mapping[str, Any]:
        """What the callee will say; nobody has to synthesise anything for a light one."""
        if call.callee.light:
            return {}
        hello = screening.texts(call.callee, persona) if call.dial.amd is not None else []
        return await self._voice.clips([*persona.texts(), *hello], persona.voice)

    async def _hold(self, call: Ordered, talk_s: float) -> Ending:
        line = Line(
            caller=call.dial.to,
            did=call.dial.from_,
            stream_id=f"st-{uuid.uuid4().hex[:16]}",
            direction=_direction(call.dial),
            extra=dict(call.dial.media.custom),
        )
        limit_s = min(talk_s, call.dial.max_call_seconds)
        held = await light.hold(call.target, line, limit_s, call.hung_up, lambda: self._step(call, "in_progress"))
        return held.result, call.hang_up_reason or held.reason, None

    async def _talk(self, call: Ordered, persona: Persona, clips: Mapping[str, Any], played_s: float) -> Ending:
        def follow(moment: Moment) -> None:
            if moment.kind == "answered":
                self._step(call, "in_progress")

        call.phone = PhoneCall(
            call.target,
            persona,
            clips,
            options=CallOptions(
                caller=call.dial.to,  # O4: in the media socket the caller is always the customer
                did=call.dial.from_,
                direction=_direction(call.dial),
                extra=dict(call.dial.media.custom),
                max_call_s=min(call.dial.max_call_seconds, persona.max_call_s),
                transcribe="off",
                played_s=played_s,
            ),
            on_event=follow,
        )
        report = await call.phone.run()
        if report.outcome in ("refused", "failed"):
            return "media_refused", report.reason, report
        lost = report.outcome == "not_answered" or report.ended_by == "line_lost"
        if lost and not call.hung_up.is_set():
            return "media_lost", report.reason, report
        return "hangup", call.hang_up_reason or report.reason, report

    async def _cancelled_within(self, call: Ordered, seconds: float) -> bool:
        """Let time pass; True as soon as somebody hangs up."""
        waits = {asyncio.ensure_future(self._pause(seconds)), asyncio.ensure_future(call.hung_up.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        return call.hung_up.is_set()


def _direction(dial: CarrierDial) -> Direction:
    return "incoming" if dial.media.custom.get("callDirection") == "incoming" else "outgoing"


def _is_number(text: str) -> bool:
    return text.startswith("+") and text[1:].isdecimal() and text.isascii() and 7 <= len(text) - 1 <= 15
