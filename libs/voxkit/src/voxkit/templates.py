"""`{{ name }}` templates: one pass, no expressions, and inserted values are never rendered again.

A name is either namespaced (`crm.city`) or flat (`city`). Which namespaces a text may see is the caller's choice.
"""

import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, cast
from urllib.parse import quote

TOKEN: Final = re.compile(r"\{\{\s*([A-Za-z0-9_][A-Za-z0-9_ .\-]*?)\s*\}\}")
NAMESPACES: Final = ("call", "crm", "system", "result", "analysis", "qc")
FLAT_ORDER: Final = ("system", "crm", "call")

Namespaces = Mapping[str, Mapping[str, Any]]
_MISSING: Final = object()


def to_text(value: Any) -> str:
    """A value as text: numbers without trailing zeros, `true`/`false`, null as "", objects and lists as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def flatten(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Nested objects become dotted names; lists become JSON text."""
    flat: dict[str, str] = {}
    for key, value in values.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat.update(flatten(cast("Mapping[str, Any]", value), f"{name}."))
        else:
            flat[name] = to_text(value)
    return flat


def lookup(name: str, spaces: Namespaces, first: Mapping[str, Any] | None = None) -> Any:
    """The value of a name, or a private marker when nothing fits (see `render`).

    A whole name in `first` (parameters of a tool) wins over everything. With a known namespace in front it is looked
    up there only. A flat name is looked up whole in `system`, `crm`, `call`; then, if it has a dot, the text after the
    first dot in the same order.
    """
    if first and name in first:
        return first[name]
    head, dot, tail = name.partition(".")
    if dot and head in NAMESPACES:
        return spaces[head].get(tail, _MISSING) if head in spaces else _MISSING
    for candidate in (name, tail) if dot else (name,):
        for space in FLAT_ORDER:
            if space in spaces and candidate in spaces[space]:
                return spaces[space][candidate]
    return _MISSING


def render(
    text: str,
    spaces: Namespaces,
    *,
    unresolved: str | None = None,
    encode: Callable[[str], str] | None = None,
    first: Mapping[str, Any] | None = None,
) -> str:
    """Fill the tokens of a text.

    `unresolved` is put in place of a name that nothing resolves; None leaves the token literally as it is.
    `encode` is applied to every inserted value (`url_value`, `header_value`). `first` is looked up before the spaces.
    """

    def fill(match: re.Match[str]) -> str:
        value = lookup(match.group(1), spaces, first)
        if value is _MISSING:
            return match.group(0) if unresolved is None else unresolved
        rendered = to_text(value)
        return encode(rendered) if encode else rendered

    return TOKEN.sub(fill, text)


def render_tree(value: Any, spaces: Namespaces, *, unresolved: str = "", first: Mapping[str, Any] | None = None) -> Any:
    """Render the strings of parsed JSON. A string that is exactly one token keeps the value's own type."""
    if isinstance(value, str):
        whole = TOKEN.fullmatch(value)
        if whole:
            found = lookup(whole.group(1), spaces, first)
            return unresolved if found is _MISSING else found
        return render(value, spaces, unresolved=unresolved, first=first)
    if isinstance(value, Mapping):
        source = cast("Mapping[str, Any]", value)
        return {key: render_tree(item, spaces, unresolved=unresolved, first=first) for key, item in source.items()}
    if isinstance(value, list):
        return [render_tree(item, spaces, unresolved=unresolved, first=first) for item in cast("list[Any]", value)]
    return value


def names_in(text: str) -> list[str]:
    """The names of the tokens of a text, in order."""
    return TOKEN.findall(text)


def url_value(value: str) -> str:
    """Percent-encoded for a path segment or a query value."""
    return quote(value, safe="")


def header_value(value: str) -> str:
    """Without CR and LF, so that a value cannot add a header."""
    return value.replace("\r", "").replace("\n", "")
