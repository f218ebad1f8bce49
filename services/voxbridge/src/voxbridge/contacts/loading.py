"""Whether contacts are being loaded into a campaign."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

SILENT = timedelta(minutes=5)


def is_loading(campaign: Mapping[str, Any], now: datetime) -> bool:
    """Whether a load goes on; one that made no progress for five minutes does not."""
    upload = campaign.get("upload") or {}
    return upload.get("state") == "loading" and now - upload["at"] < SILENT


def is_half_loaded(campaign: Mapping[str, Any]) -> bool:
    """Whether its contacts are those of a load that goes on, died or failed: they are no list of anybody's."""
    return (campaign.get("upload") or {}).get("state") in ("loading", "failed")
