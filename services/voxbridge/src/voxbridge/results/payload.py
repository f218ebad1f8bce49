"""The payload of a worker, sorted by what can be believed: valid fields, unknown fields, fields of a wrong shape."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from voxkit.contracts.results import DISCONNECTED_BY, CallResult
from voxkit.errors import Invalid
from voxkit.templates import to_text

from voxbridge.plain import storable

Document = dict[str, Any]
_KNOWN = frozenset(CallResult.model_fields)


class NotAResult(Invalid):
    """The body is no call result."""

    code = "validation_failed"


@dataclass(frozen=True)
class ParsedResult:
    """`fields`: valid fields without nulls, top-level times as datetimes; `digest`: of the canonical payload."""

    session_id: str
    result_id: str | None
    digest: str
    fields: Document

    def is_same(self, stored: Document) -> bool:
        """Whether a stored record came from this very result."""
        if self.result_id is not None and stored.get("result_id") is not None:
            return self.result_id == stored["result_id"]
        return self.digest == stored.get("result_digest")


def parse(body: bytes) -> ParsedResult:
    """Raises: NotAResult: not JSON, not an object, or without a `session_id`."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise NotAResult("The body is not JSON.") from None
    if not isinstance(raw, dict):
        raise NotAResult("The body is not a JSON object.")
    session_id = raw.get("session_id")
    if not isinstance(session_id, str) or not session_id.strip() or len(session_id) > 128:
        raise NotAResult("session_id is missing; it must be a text of 1 to 128 characters.")
    clean: Document = storable(raw)
    canonical = json.dumps(clean, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    fields = _sorted_fields({key: value for key, value in clean.items() if value is not None})
    result_id = fields.get("result_id")
    return ParsedResult(clean["session_id"], str(result_id) if result_id else None, digest, fields)


def _sorted_fields(given: Document) -> Document:
    known = {key: value for key, value in given.items() if key in _KNOWN}
    other = {key: value for key, value in given.items() if key not in _KNOWN}
    cause = known.get("disconnected_by")
    if cause is not None and not (isinstance(cause, str) and cause in DISCONNECTED_BY):
        known["disconnected_by"] = "error"
    valid, invalid = _validated(known)
    # Objects and lists stay as they were sent, so that fields of a newer worker inside them are kept.
    fields: Document = {
        key: known[key] if isinstance(known[key], dict | list) else getattr(valid, key)
        for key in known
        if key not in invalid
    }
    if cause is not None and known.get("disconnected_by") != cause:
        fields["disconnected_by_raw"] = to_text(cause)[:1_000]
    if invalid:
        fields["invalid_fields"] = invalid
    if other:
        fields["other_fields"] = other
    return fields


def _validated(known: Document) -> tuple[CallResult, Document]:
    """The model of what is valid, and what is not. A field is wrong as a whole."""
    invalid: Document = {}
    while True:
        try:
            return CallResult.model_validate(
                {key: value for key, value in known.items() if key not in invalid}
            ), invalid
        except ValidationError as error:
            wrong = {str(item["loc"][0]) for item in error.errors(include_input=False, include_url=False)}
            invalid |= {key: known[key] for key in wrong}


def sane_time(value: Any, now: datetime) -> datetime | None:
    """A time that a finished call can have: not in the future, not before 2000."""
    return value if isinstance(value, datetime) and value.year >= 2000 and value <= now else None
