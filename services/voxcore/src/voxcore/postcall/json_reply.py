"""Reading the JSON object out of a model's reply."""

import json
import re
from typing import Any

_FENCE = re.compile(r"^\s*```[A-Za-z0-9_-]*\s*\n?(.*?)\n?\s*```\s*$", re.DOTALL)


def outermost_object(reply: str) -> dict[str, Any] | None:
    """The first JSON object of a text that no other object encloses; a code fence and words around it are let go.

    None when there is none.
    """
    fenced = _FENCE.match(reply)
    text = fenced[1] if fenced else reply
    decoder = json.JSONDecoder()
    start = text.find("{")
    while start >= 0:
        try:
            value, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            start = text.find("{", start + 1)
            continue
        return value if isinstance(value, dict) else None
    return None
