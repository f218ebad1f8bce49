"""What an operator and a balancer ask: `/health`, `/ready`, `/metrics`, `/metrics.json` (section 19)."""

from __future__ import annotations

import hmac
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from voxkit.errors import Unauthorized
from voxkit.metrics import metrics_page

import voxdialler
from voxdialler.context import Context
from voxdialler.live import SHOWN_STATES, Finding, pacing_of
from voxdialler.loop import Loop

Document = dict[str, Any]


def router(ctx: Context, loop: Loop) -> APIRouter:
    """The routes. With METRICS_TOKEN set, figures want it as a bearer token."""
    routes = APIRouter(tags=["health"])

    @routes.get("/health", operation_id="health")
    async def health() -> JSONResponse:
        """200, or 503 when the loop has not turned for `HEALTH_STALE_SECONDS`. A standby is 200."""
        body = health_of(ctx, loop)
        return JSONResponse(body, 200 if body["status"] == "ok" else 503)

    @routes.get("/ready", operation_id="ready")
    async def ready() -> JSONResponse:
        """200 on the leader only: a balancer sends callbacks there."""
        return JSONResponse({"role": role_of(ctx)}, 200 if ctx.leader.is_leader else 503)

    @routes.get("/metrics", operation_id="metrics")
    async def metrics(request: Request) -> Response:
        """Prometheus text."""
        _guard(ctx, request)
        return metrics_page(ctx.prometheus)

    @routes.get("/metrics.json", operation_id="metrics_json")
    async def rolling(request: Request) -> Document:
        """The figures that pacing works with now."""
        _guard(ctx, request)
        return rolling_of(ctx, loop)

    return routes


def _guard(ctx: Context, request: Request) -> None:
    token = ctx.settings.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and not hmac.compare_digest(given.encode(), token.encode()):
        raise Unauthorized("Send METRICS_TOKEN as a bearer token.")


def role_of(ctx: Context) -> str:
    return "leader" if ctx.leader.is_leader else "standby"


def health_of(ctx: Context, loop: Loop) -> Document:
    """What an operator looks at first. `mongodb` is as the loop and the leader's beat find it."""
    age_s = ctx.monotonic() - loop.ticked_at
    # A process that stops turns no more and beats no more, and is well: it carries its last calls to their end.
    is_stale = age_s > ctx.settings.health_stale_seconds and not loop.stopping
    store_away = ctx.leader.heard_s > ctx.settings.health_stale_seconds and not loop.stopping
    turns, seats = sorted(loop.tick_ms), ctx.capacity.seats
    return {
        "status": "degraded" if is_stale or store_away else "ok",
        "role": role_of(ctx),
        "instance_id": ctx.settings.dialler_instance_id,
        "epoch": ctx.leader.epoch,
        "last_tick_age_s": round(age_s, 1),
        "tick_count": loop.ticks,
        "tick_p95_ms": round(turns[int(len(turns) * 0.95)]) if turns else None,
        "running_campaigns": sum(found.is_running for found in loop.findings.values()),
        "active": {name: sum(one.counts.get(name, 0) for one in loop.findings.values()) for name in SHOWN_STATES},
        "fleet": {"source": seats.source, "max": seats.total, "available": seats.free, "age_s": ctx.capacity.age_s},
        "stale_rows": loop.stale_rows,
        "breakers_open": ctx.breakers.open_keys(),
        "voxbridge": loop.gates.voxbridge,
        "mongodb": "away" if store_away else "ok",
        "version": voxdialler.__version__,
        "image_tag": ctx.settings.vox_image_tag,
    }


def rolling_of(ctx: Context, loop: Loop) -> Document:
    """The rolling figures: of each campaign, of each carrier, and all together."""
    return {
        "window_s": ctx.settings.metrics_window_seconds,
        "campaigns": {campaign_id: _campaign(found) for campaign_id, found in loop.findings.items()},
        "carriers": {
            carrier["_id"]: {
                "tokens": round((bucket := ctx.buckets.of(carrier["_id"])).tokens, 2), "cps": bucket.cps,
                "active": loop.channels[carrier["_id"]], "channels": carrier.get("outbound_channels"),
                "paused_s": round(bucket.paused_s, 1),
            }
            for carrier in loop.carriers
        },
        "totals": {
            "dials_per_second": round(sum(found.recent.dials_per_second for found in loop.findings.values()), 3),
            "active_dials": len(ctx.tasks),
        },
    }  # fmt: skip


def _campaign(found: Finding) -> Document:
    measured = found.recent.measures
    return {
        "ring_s": measured.ring_s, "pick_s": measured.pick_s, "resolved": measured.resolved,
        "answered": measured.answered, "answer_rate": measured.answer_rate, "aht_s": measured.aht_s,
        "abandon_rate": measured.abandon, "dials_per_second": found.recent.dials_per_second,
        "blocked": found.blocked, **(pacing_of(found.pace, found.recent, found.seat_grade) or {}),
    }  # fmt: skip
