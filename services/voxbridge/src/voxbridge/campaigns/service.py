"""Rules of campaigns: what is stored, what may be changed when, what people see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from voxkit.contracts.campaigns import CampaignConfig
from voxkit.errors import Conflict, Invalid, NotFound
from voxkit.log import get_logger
from voxkit.phone import phone_key

from voxbridge.audit.service import Author, record
from voxbridge.campaigns import deletion, store
from voxbridge.campaigns.checks import warnings_of
from voxbridge.campaigns.live import live_of
from voxbridge.campaigns.models import CampaignCreate, CampaignStats, CampaignUpdate
from voxbridge.campaigns.opening import run_window
from voxbridge.campaigns.partial import merged
from voxbridge.carriers.numbers import calls_out
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
TRIES = 5
EDITABLE = ("draft", "paused")
IDENTITY = ("name", "bot_id")
log = get_logger("voxbridge.campaigns")


async def get_campaign(ctx: Context, campaign_id: str) -> Document:
    """The stored document. Raises: NotFound `campaign_not_found`."""
    campaign = await store.find(ctx, campaign_id)
    if campaign is None:
        raise NotFound(f"There is no campaign {campaign_id!r}.", code="campaign_not_found")
    return campaign


def identity_locked(campaign: Mapping[str, Any]) -> bool:
    """It has run: name, bot and list of contacts stay."""
    ran = campaign.get("started_at") or campaign.get("completed_at") or campaign.get("restart_history")
    return bool(ran) or campaign.get("run_number", 1) > 1


async def present(ctx: Context, campaign: Document) -> Document:
    """What people see."""
    bot = await store.bot(ctx, campaign["bot_id"])
    known = await store.numbers(ctx, [phone_key(number) for number in campaign["number_pool"]])
    inner = ("_id", "write_id", "unsettled", "last_row_no")
    return {
        "campaign_id": campaign["_id"],
        **{name: value for name, value in campaign.items() if name not in inner},
        "live": live_of(campaign, ctx.clock()),
        "upload": {name: value for name, value in campaign["upload"].items() if name != "load_id"},
        "bot_name": bot and bot.get("name", ""),
        "editable": campaign["status"] in EDITABLE,
        "identity_locked": identity_locked(campaign),
        "warnings": warnings_of(campaign, bot, known, ctx.clock()),
    }


def _config(stored: Document, changes: Document) -> CampaignConfig:
    """Raises: Invalid: fields that do not go together."""
    try:
        return CampaignConfig.model_validate(merged(stored, changes))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)
        detail = [{**each, "loc": ["body", "config", *each["loc"]]} for each in first]
        raise Invalid(f"config: {detail[0]['msg'].removeprefix('Value error, ')}.", detail=detail) from None


async def _check_bot(ctx: Context, bot_id: str) -> None:
    if await store.bot(ctx, bot_id) is None:
        raise NotFound(f"There is no bot {bot_id!r}.", code="bot_not_found")


async def _pool(ctx: Context, given: list[str]) -> list[str]:
    """The numbers as their carriers write them. Raises: Invalid `number_unknown`."""
    keys = [phone_key(number) for number in given]
    known = await store.numbers(ctx, keys)
    bad = [number for number, key in zip(given, keys, strict=True) if key not in known or not calls_out(known[key])]
    if bad:
        raise Invalid(
            f"No carrier calls out with {', '.join(bad[:5])}; add the number to a carrier, or let it call out there.",
            code="number_unknown",
        )
    return list(dict.fromkeys(known[key]["number"] for key in keys))


async def create(ctx: Context, author: Author, body: CampaignCreate, internal_base: str) -> Document:
    """The stored draft. Raises: NotFound `bot_not_found`; Invalid `number_unknown`."""
    await _check_bot(ctx, body.bot_id)
    zone = (await get_settings(ctx)).display_timezone
    given = body.config.model_dump(exclude_unset=True) if body.config else {}
    config = _config({"time_window": {"timezone": zone}}, given)
    pool = await _pool(ctx, body.number_pool)
    campaign = _draft(
        ctx, author, body.name, body.bot_id, pool, config, body.config_url or f"{internal_base}/api/v1/config"
    )
    await store.insert(ctx, campaign)
    await _told(ctx, author, "campaign.create", campaign, {"name": (None, body.name), "bot_id": (None, body.bot_id)})
    return campaign


def _draft(
    ctx: Context, author: Author, name: str, bot_id: str, pool: list[str], config: CampaignConfig, config_url: str
) -> Document:
    now = ctx.clock()
    return {
        "_id": new_id(), "name": name, "bot_id": bot_id, "number_pool": pool, "config": config.model_dump(),
        "config_url": config_url, "status": "draft", "completion_reason": None, "run_number": 1,
        "restart_history": [], "prepared_run": None, "run_window": None,
        "upload": {"state": "none", "at": None, "file_name": None, "counts": None},
        "stats": CampaignStats().model_dump(), "live": None,
        "activity_log": [activity(author, "create", now)], "started_at": None, "completed_at": None,
        "created_by": author.actor.id, "created_at": now, "updated_at": now, "revision": 1,
        "last_row_no": 0,
    }  # fmt: skip


def activity(author: Author, action: str, at: datetime) -> Document:
    """An entry of the activity log."""
    actor = author.actor
    return {"action": action, "by": actor.id, "by_name": actor.name or actor.email, "at": at}


async def _told(ctx: Context, author: Author, action: str, campaign: Document, changes: Document) -> None:
    log.info(action, campaign_id=campaign["_id"], actor_id=author.actor.id)
    await record(ctx, author, action, entity=("campaign", campaign["_id"]), changes=changes)


async def update(ctx: Context, author: Author, campaign_id: str, body: CampaignUpdate) -> Document:
    """Raises: NotFound; Conflict `not_editable`, `identity_locked`; Invalid."""
    written = body.model_dump(exclude_unset=True)
    for _ in range(TRIES):
        seen = await get_campaign(ctx, campaign_id)
        changes = await _changes(ctx, seen, written)
        if not changes:
            return seen
        if await store.swap(ctx, seen, changes):
            told = {field: (seen.get(field), value) for field, value in changes.items()}
            await _told(ctx, author, "campaign.update", seen, told)
            return await get_campaign(ctx, campaign_id)
    raise _busy(campaign_id)


def _busy(campaign_id: str) -> Conflict:
    return Conflict(f"Others change the campaign {campaign_id} all the time; try again.", code="invalid_state")


async def _changes(ctx: Context, seen: Document, written: Document) -> Document:
    """Fields that get another value."""
    if seen["status"] not in EDITABLE:
        told = "pause it first" if seen["status"] == "running" else "restart or clone it"
        raise Conflict(f"This campaign is {seen['status']}; {told}.", code="not_editable")
    new = {**written}
    if "number_pool" in new:
        new["number_pool"] = await _pool(ctx, new["number_pool"])
    if "config" in new:
        config = _config(seen["config"], new["config"])
        new["config"] = config.model_dump()
        if seen["started_at"] and any(
            new["config"][f] != seen["config"].get(f) for f in ("time_window", "campaign_mode")
        ):
            # A run that is paused goes on by the new window.
            new["run_window"] = run_window(config, ctx.clock())
    changes = {field: value for field, value in new.items() if seen.get(field) != value}
    if identity_locked(seen) and (fixed := [field for field in IDENTITY if field in changes]):
        raise Conflict(
            f"This campaign has run, so its {fixed[0]} stays; clone it to change that.", code="identity_locked"
        )
    if "bot_id" in changes:
        await _check_bot(ctx, changes["bot_id"])
    return changes


async def clone(ctx: Context, author: Author, campaign_id: str) -> Document:
    """A draft with the same bot, numbers and configuration, and no contacts."""
    seen = await get_campaign(ctx, campaign_id)
    name = f"{seen['name'][:113]} (copy)"
    config = _config(seen["config"], {})
    copy = _draft(ctx, author, name, seen["bot_id"], list(seen["number_pool"]), config, seen["config_url"])
    await store.insert(ctx, copy)
    await _told(ctx, author, "campaign.clone", copy, {"cloned_from": (None, campaign_id)})
    return copy


async def delete(ctx: Context, author: Author, campaign_id: str) -> None:
    """Its contacts go with it. Raises: NotFound; Conflict `not_deletable`."""
    for _ in range(TRIES):
        seen = await get_campaign(ctx, campaign_id)
        if seen["status"] != "draft" or identity_locked(seen):
            raise Conflict(
                "Only a draft that never started can be deleted; what ran stays readable.", code="not_deletable"
            )
        if (seen.get("upload") or {}).get("state") == "loading":
            raise Conflict("A file is being loaded into this campaign; wait until it is done.", code="not_deletable")
        await deletion.promise(ctx, campaign_id)
        if await store.delete(ctx, seen):
            await _told(ctx, author, "campaign.delete", seen, {"name": (seen["name"], None)})
            return
    raise _busy(campaign_id)
