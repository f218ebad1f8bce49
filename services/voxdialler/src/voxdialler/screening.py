"""Whether answers are screened for machines, and with which settings (section 20)."""

from __future__ import annotations

from typing import Any

from voxkit.contracts.amd import AmdSettings

from voxdialler.context import Context

Document = dict[str, Any]


async def settings(ctx: Context, campaign: Document) -> AmdSettings | None:
    """The deployment's settings when this campaign screens, else None: the campaign's word wins where it has one."""
    stored = await ctx.db["system_settings"].find_one({"_id": "system"}, {"dialler": 1}) or {}
    amd = AmdSettings.model_validate((stored.get("dialler") or {}).get("amd") or {})
    own = ((campaign.get("config") or {}).get("amd") or {}).get("enabled")
    wanted = amd.enabled if own is None else bool(own)
    return amd.model_copy(update={"enabled": True}) if wanted else None


async def for_carrier(ctx: Context, campaign: Document) -> Document | None:
    """The `amd` object of an order: the carrier hears with these settings and acts on the verdict; null = it does not
    listen. Answers over LiveKit are not listened to yet: who answers there gets the bot."""
    found = await settings(ctx, campaign)
    return found.model_dump() if found else None
