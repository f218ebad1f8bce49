"""Whether answers are screened for machines, with which settings, and what a verdict means."""

from __future__ import annotations

from typing import Any, Literal

from voxdialler.context import Context

Document = dict[str, Any]
Action = Literal["attach", "teardown"]
_OURS = ("enabled", "action_on_machine", "action_on_unknown")


async def settings(ctx: Context, campaign: Document) -> Document | None:
    """The deployment's settings when this campaign screens, else None: the campaign's word wins where it has one."""
    stored = await ctx.db["system_settings"].find_one({"_id": "system"}, {"dialler": 1}) or {}
    amd: Document = (stored.get("dialler") or {}).get("amd") or {}
    own = ((campaign.get("config") or {}).get("amd") or {}).get("enabled")
    wanted = bool(amd.get("enabled")) if own is None else bool(own)
    return amd if wanted else None


async def for_carrier(ctx: Context, campaign: Document) -> Document | None:
    """The `amd` object of a carrier's order; null = no screening. What we do with a verdict stays with us."""
    return await settings(ctx, campaign)


def action(settings: Document, decision: str) -> Action:
    """What to do with a verdict `human`, `machine` or `unknown` (A3)."""
    if decision == "human":
        return "attach"
    wanted = settings.get(f"action_on_{decision}") or ("teardown" if decision == "machine" else "continue")
    return "teardown" if wanted == "teardown" else "attach"
