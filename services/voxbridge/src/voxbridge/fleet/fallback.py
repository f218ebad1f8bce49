"""Without the registry, for those who asked for it (`FLEET_FALLBACK=poll`): when to leave it, when to return, how much.

Quotas and the queue live in the registry. While it is away this deployment keeps to its own `max` by its own count.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
from voxkit.errors import VoxError
from voxkit.log import get_logger
from voxkit.registry import QuotaExceeded, RegistryAway

from voxbridge.context import Context
from voxbridge.fleet import store
from voxbridge.fleet.errors import StartUnknown

LOOK_EVERY_S = 2.0
WELL_FOR_S = 5.0
LOOK_S = 1.0
READ_MAX_EVERY_S = 60.0
UNSEEN_S = 10.0
"""How long a hand-off may take until its call stands in the database."""
log = get_logger("voxbridge.fleet")


@dataclass
class _Outage:
    """The pool that gave no answer, and since when it is well again."""

    pool: str
    well_since: float | None = None


@dataclass
class _Fallback:
    """What one process knows. `handed`: when it handed a call to a worker by polling (monotonic)."""

    outage: _Outage | None = None
    handed: list[float] = field(default_factory=list)


def _state(ctx: Context) -> _Fallback:
    state: _Fallback = ctx.caches.setdefault("fleet_fallback", _Fallback())
    return state


def registry_in_use(ctx: Context) -> bool:
    """Whether the next start asks the registry."""
    return ctx.pools is not None and _state(ctx).outage is None


def leave_registry(ctx: Context, away: RegistryAway) -> bool:
    """The registry gave no answer, its one repeat included: choose by polling from now on? False: fail closed."""
    if ctx.settings.fleet_fallback != "poll":
        return False
    state = _state(ctx)
    if state.outage is None:
        assert ctx.pools is not None
        pool = str(away.extra.get("pool") or next(iter(ctx.pools.clients)))
        state.outage = _Outage(pool)
        log.warning("fleet.registry_left", pool=pool, why=away.extra.get("why"))
    return True


async def look_again(ctx: Context, *, clock: float | None = None) -> None:
    """Return to the registry once it has been well for 5 s; asked every 2 s while it is not in use."""
    state = _state(ctx)
    outage = state.outage
    if outage is None:
        return
    well = await _is_well(ctx, outage.pool)
    now = time.monotonic() if clock is None else clock
    if not well:
        outage.well_since = None
    elif outage.well_since is None:
        outage.well_since = now
    elif now - outage.well_since >= WELL_FOR_S:
        state.outage = None
        log.info("fleet.registry_back", pool=outage.pool)


async def _is_well(ctx: Context, pool: str) -> bool:
    """`/health` answers 200 and the pool is not rebuilding."""
    try:
        answer = await ctx.http.get(f"{ctx.settings.pools[pool]}/health", timeout=LOOK_S)
        return answer.status_code == 200 and answer.json()["pools"].get(pool, "ok") == "ok"
    except (httpx.HTTPError, ValueError, KeyError, AttributeError, TypeError):
        return False


async def remember_max(ctx: Context) -> None:
    """Keep our own `max`, summed over the pools, for the time when nobody can be asked."""
    if ctx.pools is None or ctx.settings.fleet_fallback != "poll" or not registry_in_use(ctx):
        return
    limits: list[int | None] = []
    try:
        for client in ctx.pools.clients.values():
            own = [item for item in (await client.quotas()).items if item.client == client.client]
            limits.append(own[0].max if own else None)
    except VoxError as error:
        log.info("fleet.max_not_read", code=error.wire_code)
        return
    most = None if None in limits else sum(limit for limit in limits if limit is not None)
    if most != await store.read_max(ctx.db):
        await store.write_max(ctx.db, most)


@asynccontextmanager
async def counted(ctx: Context) -> AsyncGenerator[None]:
    """A start made by polling, inside our own `max`. Raises: QuotaExceeded."""
    handed, now = _state(ctx).handed, time.monotonic()
    handed[:] = [at for at in handed if now - at < UNSEEN_S]
    handed.append(now)  # before anything is awaited, so that starts at the same time see each other
    try:
        await _keep_to_max(ctx, len(handed))
        yield
    except StartUnknown:
        raise  # it may run
    except BaseException:
        if now in handed:
            handed.remove(now)
        raise


async def _keep_to_max(ctx: Context, handed: int) -> None:
    if ctx.pools is None or (most := await store.read_max(ctx.db)) is None:
        return
    # A fresh call is in the database, or still on its way there: whichever count is higher holds all of them.
    fresh_since = ctx.clock() - timedelta(seconds=UNSEEN_S)
    known, fresh = await store.count_calls(ctx.db, fresh_since, most + 1)
    used = known + max(fresh, handed - 1)
    if used >= most:
        raise QuotaExceeded(
            f"This deployment may have {most} calls at a time and has {used}; the capacity registry is away, so its "
            "last quota counts.",
            extra={"scope": "client", "limit": most, "used": used},
        )
