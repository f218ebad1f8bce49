"""Payloads of calls that had no conversation or no wrap: from the record alone, or from a dead worker's journal."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from voxkit.clock import parse_iso, utc_now
from voxkit.contracts.results import CallEvent, CallResult, TranscriptEntry, WorkerRef
from voxkit.contracts.runtime_config import AutoDisposition
from voxkit.log import get_logger

from voxcore.journal import JournalContent
from voxcore.postcall.dispositions import CallFacts, automatic_disposition
from voxcore.record import CallRecord

log = get_logger("voxcore.payload")


def head_of(record: CallRecord, worker: WorkerRef) -> dict[str, Any]:
    """What is known of a call whatever becomes of it."""
    return {
        "schema_version": 1,
        "session_id": record.session_id,
        "stream_id": record.stream_id or None,
        "call_id": record.call_id,
        "bot_id": record.bot_id or None,
        "caller_id": record.caller_id or None,
        "from_number": record.from_number or None,
        "call_direction": record.call_direction,
        "transport": record.transport,
        "campaign_call_id": record.campaign_call_id,
        "started_at": record.started_at,
        "answered_at": record.answered_at,
        "connected_event": record.connected_event,
        "worker": worker,
    }


def minimal_payload(record: CallRecord, worker: WorkerRef) -> dict[str, Any]:
    """The result of a call that never got a configuration: enough for the dialler to learn what became of it."""
    session_id = str(record.connected_event.get("_campaign_session_id") or record.call_id)
    return _json(
        head_of(record, worker)
        | {
            "session_id": session_id,
            "ended_at": record.ended_at,
            "call_duration_seconds": 0.0,
            "disconnected_by": record.disconnected_by,
            "sip_status": record.sip_status,
            "sip_reason": record.sip_reason,
            "events": [event for event in record.events if event.type == "service_error"][:1],
        }
    )


def bare_payload(record: CallRecord, worker: WorkerRef, **more: Any) -> dict[str, Any]:
    """All facts of the record, without dispositions, analysis and figures that only the wrap can make."""
    transfer = record.transfer
    return _json(
        head_of(record, worker)
        | {
            "ended_at": record.ended_at,
            "call_duration_seconds": record.duration_s,
            "disconnected_by": record.disconnected_by,
            "sip_status": record.sip_status,
            "sip_reason": record.sip_reason,
            "transcript": sorted(record.transcript, key=lambda entry: entry.start_ms or 0),
            "events": record.events,
            "intents": record.intents,
            "latency_samples": record.latency_samples,
            "usage_metrics": record.usage,
            "was_transferred": transfer.done,
            "transfer_destination": transfer.destination,
            "transfer_target": transfer.target,
            "transfer_reason": transfer.reason,
            "transfer_method": transfer.method,
            "transfer_at": transfer.at,
            "transfer_failed_reason": transfer.failed_reason,
            "truncated_fields": sorted(record.truncated) or None,
        }
        | more
    )


def with_disposition(payload: dict[str, Any], overrides: Mapping[str, AutoDisposition] | None = None) -> dict[str, Any]:
    """The payload with its automatic disposition, where a row fits."""
    facts = CallFacts(
        disconnected_by=payload["disconnected_by"],
        spoke=any(entry["role"] == "user" and entry["content"] for entry in payload.get("transcript", [])),
        duration_s=payload["call_duration_seconds"],
    )
    disposition = automatic_disposition(facts, overrides)
    return payload if disposition is None else payload | {"post_call_analysis": disposition}


def recovered_payload(content: JournalContent, ended: datetime) -> dict[str, Any]:
    """The result of a call whose worker died; `ended` is its last sign of life."""
    known = {**content.head["payload"], **content.fields}
    crashed = CallEvent(type="worker_crashed", ts=utc_now(), data={"found_at": utc_now().isoformat()})
    duration = 0.0
    if answered := known.get("answered_at"):
        lasted = max(timedelta(), ended - parse_iso(answered))
        duration = round(lasted.total_seconds(), 1)
        crashed.offset_ms = int(duration * 1000)
    transcript = [TranscriptEntry.model_validate(entry) for entry in content.transcript]
    overrides = {
        key: AutoDisposition.model_validate(value)
        for key, value in (content.head.get("auto_dispositions") or {}).items()
    }
    payload = _json(
        known
        | {
            "result_id": content.head["result_id"],
            "ended_at": ended,
            "call_duration_seconds": duration,
            "disconnected_by": content.disconnected_by or "error",
            "transcript": sorted(transcript, key=lambda entry: entry.start_ms or 0),
            "events": [*content.events, crashed],
        }
    )
    return with_disposition(payload, overrides)


def _json(fields: dict[str, Any]) -> dict[str, Any]:
    """Checked against the wire contract, absent fields left out. A field that does not fit is lost, not the result."""
    try:
        checked = CallResult.model_validate(fields)
    except ValidationError as error:
        wrong = {str(item["loc"][0]) for item in error.errors()}
        log.error("result.fields_dropped", fields=sorted(wrong))
        checked = CallResult.model_validate({key: value for key, value in fields.items() if key not in wrong})
    return checked.model_dump(mode="json", exclude_none=True)
