"""The first form of a call's record: what is known before anybody has spoken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from voxkit.phone import phone_rev

from voxbridge.config.event import CampaignLink, SplitEvent
from voxbridge.config.namespaces import direction_of

Document = dict[str, Any]
BUCKET = timedelta(minutes=15)
NO_DURATION = -1.0  # calls without a duration stand last in the list that is sorted by it
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def bucket_of(created_at: datetime) -> datetime:
    """The 15-minute bucket of a call; every zone's hours and days fall on its edges."""
    return _EPOCH + (created_at - _EPOCH) // BUCKET * BUCKET


def duration_order(session_id: str, seconds: float | None) -> float:
    """Position in the list sorted by duration: tenths of a second, and inside one the order of the ids.

    Thousands of calls last 0 seconds; a position of their own for each lets a page read only its own rows.
    """
    try:
        share = int(session_id.replace("-", "")[:10], 16) / 16**10
    except ValueError:
        share = 0.5
    tenths = round(NO_DURATION if seconds is None else min(max(seconds, 0.0), 1e6), 1)
    return tenths + 0.0999 * share


def text_of(value: Any) -> str:
    """A field of an event as text; objects and null are no text."""
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


@dataclass(frozen=True)
class Origin:
    """Where a call came from, as the worker or its event says."""

    caller_id: str
    stream_id: str
    from_number: str
    call_id: str
    transport: str
    direction: str

    @classmethod
    def of(cls, event: Document, *, caller_id: str = "", stream_id: str = "") -> Origin:
        transport = text_of(event.get("transport"))
        return cls(
            caller_id=caller_id or text_of(event.get("callerId")),
            stream_id=stream_id or text_of(event.get("streamId")),
            from_number=text_of(event.get("did")),
            call_id=text_of(event.get("call_id")),
            transport=transport,
            direction=direction_of(event, transport),
        )


def skeleton(
    *,
    session_id: str,
    bot_id: str,
    bot_name: str,
    origin: Origin,
    event: SplitEvent,
    link: CampaignLink | None,
    crm_data: Document,
    max_call_duration_seconds: int,
    created_at: datetime,
) -> Document:
    """The record of a call that has just begun. `call_id` is left out when the event has none (its index is sparse)."""
    record: Document = {
        "_id": session_id,
        "bot_id": bot_id,
        "bot_name": bot_name,
        "stream_id": origin.stream_id,
        "caller_id": origin.caller_id,
        "from_number": origin.from_number,
        "phone_rev": phone_rev(origin.caller_id),
        "status": "in_progress",
        "call_type": "bot",
        "call_direction": origin.direction,
        "transport": origin.transport,
        "connected_event": event.fields | (link.fields() if link else {}),
        "crm_data": crm_data,
        "sip_context": event.sip_headers,
        "skip_post_push": event.skip_post_push,
        "campaign_id": link.campaign_id if link else None,
        "campaign_call_id": link.campaign_call_id if link else None,
        "campaign_attempt": link.attempt if link else None,
        "campaign_run_number": link.run_number if link else None,
        "max_call_duration_seconds": max_call_duration_seconds,
        "duration_order": duration_order(session_id, None),
        "bucket_utc": bucket_of(created_at),
        "created_at": created_at,
    }
    if origin.call_id:
        record["call_id"] = origin.call_id
    return record
