"""The call list as CSV."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

Document = dict[str, Any]
# Column -> field of the record.
COLUMNS: tuple[tuple[str, str], ...] = (
    ("session_id", "session_id"), ("created_at", "created_at"), ("bot_id", "bot_id"), ("bot_name", "bot_name"),
    ("campaign_id", "campaign_id"), ("direction", "call_direction"), ("customer_number", "caller_id"),
    ("number", "from_number"), ("status", "status"), ("disconnected_by", "disconnected_by"),
    ("call_duration_seconds", "call_duration_seconds"), ("disposition", "disposition"),
    ("sub_disposition", "sub_disposition"), ("was_transferred", "was_transferred"),
    ("transfer_target", "transfer_target"), ("qc_overall_score", "qc_overall_score"),
    ("avg_response_ms", "avg_response_ms"), ("recording_url", "recording_url"),
)  # fmt: skip
HEADER = tuple(column for column, _ in COLUMNS)
PHONES = ("customer_number", "number")


async def cells(pages: AsyncIterator[list[Document]]) -> AsyncIterator[list[list[Any]]]:
    """Pages of records as rows of cells."""
    async for rows in pages:
        yield [[row.get(field) for _, field in COLUMNS] for row in rows]
