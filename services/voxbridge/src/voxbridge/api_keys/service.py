"""Rules of API keys."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from voxkit.errors import Forbidden, NotFound, Unauthorized

from voxbridge.actors import Actor
from voxbridge.api_keys import store
from voxbridge.api_keys.models import ApiKey, ApiKeyChanges, CreatedApiKey, NewApiKey
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.pages import Page, PageQuery, short_page, sort_of

PREFIX = "vx_"
SHOWN = 7  # characters that stay visible
USE_NOTED_EVERY = timedelta(minutes=1)
SORTS = ("name", "-name", "created_at", "-created_at", "last_used_at", "-last_used_at")


def hash_key(raw: str) -> str:
    return hashlib.sha256(raw.encode()).hexdigest()


async def create(ctx: Context, actor: Actor, body: NewApiKey) -> CreatedApiKey:
    raw = PREFIX + secrets.token_urlsafe(24)
    now = ctx.clock()
    key: dict[str, Any] = {
        "_id": new_id(),
        "name": body.name,
        "key_prefix": raw[:SHOWN],
        "key_hash": hash_key(raw),
        "bot_ids": list(dict.fromkeys(body.bot_ids)),
        "is_active": True,
        "expires_at": body.expires_at,
        "last_used_at": None,
        "created_by": actor.id,
        "created_at": now,
        "updated_at": now,
    }
    await store.insert(ctx.db, key)
    created = CreatedApiKey.of(key, now, api_key=raw)
    assert isinstance(created, CreatedApiKey)
    return created


async def listed(ctx: Context, query: PageQuery) -> Page[ApiKey]:
    now = ctx.clock()
    return await short_page(
        store.collection(ctx.db), {}, query, sort=sort_of(query, SORTS, "-created_at"),
        shape=lambda key: ApiKey.of(key, now), projection={"key_hash": 0},
    )  # fmt: skip


async def change(ctx: Context, key_id: str, body: ApiKeyChanges) -> ApiKey:
    """Raises: NotFound."""
    now = ctx.clock()
    given = body.model_dump(exclude_unset=True)
    if body.bot_ids is not None:
        given["bot_ids"] = list(dict.fromkeys(body.bot_ids))
    key = await store.change(ctx.db, key_id, {**given, "updated_at": now})
    if key is None:
        raise NotFound("There is no such API key.")
    return ApiKey.of(key, now)


async def delete(ctx: Context, key_id: str) -> None:
    """Raises: NotFound."""
    if not await store.delete(ctx.db, key_id):
        raise NotFound("There is no such API key.")


async def actor_of_key(ctx: Context, raw: str | None) -> Actor:
    """Raises: Unauthorized: absent or unknown. Forbidden: inactive, expired, or its expiry cannot be read."""
    if not raw:
        raise Unauthorized("The header X-API-Key is missing.", code="missing_api_key")
    key = await store.by_hash(ctx.db, hash_key(raw))
    if key is None:
        raise Unauthorized("This API key is not known.", code="invalid_api_key")
    if not key.get("is_active"):
        raise Forbidden("API key is inactive")
    now, expires = ctx.clock(), key.get("expires_at")
    if expires is not None and not isinstance(expires, datetime):
        raise Forbidden("API key has invalid expiry")
    if expires is not None and expires <= now:
        raise Forbidden("API key has expired")
    _note_use(ctx, key["_id"], now)
    return Actor("api_key", key_id=key["_id"], name=key["name"], bot_ids=tuple(key.get("bot_ids") or ()))


def _note_use(ctx: Context, key_id: str, now: datetime) -> None:
    """In the background, at most once a minute; the request never waits for it or fails with it."""
    noted: dict[str, datetime] = ctx.caches.setdefault("api_key_uses", {})
    if key_id in noted and now - noted[key_id] < USE_NOTED_EVERY:
        return
    noted[key_id] = now
    ctx.background.start(store.note_use(ctx.db, key_id, now, at_most_every=USE_NOTED_EVERY), name="api_key.last_used")
