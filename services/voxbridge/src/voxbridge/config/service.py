"""Build the runtime config of one call, in the order that costs least when the answer is no."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from redis.exceptions import RedisError
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.errors import NotFound, Unavailable
from voxkit.log import get_logger
from voxkit.zones import zone_of

from voxbridge.attempts.gates import takes_callbacks
from voxbridge.bots import store as bots
from voxbridge.bots.secrets import opened
from voxbridge.calls import changes
from voxbridge.calls import store as calls
from voxbridge.calls.skeleton import Origin, skeleton
from voxbridge.cdr.service import merge_pending
from voxbridge.config import keys, namespaces, prompts, store
from voxbridge.config.event import SplitEvent, parse_event
from voxbridge.config.hours import refuse_closed
from voxbridge.config.links import TrustedLink, resolved
from voxbridge.config.tools import tool_list
from voxbridge.context import Context
from voxbridge.ids import new_session_id
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
MAX_REPLY_BYTES = 1024 * 1024
SAME_CALL = timedelta(seconds=120)
_UTC = ZoneInfo("UTC")
log = get_logger("voxbridge.config")


class ConfigTooLarge(Unavailable):
    """The config is larger than 1 MiB; shorten the prompts or the tools of the bot."""

    code = "config_too_large"


class ConfigUnusable(Unavailable):
    """The stored bot is not usable; open it in the console and save it again."""

    code = "config_unusable"


@dataclass(frozen=True)
class ConfigRequest:
    """`base`: URL under which the worker reaches this service."""

    bot_id: str
    caller_id: str
    stream_id: str
    connected_event: str
    base: str


async def build(ctx: Context, request: ConfigRequest) -> bytes:
    """The reply as JSON; the call's record exists afterwards.

    Raises: NotFound `bot_not_found`, `bot_inactive`; OutsideActiveHours; ProviderKeyMissing; ConfigTooLarge;
    ConfigUnusable. A refusal writes no record.
    """
    bot = await bots.find(ctx, request.bot_id)
    if bot is None:
        raise NotFound(f"There is no bot {request.bot_id!r}.", code="bot_not_found")
    if not bot.get("is_active", True):
        raise NotFound("This bot is switched off.", code="bot_inactive")
    given, warnings = parse_event(request.connected_event)
    event, trusted = await resolved(ctx, given, bot["_id"], bot.get("sip_header_config"))
    zone, now = _zone(bot, warnings), ctx.clock()
    if trusted is None:
        refuse_closed(bot, zone, now)
    for warning in (*warnings, *event.warnings):
        log.warning("config.event", bot_id=bot["_id"], warning=warning)
    origin = Origin.of(event.fields, caller_id=request.caller_id, stream_id=request.stream_id)
    async with _session(ctx, bot["_id"], origin.stream_id, trusted) as session_id:
        return await _build_for(ctx, request, bot, event, trusted, origin, session_id, zone, now)


async def _build_for(
    ctx: Context,
    request: ConfigRequest,
    bot: Document,
    event: SplitEvent,
    trusted: TrustedLink | None,
    origin: Origin,
    session_id: str,
    zone: ZoneInfo,
    now: datetime,
) -> bytes:
    settings = await get_settings(ctx)
    clear = opened(bot, ctx.cipher)
    stages = keys.ready_stages(clear, settings)
    crm = namespaces.effective_crm(event.fields, event.mock_crm, {})
    spaces = {
        "call": namespaces.call_space(
            event.fields,
            caller_id=origin.caller_id,
            stream_id=origin.stream_id,
            session_id=session_id,
            direction=origin.direction,
            sip_headers=event.sip_headers,
        ),
        "crm": crm,
        "system": namespaces.system_space(now, zone),
    }
    callback = ""
    if trusted and trusted.kind == "callback" and bot.get("callback_prompt_injection"):
        callback = prompts.callback_paragraph(event.fields)
    system_prompt, parts = prompts.prompts(bot, spaces, callback=callback)
    callbacks = trusted is not None and takes_callbacks(bot, await store.campaign(ctx, trusted.link.campaign_id))
    try:
        reply = RuntimeConfig.model_validate(
            {
                **{name: clear[name] for name in _AS_STORED if clear.get(name) is not None},
                "session_id": session_id,
                "bot_id": bot["_id"],
                "bot_name": bot["name"],
                "webhook_url": f"{request.base}/api/v1/call-results",
                "system_prompt": system_prompt,
                "opening_message": prompts.rendered(bot, "opening_message", spaces),
                "prompt_parts": parts,
                **stages,
                "timezone": zone.key,
                "re_engagement": prompts.rendered_re_engagement(bot, spaces),
                "voicemail_message": prompts.rendered(bot, "voicemail_message", spaces),
                "pre_transfer_message": prompts.rendered(bot, "pre_transfer_message", spaces),
                "apology_message": prompts.rendered(bot, "apology_message", spaces),
                "tools": tool_list(clear),
                "variables": spaces,
                "post_call_analysis_prompt": prompts.analysis_prompt(bot, spaces, callbacks=callbacks),
                "callback_detection_enabled": callbacks,
                "qc_prompt": prompts.rendered_or_none(bot, "qc_prompt", spaces),
                "post_call_llm": keys.ready_post_call_llm(clear, settings),
                "auto_dispositions": _set_only(bot.get("auto_dispositions")),
            }
        )
    except ValidationError as error:
        places = sorted({".".join(str(part) for part in item["loc"][:3]) for item in error.errors(include_input=False)})
        log.error("config.unusable", bot_id=bot["_id"], fields=places)
        raise ConfigUnusable(f"These fields of the bot are not usable: {', '.join(places)}.") from None
    body = reply.model_dump_json().encode()
    if len(body) > MAX_REPLY_BYTES:
        raise ConfigTooLarge
    call = skeleton(
        session_id=session_id,
        bot_id=bot["_id"],
        bot_name=bot["name"],
        origin=origin,
        event=event,
        link=trusted.link if trusted else None,
        crm_data=crm,
        max_call_duration_seconds=reply.max_call_duration_seconds,
        created_at=now,
    )
    await calls.insert_skeleton(ctx, call)
    changes.began(ctx, call)
    await merge_pending(ctx, origin.stream_id)
    return body


_AS_STORED = (
    "vad", "turn", "min_words_interruption", "max_call_duration_seconds", "recording_enabled", "conversation_policy",
    "transfer_numbers", "transfer_targets", "agent_desk", "knowledge_enabled", "knowledge_strict",
    "knowledge_trigger_instructions", "knowledge_fallback_message", "knowledge_kb_ids", "knowledge_top_k",
    "knowledge_score_threshold",
)  # fmt: skip


def _set_only(dispositions: Document | None) -> Document | None:
    """Dispositions without the keys that nobody set."""
    return {key: value for key, value in (dispositions or {}).items() if value} or None


def _zone(bot: Document, warnings: list[str]) -> ZoneInfo:
    zone = zone_of(bot.get("timezone") or "UTC")
    if zone is None:
        warnings.append("timezone_unknown")
    return zone or _UTC


@asynccontextmanager
async def _session(ctx: Context, bot_id: str, stream_id: str, trusted: TrustedLink | None) -> AsyncIterator[str]:
    """The call's id: of the campaign; else of the call that this stream began a moment ago (a repeated fetch makes no
    second call); else a new one. Two fetches of one stream at once wait for each other here and agree across processes
    by a claim in Redis."""
    if trusted is not None:
        yield trusted.link.session_id
        return
    if not stream_id:
        yield new_session_id()
        return
    locks: dict[str, tuple[asyncio.Lock, int]] = ctx.caches.setdefault("config_streams", {})
    name = f"{bot_id}:{stream_id}"
    lock, waiting = locks.get(name, (asyncio.Lock(), 0))
    locks[name] = (lock, waiting + 1)
    try:
        async with lock:
            known = await _call_of_stream(ctx, bot_id, stream_id)
            yield known or await _claimed(ctx, name)
    finally:
        lock, waiting = locks[name]
        if waiting == 1:
            del locks[name]
        else:
            locks[name] = (lock, waiting - 1)


async def _call_of_stream(ctx: Context, bot_id: str, stream_id: str) -> str | None:
    young = ctx.clock() - SAME_CALL
    for call in await calls.of_stream(ctx, stream_id):
        if call["bot_id"] == bot_id and call["status"] == "in_progress" and call["created_at"] > young:
            return str(call["_id"])
    return None


async def _claimed(ctx: Context, name: str) -> str:
    """A new id, or the one that another process has just given to this stream."""
    mine = new_session_id()
    key = f"vox:stream:{name}"
    try:
        if await ctx.redis.set(key, mine, nx=True, px=10_000):
            return mine
        other = await ctx.redis.get(key)
    except RedisError:
        return mine
    theirs = other.decode() if isinstance(other, bytes) else other
    if theirs is None:
        return mine
    call = await calls.find(ctx, theirs, {"status": 1})
    return theirs if call is None or call["status"] == "in_progress" else mine
