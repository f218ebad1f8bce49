"""The variables of a call: `call.*`, `crm.*` and `system.*`, all of them text."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from voxkit.templates import flatten, to_text

Document = dict[str, Any]


def direction_of(event: Mapping[str, Any], transport: str = "") -> str:
    """`incoming` or `outgoing`, from what the event says, else from the transport."""
    said = str(event.get("callDirection") or "").lower()
    if said.startswith("out"):
        return "outgoing"
    if said.startswith("in"):
        return "incoming"
    return "outgoing" if transport in ("livekit_outbound", "attach") else "incoming"


def effective_crm(event: Mapping[str, Any], mock: Mapping[str, Any], fetched: Mapping[str, Any]) -> Document:
    """Event < test values < pre-fetch; nested objects become dotted names."""
    return {**flatten(event), **flatten(mock), **flatten(fetched)}


def call_space(
    event: Mapping[str, Any],
    *,
    caller_id: str,
    stream_id: str,
    session_id: str,
    direction: str,
    sip_headers: Mapping[str, str],
) -> dict[str, str]:
    space = flatten(event)
    space |= {"caller_id": caller_id, "stream_id": stream_id, "session_id": session_id, "direction": direction}
    if sip_headers:
        space |= {name: to_text(value) for name, value in sip_headers.items()}
        space["sip_headers_json"] = json.dumps(dict(sip_headers), ensure_ascii=False, separators=(",", ":"))
    return space


def system_space(now: datetime, zone: ZoneInfo) -> dict[str, str]:
    """Date and time as they are spoken, in the zone of the bot."""
    local = now.astimezone(zone)
    date, clock = f"{local:%d %B %Y}", f"{local:%I:%M %p} {local.tzname() or zone.key}"
    return {
        "current_date": date,
        "current_time": clock,
        "current_datetime": f"{date} {clock}",
        "current_day": f"{local:%A}",
        "timezone": zone.key,
    }
