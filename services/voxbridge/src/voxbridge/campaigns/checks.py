"""Why a campaign cannot start, and what will not work in it although it may be saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from voxkit.campaigns.windows import hours_open, next_open
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.phone import phone_key
from voxkit.zones import zone_of

from voxbridge.campaigns import rows, store
from voxbridge.campaigns.opening import MINUTE, is_over, openings_of_a_week
from voxbridge.carriers.numbers import calls_out
from voxbridge.contacts.loading import is_half_loaded
from voxbridge.context import Context

Document = dict[str, Any]
REASONS = {
    "bot_missing": "its bot is gone; choose another one",
    "bot_inactive": "its bot is switched off; switch it on",
    "number_pool_empty": "it has no number to call from; add one",
    "number_unknown": "no carrier has the number {}; add it to a carrier or take it out of the pool",
    "number_inbound_only": "the number {} only takes calls; let its carrier call out with it, or take it out",
    "concurrency_limit": "its concurrency limit must be 1 to 5,000",
    "time_window": "its time window does not open any more; change the window",
    "upload_in_progress": "its contacts are not loaded; wait for the file, or load it again",
    "calls_active": "calls of the former run still last; wait until they have ended",
    "no_contacts": "nobody is left to be called; add contacts",
}


async def obstacles(ctx: Context, campaign: Document) -> list[tuple[str, str]]:
    """(reason, sentence), in the order of `REASONS`; none: it may start."""
    bot = await store.bot(ctx, campaign["bot_id"])
    found: dict[str, str] = {}
    if bot is None:
        found["bot_missing"] = ""
    elif not bot.get("is_active", True):
        found["bot_inactive"] = ""
    found |= await _numbers(ctx, campaign["number_pool"])
    found |= dict.fromkeys(_config_faults(campaign, bot, ctx.clock()), "")
    found |= dict.fromkeys([reason async for reason in _contacts(ctx, campaign)], "")
    return [(reason, text.format(found[reason])) for reason, text in REASONS.items() if reason in found]


async def _numbers(ctx: Context, pool: list[str]) -> dict[str, str]:
    if not pool:
        return {"number_pool_empty": ""}
    known = await store.numbers(ctx, [phone_key(number) for number in pool])
    dids = {number: known.get(phone_key(number)) for number in pool}
    unknown = [number for number, did in dids.items() if did is None]
    inbound = [number for number, did in dids.items() if did and not calls_out(did)]
    named = {"number_unknown": unknown, "number_inbound_only": inbound}
    return {reason: ", ".join(numbers[:5]) for reason, numbers in named.items() if numbers}


def _config_faults(campaign: Document, bot: Document | None, now: datetime) -> Iterator[str]:
    try:
        config = CampaignConfig.model_validate(campaign["config"])
    except ValidationError as error:  # written by another release, or by hand
        yield "concurrency_limit" if error.errors()[0]["loc"][:1] == ("concurrency_limit",) else "time_window"
        return
    zone = zone_of(config.time_window.timezone)
    bot_zone = zone_of((bot or {}).get("timezone") or "UTC")
    hours = ((bot or {}).get("active_hours"), bot_zone) if bot_zone else None
    never = zone is None or next_open(config.time_window, [zone], now, hours) is None
    if never or (campaign["started_at"] and is_over(campaign.get("run_window"), now)):
        yield "time_window"


async def _contacts(ctx: Context, campaign: Document) -> AsyncIterator[str]:
    if is_half_loaded(campaign):
        yield "upload_in_progress"
        return
    prepared = campaign.get("prepared_run")
    if prepared and campaign["status"] == "draft" and await rows.any_active(ctx, campaign["_id"]):
        yield "calls_active"
    if not campaign["config"].get("always_on") and not await rows.any_to_call(ctx, campaign["_id"], prepared):
        yield "no_contacts"


def warnings_of(campaign: Document, bot: Document | None, numbers: dict[str, Document], now: datetime) -> list[str]:
    """Sentences for people. `numbers`: what carriers have of the pool, by digits."""
    return [
        *_bot_warnings(campaign, bot, now),
        *_number_warnings(campaign["number_pool"], numbers),
        *_reset_warnings(campaign),
    ]


def _reset_warnings(campaign: Document) -> Iterator[str]:
    """How far another run is that has begun."""
    prepared = campaign.get("prepared_run")
    if prepared and campaign["status"] in ("running", "paused"):
        last = campaign.get("last_row_no") or 0
        ready = min(prepared["reset_upto"], last)
        yield f"contacts: {ready:,} of {last:,} are ready for run {campaign['run_number']}; those are called meanwhile"


def _bot_warnings(campaign: Document, bot: Document | None, now: datetime) -> Iterator[str]:
    if bot is None:
        yield "bot: it is gone; choose another one before the start"
        return
    if not bot.get("is_active", True):
        yield "bot: it is switched off and answers no call"
    config = CampaignConfig.model_validate(campaign["config"])
    if config.callback_detection.enabled and not bot.get("callback_prompt_injection"):
        yield "callback_detection: the bot does not ask for callbacks; switch callback_prompt_injection on there"
    hours, zone = bot.get("active_hours"), zone_of(bot.get("timezone") or "UTC")
    if zone is None or not hours or not hours.get("enabled"):
        return
    short = [
        day
        for day, opens, closes in openings_of_a_week(config.time_window, now)
        if not (hours_open(hours, zone, opens) and hours_open(hours, zone, closes - MINUTE))
    ]
    if short:
        yield (
            f"time_window: it is wider than the bot's active hours on {', '.join(short)} "
            f"({hours.get('start_time')}-{hours.get('end_time')} {zone.key}); nobody is dialled outside of both"
        )


def _number_warnings(pool: list[str], known: dict[str, Document]) -> Iterator[str]:
    for number in pool:
        did = known.get(phone_key(number))
        if did is None:
            yield f"number_pool: no carrier has {number}; it is skipped"
        elif not calls_out(did):
            yield f"number_pool: {number} only takes calls; it is skipped"
