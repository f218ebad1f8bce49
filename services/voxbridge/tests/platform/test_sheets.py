"""A CSV cell that a spreadsheet runs, or a phone number that loses its `+`."""

from datetime import UTC, datetime

import pytest
from voxbridge.sheets import cell, lines

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("phone", "value", "text"),
    [
        (False, "=1+1", "'=1+1"),
        (False, "+cmd", "'+cmd"),
        (False, "-x", "'-x"),
        (False, "@x", "'@x"),
        (False, "\t=x", "'\t=x"),
        (True, "+15550100", "+15550100"),
        (True, "+1|calc", "'+1|calc"),
        (True, "=x", "'=x"),
        (False, True, "yes"),
        (False, -1.5, "-1.5"),
        (False, None, ""),
        (False, datetime(2026, 6, 5, 10, 29, 59, tzinfo=UTC), "2026-06-05T10:29:59.000Z"),
    ],
)
def test_a_cell_is_never_a_formula(phone: bool, value: object, text: str) -> None:
    assert cell(value, phone=phone) == text


def test_a_line_quotes_what_needs_it_and_knows_its_phone_columns() -> None:
    assert lines([["+15550100", "+15550100", 'A "b", c']], phones={0}) == '+15550100,\'+15550100,"A ""b"", c"\r\n'
