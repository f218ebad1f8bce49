"""What an attempt says about carrier, workers and campaign: figures for the metrics, evidence for the breakers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.registry import StartFailed

from voxdialler.attempts import Attempt
from voxdialler.context import Context
from voxdialler.originate.base import Refused
from voxdialler.originate.outcomes import End

Document = dict[str, Any]
AGAINST_THE_CAMPAIGN: frozenset[AttemptOutcome] = frozenset({"error", "abandoned"})
FORBIDDEN = 403


def keys_of(attempt: Attempt) -> list[str]:
    """The breakers that stand before a dial of this attempt."""
    keys = [f"carrier:{attempt.carrier_id}", "voxbridge", f"campaign:{attempt.campaign_id}"]
    return [*keys, "livekit", "attach"] if attempt.originate == "livekit_sip" else keys


def begun(ctx: Context, attempt: Attempt) -> None:
    """The order is about to be sent: of a breaker that is half open, this is the one probe."""
    for key in keys_of(attempt):
        ctx.breakers.begin(key)


def refused(ctx: Context, attempt: Attempt, refusal: Refused) -> None:
    """The carrier did not take the order; one that is full is left alone for as long as it says (N2)."""
    key = f"carrier:{attempt.carrier_id}"
    if refusal.outcome == "not_placed" and not refusal.breaker:
        ctx.buckets.of(attempt.carrier_id).pause(refusal.retry_after_s)
    if refusal.outcome == "not_placed":
        ctx.breakers.end(f"campaign:{attempt.campaign_id}")
        if refusal.breaker:
            ctx.breakers.failed(key, refusal.code or "refused", str(refusal), attempt_id=attempt.id)
        else:
            ctx.breakers.end(key)


def ended(ctx: Context, attempt: Attempt, stored: Document, end: End) -> None:
    """An attempt ended without a worker. Whatever a callee did speaks for the carrier (B4)."""
    ctx.metrics.dials.labels(carrier=attempt.carrier_id, outcome=end.outcome).inc()
    if stored.get("ring_seconds") is not None:
        ctx.metrics.ring_seconds.labels(outcome=end.outcome).observe(stored["ring_seconds"])
    screened(ctx, stored.get("amd"))
    if end.outcome == "abandoned":
        ctx.metrics.abandoned.labels(cause="carrier" if end.breaker else "worker").inc()
    _say(ctx, f"carrier:{attempt.carrier_id}", attempt, end, bad=end.breaker)
    _say(ctx, f"campaign:{attempt.campaign_id}", attempt, end, bad=end.outcome in AGAINST_THE_CAMPAIGN)


def connected(ctx: Context, attempt: Attempt, answered_at: datetime | None, connected_at: datetime) -> None:
    """The callee has the bot."""
    ctx.metrics.dials.labels(carrier=attempt.carrier_id, outcome="connected").inc()
    if answered_at is not None:
        ctx.metrics.answer_to_attach_seconds.observe(max(0.0, (connected_at - answered_at).total_seconds()))
    for key in (f"carrier:{attempt.carrier_id}", f"campaign:{attempt.campaign_id}"):
        ctx.breakers.succeeded(key)


def screened(ctx: Context, amd: Document | None) -> None:
    """A verdict of screening, counted once its call has come to the bot or to its end."""
    if amd:
        ctx.metrics.amd.labels(decision=amd.get("decision") or "unknown", cause=amd.get("cause") or "").inc()
        if isinstance(amd.get("ms"), int | float):
            ctx.metrics.amd_seconds.observe(amd["ms"] / 1000)


def attach_refused(ctx: Context, attempt: Attempt, refusal: StartFailed) -> None:
    """A worker said no: a wrong secret hurts every call, so 403 opens the breaker at once."""
    ctx.breakers.failed(
        "attach", refusal.wire_code, str(refusal), attempt_id=attempt.id, at_once=refusal.http_status == FORBIDDEN
    )


def _say(ctx: Context, key: str, attempt: Attempt, end: End, *, bad: bool) -> None:
    if bad:
        ctx.breakers.failed(key, end.outcome, end.reason or end.outcome, attempt_id=attempt.id)
    else:
        ctx.breakers.succeeded(key)
