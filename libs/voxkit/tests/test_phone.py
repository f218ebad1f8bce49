"""Two spellings of one number must meet, and a number must be dialled as the carrier wants it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxkit.phone import dial_form, is_dialable, phone_key, phone_rev

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize("number", ["+1 (555) 010-0199", "1.555.010.0199", "15550100199", "tel:+15550100199"])
def test_every_spelling_has_the_same_key(number: str) -> None:
    assert phone_key(number) == "15550100199"
    assert phone_rev(number) == "99100105551"


@pytest.mark.parametrize(
    ("number", "country", "dialled"),
    [
        ("+91 98765 43210", "", "+919876543210"),
        ("+1 (555) 010-0199", "", "+15550100199"),
        ("919876543210", "", "+919876543210"),
        ("098765 43210", "", "09876543210"),
        ("098765 43210", "in", "+919876543210"),
        ("030 123456", "DE", "+4930123456"),
        ("0", "DE", "0"),
        ("2001", "", "2001"),
        ("1234567890", "", "1234567890"),
        ("1234567890123456", "", "1234567890123456"),
        ("sip:anna@host", "", "sip:anna@host"),
        ("0301234", "ZZ", "0301234"),
        ("", "", ""),
    ],
)
def test_a_number_is_dialled_in_its_documented_form(number: str, country: str, dialled: str) -> None:
    assert dial_form(number, country) == dialled


@pytest.mark.parametrize(
    ("number", "possible"),
    [
        ("+15550100199", True),
        ("(555) 010-0199", True),
        ("12345678", True),
        ("1234567", False),
        ("1" * 15, True),
        ("1" * 16, False),
        ("++15550100199", False),
        ("1555+0100199", False),
        ("+", False),
        ("", False),
        ("call me", False),
    ],
)
def test_8_to_15_digits_can_be_dialled(number: str, possible: bool) -> None:
    assert is_dialable(number) is possible


@given(st.text())
def test_no_text_breaks_them(text: str) -> None:
    assert phone_rev(phone_rev(text)) == phone_key(text)
    assert isinstance(dial_form(text, "DE"), str)
    is_dialable(text)
