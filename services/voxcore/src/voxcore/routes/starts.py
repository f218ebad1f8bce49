"""Starts by POST: all checks, then the slot, then the answer; the call itself runs on behind it."""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from voxkit.contracts.starts import Attach, LivekitDialout, LivekitDispatch, LivekitWidget, StartAccepted

from voxcore.call import Begun
from voxcore.config import complete_event
from voxcore.conversation import MediaTransport, RoomStart
from voxcore.record import CallRecord
from voxcore.routes import checks
from voxcore.routes.docs import SECRET, refusals
from voxcore.worker import Worker

_STARTS = refusals(403, 409, 413, 422, 429, 503)
_ROOM = {"room_name": "room-1", "bot_id": "demo"}


def router(worker: Worker) -> APIRouter:
    """The LiveKit routes and `/attach`."""
    routes = APIRouter(tags=["starts"], dependencies=[SECRET])
    options: dict[str, Any] = {"response_model": StartAccepted, "response_model_exclude_none": True}

    @routes.post(
        "/livekit/dispatch", operation_id="start_livekit_dispatch", responses=_STARTS, summary="Inbound SIP", **options
    )
    async def dispatch(
        request: Request,
        body: Annotated[
            LivekitDispatch,
            Body(examples=[{"room_name": "r1", "caller_number": "+15550100", "dialed_number": "+15550199"}]),
        ],
    ) -> StartAccepted:
        call_id = body.call_id or str(uuid.uuid4())
        record = CallRecord(
            call_id=call_id,
            bot_id="",
            transport="livekit_inbound",
            stream_id=call_id,
            caller_id=body.caller_number,
            from_number=body.dialed_number,
        )
        return _start(worker, request, record, body, body.room_name)

    @routes.post(
        "/livekit/dialout", operation_id="start_livekit_dialout", responses=_STARTS, summary="Outbound SIP", **options
    )
    async def dialout(
        request: Request,
        body: Annotated[LivekitDialout, Body(examples=[{"bot_id": "demo", "to_number": "+15550100"}])],
    ) -> StartAccepted:
        call_id = str(uuid.uuid4())
        record = _outgoing(call_id, "livekit_outbound", body)
        return _start(worker, request, record, body, f"dialout-{call_id}")

    @routes.post("/attach", operation_id="start_attach", responses=_STARTS, summary="Campaign callee", **options)
    async def attach(
        request: Request,
        body: Annotated[Attach, Body(examples=[_ROOM | {"to_number": "+15550100", "campaign_call_id": "cc-1"}])],
    ) -> StartAccepted:
        record = _outgoing(str(uuid.uuid4()), "attach", body)
        if body.campaign_call_id:
            record.connected_event.setdefault("_campaign_call_id", body.campaign_call_id)
        record.campaign_call_id = body.campaign_call_id or _text(record.connected_event.get("_campaign_call_id"))
        return _start(worker, request, record, body, body.room_name)

    @routes.post(
        "/livekit/widget", operation_id="start_livekit_widget", responses=_STARTS, summary="Web visitor", **options
    )
    async def widget(request: Request, body: Annotated[LivekitWidget, Body(examples=[_ROOM])]) -> StartAccepted:
        call_id = str(uuid.uuid4())
        record = CallRecord(
            call_id=call_id, bot_id=body.bot_id, transport="widget", stream_id=call_id, caller_id=body.caller_id
        )
        return _start(worker, request, record, body, body.room_name)

    return routes


def _outgoing(call_id: str, transport: str, body: LivekitDialout | Attach) -> CallRecord:
    return CallRecord(
        call_id=call_id,
        bot_id=body.bot_id,
        transport=transport,
        call_direction="outgoing",
        stream_id=call_id,
        caller_id=body.to_number or "",
        from_number=body.from_number or "",
        connected_event=dict(body.connected_event),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _start(worker: Worker, request: Request, record: CallRecord, body: Any, room_name: str) -> StartAccepted:
    """The checks that need the body, the slot, and the answer; without an await, so nothing slips in between.

    The same start again while its call is alive gets the first answer again. Raises VoxError.
    """
    settings, calls = worker.settings, worker.calls
    complete_event(record, room_name)
    with checks.refusals_counted(request.url.path):
        checks.event_size(record)
        config_url = checks.config_url(body.config_url, settings)
        checks.livekit_configured(settings)
        checks.addressed_here(request.headers, settings)
        fence = checks.fence_of(request.headers, request.query_params)
        if first := calls.repeated(record.transport, room_name, fence):
            return _accepted(first)
        start = RoomStart(kind=record.transport, body=body.model_dump(mode="json"), record=record)

        async def connect() -> MediaTransport:
            assert room_media is not None
            return await room_media(start, worker.services)

        begun = Begun(record=record, config_url=config_url, connect=connect, promised=True, room_name=room_name)
        calls.take(begun, fence)
        room_media = calls.parts.room_media
        if room_media is None:
            calls.refuse()
            raise checks.LivekitNotConfigured("This worker has no LiveKit transport.")
    worker.keep(calls.carry(begun))
    return _accepted(begun)


def _accepted(begun: Begun) -> StartAccepted:
    told = begun.record.transport in ("attach", "livekit_outbound")
    return StartAccepted(call_id=begun.record.call_id, room_name=begun.room_name if told else None)
