"""What follows the start of another run: the contacts of the former one become its own, a thousand row numbers at once.

The campaign runs meanwhile. A dial needs a contact of the campaign's `run_number`, so nobody is called by what the
former run left, and whoever is ready is called at once. `prepared_run` stays until all are ready; until then the
campaign is not done. `prepared_run.reset_upto` says how far it is, and another process goes on there.
"""

from __future__ import annotations

from typing import Any

from voxbridge.campaigns import rows, store
from voxbridge.campaigns.keeper import for_each
from voxbridge.context import Context

Document = dict[str, Any]


class Resetting:
    """`run` goes on with every run that has begun and has contacts of the former one."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def run(self) -> None:
        begun = [each for each in await store.by_status(self._ctx, "running", "paused") if each.get("prepared_run")]
        await for_each(begun, self._reset)

    async def _reset(self, campaign: Document) -> None:
        upto = int(campaign["prepared_run"]["reset_upto"])
        async for found in rows.windows(self._ctx, campaign, rows.RESETTING, since=upto):
            await rows.reset(self._ctx, campaign, found)
            upto += rows.WINDOW
            if not await store.note_reset(self._ctx, campaign, {"prepared_run.reset_upto": upto}):
                return  # it was stopped; its next run resets the rest
        await store.note_reset(self._ctx, campaign, {"prepared_run": None})
