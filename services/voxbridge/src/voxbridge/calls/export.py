"""The call list as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any

from voxkit.clock import iso

Document = dict[str, Any]
BOM = "\ufeff"  # spreadsheets read UTF-8 only with it
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
_PHONES = ("customer_number", "number")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(column: str, value: Any) -> str:
    """Text of a cell. Text that a spreadsheet would run as a formula gets a leading `'`; phone numbers keep their `+`,
    but only while they are nothing else."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    text = str(value)
    is_number = column in _PHONES and text.startswith("+") and text[1:].replace(" ", "").isdigit()
    guarded = isinstance(value, str) and text.startswith(_FORMULA) and not is_number
    return f"'{text}" if guarded else text


def _line(cells: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def lines(rows: list[Document]) -> str:
    return "".join(_line([cell(column, row.get(field)) for column, field in COLUMNS]) for row in rows)


async def as_csv(pages: AsyncIterator[list[Document]]) -> AsyncIterator[bytes]:
    """Header, then a chunk a page."""
    yield (BOM + _line([column for column, _ in COLUMNS])).encode()
    async for rows in pages:
        yield lines(rows).encode("utf-8", "replace")
