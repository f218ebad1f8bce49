"""CSV files that we give: UTF-8 with a BOM, no cell that a spreadsheet would run, sent while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from fastapi.responses import StreamingResponse
from voxkit.clock import iso

BOM = "\ufeff"  # spreadsheets read UTF-8 only with it
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
# `responses=` of a route that answers with such a file.
CSV_REPLY: dict[int | str, Any] = {
    200: {"description": "CSV with a header line", "content": {"text/csv": {"schema": {"type": "string"}}}}
}


def cell(value: Any, *, phone: bool = False) -> str:
    """Text of a cell. Text that a spreadsheet would run as a formula gets a leading `'`; in a phone column numbers keep
    their `+`, but only while they are nothing else."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return iso(value)
    text = str(value)
    is_number = phone and text.startswith("+") and text[1:].replace(" ", "").isdigit()
    guarded = isinstance(value, str) and text.startswith(_FORMULA) and not is_number
    return f"'{text}" if guarded else text


def lines(rows: Iterable[Sequence[Any]], phones: Collection[int] = ()) -> str:
    """Rows as text; `phones`: positions of the phone columns."""
    buffer = io.StringIO()
    write = csv.writer(buffer).writerow
    for row in rows:
        write([cell(value, phone=at in phones) for at, value in enumerate(row)])
    return buffer.getvalue()


async def _encoded(
    columns: Sequence[str], phones: Collection[int], parts: AsyncIterable[Iterable[Sequence[Any]]]
) -> AsyncIterable[bytes]:
    yield (BOM + lines([columns])).encode()
    async for rows in parts:
        yield lines(rows, phones).encode("utf-8", "replace")


def csv_reply(
    name: str, columns: Sequence[str], phones: Collection[str], parts: AsyncIterable[Iterable[Sequence[Any]]]
) -> StreamingResponse:
    """A file `name` of the rows of `parts`, whose cells are in the order of `columns`; `phones`: phone columns."""
    places = {columns.index(phone) for phone in phones}
    return StreamingResponse(
        _encoded(columns, places, parts),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
