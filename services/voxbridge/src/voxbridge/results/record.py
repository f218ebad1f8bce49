"""What a result adds to the record of its call. Pure functions; the store decides who is first."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

import bson
from voxkit.contracts.results import LlmCacheSummary, status_of
from voxkit.phone import phone_rev
from voxkit.templates import to_text

from voxbridge.calls.skeleton import bucket_of, duration_order
from voxbridge.results.payload import ParsedResult

Document = dict[str, Any]
MAX_BYTES = 12 * 1024 * 1024
MAX_FIELD_BYTES = 256 * 1024  # of a field that lists read; a larger one is kept with the invalid ones
# Heavy parts of a result live in `call_details`: lists, filters and counts of calls never read them.
DETAILS = (
    "transcript", "events", "intents", "latency_samples", "metrics", "usage_metrics", "pipeline_config",
    "post_call_analysis", "qc_analysis", "other_fields", "invalid_fields",
)  # fmt: skip
_DROPPED_FIRST = ("metrics", "latency_samples", "usage_metrics", "events", "transcript")
_KEPT_OF_SKELETON = ("call_id", "connected_event")
# A worker copies `campaign_call_id` from an event that a stranger may have written; the trusted link alone sets it.
_NEVER_FROM_RESULT = ("session_id", "campaign_call_id")


def _size(name: str, value: Any) -> int:
    return len(bson.encode({name: value}))


def fitted(details: Document, limit: int = MAX_BYTES) -> tuple[Document, list[str]]:
    """Details under `limit` bytes, and the names of what was dropped for it."""
    fits, dropped = dict(details), []
    sizes = {name: _size(name, value) for name, value in fits.items()}
    by_size = sorted((name for name in fits if name not in _DROPPED_FIRST), key=lambda name: -sizes[name])
    for name in (*_DROPPED_FIRST, *by_size):
        if sum(sizes[kept] for kept in fits) <= limit:
            break
        if fits.pop(name, None) is not None:
            dropped.append(name)
    return fits, dropped


def cache_summary(usage: Any) -> Document | None:
    """Tokens of the passes after the call, when the worker sent no summary of its own."""
    if not isinstance(usage, dict):
        return None
    passes = [part for part in (usage.get("post_call"), usage.get("qc")) if isinstance(part, dict)]
    if not passes:
        return None

    def total(name: str) -> int:
        values = [part.get(name) for part in passes]
        return sum(int(value) for value in values if isinstance(value, int | float))

    statuses = [str(part.get("cache_status") or "off") for part in passes]
    read = total("cache_read_input_tokens")
    return LlmCacheSummary(
        enabled=any(status != "off" for status in statuses),
        worked=read > 0,
        statuses=statuses,
        cache_read_input_tokens=read,
        cache_creation_input_tokens=total("cache_creation_input_tokens"),
        fresh_prompt_tokens=max(0, total("prompt_tokens") - read),
        completion_tokens=total("completion_tokens"),
    ).model_dump()


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def derived(fields: Document) -> Document:
    """Facts for lists and filters, read off the result."""
    found: Document = {}
    analysis = fields.get("post_call_analysis") or {}
    for name, key in (("disposition", "DISPOSITION"), ("sub_disposition", "SUB_DISPOSITION")):
        if text := to_text(analysis.get(key)).strip():
            found[name] = text[:500]
    found["qc_overall_score"] = _number((fields.get("qc_analysis") or {}).get("overall_score"))
    found["avg_response_ms"] = _number((fields.get("latency") or {}).get("total_avg_response_ms"))
    if "llm_cache_summary" not in fields:
        found["llm_cache_summary"] = cache_summary(fields.get("usage_metrics"))
    return {name: value for name, value in found.items() if value is not None}


def split(
    result: ParsedResult, stored: Document, now: datetime, new_token: Callable[[], str] | None = None
) -> tuple[Document, Document]:
    """(fields of the call, details) of a first result. `stored`: the record so far.

    An absent field never overwrites; of the skeleton `call_id` and `connected_event` stay.
    """
    fields, session_id, before = dict(result.fields), stored["_id"], stored
    for name in _NEVER_FROM_RESULT:
        fields.pop(name, None)
    call = derived(fields)
    bulky = {
        name: value for name, value in fields.items() if name not in DETAILS and _size(name, value) > MAX_FIELD_BYTES
    }
    if bulky:
        fields = {name: value for name, value in fields.items() if name not in bulky}
        fields["invalid_fields"] = (fields.get("invalid_fields") or {}) | bulky
    details, dropped = fitted({name: fields.pop(name) for name in DETAILS if name in fields})
    truncated = list(fields.pop("truncated_fields", None) or [])
    if dropped:
        truncated += [name for name in dropped if name not in truncated]
    for name in _KEPT_OF_SKELETON:
        if before.get(name):
            fields.pop(name, None)
    call = fields | call
    if truncated:
        call["truncated_fields"] = truncated
    if (seconds := _number(call.get("call_duration_seconds"))) is not None:
        call["duration_order"] = duration_order(session_id, seconds)
    call |= {
        "status": status_of(fields.get("disconnected_by") or ""),
        "result_digest": result.digest,
        "result_received_at": now,
        "completed_at": now,
    }
    caller = before.get("caller_id") or call.get("caller_id")
    if not before.get("phone_rev") and isinstance(caller, str) and (reverse := phone_rev(caller)):
        call["phone_rev"] = reverse
    if not before.get("bucket_utc"):
        call["bucket_utc"] = bucket_of(before["created_at"])
    has_recording = call.get("recording_key") or call.get("recording_url")
    if has_recording and not before.get("recording_access_token"):
        call["recording_access_token"] = (new_token or _token)()
    return call, details


def _token() -> str:
    return secrets.token_urlsafe(24)


def gaps(result: ParsedResult, stored: Document, stored_details: Document) -> tuple[Document, Document]:
    """(fields, details) of a second, different result that the first one left open; the outcome is not among them."""
    fields = {name: value for name, value in result.fields.items() if name not in _FIXED}
    extra = derived(fields) | fields
    details = {name: extra.pop(name) for name in DETAILS if name in extra}
    open_fields = {name: value for name, value in extra.items() if stored.get(name) is None}
    details, _ = fitted({name: value for name, value in details.items() if stored_details.get(name) is None})
    return open_fields, details


_FIXED = frozenset(
    {"session_id", "result_id", "disconnected_by", "disconnected_by_raw", "call_duration_seconds", "truncated_fields",
     "schema_version", "campaign_call_id", "call_id", "connected_event"}
)  # fmt: skip
