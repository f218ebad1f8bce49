"""`/sip`: dialout for consoles and CRMs, look-ups for workers and SIP servers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from voxkit.errors import NotFound

from voxbridge.actors import Actor
from voxbridge.context import Context, get_context
from voxbridge.dialout import numbers, service
from voxbridge.dialout.models import DialoutAccepted, DialoutRequest, NumberOwner, OutboundTrunk
from voxbridge.idempotency import Once, once
from voxbridge.limits import Rule, hit
from voxbridge.network import internal_base
from voxbridge.openapi import responses
from voxbridge.security import require_admin_or_api_key, require_secret

router = APIRouter(prefix="/sip", tags=["dialout"])
Ctx = Annotated[Context, Depends(get_context)]
Secret = Annotated[Actor, Depends(require_secret)]
Number = Annotated[str, Query(max_length=64, examples=["+15550199"])]


@router.post("/dialout", operation_id="sip_dialout", responses=responses(404, 409, 429, 502, body=True))
async def dialout(
    ctx: Ctx,
    actor: Annotated[Actor, Depends(require_admin_or_api_key)],
    body: DialoutRequest,
    request: Request,
    once: Annotated[Once, Depends(once)],
) -> DialoutAccepted:
    """Ring somebody and let a bot talk to them. The answer comes when the call was handed to the carrier.

    404 `bot_not_found`, `bot_inactive`; 409 `do_not_call`, `in_progress`; 422 `number_unknown`, `number_invalid`,
    `reserved_variable`, `variables_and_connected_event`, `event_too_large`, `idempotency_mismatch`;
    429 `quota_exceeded`, `rate_limited`; 502 `carrier_refused`: nobody was rung; 502 `start_unknown`: somebody may
    ring, and a repeat with the same Idempotency-Key tells the same; 503 `outside_active_hours`, `no_capacity`,
    `no_fleet`, `no_healthy_fleet`, `registry_unavailable`, `livekit_not_configured`, `carrier_unavailable`."""
    await hit(ctx, Rule("dialout", ctx.settings.dialout_per_minute, 60), actor.id)
    base = internal_base(request, ctx)

    async def work() -> DialoutAccepted:
        return await service.dial(ctx, actor, body, base)

    return await once.run(actor, body, DialoutAccepted, work, repeatable=False)


@router.get("/lookup", operation_id="sip_lookup", responses=responses(404))
async def lookup(ctx: Ctx, _: Secret, number: Number) -> NumberOwner:
    """Which bot answers calls to a number. 404 `number_unknown`."""
    return await numbers.owner(ctx, number)


@router.get("/outbound-trunk", operation_id="sip_outbound_trunk", responses=responses(404))
async def outbound_trunk(ctx: Ctx, _: Secret, from_number: Number | None = None) -> OutboundTrunk:
    """How to call out from a number; without one, from that which rested longest. 404 `number_unknown`."""
    try:
        return (await numbers.outbound(ctx, from_number)).trunk
    except numbers.NumberUnknown as unknown:
        raise NotFound(unknown.message, code=unknown.wire_code) from None
