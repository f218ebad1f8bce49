"""Whether the parts behind us answer: asked together, within 400 ms, at most once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any

import httpx
import pymongo
from pymongo.errors import PyMongoError
from redis.exceptions import RedisError

import voxbridge
from voxbridge.context import Context
from voxbridge.health.models import Health
from voxbridge.looks import shared

PROBE_S = 0.4


async def _answers(ask: Awaitable[Any]) -> bool:
    try:
        async with asyncio.timeout(PROBE_S):
            return bool(await ask)
    except (PyMongoError, RedisError, httpx.HTTPError, OSError, TimeoutError):
        return False


async def _mongo(ctx: Context) -> bool:
    with pymongo.timeout(PROBE_S):
        return bool((await ctx.mongo.admin.command("ping")).get("ok"))


async def _redis(ctx: Context) -> bool:
    return bool(await ctx.redis.ping())


async def _registry(ctx: Context) -> bool:
    """Whether the registry of every pool answers."""
    urls = set(ctx.settings.pools.values())
    answers = await asyncio.gather(*(ctx.http.get(f"{url}/health", timeout=PROBE_S) for url in urls))
    return all(answer.is_success for answer in answers)


async def _no_registry() -> bool:
    return False


async def _look(ctx: Context) -> Health:
    has_registry = bool(ctx.settings.pools)
    mongodb, redis, registry = await asyncio.gather(
        _answers(_mongo(ctx)), _answers(_redis(ctx)), _answers(_registry(ctx) if has_registry else _no_registry())
    )
    return Health(
        status="ok" if mongodb and redis else "degraded",
        version=voxbridge.__version__,
        image_tag=ctx.settings.vox_image_tag,
        mongodb="ok" if mongodb else "away",
        redis="ok" if redis else "away",
        registry="off" if not has_registry else "ok" if registry else "away",
    )


async def check(ctx: Context) -> Health:
    """At most 1 s old; askers at the same time share one look."""
    return await shared(ctx, "health", lambda: _look(ctx))
