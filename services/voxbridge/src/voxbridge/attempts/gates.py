"""Whether a call may lead to a callback: the bot and the campaign must both want it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def takes_callbacks(bot: Mapping[str, Any] | None, campaign: Mapping[str, Any] | None) -> bool:
    """Both gates: `callback_prompt_injection` of the bot, `callback_detection.enabled` of the campaign."""
    detection = ((campaign or {}).get("config") or {}).get("callback_detection") or {}
    return bool((bot or {}).get("callback_prompt_injection")) and bool(detection.get("enabled"))
