"""JSON schemas of built-in functions, and what may be trusted of an LLM's arguments."""

from typing import Any


def object_schema(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """A JSON schema of type object."""
    return {"type": "object", "properties": properties, "required": required or []}


def text(value: Any) -> str:
    """An argument as text without outer blanks; models send numbers and null where text was asked for."""
    return "" if value is None else str(value).strip()


def number(value: Any, default: float, low: float, high: float) -> float:
    """An argument as a number within its range; what is none becomes the default."""
    if isinstance(value, bool):
        return default
    try:
        found = float(value)
    except (TypeError, ValueError):
        return default
    return min(high, max(low, found)) if found == found else default
