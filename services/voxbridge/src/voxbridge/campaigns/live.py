"""What people see of `campaigns.live`, which voxdialler writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

SILENT_AFTER = timedelta(seconds=20)
"""voxdialler writes every 5 s while a campaign runs; a standby needs up to 10 s to take over."""
AWAY = "dialler_away"


def live_of(campaign: Mapping[str, Any], now: datetime) -> dict[str, Any] | None:
    """The block as it is shown: its `state` is not believed once nobody renews it. None: nobody had to write one yet.

    A change by a person gives voxdialler the same time to hear of it.
    """
    live: dict[str, Any] | None = campaign.get("live")
    if campaign["status"] != "running":
        return live
    known = live or {}
    heard: datetime = max(known.get("updated_at") or campaign["updated_at"], campaign["updated_at"])
    return known | {"state": AWAY} if now - heard > SILENT_AFTER else live
