"""A number read from a cell that is not the number that was meant; a header or a row that is misread."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxbridge.contacts.entries import entries, tally
from voxbridge.contacts.numbers import NotANumber, read_number
from voxbridge.contacts.sheet import MAX_ROWS, Sheet, open_sheet
from voxkit.errors import Invalid

pytestmark = [pytest.mark.unit]


def sheet(text: str) -> Sheet:
    return open_sheet(io.BytesIO(text.encode()))


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("+49 (30) 12-34.56", "", "+4930123456"),
        ("+49 [30] 123456", "", "+4930123456"),
        ("\u00a0+49\u00a030\u00a0123456 ", "", "+4930123456"),
        ("491701234567", "", "+491701234567"),
        ("12345678", "", "12345678"),
        ("030123456", "", "030123456"),
        ("030123456", "DE", "+4930123456"),
        ("+123456789012345", "", "+123456789012345"),
    ],
)
def test_a_number_is_read_however_it_is_written(written: str, country: str, number: str) -> None:
    read = read_number(written, country)
    assert (read.number, read.key) == (number, number.lstrip("+"))


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "empty"),
        ("1234567", "8 to 15"),
        ("+1234567890123456", "8 to 15"),
        ("+49+30123456", "8 to 15"),
        ("030123456 ext 5", "characters"),
        ("+49/30/123456", "characters"),
        ("4.91701E+11", "spreadsheet"),
        ("4,91701E+11", "spreadsheet"),
        ("491701234567.0", "decimals"),
        ("=4930123456", "characters"),
        ("٠١٢٣٤٥٦٧٨٩", "characters"),
    ],
)
def test_what_is_no_number_says_why(written: str, why: str) -> None:
    with pytest.raises(NotANumber, match=why):
        read_number(written)


@given(st.text(max_size=30))
def test_whatever_is_written_what_is_read_has_8_to_15_ascii_digits(written: str) -> None:
    try:
        key = read_number(written).key
    except NotANumber:
        return
    assert key.isascii()
    assert key.isdigit()
    assert 8 <= len(key) <= 15


@given(st.lists(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40), min_size=1, max_size=5))
def test_quoted_cells_are_read_as_they_were_written(cells: list[str]) -> None:
    header = ",".join(["phone_number", *(f"c{n}" for n in range(len(cells)))])
    row = ",".join(["+4930123456", *('"' + cell.replace('"', '""') + '"' for cell in cells)])
    found = next(iter(entries(sheet(f"{header}\r\n{row}\r\n"), "")))
    assert found.variables == {f"c{n}": cell for n, cell in enumerate(cells) if cell.strip()}


def test_a_quoted_cell_keeps_its_newlines_and_rows_count_as_in_a_spreadsheet() -> None:
    found = list(entries(sheet('phone_number,note\n+4930000001,"a\nb ""c"""\n\n+4930000002,x\n'), ""))
    assert [(entry.row, entry.variables["note"]) for entry in found] == [(2, 'a\nb "c"'), (4, "x")]


def test_a_formula_in_a_cell_is_kept_as_text() -> None:
    assert next(iter(entries(sheet("phone_number,a\n+4930000001,=1+1\n"), ""))).variables == {"a": "=1+1"}


def test_hidden_characters_and_blanks_of_the_header_are_dropped() -> None:
    read = sheet("\u200b phone_number\u00a0,\u202aname\u202c,, _x,\n")
    assert (read.columns, read.ignored) == (["phone_number", "name"], ("_x", "column 3, without a name"))


def test_a_header_with_quotes_and_other_delimiters_inside_is_read() -> None:
    assert sheet('"phone_number";"name, first";"a|b"\n').columns == ["phone_number", "name, first", "a|b"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("+4930000001,a,b", "more cells"),
        ("+4930000001," + "x" * 2_001, "2,000"),
        (",a", "empty"),
    ],
)
def test_a_row_that_does_not_fit_is_left_out(row: str, reason: str) -> None:
    assert reason in next(iter(entries(sheet(f"phone_number,a\n{row}\n"), ""))).reason


def test_empty_cells_beyond_the_header_and_missing_ones_are_no_fault() -> None:
    assert tally(sheet("phone_number,a\n+4930000001,x,,\n+4930000002\n"), "").valid == 2


def test_half_a_million_rows_are_taken_and_one_more_is_counted() -> None:
    text = "phone_number\n" + "".join(f"+49{n:09d}\n" for n in range(MAX_ROWS + 1))
    counts = tally(sheet(text), "")
    assert (counts.valid, counts.over_limit, counts.total_rows) == (MAX_ROWS, 1, MAX_ROWS + 1)


def test_a_quote_that_is_never_closed_names_its_row() -> None:
    with pytest.raises(Invalid, match="row 3"):
        tally(sheet('phone_number,a\n+4930000001,x\n+4930000002,"y\n'), "")
