"""One call from the taken slot to the result on disk. Whatever goes wrong in between, the slot is freed here alone."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from voxkit.clock import utc_now
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.log import bound, get_logger

from voxcore import metrics
from voxcore.call_states import CallStates
from voxcore.config import ConfigAnswer, Found, base_of, complete_event, fetch_config, shrink_event
from voxcore.conversation import CallStop, HandshakeFailed, LiveCall, MediaTransport, Parts, RecordingFacts, Services
from voxcore.delivery import Courier
from voxcore.durable import file_stem
from voxcore.journal import FileJournal
from voxcore.outbox import Outbox
from voxcore.payload import bare_payload, head_of, minimal_payload, with_disposition
from voxcore.persist import Persister
from voxcore.preload import trim_heap
from voxcore.record import CallRecord
from voxcore.slot import Move, Slot

log = get_logger("voxcore.call")

T = TypeVar("T")
WRAP_BUDGET_S = 90.0
WRAP_GRACE_S = 5.0
STOP_GRACE_S = 1.5
HOOKS = ("_campaign_call_id", "_context")


class Stopped(Exception):
    """The process asked for the end of the call."""


@dataclass
class Begun:
    """A start that has taken the slot. `connect` joins its media; `config_url` is where its configuration is."""

    record: CallRecord
    config_url: str
    connect: Callable[[], Awaitable[MediaTransport]]
    promised: bool = False
    """The start was answered 200: exactly one result is owed, whatever happens."""
    room_name: str | None = None
    stop: CallStop = field(default_factory=CallStop)
    states: CallStates = field(default_factory=CallStates)


@dataclass
class Owed:
    """What a call that is over owes: nothing (`payload` None and no `live`), a small result, or a wrapped one."""

    session_id: str = ""
    url: str = ""
    payload: dict[str, Any] | None = None
    live: LiveCall | None = None
    journal: FileJournal | None = None
    result_id: str = field(default_factory=lambda: str(uuid.uuid4()))


class Calls:
    """Carries the call of this worker."""

    def __init__(
        self,
        slot: Slot,
        outbox: Outbox,
        courier: Courier,
        services: Services,
        parts: Parts,
        persister: Persister,
        *,
        wrap_budget_s: float,
    ) -> None:
        self.slot = slot
        self.current: Begun | None = None
        self.done = 0
        self._outbox = outbox
        self._courier = courier
        self._services = services
        self._parts = parts
        self._persister = persister
        self._wrap_budget_s = wrap_budget_s

    @property
    def parts(self) -> Parts:
        return self._parts

    def repeated(self, transport: str, room_name: str, fence: str | None) -> Begun | None:
        """The live call that this very POST start began, known by its room or its reservation. Raises FenceRefused."""
        named = self.slot.admit(fence).reservation_id if fence is not None else None
        begun = self.current
        if begun is None or not begun.promised or begun.record.transport != transport:
            return None
        same = begun.room_name == room_name or (named is not None and named == self.slot.reservation_id)
        return begun if same else None

    def take(self, begun: Begun, fence: str | None) -> None:
        """Take the slot, in one step without an await. Raises AtCapacity, or FenceRefused where there is a fence."""
        self.slot.take(fence)
        self.current = begun
        begun.states.enter("configuring")

    def refuse(self) -> None:
        """Give the slot back: the start was answered with an error after all."""
        self.current = None
        self.slot.move(Move.REFUSED)

    def stop(self, event: str | None = "worker_stopped") -> None:
        """Ask the live call to end as `error`."""
        if self.current:
            self.current.stop.request("error", event)

    async def carry(self, begun: Begun) -> None:
        """Hold the call and keep its result. Returns when the slot is free again; never raises."""
        record = begun.record
        with bound(call_id=record.call_id, bot_id=record.bot_id, transport=record.transport):
            owed = await self._talk(begun)
            with bound(**_ids(record)):
                self._over(begun)
                self.slot.move(Move.CALL_OVER)
                begun.states.enter("finalising")
                begun.states.enter("post_call")
                payload = owed.payload
                if owed.live:
                    payload = await self._wrap(begun, owed.live)
                begun.states.enter("persisting")
                path = None
                if payload is not None:
                    payload["result_id"] = owed.result_id
                    path = await self._persister.keep(owed.session_id, owed.url, payload, owed.journal)
                begun.states.enter("done")
                self.current = None
                self.done += 1
                self.slot.move(Move.RESULT_ON_DISK)
                if path:
                    self._courier.adopt(path)
                trim_heap()

    # --- the call itself --------------------------------------------------------------------------------------

    async def _talk(self, begun: Begun) -> Owed:
        """Everything until the transport is closed. Every failure becomes a cause and what is owed for it."""
        media: MediaTransport | None = None
        record = begun.record
        record.event("call_started")
        try:
            media = await self._or_stop(begun, begun.connect())
            return await self._with_media(begun, media)
        except Stopped:
            self._note_stop(begun)
            if media:
                await self._quietly(media.reject("error"))
        except HandshakeFailed as failed:
            log.info("call.handshake_failed", reason=failed.reason, gone=failed.gone)
            outgoing = record.call_direction == "outgoing"
            record.end(("no_answer" if outgoing else "customer") if failed.gone else "error", reason=failed.reason)
        except Exception as error:
            log.error("call.failed", exc_info=error)
            self._service_error(record, "media", type(error).__name__)
            record.end("error")
            if media:
                await self._quietly(media.reject("error"))
        finally:
            if media:
                await self._quietly(media.close())
        return self._without_session(begun, always=begun.promised)

    async def _with_media(self, begun: Begun, media: MediaTransport) -> Owed:
        record = begun.record
        await self._or_stop(begun, media.read_handshake(record))
        _name_campaign(record)
        complete_event(record, begun.room_name)
        log.info("call.started", call_direction=record.call_direction, pii_caller_id=record.caller_id or None)
        record.connected_event, lost = shrink_event(record.connected_event)
        if lost:
            self._service_error(record, "start", "connected_event_too_large", f"left out: {', '.join(lost)}")
        started = time.monotonic()
        answer = await self._or_stop(begun, fetch_config(self._services.voxbridge, begun.config_url, record))
        metrics.setup_seconds.labels("config").observe(time.monotonic() - started)
        if answer.config is None:
            return await self._rejected(begun, media, answer)
        return await self._converse(begun, media, answer.config)

    async def _rejected(self, begun: Begun, media: MediaTransport, answer: ConfigAnswer) -> Owed:
        record = begun.record
        log.warning("call.rejected", found=answer.found.value, status=answer.status, reason=answer.reason)
        self._service_error(record, "config", answer.status or "unreachable", answer.reason)
        cause = answer.cause(record.transport)
        record.end(cause)
        begun.states.end()
        await self._quietly(media.reject(cause))
        if answer.found is Found.UNUSABLE and answer.session_id and answer.webhook_url:
            record.session_id = answer.session_id
            record.ended_at = utc_now()
            payload = with_disposition(bare_payload(record, self._services.worker))
            return Owed(answer.session_id, answer.webhook_url, payload)
        return self._without_session(begun, always=begun.promised or answer.found is not Found.UNKNOWN)

    async def _converse(self, begun: Begun, media: MediaTransport, config: RuntimeConfig) -> Owed:
        record = begun.record
        record.session_id = config.session_id
        live = LiveCall(
            record=record,
            config=config,
            services=self._services,
            media=media,
            stop=begun.stop,
            base_url=base_of(begun.config_url),
            enter=begun.states.enter,
        )
        owed = Owed(config.session_id, config.webhook_url, live=live)
        begun.states.enter("building")
        with bound(**_ids(record)):
            owed.journal = await self._open_journal(begun, config, owed.result_id)
            if owed.journal:
                record.journal = owed.journal
            await self._hold(begun, live)
        return owed

    async def _hold(self, begun: Begun, call: LiveCall) -> None:
        """Run the conversation. Its crash ends the call as `error`, and so does its deafness to a stop."""
        talk = asyncio.ensure_future(self._parts.converse(call))
        stop = asyncio.ensure_future(begun.stop.wait())
        try:
            await asyncio.wait({talk, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not talk.done():
                await asyncio.wait({talk}, timeout=STOP_GRACE_S)
            if not talk.done():
                talk.cancel()
                await asyncio.wait({talk}, timeout=0.5)
            if begun.stop.requested:
                self._note_stop(begun)
            if talk.done() and not talk.cancelled() and (error := talk.exception()):
                log.error("call.conversation_failed", exc_info=error)
                self._service_error(call.record, "pipeline", type(error).__name__)
                call.record.end("error")
        finally:
            stop.cancel()

    def _note_stop(self, begun: Begun) -> None:
        record, event = begun.record, begun.stop.event
        if event and not any(each.type == event for each in record.events):
            record.event(event)
        if record.disconnected_by is None:
            record.end(begun.stop.cause)

    async def _open_journal(self, begun: Begun, config: RuntimeConfig, result_id: str) -> FileJournal | None:
        record = begun.record
        known = bare_payload(record, self._services.worker)
        head = {
            "v": 1,
            "session_id": config.session_id,
            "result_id": result_id,
            "webhook_url": config.webhook_url,
            "recording_key": f"{file_stem(config.session_id)}.wav" if config.recording_enabled else None,
            "auto_dispositions": {
                key: value.model_dump(exclude_none=True) for key, value in (config.auto_dispositions or {}).items()
            },
            "payload": {key: known[key] for key in head_of(record, self._services.worker) if key in known},
        }
        path = self._outbox.journal_of(config.session_id)
        try:
            journal = await asyncio.to_thread(FileJournal.begin, path, head)
        except OSError as error:
            # The call is worth more than its insurance; the disk watch keeps further calls away.
            log.error("journal.not_opened", error=error.strerror)
            return None
        for event in record.events:
            journal.write("event", event.model_dump(mode="json"))
        return journal

    # --- after the call ---------------------------------------------------------------------------------------

    def _over(self, begun: Begun) -> None:
        record = begun.record
        begun.states.end()
        if record.disconnected_by is None:
            record.event("cause_missing")
            record.end("error")
        record.ended_at = record.ended_at or utc_now()
        cause = str(record.disconnected_by)
        metrics.calls.labels(record.transport, cause).inc()
        metrics.call_duration.labels(record.transport).observe(record.duration_s)
        log.info("call.ended", disconnected_by=cause, duration_s=record.duration_s)

    async def _wrap(self, begun: Begun, call: LiveCall) -> dict[str, Any]:
        """The payload of a call that had a configuration; what cannot be made in time is left out."""
        spool = self._services.spool
        if call.recording is None and call.config.recording_enabled:
            call.recording = await asyncio.to_thread(self._mended, call)
        if call.recording:
            call.recording = replace(call.recording, url=spool.url(call.recording.key))
        return await self._wrapped(begun, call)

    def _mended(self, call: LiveCall) -> RecordingFacts | None:
        """The recording that a crashed conversation left open."""
        key = f"{file_stem(call.record.session_id)}.wav"
        try:
            path = self._services.spool.mend(key)
        except OSError as error:
            log.error("recording.not_mended", error=error.strerror)
            return None
        return RecordingFacts(key=key, path=path) if path else None

    async def _wrapped(self, begun: Begun, call: LiveCall) -> dict[str, Any]:
        record = call.record
        wrap = asyncio.ensure_future(self._parts.wrap_up(call, call.recording))
        stop = asyncio.ensure_future(begun.stop.wait())
        try:
            await asyncio.wait({wrap, stop}, timeout=self._wrap_budget_s, return_when=asyncio.FIRST_COMPLETED)
            if not wrap.done() and begun.stop.requested:
                await asyncio.wait({wrap}, timeout=STOP_GRACE_S / 2)
            if not wrap.done():
                record.event("wrap_timeout")
            elif (error := wrap.exception()) is None:
                return dict(wrap.result())
            else:
                log.error("call.wrap_failed", exc_info=error)
                record.event("post_call_failed", code=type(error).__name__)
        finally:
            wrap.cancel()
            stop.cancel()
        recording = call.recording
        payload = bare_payload(
            record,
            self._services.worker,
            recording_key=recording.key if recording else None,
            recording_url=recording.url if recording else None,
        )
        return with_disposition(payload, call.config.auto_dispositions)

    def _without_session(self, begun: Begun, *, always: bool) -> Owed:
        """The small result of a call that never got a session, where one is owed."""
        record = begun.record
        record.ended_at = utc_now()
        _name_campaign(record)
        named = any(record.connected_event.get(key) for key in HOOKS) or record.campaign_call_id
        if not always and not named:
            return Owed()
        payload = minimal_payload(record, self._services.worker)
        return Owed(payload["session_id"], f"{base_of(begun.config_url)}/call-results", payload)

    # --- helpers ----------------------------------------------------------------------------------------------

    async def _or_stop(self, begun: Begun, work: Awaitable[T]) -> T:
        """The work's result. Raises Stopped when the process asks for the end first."""
        task = asyncio.ensure_future(work)
        stop = asyncio.ensure_future(begun.stop.wait())
        try:
            await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise Stopped
            return task.result()
        finally:
            task.cancel()
            stop.cancel()

    @staticmethod
    async def _quietly(work: Awaitable[None]) -> None:
        """Close what may be gone already; a connection that hangs is left behind."""
        with suppress(Exception):
            await asyncio.wait_for(work, 5)

    @staticmethod
    def _service_error(record: CallRecord, stage: str, code: object, message: str = "") -> None:
        record.event("service_error", stage=stage, code=code, message=message[:300], action="give_up")


def _name_campaign(record: CallRecord) -> None:
    """Take the campaign's row from what the start gave, where the route did not name it."""
    given = record.connected_event.get("_campaign_call_id")
    if record.campaign_call_id is None and isinstance(given, str) and given:
        record.campaign_call_id = given


def _ids(record: CallRecord) -> dict[str, str]:
    ids = {"session_id": record.session_id, "campaign_call_id": record.campaign_call_id}
    return {name: value for name, value in ids.items() if value}
