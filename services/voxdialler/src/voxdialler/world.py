"""What one turn of the loop knows: read once, with as many queries for ten contacts as for a million (T1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from voxkit.contracts.campaigns import ACTIVE, CampaignConfig

from voxdialler.context import Context
from voxdialler.pacing import Load

Document = dict[str, Any]
ACTIVE_FIELDS = {
    "campaign_id": 1, "status": 1, "run_number": 1, "lease_id": 1, "current_carrier_id": 1, "exclude_requested": 1,
}  # fmt: skip
SETTINGS_EVERY_S = 5.0


@dataclass
class World:
    """Running campaigns and those that still have calls, all active contacts, carriers, bots, settings."""

    now: datetime
    campaigns: dict[str, Document] = field(default_factory=dict[str, Document])
    active: list[Document] = field(default_factory=list[Document])
    carriers: list[Document] = field(default_factory=list[Document])
    bots: dict[str, Document] = field(default_factory=dict[str, Document])
    counts: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])

    @property
    def running(self) -> list[Document]:
        return [campaign for campaign in self.campaigns.values() if campaign.get("status") == "running"]

    def load_of(self, campaign: Document, config: CampaignConfig) -> Load:
        """Contacts of the campaign by what they need (section 9)."""
        counted = self.counts.get(campaign["_id"], Counter())
        return Load(
            limit=config.concurrency_limit,
            leased=counted["leased"],
            ringing=counted["dialling"] + counted["ringing"],
            busy=counted["amd_screening"] + counted["attaching"] + counted["in_progress"],
        )

    def by_carrier(self, *states: str) -> Counter[str]:
        """Active contacts, or those in these states, by the carrier whose channel they have."""
        rows = [row for row in self.active if not states or row["status"] in states]
        return Counter(row["current_carrier_id"] for row in rows if row.get("current_carrier_id"))


class Reader:
    """Reads the world once a turn; carriers, bots and settings at most every five seconds."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._slow_at = float("-inf")
        self._carriers: list[Document] = []
        self.settings: Document = {}

    async def read(self) -> World:
        ctx = self._ctx
        world = World(ctx.now())
        async for campaign in ctx.db["campaigns"].find({"status": "running"}):
            world.campaigns[campaign["_id"]] = campaign
        for state in ACTIVE:
            async for row in ctx.db["campaign_calls"].find({"status": state}, ACTIVE_FIELDS):
                world.active.append(row)
        for row in world.active:
            world.counts.setdefault(row["campaign_id"], Counter())[row["status"]] += 1
        if others := [campaign_id for campaign_id in world.counts if campaign_id not in world.campaigns]:
            async for campaign in ctx.db["campaigns"].find({"_id": {"$in": others}}):
                world.campaigns[campaign["_id"]] = campaign
        await self._read_slow()
        world.carriers = self._carriers
        bot_ids = sorted({campaign.get("bot_id") or "" for campaign in world.running})
        wanted = {"active_hours": 1, "timezone": 1, "is_active": 1}
        async for bot in ctx.db["bots"].find({"_id": {"$in": bot_ids}}, wanted):
            world.bots[bot["_id"]] = bot
        return world

    async def _read_slow(self) -> None:
        ctx = self._ctx
        if ctx.monotonic() - self._slow_at < SETTINGS_EVERY_S:
            return
        self._carriers = [carrier async for carrier in ctx.db["carriers"].find({})]
        self.settings = await ctx.db["system_settings"].find_one({"_id": "system"}) or {}
        ctx.buckets.learn(self._carriers)
        await ctx.numbers.learn([did["phone_key"] for carrier in self._carriers for did in carrier.get("dids") or ()])
        self._slow_at = ctx.monotonic()

    def forget(self) -> None:
        """Read everything anew in the next turn."""
        self._slow_at = float("-inf")
