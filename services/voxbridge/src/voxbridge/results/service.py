"""Store a result once, however often, late or early it arrives, and start what follows from it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from voxkit.errors import Unavailable
from voxkit.log import get_logger

from voxbridge.calls import changes
from voxbridge.calls import store as calls
from voxbridge.calls.skeleton import Origin, skeleton, text_of
from voxbridge.cdr.service import merge_pending
from voxbridge.config.links import resolved
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.outbox import service as outbox
from voxbridge.results import store
from voxbridge.results.fanout import FAN_OUT, FanOut
from voxbridge.results.payload import ParsedResult, parse, sane_time
from voxbridge.results.record import gaps, split

Document = dict[str, Any]
ALIAS_KEPT = timedelta(days=30)
PARSE_IN_THREAD_BYTES = 256 * 1024
TRIES = 8
log = get_logger("voxbridge.results")


@dataclass(frozen=True)
class Stored:
    """Outcome of one arrival. `session_id`: of the record, which a trusted campaign link may have changed."""

    session_id: str
    duplicate: bool


async def receive(ctx: Context, body: bytes, fan_out: Sequence[FanOut] = FAN_OUT) -> Stored:
    """Raises: NotAResult (final for the sender); store errors (the sender keeps the result and repeats it)."""
    if len(body) > PARSE_IN_THREAD_BYTES:
        result = await asyncio.to_thread(parse, body)
    else:
        result = parse(body)
    for _ in range(TRIES):
        done = await _once(ctx, result)
        if done is not None:
            break
    else:
        raise Unavailable("The record of this call is being changed by others; send the result again.")
    if (call := await calls.find(ctx, done.session_id)) is not None:
        await changes.ended(ctx, call, is_new=not done.duplicate)
        for rule in fan_out:
            if await rule.applies(ctx, call):
                await outbox.add(ctx, rule.kind, done.session_id, {"session_id": done.session_id})
    return done


async def _once(ctx: Context, result: ParsedResult) -> Stored | None:
    """One try; None when somebody changed the record between our look and our write."""
    call = await calls.find(ctx, result.session_id)
    if call is None and (other := await store.alias(ctx, result.session_id)):
        call = await calls.find(ctx, other)
    new: Document = {}
    if call is None:
        new = await _without_skeleton(ctx, result)
        call = await calls.find(ctx, new["_id"]) if new["_id"] != result.session_id else None
    if call is not None and call.get("result_received_at") is not None:
        return await _repeat(ctx, result, call)
    session_id = (call or new)["_id"]
    fields, details = split(result, call or new, ctx.clock())
    detail_id = f"{session_id}:{result.digest[:16]}"
    fields |= {"detail_id": detail_id, "result_write_id": (write_id := new_id())}
    await store.put_details(ctx, detail_id, session_id, details)
    if call is not None:
        first = await store.complete_call(ctx, session_id, fields)
    else:
        first = await store.insert_call(ctx, {**new, **fields})
    if not first:
        # Look for our own token before we believe that: a driver repeats a write whose answer was lost.
        stored = await calls.find(ctx, session_id)
        if stored is None or stored.get("result_received_at") is None:
            return None
        if stored.get("result_write_id") != write_id:
            return await _lost(ctx, result, stored, detail_id)
    if stream_id := (call or new or {}).get("stream_id"):
        await merge_pending(ctx, stream_id)
    log.info("result.stored", session_id=session_id, status=fields["status"], skeleton_missing=call is None)
    return Stored(session_id, duplicate=False)


async def _lost(ctx: Context, result: ParsedResult, call: Document, detail_id: str) -> Stored:
    """Another result was first while we were writing."""
    if call.get("detail_id") != detail_id:
        await store.drop_details(ctx, detail_id)
    return await _repeat(ctx, result, call)


async def _repeat(ctx: Context, result: ParsedResult, call: Document) -> Stored:
    if not result.is_same(call):
        fields, details = gaps(result, call, await calls.details(ctx, call))
        if details:
            await store.put_details(ctx, call["detail_id"], call["_id"], details)
        await store.add_conflict(ctx, call["_id"], fields)
        log.warning("result.conflict", session_id=call["_id"], filled=sorted([*fields, *details]))
    return Stored(call["_id"], duplicate=True)


async def _without_skeleton(ctx: Context, result: ParsedResult) -> Document:
    """The record of a call whose config was refused: made from the payload, with the control fields of its event."""
    fields = result.fields
    bot_id = fields.get("bot_id") or ""
    bot = await store.bot_facts(ctx, bot_id) if bot_id else {}
    event, trusted = await resolved(ctx, fields.get("connected_event") or {}, bot_id, bot.get("sip_header_config"))
    session_id = trusted.link.session_id if trusted else result.session_id
    if session_id != result.session_id:
        await store.keep_alias(ctx, result.session_id, session_id, ctx.clock() + ALIAS_KEPT)
    origin = Origin.of(
        event.fields, caller_id=text_of(fields.get("caller_id")), stream_id=text_of(fields.get("stream_id"))
    )
    now = ctx.clock()
    record = skeleton(
        session_id=session_id,
        bot_id=bot_id,
        bot_name=bot.get("name") or "",
        origin=origin,
        event=event,
        link=trusted.link if trusted else None,
        crm_data={},
        max_call_duration_seconds=bot.get("max_call_duration_seconds") or 600,
        created_at=sane_time(fields.get("started_at"), now) or now,
    )
    return record | {"skeleton_missing": True}
