"""Rows of a contacts file, judged one by one."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Literal

from voxbridge.contacts.numbers import NotANumber, read_number
from voxbridge.contacts.sheet import MAX_CELL, MAX_ROWS, PHONE, Sheet

Kind = Literal["valid", "invalid", "duplicate", "over_limit"]
SAMPLE_ERRORS = 20
_SHOWN_PHONE = 40


@dataclass(slots=True)
class Entry:
    """`phone`: as it stands in the file; `number`, `key`, `variables` of a valid row, `reason` of the others."""

    row: int
    kind: Kind
    phone: str
    reason: str = ""
    number: str = ""
    key: str = ""
    variables: dict[str, str] = field(default_factory=dict)


def entries(sheet: Sheet, default_country: str) -> Generator[Entry]:
    """Every data row in the order of the file. Of rows with the same number the first is valid.

    Raises: Invalid `not_csv`.
    """
    phone_at = sheet.header.index(PHONE)
    variables = [(at, name) for at, name in enumerate(sheet.header) if name and name != PHONE]
    width = len(sheet.header)
    seen: set[int] = set()
    for count, (row, cells) in enumerate(sheet.rows(), 1):
        phone = cells[phone_at].strip() if phone_at < len(cells) else ""
        shown = phone[:_SHOWN_PHONE]
        if count > MAX_ROWS:
            yield Entry(row, "over_limit", shown, f"over the limit of {MAX_ROWS:,} rows")
            continue
        if reason := _shape(cells, width):
            yield Entry(row, "invalid", shown, reason)
            continue
        try:
            number = read_number(phone, default_country)
        except NotANumber as error:
            yield Entry(row, "invalid", shown, str(error))
            continue
        # As a number it takes half the memory of its text; the 1 keeps leading zeros apart.
        mark = int("1" + number.key)
        if mark in seen:
            yield Entry(row, "duplicate", shown, "the number stands in a row before; that one is kept")
            continue
        seen.add(mark)
        filled = {name: cells[at] for at, name in variables if at < len(cells) and cells[at].strip()}
        yield Entry(row, "valid", shown, "", number.number, number.key, filled)


def _shape(cells: list[str], width: int) -> str:
    """What is wrong with a row as a whole."""
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return "has more cells than the header; put cells with a delimiter inside into quotes"
    if any(len(cell) > MAX_CELL for cell in cells):
        return f"has a cell of more than {MAX_CELL:,} characters"
    return ""


@dataclass
class Tally:
    """Counts of the rows seen; every row counts once."""

    total_rows: int = 0
    valid: int = 0
    invalid: int = 0
    duplicates: int = 0
    over_limit: int = 0
    last_row: int = 0
    sample_errors: list[dict[str, object]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        self.total_rows += 1
        if entry.kind == "valid":
            self.valid += 1
            self.last_row = entry.row
        elif entry.kind == "over_limit":
            self.over_limit += 1
        elif entry.kind == "duplicate":
            self.duplicates += 1
        else:
            self.invalid += 1
            if len(self.sample_errors) < SAMPLE_ERRORS:
                self.sample_errors.append({"row": entry.row, "phone_number": entry.phone, "reason": entry.reason})


def tally(sheet: Sheet, default_country: str) -> Tally:
    """Read the whole file and change nothing."""
    counts = Tally()
    for entry in entries(sheet, default_country):
        counts.add(entry)
    return counts
