"""A new contact as it is stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from voxkit.campaigns.ids import contact_id

Document = dict[str, Any]


def new_row(
    campaign_id: str,
    run_number: int,
    row_no: int,
    *,
    number: str,
    key: str,
    variables: dict[str, str],
    suppressed: bool,
    source: Literal["csv", "api"],
    now: datetime,
) -> Document:
    """Fields that are not here are null until somebody writes them: half a million rows carry no empty ones."""
    return {
        "_id": contact_id(campaign_id, key),
        "campaign_id": campaign_id,
        "run_number": run_number,
        "row_no": row_no,
        "phone_number": number,
        "phone_key": key,
        "variables": variables,
        "status": "excluded" if suppressed else "pending",
        "status_changed_at": now,
        "next_retry_at": None,
        "attempt_count": 0,
        "source": source,
        "created_at": now,
        "updated_at": now,
    }
