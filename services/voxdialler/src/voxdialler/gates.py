"""What must hold before anything is dialled at all: voxbridge answers, the clocks agree, free seats are known."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from voxkit.log import get_logger

from voxdialler.context import Context
from voxdialler.live import Blocked

log = get_logger("voxdialler.gates")
ANSWER_WITHIN_S = 1.0
MOST_SKEW_S = 30.0


class Gates:
    """Looked at once a turn; a closed gate stops new dials, never calls under way."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self.skew_s = 0.0
        self.voxbridge = "unknown"

    async def look(self, settings: dict[str, Any]) -> None:
        """Ask voxbridge and the fleet."""
        await self._ask_voxbridge()
        ctx = self._ctx
        hosts: list[str] = ctx.settings.fleet_hosts or settings.get("core_fleet") or []
        if ctx.registry is not None and not ctx.breakers.allows("registry") and not ctx.capacity.by_fallback:
            return
        ctx.breakers.begin("registry")
        if await ctx.capacity.look(hosts):
            ctx.breakers.succeeded("registry")
        else:
            ctx.breakers.failed("registry", "registry_away", "the registry gave no view of the fleet")
        ctx.metrics.fleet_free.set(ctx.capacity.free or 0)

    async def _ask_voxbridge(self) -> None:
        ctx = self._ctx
        try:
            answer = await ctx.http.get(f"{ctx.settings.voxbridge_url.rstrip('/')}/health", timeout=ANSWER_WITHIN_S)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.voxbridge = "away"
            ctx.breakers.failed("voxbridge", "voxbridge_away", type(error).__name__)
            return
        if answer.status_code != 200:
            self.voxbridge = "degraded"
            ctx.breakers.failed("voxbridge", "voxbridge_degraded", f"/health answered {answer.status_code}")
            return
        self.voxbridge = "ok"
        ctx.breakers.succeeded("voxbridge")
        self._compare_clocks(answer.headers.get("Date"))

    def _compare_clocks(self, stated: str | None) -> None:
        """W6: the `Date` of an answer is whole seconds, and of the moment it was made."""
        try:
            theirs: datetime | None = parsedate_to_datetime(stated) if stated else None
        except ValueError:
            theirs = None
        if theirs is not None:
            self.skew_s = (self._ctx.now() - theirs).total_seconds()
            self._ctx.metrics.clock_skew_seconds.set(self.skew_s)

    def closed(self) -> tuple[Blocked, str] | None:
        """Why nothing is dialled now, and the breaker or thing behind it."""
        if self.voxbridge == "unknown" or not self._ctx.breakers.allows("voxbridge"):
            return "voxbridge_away", "voxbridge"
        if abs(self.skew_s) > MOST_SKEW_S:
            return "clock_skew", f"this host's clock is {self.skew_s:+.0f} s off voxbridge's"
        if self._ctx.capacity.free is None:
            return "registry_away", "registry"
        return None
