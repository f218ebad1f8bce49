"""What follows the end of a campaign: contacts that wait get their last state, its quota at the registry goes, the
figures are counted a last time. A campaign is `unsettled` from the compare-and-set that ended it until all that is
done, so a crash anywhere is made good by the next look."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from voxkit.campaigns.decision import CUT_SHORT

from voxbridge.campaigns import rows, stats, store
from voxbridge.campaigns.keeper import for_each
from voxbridge.context import Context
from voxbridge.fleet.operators import registry_errors

Document = dict[str, Any]
AT_LEAST = timedelta(seconds=30)
"""A dialler that has not seen the end yet may still take a contact and give it back."""


class Settling:
    """`run` goes over every campaign that is unsettled."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._unlimited: set[str] = set()  # whose quota this process has removed

    async def run(self) -> None:
        ended = [each for each in await store.unsettled(self._ctx) if each["status"] in ("completed", "failed")]
        self._unlimited &= {each["_id"] for each in ended}
        await for_each(ended, self._settle)

    async def _settle(self, campaign: Document) -> None:
        state = CUT_SHORT.get(str(campaign["completion_reason"]))
        if state and await rows.any_waiting(self._ctx, campaign["_id"]):
            await rows.end_waiting(self._ctx, campaign, state)
        await self._remove_quota(campaign["_id"])
        if self._ctx.clock() - campaign["completed_at"] < AT_LEAST or await rows.any_active(self._ctx, campaign["_id"]):
            return
        if state and await rows.any_waiting(self._ctx, campaign["_id"]):
            return
        await stats.recount(self._ctx, campaign)
        await store.settled(self._ctx, campaign)

    async def _remove_quota(self, campaign_id: str) -> None:
        """In every pool. Raises: RegistryUnavailable: it is tried again."""
        if self._ctx.pools is None or campaign_id in self._unlimited:
            return
        with registry_errors():
            for client in self._ctx.pools.clients.values():
                await client.delete_campaign_quota(client.client, campaign_id)
        self._unlimited.add(campaign_id)
