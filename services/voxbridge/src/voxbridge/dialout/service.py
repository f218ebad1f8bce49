"""A single call out: may it be made now, from which number, and over which way."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from voxkit.errors import Conflict, Invalid, NotFound
from voxkit.log import get_logger
from voxkit.templates import to_text
from voxkit.zones import zone_of

from voxbridge.actors import Actor
from voxbridge.bots.service import get_bot
from voxbridge.carriers import store as carriers
from voxbridge.config.event import MAX_EVENT_BYTES
from voxbridge.config.hours import refuse_closed
from voxbridge.contacts.numbers import NotANumber, Number, read_number
from voxbridge.context import Context
from voxbridge.dialout import numbers
from voxbridge.dialout.models import DialoutAccepted, DialoutRequest
from voxbridge.dialout.ways import WAYS, Order
from voxbridge.dnc import store as dnc
from voxbridge.ids import new_id
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
CONTROL = ("_mock_crm", "_skip_prefetch", "_skip_post_push")
_UTC = ZoneInfo("UTC")
log = get_logger("voxbridge.dialout")


class DoNotCall(Conflict):
    """The number is on the do-not-call list."""

    code = "do_not_call"


async def dial(ctx: Context, actor: Actor, body: DialoutRequest, internal_base: str) -> DialoutAccepted:
    """Ring somebody. Raises: Invalid, NotFound, DoNotCall, OutsideActiveHours; and what the way raises."""
    event = connected_event(body)
    bot = await get_bot(ctx, body.bot_id)
    actor.check_bot(bot["_id"])
    if not bot.get("is_active", True):
        raise NotFound("This bot is switched off; switch it on first.", code="bot_inactive")
    refuse_closed(bot, zone_of(bot.get("timezone") or "UTC") or _UTC, ctx.clock())
    to = await _callee(ctx, body.to_number)
    ours = await numbers.outbound(ctx, body.from_number)
    order = Order(
        call_id=new_id(), bot=bot, to=to.number, ours=ours, event=event, wait_s=body.wait_seconds,
        config_url=f"{internal_base}/api/v1/config",
    )  # fmt: skip
    # Before the call: of two at the same time without a number of their own, the second takes another one.
    await carriers.used(ctx, ours.key, ctx.clock())
    accepted = await WAYS[ours.carrier["originate"]](ctx, order)
    log.info(
        "dialout.accepted", call_id=accepted.call_id, bot_id=bot["_id"], carrier_id=ours.carrier["_id"],
        actor_id=actor.id, pii_number=to.number,
    )  # fmt: skip
    return accepted


async def _callee(ctx: Context, written: str) -> Number:
    """Raises: Invalid `number_invalid`; DoNotCall."""
    try:
        number = read_number(written, (await get_settings(ctx)).default_country)
    except NotANumber as error:
        raise Invalid(f"to_number: {error}.", code="number_invalid") from None
    if await dnc.listed(ctx, [number.key], ctx.clock()):
        raise DoNotCall(f"{number.number} is on the do-not-call list; nobody was called.")
    return number


def connected_event(body: DialoutRequest) -> Document:
    """What the call's event will hold. Raises: Invalid: both forms, a name that is ours, or too much."""
    if body.variables is not None and body.connected_event is not None:
        raise Invalid("Send variables or connected_event, not both.", code="variables_and_connected_event")
    given = body.variables if body.variables is not None else body.connected_event or {}
    if reserved := [name for name in given if name.startswith("_") and name not in CONTROL]:
        raise Invalid(
            f"{reserved[0]!r}: names that begin with _ are ours; only {', '.join(CONTROL)} may be sent.",
            code="reserved_variable",
        )
    event = dict(given)
    if body.variables is not None:
        event = {name: value if name in CONTROL else to_text(value) for name, value in given.items()}
    size = len(json.dumps(event, ensure_ascii=False).encode())
    if size > MAX_EVENT_BYTES:
        raise Invalid(f"The variables have {size:,} bytes; {MAX_EVENT_BYTES:,} are the most.", code="event_too_large")
    return event
