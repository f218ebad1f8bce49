"""Stored documents as JSON: dates in ISO 8601, `_id` left to the caller. For replies that no model needs to judge."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Response
from voxkit.clock import iso


def _default(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def to_json(value: Any, *, indent: int | None = None) -> bytes:
    """UTF-8 JSON of a stored document."""
    separators = None if indent else (",", ":")
    text = json.dumps(value, ensure_ascii=False, default=_default, indent=indent, separators=separators)
    return text.encode("utf-8", "replace")


def json_reply(value: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer that FastAPI does not validate again."""
    return Response(to_json(value), status_code=status, media_type="application/json", headers=dict(headers or {}))
