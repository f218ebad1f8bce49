"""Conversations whose worker is gone: nobody will report how they ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxdialler.context import Context

Document = dict[str, Any]
log = get_logger("voxdialler.conversations")

GONE_AFTER_S = 600.0
"""How long no worker may be seen with a call. A worker that has hung up is not seen with it either, and the result is
still on its way then: it may take minutes to arrive."""


class Conversations:
    """Looks at the workers as the registry knows them, and remembers since when a call is missing there.

    A successor does not know it and waits as long again; the end of the lease is the last limit (L3).
    """

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._missing_since: dict[str, float] = {}

    async def lost(self, talking: Sequence[Document]) -> list[Document]:
        """Those of the contacts in conversation that no worker has had for ten minutes.

        `talking`: with `lease_id` and `current_session_id`. Without the registry nobody is lost.
        """
        carried = await self._carried() if talking else set[str]()
        if carried is None:
            self._missing_since.clear()
            return []
        now = self._ctx.monotonic()
        missing = [row for row in talking if not carried & {row.get("lease_id"), row.get("current_session_id")}]
        self._missing_since = {row["_id"]: self._missing_since.get(row["_id"], now) for row in missing}
        return [row for row in missing if now - self._missing_since[row["_id"]] >= GONE_AFTER_S]

    async def _carried(self) -> set[str] | None:
        """Reservations and sessions that workers have now; None = there is nobody to ask."""
        if self._ctx.registry is None:
            return None
        try:
            seats = await self._ctx.registry.seats()
        except VoxError as error:
            log.warning("conversations.not_looked_at", error=str(error)[:200])
            return None
        here = [seat for seat in seats if seat.state != "lost"]
        return {name for seat in here for name in (seat.reservation_id, seat.session_id) if name}
