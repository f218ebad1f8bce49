"""Query parameters as the lists read them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from fastapi import Query
from voxkit.clock import parse_iso
from voxkit.errors import Invalid

Words = Annotated[str, Query(max_length=2_000, description="One value, or several with commas.")]
Day = Annotated[str, Query(max_length=40, description="A date, or a time in ISO 8601.", examples=["2026-06-05"])]


def wrong(name: str, told: str) -> Invalid:
    """The refusal of one parameter."""
    return Invalid(f"{name} {told}.", detail=[{"loc": ["query", name], "msg": told, "type": "value_error"}])


def moment(name: str, text: str, *, end: bool = False) -> datetime | None:
    """A time; a bare date is its beginning, or its last millisecond when it ends a range. Raises: Invalid."""
    if not text:
        return None
    try:
        if len(text) == 10:
            day = datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
            return day + timedelta(days=1) - timedelta(milliseconds=1) if end else day
        # A `+` of an offset that was not encoded arrives as a blank.
        return parse_iso(text.replace(" ", "+") if text.count(" ") == 1 and text[10:11] == "T" else text)
    except (ValueError, OverflowError):
        raise wrong(name, "is no date and no time in ISO 8601") from None


def words(text: str) -> tuple[str, ...]:
    """The values of a comma list, at most 50."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))[:50]
