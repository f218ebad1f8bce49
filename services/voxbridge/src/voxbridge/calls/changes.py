"""Who is told when a call begins, ends or is gone: the counters of the analytics and the open pages."""

from __future__ import annotations

from typing import Any

from voxbridge.analytics.recount import mark
from voxbridge.context import Context
from voxbridge.events import bus

Document = dict[str, Any]
_TOPICS = ("calls",)
_SHOWN = ("bot_id", "campaign_id", "status", "disconnected_by", "disposition")


def began(ctx: Context, call: Document) -> None:
    """The caller's answer does not wait: should the mark be lost, the end of the call makes it again."""
    ctx.background.start(mark(ctx, call), name="analytics.mark")
    bus.publish(ctx, "call.started", _TOPICS, _told(call))


async def ended(ctx: Context, call: Document, *, is_new: bool) -> None:
    """`is_new`: False when it was told before; the counters are marked in any case. Raises: store errors."""
    await mark(ctx, call)
    if is_new:
        bus.publish(ctx, "call.completed", _TOPICS, _told(call))


async def gone(ctx: Context, call: Document) -> None:
    """A call is deleted, or about to be."""
    await mark(ctx, call)


def _told(call: Document) -> Document:
    return {"session_id": call["_id"], **{name: call[name] for name in _SHOWN if call.get(name)}}
