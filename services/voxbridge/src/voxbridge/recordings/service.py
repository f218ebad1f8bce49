"""Which recording belongs to a call, and who may hear it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from voxkit.errors import NotFound

from voxbridge.calls import store as calls
from voxbridge.context import Context
from voxbridge.recordings.source import Found, Wanted, from_fleet, from_store, object_store
from voxbridge.settings.service import get_settings

Document = dict[str, Any]
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,255}", re.ASCII)
_TYPES = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "opus": "audio/ogg"}


class NoRecording(NotFound):
    """There is no such recording."""

    code = "recording_not_found"


def is_safe_key(key: str) -> bool:
    return bool(_KEY.fullmatch(key)) and ".." not in key and "//" not in key


def key_of(call: Document) -> str | None:
    """`recording_key`, else the last segment of `recording_url`; None when there is none or it is not safe."""
    key = call.get("recording_key")
    if not key and isinstance(call.get("recording_url"), str):
        try:
            key = unquote(urlsplit(call["recording_url"]).path.rsplit("/", 1)[-1])
        except ValueError:
            key = None
    return key if isinstance(key, str) and is_safe_key(key) else None


def content_type(key: str) -> str:
    return _TYPES.get(key.rsplit(".", 1)[-1].lower(), "application/octet-stream")


async def _open(ctx: Context, call: Document, wanted: Wanted) -> tuple[str, Found]:
    key = key_of(call)
    if key is None:
        raise NoRecording
    settings = await get_settings(ctx)
    store = object_store(ctx, settings)
    found = await from_store(store, key, wanted) if store else None
    found = found or await from_fleet(ctx, settings.core_fleet, key, wanted)
    if found is None:
        raise NoRecording
    return key, found


async def of_call(ctx: Context, session_id: str, wanted: Wanted) -> tuple[str, Found]:
    """(key, recording). Raises: NoRecording; RangeNotSatisfiable."""
    call = await calls.find(ctx, session_id, {"recording_key": 1, "recording_url": 1})
    if call is None:
        raise NoRecording
    return await _open(ctx, call, wanted)


async def of_token(ctx: Context, token: str, wanted: Wanted) -> tuple[str, Found]:
    """The same 404 for a token that is unknown, deleted or too old. Raises: NoRecording; RangeNotSatisfiable."""
    call = await calls.by_token(ctx, token) if token else None
    if call is None:
        raise NoRecording
    days = (await get_settings(ctx)).retention.public_recording_days
    since = call.get("completed_at") or call["created_at"]
    if days and ctx.clock() - since > timedelta(days=days):
        raise NoRecording
    return await _open(ctx, call, wanted)
