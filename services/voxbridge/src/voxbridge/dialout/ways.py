"""How a call out is made, one function a way: by a carrier that rings itself, or over LiveKit by a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from voxkit.carriers import UNREACHABLE, CarrierClient, CarrierTraits, Refused, Unsure, open_carrier
from voxkit.contracts.carrier import CarrierDial, CarrierMedia
from voxkit.errors import Unavailable, Upstream
from voxkit.log import get_logger
from voxkit.registry import StartUnknown

from voxbridge.bots import store as bots
from voxbridge.bots.service import CONTEXT_KEPT
from voxbridge.carriers.service import LivekitNotConfigured, credentials, livekit_configured
from voxbridge.context import Context
from voxbridge.dialout.following import free_when_over
from voxbridge.dialout.models import DialoutAccepted
from voxbridge.dialout.numbers import OurNumber
from voxbridge.fleet.sockets import socket_address
from voxbridge.fleet.starts import CARRIER_DIALOUT, DIALOUT, SocketSeat, free_host, socket_seat, start_call
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
RING_TIMEOUT_S = 45  # its seat is held 30 s longer: CARRIER_DIALOUT
NOT_AFTER = timedelta(seconds=10)
GOODBYE_S = 120
log = get_logger("voxbridge.dialout")


@dataclass(frozen=True)
class Order:
    """A call that may be made. `to`: in the form that is dialled; `wait_s`: for a free worker, seconds."""

    call_id: str
    bot: Document
    to: str
    ours: OurNumber
    event: Document
    wait_s: float
    config_url: str


class CarrierRefused(Upstream):
    """The carrier did not take the call."""

    code = "carrier_refused"


class CarrierUnavailable(Unavailable):
    """No connection to the carrier was made; nobody was rung."""

    code = "carrier_unavailable"


async def over_carrier(ctx: Context, order: Order) -> DialoutAccepted:
    """Ask the carrier to ring and to connect the answered call to a worker's socket.

    Raises: CarrierRefused, CarrierUnavailable: nobody was rung, the seat is free again. StartUnknown: somebody may be
    ringing, so the seat is kept until its deadline. What the fleet choice raises.
    """
    access = await credentials(ctx, order.ours.carrier["_id"])
    context_id = f"ctx_{order.call_id}"
    event = {**order.event, "call_id": order.call_id, "callDirection": "outgoing"}
    carrier = open_carrier(access, ctx.allow)
    try:
        async with _seat(ctx, carrier.traits, order.wait_s) as seat:
            await bots.insert_context(ctx, context_id, order.bot["_id"], event, ctx.clock() + CONTEXT_KEPT)
            placed = await _placed(carrier, await _dial(ctx, order, carrier.traits, seat, context_id))
    finally:
        await carrier.aclose()
    if isinstance(placed, StartUnknown):
        raise placed
    ctx.background.start(free_when_over(open_carrier(access, ctx.allow), placed, seat), name="dialout.follow")
    return DialoutAccepted(call_id=order.call_id, room_name=None)


@asynccontextmanager
async def _seat(ctx: Context, traits: CarrierTraits, wait_s: float) -> AsyncIterator[SocketSeat]:
    if traits.per_call_media_url:
        async with socket_seat(ctx, CARRIER_DIALOUT, wait_s=wait_s) as seat:
            yield seat
    else:
        yield await free_host(ctx, CARRIER_DIALOUT, wait_s=wait_s)


async def _dial(ctx: Context, order: Order, traits: CarrierTraits, seat: SocketSeat, context_id: str) -> CarrierDial:
    base = "" if seat.fence else (await get_settings(ctx)).public_wss_base
    media = CarrierMedia.model_validate(
        {
            "url": socket_address(ctx, seat, f"{traits.media_route}/{order.bot['_id']}", base=base),
            "protocol": "vox" if traits.media_route == "ws" else traits.media_route,
            "custom": {"_context": context_id, "callDirection": "outgoing"},
        }
    )
    return CarrierDial.model_validate(
        {
            "client_ref": order.call_id,
            "to": order.to,
            "from": order.ours.number,
            "ring_timeout_seconds": RING_TIMEOUT_S,
            "max_call_seconds": int(order.bot.get("max_call_duration_seconds") or 600) + GOODBYE_S,
            "not_after": ctx.clock() + NOT_AFTER if traits.not_after else None,
            "media": media,
        }
    )


async def _placed(carrier: CarrierClient, dial: CarrierDial) -> str | StartUnknown:
    """The carrier's name for the call. StartUnknown is returned, not raised: the seat must not be given back.

    Raises: CarrierRefused, CarrierUnavailable.
    """
    try:
        return (await carrier.place(dial, dial.client_ref)).call_ref
    except Refused as refused:
        if refused.code == UNREACHABLE:
            raise CarrierUnavailable(str(refused)) from refused
        headers = {"Retry-After": str(max(1, round(refused.retry_after)))} if refused.retry_after else None
        raise CarrierRefused(
            f"The carrier did not take the call: {refused}",
            extra={"carrier_error": refused.code, "outcome": refused.outcome},
            headers=headers,
        ) from refused
    except Unsure as unsure:
        if call_ref := await _found(carrier, dial.client_ref):
            return call_ref
        log.warning("dialout.unknown", call_id=dial.client_ref, reason=str(unsure))
        told = f"{unsure} The call may have been placed."
        return StartUnknown(told, status=502, extra={"call_id": dial.client_ref})


async def _found(carrier: CarrierClient, call_id: str) -> str | None:
    """The call, if the carrier shows it after all; one that it does not show may still be on its way."""
    try:
        calls = await carrier.find([call_id]) if carrier.traits.lookup_by_ref else []
    except (Refused, Unsure):
        return None
    return calls[0].call_ref if calls else None


async def over_livekit(ctx: Context, order: Order) -> DialoutAccepted:
    """A worker rings over its SIP trunk. Raises: LivekitNotConfigured; what `start_call` raises."""
    if not livekit_configured(ctx):
        raise LivekitNotConfigured
    body = {
        "bot_id": order.bot["_id"], "to_number": order.to, "from_number": order.ours.number,
        "connected_event": order.event, "config_url": order.config_url,
    }  # fmt: skip
    started = await start_call(ctx, DIALOUT, body, wait_s=order.wait_s)
    call_id = started.call_id or str(started.body.get("call_id") or "")
    return DialoutAccepted(call_id=call_id, room_name=started.body.get("room_name"))


WAYS: Mapping[str, Callable[[Context, Order], Awaitable[DialoutAccepted]]] = {
    "websocket_carrier": over_carrier,
    "livekit_sip": over_livekit,
}
