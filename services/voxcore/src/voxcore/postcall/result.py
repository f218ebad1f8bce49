"""The payload of a result: everything the record knows, its figures, and never more than 4 MiB."""

import json
from collections.abc import Callable
from typing import Any

from voxkit.contracts.results import LlmCacheSummary, PassUsage

from voxcore.conversation import LiveCall, RecordingFacts
from voxcore.payload import bare_payload
from voxcore.postcall.latency import summary
from voxcore.postcall.snapshot import pipeline_snapshot
from voxcore.record import SPEECH_EVENTS

LIMIT_BYTES = 4 * 1024 * 1024
SHORT_CONTENT = 500
Payload = dict[str, Any]


def build_payload(
    call: LiveCall,
    recording: RecordingFacts | None,
    *,
    analysis: dict[str, Any] | None = None,
    qc: dict[str, Any] | None = None,
) -> Payload:
    """The result as JSON-ready data, without `result_id`; absent fields are left out."""
    record = call.record
    payload = bare_payload(
        record,
        call.services.worker,
        recording_key=recording.key if recording else None,
        recording_url=recording.url if recording else None,
        latency=summary(record.latency_samples, record.opening_ms),
        metrics=record.metrics or None,
        llm_cache_summary=cache_summary(record.usage.post_call, record.usage.qc),
        pipeline_config=pipeline_snapshot(call.config),
    )
    # What the models said is sent as they said it, nulls included.
    payload |= {"post_call_analysis": analysis} if analysis is not None else {}
    payload |= {"qc_analysis": qc} if qc is not None else {}
    return fitted(payload)


def cache_summary(*passes: PassUsage | None) -> LlmCacheSummary:
    """Tokens of the passes after the call; `fresh_prompt_tokens` did not come from a cache."""
    ran = [usage for usage in passes if usage is not None]
    read = sum(usage.cache_read_input_tokens for usage in ran)
    statuses = [usage.cache_status for usage in ran if usage.cache_status != "off"]
    return LlmCacheSummary(
        enabled=bool(statuses),
        worked="hit" in statuses,
        statuses=list(statuses),
        cache_read_input_tokens=read,
        cache_creation_input_tokens=sum(usage.cache_creation_input_tokens for usage in ran),
        fresh_prompt_tokens=max(0, sum(usage.prompt_tokens for usage in ran) - read),
        completion_tokens=sum(usage.completion_tokens for usage in ran),
    )


# --- size (RS4) ---------------------------------------------------------------------------------------------------


def size_of(payload: Payload) -> int:
    """Bytes on the wire."""
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())


def _without(name: str) -> Callable[[Payload], Payload]:
    return lambda payload: {key: value for key, value in payload.items() if key != name}


def _without_speech_events(payload: Payload) -> Payload:
    kept = [event for event in payload.get("events", []) if event["type"] not in SPEECH_EVENTS]
    return payload | {"events": kept}


def _without_event_data(payload: Payload) -> Payload:
    return payload | {"events": [event | {"data": {}} for event in payload.get("events", [])]}


def _shorter_contents(payload: Payload) -> Payload:
    kept = [entry | {"content": entry["content"][:SHORT_CONTENT]} for entry in payload.get("transcript", [])]
    return payload | {"transcript": kept}


# In this order until it fits; the last three are for calls that no limit of the record has kept small.
CUTS: tuple[tuple[str, Callable[[Payload], Payload]], ...] = (
    ("metrics", _without("metrics")),
    ("latency_samples", _without("latency_samples")),
    ("events", _without_speech_events),
    ("events", _without_event_data),
    ("transcript", _shorter_contents),
    ("connected_event", _without("connected_event")),
)


def fitted(payload: Payload, limit_bytes: int = LIMIT_BYTES) -> Payload:
    """The payload under the limit, with what was cut named in `truncated_fields`."""
    cut: list[str] = list(payload.get("truncated_fields", []))
    for name, apply in CUTS:
        if size_of(payload) < limit_bytes:
            break
        if name not in payload:
            continue
        payload = apply(payload)
        if name not in cut:
            cut.append(name)
        payload["truncated_fields"] = cut
    return payload
