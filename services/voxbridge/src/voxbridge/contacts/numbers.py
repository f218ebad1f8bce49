"""Phone numbers as people write them: the form that is dialled and compared, or why there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from voxkit.phone import dial_form, is_dialable, phone_key

_ALLOWED = re.compile(r"[+0-9\s\-().\[\]]+")
_BRACKETS = str.maketrans("", "", "[]")
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d+")
_DECIMAL = re.compile(r"\+?\d{8,}\.0+")


class NotANumber(ValueError):
    """Cannot be dialled; the text says why, for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Number:
    """`number`: what is dialled; `key`: its digits, by which numbers are compared."""

    number: str
    key: str


def read_number(text: str, default_country: str = "") -> Number:
    """Separators are dropped, then 8 to 15 digits must be left. Raises: NotANumber."""
    text = text.strip()
    if not text:
        raise NotANumber("phone_number is empty")
    if _ROUNDED.fullmatch(text):
        raise NotANumber("rounded by a spreadsheet; format the column as text and enter the number again")
    if _DECIMAL.fullmatch(text):
        raise NotANumber("has decimals; export the column as text")
    if not _ALLOWED.fullmatch(text):
        raise NotANumber("has characters that no phone number has")
    number = dial_form(text.translate(_BRACKETS), default_country)
    if not number.isascii() or not is_dialable(number):
        raise NotANumber("needs 8 to 15 digits, with a + at the beginning at most")
    return Number(number, phone_key(number))
