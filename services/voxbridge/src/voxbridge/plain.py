"""Plain JSON data that a document store takes: bounded depth, 64-bit integers, Unicode text, keys without NUL."""

from __future__ import annotations

import math
from typing import Any

_INT64 = 2**63
_MAX_DEPTH = 60


def storable(value: Any, depth: int = 0) -> Any:
    """Copy of what a service sent in which nothing is lost that can be kept: keys lose a NUL, and a leading `$` becomes
    `＄`; NaN becomes null, a huge integer text, a lone surrogate `?`."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_INT64 <= value < _INT64 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict | list) and depth >= _MAX_DEPTH:
        return "[nested too deeply]"
    if isinstance(value, dict):
        return {_key(str(key)): storable(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth + 1) for item in value]
    return value


def _key(name: str) -> str:
    plain = name.encode("utf-8", "replace").decode().replace("\x00", "")
    return f"＄{plain[1:]}" if plain.startswith("$") else plain


def check_plain(value: Any, depth: int = 0) -> None:
    """The same rules for what people send, who can mend it. Raises: ValueError."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int) and not -_INT64 <= value < _INT64:
        raise ValueError("a whole number does not fit into 64 bits")
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    elif isinstance(value, dict | list):
        if depth >= _MAX_DEPTH:
            raise ValueError(f"it is nested more than {_MAX_DEPTH} levels deep")
        if isinstance(value, dict):
            for key in value:
                _check_text(str(key))
                if "\x00" in str(key) or str(key).startswith("$"):
                    raise ValueError("the name of a field must not begin with $ or hold a NUL character")
        for item in value.values() if isinstance(value, dict) else value:
            check_plain(item, depth + 1)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text holds half a Unicode character") from None
