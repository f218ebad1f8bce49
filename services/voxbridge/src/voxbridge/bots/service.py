"""Rules of bots: who may change one, what is stored, what people see of it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from voxkit.errors import Conflict, NotFound
from voxkit.log import get_logger

from voxbridge.actors import Actor
from voxbridge.bots import store
from voxbridge.bots.demo import demo_bot
from voxbridge.bots.models import BotCreate, BotFields
from voxbridge.bots.secrets import masked, renewed, sealed
from voxbridge.bots.urls import check_urls
from voxbridge.bots.warnings import warnings_of
from voxbridge.context import Context
from voxbridge.crypto import SecretUnreadable
from voxbridge.fleet import errors as fleet
from voxbridge.fleet.sockets import as_socket_url, socket_address, token_query
from voxbridge.fleet.starts import BROWSER, socket_seat
from voxbridge.ids import new_id
from voxbridge.settings.models import PROVIDERS
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
CONTEXT_KEPT = timedelta(hours=2)
UPDATE_TRIES = 5
_DEFAULTS = BotFields(name="-", opening_message="", system_prompt="").model_dump()
log = get_logger("voxbridge.bots")


class BotLocked(Conflict):
    """A running campaign uses this bot; pause the campaign first."""

    code = "bot_locked"


def _not_found(bot_id: str) -> NotFound:
    return NotFound(f"There is no bot {bot_id!r}.", code="bot_not_found")


async def get_bot(ctx: Context, bot_id: str) -> Document:
    """The stored document. Raises: NotFound `bot_not_found`."""
    bot = await store.find(ctx, bot_id)
    if bot is None:
        raise _not_found(bot_id)
    return bot


async def present(ctx: Context, bot: Document) -> Document:
    """What people see: secrets masked, defaults filled in, `locked` and `warnings`."""
    settings = await get_settings(ctx)
    has_key = {provider: bool(getattr(settings.api_keys, provider)) for provider in PROVIDERS}
    shown = masked({**_DEFAULTS, **bot}, ctx.cipher)
    shown.pop("write_id", None)
    return {
        "bot_id": shown.pop("_id"),
        **shown,
        "locked": bool(await store.running_campaigns(ctx, bot["_id"])),
        "warnings": warnings_of(bot, has_key),
    }


async def create(ctx: Context, actor: Actor, body: BotCreate) -> Document:
    """The stored document. Raises: Conflict `bot_exists`; Invalid: a URL that must not be reached."""
    written = body.model_dump(exclude={"bot_id"})
    await check_urls(written, ctx.allow)
    return await _insert(ctx, actor.id, body.bot_id or new_id(), sealed(written, None, ctx.cipher))


async def _insert(ctx: Context, by: str, bot_id: str, fields: Document) -> Document:
    now = ctx.clock()
    bot = {
        "_id": bot_id,
        **fields,
        "widget_api_key": f"wk_{secrets.token_urlsafe(24)}",
        "revision": 1,
        "write_id": new_id(),
        "created_by": by,
        "created_at": now,
        "updated_by": by,
        "updated_at": now,
    }
    if not await store.insert(ctx, bot):
        raise Conflict(f"There is a bot {bot_id!r} already.", code="bot_exists")
    log.info("bot.created", bot_id=bot_id, actor_id=by)
    return bot


async def _refuse_locked(ctx: Context, bot_id: str) -> None:
    if campaigns := await store.running_campaigns(ctx, bot_id):
        names = ", ".join(campaign["name"] or campaign["campaign_id"] for campaign in campaigns)
        raise BotLocked(f"Running campaigns use this bot: {names}. Pause them first.", extra={"campaigns": campaigns})


async def update(ctx: Context, actor: Actor, bot_id: str, body: BaseModel) -> Document:
    """Replace each top-level field present. Raises: NotFound; BotLocked; Conflict `revision_conflict`; Invalid."""
    written = body.model_dump(include=body.model_fields_set - {"revision"})
    expected: int | None = getattr(body, "revision", None)
    await get_bot(ctx, bot_id)
    await check_urls(written, ctx.allow)
    for _ in range(UPDATE_TRIES):
        bot = await get_bot(ctx, bot_id)
        await _refuse_locked(ctx, bot_id)
        if expected is not None and bot["revision"] != expected:
            break
        stamp = {"updated_by": actor.id, "updated_at": ctx.clock(), "write_id": new_id()}
        if await store.update(ctx, bot_id, bot["revision"], sealed(written, bot, ctx.cipher) | stamp):
            log.info("bot.changed", bot_id=bot_id, actor_id=actor.id, fields=sorted(written))
            return await get_bot(ctx, bot_id)
        if expected is not None:
            break
    current = await get_bot(ctx, bot_id)
    raise Conflict(
        f"Somebody changed this bot: it is at revision {current['revision']} now. Read it again.",
        code="revision_conflict",
        extra={"revision": current["revision"]},
    )


async def delete(ctx: Context, actor: Actor, bot_id: str) -> None:
    """Its calls stay. Raises: NotFound; BotLocked; Conflict `bot_in_use`."""
    await get_bot(ctx, bot_id)
    await _refuse_locked(ctx, bot_id)
    if users := await store.users_of(ctx, bot_id):
        raise Conflict(
            f"This bot is still used by: {', '.join(users)}. Point them to another bot first.", code="bot_in_use"
        )
    await store.delete(ctx, bot_id)
    log.info("bot.deleted", bot_id=bot_id, actor_id=actor.id)


async def clone(ctx: Context, actor: Actor, bot_id: str) -> Document:
    """A copy under a new id and with a widget key of its own."""
    bot = await get_bot(ctx, bot_id)
    fields = {name: bot.get(name, default) for name, default in _DEFAULTS.items()}
    fields["name"] = f"{bot['name'][:113]} (copy)"
    for cache in ("post_call_cache", "live_prompt_cache"):
        fields[cache] = {
            key: value for key, value in (fields[cache] or {}).items() if key in ("enabled", "version_override")
        }
    return await _insert(ctx, actor.id, new_id(), fields)


async def socket_urls(ctx: Context, bot_id: str) -> Document:
    """Where a carrier connects its media. Raises: NotFound; NoFleet."""
    await get_bot(ctx, bot_id)
    settings = await get_settings(ctx)
    base = settings.public_wss_base or (as_socket_url(settings.core_fleet[0]) if settings.core_fleet else "")
    if not base:
        raise fleet.NoFleet
    query = token_query(ctx)
    return {"wss_url": f"{base}/ws/{bot_id}{query}", "exotel_url": f"{base}/exotel/{bot_id}{query}"}


async def browser_call(ctx: Context, bot_id: str, variables: Document) -> Document:
    """Prepare a microphone test. Raises: NotFound `bot_inactive`; 429 and 503 of the fleet choice."""
    bot = await get_bot(ctx, bot_id)
    if not bot.get("is_active", True):
        raise NotFound("This bot is switched off; switch it on first.", code="bot_inactive")
    settings = await get_settings(ctx)
    context_id = f"ctx_{new_id()}"
    expires_at = ctx.clock() + CONTEXT_KEPT
    async with socket_seat(ctx, BROWSER) as seat:
        # The seat lapses long before the variables do, and without it the address opens nothing.
        usable_until = ctx.clock() + timedelta(seconds=seat.seconds_left) if seat.fence else expires_at
        await store.insert_context(ctx, context_id, bot_id, variables, expires_at)
    base = ctx.settings.browser_wss_base.rstrip("/") or settings.public_wss_base
    url = socket_address(ctx, seat, f"ws/{bot_id}", base=base)
    return {"ws_url": url, "context_id": context_id, "expires_at": usable_until}


async def seed_demo(ctx: Context) -> None:
    """Make the bot `demo` unless it exists; a changed or repaired one is left alone."""
    body = BotCreate.model_validate(demo_bot())
    assert body.bot_id is not None
    if await store.find(ctx, body.bot_id) is None:
        try:
            await create(ctx, Actor("service"), body)
        except Conflict:  # another process of the deployment was faster
            return


async def reencrypt(ctx: Context) -> None:
    """Write secrets anew that are not under the first key. Unreadable ones stay as they are, and are told."""
    async for bot in store.everything(ctx):
        try:
            fresh = renewed(bot, ctx.cipher)
        except SecretUnreadable:
            log.error("bot.secret_unreadable", bot_id=bot["_id"], way_out="put the former key back")
            continue
        if fresh is not None:
            changes = {key: value for key, value in fresh.items() if bot.get(key) != value} | {"write_id": new_id()}
            await store.update(ctx, bot["_id"], bot["revision"], changes)
