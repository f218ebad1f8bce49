"""Which number of ours a call is placed from, and whose a number is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from voxkit.errors import Invalid, NotFound
from voxkit.phone import phone_key

from voxbridge.bots import store as bots
from voxbridge.carriers import store
from voxbridge.carriers.numbers import calls_out, takes_calls
from voxbridge.context import Context
from voxbridge.dialout.models import NumberOwner, OutboundTrunk, RateLimit

Document = dict[str, Any]
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OurNumber:
    """A number that calls may be placed from, and its carrier's document."""

    number: str
    key: str
    carrier: Document

    @property
    def trunk(self) -> OutboundTrunk:
        carrier = self.carrier
        return OutboundTrunk(
            trunk_id=carrier.get("lk_outbound_trunk_id") or None,
            number=self.number,
            carrier_id=carrier["_id"],
            rate_limit=RateLimit(
                cps=carrier["outbound_cps"], burst=carrier["outbound_burst"], channels=carrier["outbound_channels"]
            ),
        )


class NumberUnknown(Invalid):
    """No carrier calls out with this number."""

    code = "number_unknown"


async def outbound(ctx: Context, written: str | None) -> OurNumber:
    """The number asked for; else the one of a synced carrier that was used longest ago. Raises: NumberUnknown."""
    if written is None:
        return await _rested(ctx)
    key = phone_key(written)
    carrier = await store.by_number(ctx, key) if key else None
    did = next((did for did in (carrier or {}).get("dids") or [] if did["phone_key"] == key), None)
    if carrier is None or did is None:
        raise NumberUnknown(f"No carrier has the number {written}; add it to one.")
    if not calls_out(did):
        raise NumberUnknown(f"The number {written} only takes calls; let its carrier call out with it.")
    return OurNumber(did["number"], key, carrier)


async def _rested(ctx: Context) -> OurNumber:
    ours = [
        OurNumber(did["number"], did["phone_key"], carrier)
        async for carrier in store.everything(ctx)
        if carrier.get("lk_sync_status") == "synced"
        for did in carrier.get("dids") or []
        if calls_out(did)
    ]
    if not ours:
        raise NumberUnknown("No carrier that is ready has a number to call from; add one.")
    used = await store.last_used(ctx, [number.key for number in ours])
    return min(ours, key=lambda number: (used.get(number.key, _NEVER), number.key))


async def owner(ctx: Context, written: str) -> NumberOwner:
    """Who answers calls to a number. Raises: NotFound `number_unknown`."""
    key = phone_key(written)
    carrier = await store.by_number(ctx, key) if key else None
    for did in (carrier or {}).get("dids") or []:
        if carrier is None or did["phone_key"] != key or not takes_calls(did) or not did.get("bot_id"):
            continue
        bot = await bots.find(ctx, did["bot_id"])
        if bot is not None and bot.get("is_active", True):
            return NumberOwner(bot_id=bot["_id"], carrier_id=carrier["_id"], did_id=did["did_id"])
    raise NotFound("No active bot answers this number.", code="number_unknown")
