"""Phone numbers: what is dialled, what is compared, what is searched."""

import re

import phonenumbers

_SEPARATORS = re.compile(r"[\s\-().]")


def phone_key(number: str) -> str:
    """The digits only, used for every comparison (`+1 (555) 0100` -> `15550100`)."""
    return re.sub(r"\D", "", number)


def phone_rev(number: str) -> str:
    """The key reversed: an index on it finds numbers by their last digits."""
    return phone_key(number)[::-1]


def dial_form(number: str, default_country: str = "") -> str:
    """What is dialled: kept when it begins with `+`; 11 to 15 bare digits get a `+`; a leading `0` is national and
    becomes E.164 when `default_country` (ISO 3166 alpha-2) is set, else it stays; anything else is unchanged."""
    text = _SEPARATORS.sub("", number.strip())
    if text.startswith("+") or not text.isdigit():
        return text
    if text.startswith("0"):
        if default_country:
            try:
                parsed = phonenumbers.parse(text, default_country.upper())
            except phonenumbers.NumberParseException:
                return text
            if phonenumbers.is_possible_number(parsed):
                return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return text
    return f"+{text}" if 11 <= len(text) <= 15 else text


def is_dialable(number: str) -> bool:
    """8 to 15 digits, only separators and one leading `+` beside them."""
    text = _SEPARATORS.sub("", number.strip())
    digits = text.removeprefix("+")
    return digits.isdigit() and 8 <= len(digits) <= 15
