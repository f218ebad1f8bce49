"""CSV files that people upload: their encoding, delimiter and columns, and their rows one by one.

Nothing is kept: a file is read once to judge it and once more to take it in, so its size costs no memory.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

from voxkit.errors import Invalid

FILE_BYTES = 50_000_000
MAX_ROWS = 500_000
MAX_COLUMNS = 100
MAX_CELL = 2_000
PHONE = "phone_number"
DELIMITERS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_LINE = 1 << 18  # characters; more than a row within the limits can have
# Codec of Python -> name that is shown.
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SHOWN = {"utf-8-sig": "utf-8", "utf-8": "utf-8", "utf-16": "utf-16", "cp1252": "windows-1252"}


def not_csv(why: str) -> Invalid:
    return Invalid(f"This is no CSV file: {why}. Nothing was changed.", code="not_csv")


@dataclass(frozen=True)
class Sheet:
    """A file whose header is in order. `header`: names by position, "" for a column that is not read."""

    file: BinaryIO
    codec: str
    delimiter: str
    header: tuple[str, ...]
    ignored: tuple[str, ...]

    @property
    def encoding(self) -> str:
        return _SHOWN[self.codec]

    @property
    def columns(self) -> list[str]:
        """The columns that are read, `phone_number` among them."""
        return [name for name in self.header if name]

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(row, cells) of every data row that is not blank. `row` counts as a spreadsheet does: the header is row 1,
        blank rows count. Raises: Invalid `not_csv`."""
        records = _records(self.file, self.codec, self.delimiter)
        next(filter(_filled, records))
        yield from filter(_filled, records)


def open_sheet(file: BinaryIO) -> Sheet:
    """Raises: Invalid: `not_csv`, `missing_phone_number`, `duplicate_header`, `too_many_columns`, `invalid_header`."""
    codec = _codec_of(file)
    delimiter, cells = _header_of(file, codec)
    names = [_cleaned(cell) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if PHONE not in names:
        found = ", ".join(name for name in names if name)[:300] or "none"
        raise Invalid(
            f"The first line needs a column named {PHONE}, written exactly so; its columns are: {found}.",
            code="missing_phone_number",
        )
    if len(names) > MAX_COLUMNS:
        raise Invalid(f"The file has {len(names)} columns; at most {MAX_COLUMNS} are read.", code="too_many_columns")
    given = [name for name in names if name]
    if doubled := sorted({name for name in given if given.count(name) > 1}):
        raise Invalid(f"Columns must have different names; doubled: {', '.join(doubled)}.", code="duplicate_header")
    for name in given:
        if name.startswith("$") or len(name) > 200:
            raise Invalid(
                f"A column must not begin with $ and has at most 200 characters: {name[:40]}.", code="invalid_header"
            )
    header = tuple("" if name.startswith("_") else name for name in names)
    nameless = [f"column {at}, without a name" for at, name in enumerate(names, 1) if not name]
    return Sheet(file, codec, delimiter, header, (*(name for name in given if name.startswith("_")), *nameless))


def _codec_of(file: BinaryIO) -> str:
    file.seek(0)
    head = file.read(3)
    for bom, codec in _BOMS:
        if head.startswith(bom):
            if not _decodes(file, codec):
                raise not_csv(f"it begins as {_SHOWN[codec].upper()} and does not go on so")
            return codec
    for codec in ("utf-8", "cp1252"):
        if _decodes(file, codec):
            return codec
    raise not_csv("its text is neither UTF-8, UTF-16 with a byte order mark nor Windows-1252")


def _decodes(file: BinaryIO, codec: str) -> bool:
    """Raises: Invalid `not_csv`: NUL characters, which no text has."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        while chunk := file.read(_CHUNK):
            if "\0" in decoder.decode(chunk):
                raise not_csv("it has NUL characters; save the sheet as CSV, not as a workbook")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(_LINE):
        number += 1
        if len(line) == _LINE and not line.endswith(("\n", "\r")):
            raise not_csv(f"line {number} is longer than {_LINE} characters")
        yield line


def _records(file: BinaryIO, codec: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number from 1, cells) of every record, blank ones included. Raises: Invalid `not_csv`."""
    file.seek(0)
    text = io.TextIOWrapper(cast(io.BufferedReader, file), encoding=codec, newline="")
    row = 0
    try:
        for cells in csv.reader(_lines(text), delimiter=delimiter, strict=True):
            row += 1
            yield row, cells
    except csv.Error:
        raise not_csv(
            f"in row {row + 1} a quote is not closed, or a quote inside a quoted cell is not doubled"
        ) from None
    finally:
        text.detach()


def _filled(record: tuple[int, list[str]]) -> bool:
    return any(cell.strip() for cell in record[1])


def _header_of(file: BinaryIO, codec: str) -> tuple[str, list[str]]:
    """The delimiter under which the header has `phone_number`, else the most columns; and the header's cells."""
    found: list[tuple[bool, int, str, list[str]]] = []
    problem: Invalid | None = None
    for delimiter in DELIMITERS:
        try:
            record = next(filter(_filled, _records(file, codec, delimiter)), None)
        except Invalid as error:
            problem = problem or error
            continue
        if record is None:
            raise Invalid(f"The file is empty; its first line needs a column {PHONE}.", code="missing_phone_number")
        found.append((PHONE in map(_cleaned, record[1]), len(record[1]), delimiter, record[1]))
    if not found:
        assert problem is not None
        raise problem
    _, _, delimiter, cells = max(found, key=lambda choice: choice[:2])
    return delimiter, cells


def _cleaned(name: str) -> str:
    """Without the characters that nobody sees (zero-width, direction marks, controls) and without outer blanks."""
    return "".join(char for char in name if unicodedata.category(char) not in ("Cf", "Cc")).strip()
