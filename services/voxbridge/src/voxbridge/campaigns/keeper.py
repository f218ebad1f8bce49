"""What ends a campaign without a person: everybody was called, the cut-off came, bot or numbers are gone.

Looked at every five seconds in one process of the deployment. What is remembered between two looks may be lost: a new
leader only waits a little longer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from voxkit.log import get_logger
from voxkit.phone import phone_key

from voxbridge.actors import Actor
from voxbridge.audit.service import Author
from voxbridge.campaigns import lifecycle, rows, store
from voxbridge.campaigns.opening import is_over
from voxbridge.carriers.numbers import calls_out
from voxbridge.context import Context

Document = dict[str, Any]
SYSTEM = Author(Actor("system"), "")
UNFIT_FOR = timedelta(seconds=60)
log = get_logger("voxbridge.campaigns")


async def for_each(campaigns: list[Document], step: Callable[[Document], Awaitable[None]]) -> None:
    """One campaign that cannot be judged does not keep the others from it. Raises: the last error."""
    failed: Exception | None = None
    for campaign in campaigns:
        try:
            await step(campaign)
        except Exception as error:
            log.warning("campaign.step_failed", campaign_id=campaign["_id"], error=f"{type(error).__name__}: {error}")
            failed = error
    if failed is not None:
        raise failed


class Keeper:
    """`run` looks once."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._unfit_since: dict[str, datetime] = {}
        self._last_row: dict[str, int] = {}

    async def run(self) -> None:
        open_ones = await store.by_status(self._ctx, "running", "paused")
        here = {campaign["_id"] for campaign in open_ones}
        self._unfit_since = {name: since for name, since in self._unfit_since.items() if name in here}
        self._last_row = {name: row for name, row in self._last_row.items() if name in here}
        await for_each(open_ones, self._judge)

    async def _judge(self, campaign: Document) -> None:
        now = self._ctx.clock()
        if campaign["config"].get("campaign_mode") == "single_day" and is_over(campaign.get("run_window"), now):
            await lifecycle.finish(self._ctx, SYSTEM, campaign, "window_closed")
        elif campaign["status"] == "running":
            if await self._is_done(campaign):
                # A contact that was added since changes `last_row_no`, and then the campaign goes on.
                last_row = campaign.get("last_row_no")
                await lifecycle.finish(self._ctx, SYSTEM, campaign, "all_contacts_done", last_row_no=last_row)
            elif reason := await self._unfit(campaign, now):
                await lifecycle.finish(self._ctx, SYSTEM, campaign, reason, failed=True)

    async def _is_done(self, campaign: Document) -> bool:
        """Whether nobody waits and nobody is on the phone."""
        if campaign["config"].get("always_on") or campaign.get("prepared_run"):
            return False  # it has no end, or contacts of the former run still become its own
        last_row = int(campaign.get("last_row_no") or 0)
        before, self._last_row[campaign["_id"]] = self._last_row.get(campaign["_id"]), last_row
        # Row numbers are given out before the rows are written: who was just announced is waited for until the next
        # look. Twice, because a contact can go from one group to the other while we look.
        return before == last_row and not await self._any_open(campaign) and not await self._any_open(campaign)

    async def _any_open(self, campaign: Document) -> bool:
        return await rows.any_waiting(self._ctx, campaign["_id"]) or await rows.any_active(self._ctx, campaign["_id"])

    async def _unfit(self, campaign: Document, now: datetime) -> str | None:
        """Why it cannot go on, once that has lasted a minute."""
        reason = await self._fault(campaign)
        if reason is None:
            self._unfit_since.pop(campaign["_id"], None)
            return None
        since = self._unfit_since.setdefault(campaign["_id"], now)
        return reason if now - since >= UNFIT_FOR else None

    async def _fault(self, campaign: Document) -> str | None:
        bot = await store.bot(self._ctx, campaign["bot_id"])
        if bot is None or not bot.get("is_active", True):
            return "bot_missing"
        known = await store.numbers(self._ctx, [phone_key(number) for number in campaign["number_pool"]])
        return None if any(calls_out(did) for did in known.values()) else "no_numbers"
