"""What may stop a dial in its last moment: each check answers None or a refusal, and the list is the policy.

All reads are fresh: a number that was suppressed a second ago is not dialled (section 15 of the contract).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from voxkit.campaigns import hours_open, is_open, next_open, zones_of_number
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.zones import zone_of

from voxdialler import evidence
from voxdialler.attempts import Attempt
from voxdialler.context import Context

Document = dict[str, Any]

BEFORE_THE_END = timedelta(seconds=1)
"""A dial whose ringing would begin later than this before the end of the window is not placed (W5)."""
IN_A_CALL = ("dialling", "ringing", "amd_screening", "attaching", "in_progress")


@dataclass(frozen=True)
class Refusal:
    """Why not, and what becomes of the contact. `stop`: it is no longer ours, nothing is written. `window_closed`: it
    can never be dialled by the rules of its campaign."""

    check: str
    why: str
    then: Literal["stop", "give_back", "exclude", "window_closed"] = "give_back"
    next_retry_at: datetime | None = None


Check = Callable[[Context, Attempt], Awaitable[Refusal | None]]


async def still_ours(ctx: Context, attempt: Attempt) -> Refusal | None:
    """The lease, the leader's beat, the campaign and its run are what they were when the contact was leased."""
    if not ctx.may_dial(attempt.id):
        return Refusal("lease", "the leader's beat or the contact's lease is stale", then="stop")
    row = await ctx.db["campaign_calls"].find_one({"_id": attempt.row_id})
    if row is None or row.get("lease_id") != attempt.id or row.get("status") != "leased":
        return Refusal("lease", "somebody else has moved the contact", then="stop")
    if row.get("exclude_requested"):
        return Refusal("suppression", "the number was excluded", then="exclude")
    campaign = await ctx.db["campaigns"].find_one({"_id": attempt.campaign_id}, {"status": 1, "run_number": 1})
    if campaign is None or campaign.get("status") != "running":
        return Refusal("campaign", f"the campaign is {campaign.get('status') if campaign else 'gone'}")
    if campaign.get("run_number") != row.get("run_number"):
        return Refusal("campaign", "another run has begun")
    return None


async def not_suppressed(ctx: Context, attempt: Attempt) -> Refusal | None:
    """Neither excluded from the campaign nor on the do-not-call list."""
    if await is_suppressed(ctx, attempt.campaign_id, attempt.row["phone_key"]):
        return Refusal("suppression", "the number is on an exclude or do-not-call list", then="exclude")
    return None


async def is_suppressed(ctx: Context, campaign_id: str, phone_key: str) -> bool:
    """Whether the number must not be dialled; a do-not-call entry past its end is absent."""
    if await ctx.db["campaign_exclusions"].find_one({"_id": f"{campaign_id}:{phone_key}"}, {"_id": 1}):
        return True
    entry = await ctx.db["dnc"].find_one({"_id": phone_key}, {"expires_at": 1})
    if entry is None:
        return False
    expires_at = entry.get("expires_at")
    return expires_at is None or expires_at > ctx.now()


async def inside_window(ctx: Context, attempt: Attempt) -> Refusal | None:
    """The window of the campaign, in the callee's zone where it says so, and the bot's active hours."""
    now = ctx.now()
    campaign = await ctx.db["campaigns"].find_one({"_id": attempt.campaign_id}) or attempt.campaign
    config = CampaignConfig.model_validate(campaign.get("config") or {})
    bot = await ctx.db["bots"].find_one({"_id": campaign["bot_id"]}, {"active_hours": 1, "timezone": 1, "is_active": 1})
    if bot is None or not bot.get("is_active", True):
        return Refusal("window", "the bot is gone or switched off")
    zones = zones_of(config, attempt.to_number)
    if config.campaign_mode == "single_day" and not _inside_run(campaign.get("run_window"), now):
        return Refusal("window", "the day of the run is over, or has not begun")
    hours, bot_zone = bot.get("active_hours"), zone_of(bot.get("timezone") or "UTC") or ZoneInfo("UTC")
    window = config.time_window
    opened = all(is_open(window, zones, at) for at in (now, now + BEFORE_THE_END))
    bot_is_up = hours_open(hours, bot_zone, now)
    if opened and bot_is_up:
        return None
    # While the campaign's own window is shut nothing is leased at all; only a narrower one puts this contact off.
    if not (config.time_window.use_callee_timezone or not bot_is_up):
        return Refusal("window", "outside the window")
    opens_at = next_open(window, zones, now, (hours, bot_zone) if hours else None)
    if opens_at is None:
        why = f"window and bot never open together, in the {len(zones)} zones that the number may ring in"
        return Refusal("never_open", why, then="window_closed")
    return Refusal("window", "outside the window or the bot's active hours", next_retry_at=opens_at)


def zones_of(config: CampaignConfig, number: str) -> list[ZoneInfo]:
    """The zones whose wall clock counts: the callee's, where the campaign wants it and they are known (W4)."""
    own = zone_of(config.time_window.timezone) or ZoneInfo("UTC")
    if not config.time_window.use_callee_timezone:
        return [own]
    return list(zones_of_number(number)) or [own]


def _inside_run(run_window: Document | None, now: datetime) -> bool:
    if not run_window:
        return True
    opens_at, closes_at = (_aware(run_window.get(name)) for name in ("opens_at", "closes_at"))
    return (opens_at is None or opens_at <= now) and (closes_at is None or now + BEFORE_THE_END < closes_at)


def _aware(when: datetime | None) -> datetime | None:
    return when.replace(tzinfo=UTC) if when is not None and when.tzinfo is None else when


async def breakers_closed(ctx: Context, attempt: Attempt) -> Refusal | None:
    """Carrier, way of ringing, voxbridge and the campaign itself have not failed lately."""
    for key in evidence.keys_of(attempt):
        if not ctx.breakers.allows(key):
            return Refusal("breaker", f"the circuit breaker {key} is open")
    return None


async def number_is_free(ctx: Context, attempt: Attempt) -> Refusal | None:
    """No other campaign rings this number or talks to it (K3)."""
    others = ctx.db["campaign_calls"].find({"phone_key": attempt.row["phone_key"]}, {"status": 1})
    async for other in others:
        if other["_id"] != attempt.row_id and other.get("status") in IN_A_CALL:
            return Refusal("number_in_call", "another campaign has a call to this number")
    return None


LINE_2: Sequence[Check] = (still_ours, not_suppressed, inside_window, breakers_closed)
"""Before a seat is reserved."""
LINE_5: Sequence[Check] = (still_ours, not_suppressed, inside_window, number_is_free)
"""Once more, directly before the token is taken and the contact is called."""


async def why_not_dial(ctx: Context, attempt: Attempt, policy: Sequence[Check]) -> Refusal | None:
    """The first refusal, in the order of the list."""
    for check in policy:
        if refusal := await check(ctx, attempt):
            return refusal
    return None
