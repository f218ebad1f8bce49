"""What a stored result says about an attempt. Pure functions; the rules for the contact are `voxkit.campaigns`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from voxkit.campaigns import CallbackWish, is_connected

from voxbridge.results.payload import sane_time

Document = dict[str, Any]
SILENT_HANG_UP_S = 5.0
_TRUE = ("yes", "true", "1")
_MAX_TEXT = 500


@dataclass(frozen=True)
class Facts:
    """The end of a call as its result tells it. `cause`: its `disconnected_by`; `outcome`: what the campaign counts.

    `sip_status`, `sip_reason`, `talk_seconds` (seconds), `disposition`: None when the result does not say.
    """

    outcome: str
    cause: str
    started_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime
    talk_seconds: float | None
    customer_spoke: bool
    disposition: str | None = None
    sip_status: int | None = None
    sip_reason: str | None = None
    error: str | None = None


def facts_of(call: Mapping[str, Any], details: Mapping[str, Any]) -> Facts:
    """`call`: the record with its result; `details`: its heavy parts. The same facts however often it is asked."""
    received_at = call["result_received_at"]
    started_at, answered_at = (sane_time(call.get(name), received_at) for name in ("started_at", "answered_at"))
    ended_at = sane_time(call.get("ended_at"), received_at) or received_at
    talk_seconds = _number(call.get("call_duration_seconds"))
    if talk_seconds is None and answered_at is not None:
        talk_seconds = max(0.0, (ended_at - answered_at).total_seconds())
    # A result that names no cause tells of a worker that could not say what happened.
    cause = str(call.get("disconnected_by") or "error")
    spoke = customer_spoke(call, details)
    return Facts(
        outcome=outcome_of(cause, talk_seconds, spoke=spoke),
        cause=cause,
        started_at=started_at,
        answered_at=answered_at,
        ended_at=ended_at,
        talk_seconds=talk_seconds,
        customer_spoke=spoke,
        disposition=call.get("disposition"),
        sip_status=call.get("sip_status"),
        sip_reason=call.get("sip_reason"),
        error="cause_missing" if not call.get("disconnected_by") else None,
    )


def lost_facts(attempt: Mapping[str, Any], at: datetime) -> Facts:
    """The facts of a result that was deleted before its campaign had taken note of it."""
    return Facts(
        outcome="error",
        cause="error",
        started_at=None,
        answered_at=attempt.get("answered_at"),
        ended_at=attempt.get("ended_at") or at,
        talk_seconds=attempt.get("talk_seconds"),
        customer_spoke=False,
        error="result_deleted",
    )


def outcome_of(cause: str, talk_seconds: float | None, *, spoke: bool) -> str:
    """The cause, but `RNR` where the customer hung up at once without a word; the call's record keeps the cause."""
    at_once = talk_seconds is not None and talk_seconds <= SILENT_HANG_UP_S
    return "RNR" if cause == "customer" and at_once and not spoke else cause


def customer_spoke(call: Mapping[str, Any], details: Mapping[str, Any]) -> bool:
    """Whether a word of the customer was heard. A transcript that was too long to be kept had words."""
    if "transcript" in (call.get("truncated_fields") or []):
        return True
    transcript = details.get("transcript")
    return isinstance(transcript, list) and any(
        isinstance(entry, dict) and entry.get("role") == "user" and str(entry.get("content") or "").strip()
        for entry in transcript
    )


def wish_of(analysis: Any, requested_at: datetime) -> CallbackWish | None:
    """The callback that the analysis found, in whatever form a model writes yes."""
    if not isinstance(analysis, dict) or not is_yes(analysis.get("callback_requested")):
        return None
    return CallbackWish(
        requested_at=requested_at,
        preferred_time_text=_text(analysis.get("callback_preferred_time_text")),
        reason=_text(analysis.get("callback_reason")),
        confidence=_share(analysis.get("callback_confidence")),
    )


def is_yes(value: Any) -> bool:
    """True, 1, or a text that says so."""
    return value is True or value == 1 or (isinstance(value, str) and value.strip().lower() in _TRUE)


def attempt_fields(attempt: Mapping[str, Any], facts: Facts, *, late: bool) -> Document:
    """What the end adds to the attempt's document. Times that the dialler noted stay.

    A result can overtake the dialler, so a dial that it had not noted yet is dated here: else the attempt would count
    as never placed.
    """
    answered_at = attempt.get("answered_at") or facts.answered_at
    if answered_at is None and is_connected(facts.outcome):
        answered_at = facts.started_at  # nobody talks who has not answered
    dialled_at = attempt.get("dialled_at") or facts.started_at or answered_at or facts.ended_at
    ring_seconds = attempt.get("ring_seconds")
    if ring_seconds is None:
        rang_from = attempt.get("ringing_at") or dialled_at
        ring_seconds = _seconds(rang_from, answered_at or facts.ended_at)
    found: Document = {
        "dialled_at": dialled_at,
        "ended_at": facts.ended_at,
        "ring_seconds": ring_seconds,
        "talk_seconds": facts.talk_seconds,
        "disconnected_by": facts.cause,
        "system_disposition": facts.outcome,
        "business_disposition": facts.disposition,
        "outcome": facts.outcome,
        "late": late,
        "by_result": True,
        "error": facts.error,
    }
    if answered_at is not None:  # else the dialler may be writing it at this moment
        found["answered_at"] = answered_at
    if facts.sip_status is not None:
        found["sip_status"] = facts.sip_status
    if facts.sip_reason is not None:
        found["sip_reason"] = facts.sip_reason
    return found


def _seconds(start: datetime, end: datetime) -> float:
    return round(max(timedelta(), end - start).total_seconds(), 3)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _share(value: Any) -> float | None:
    """A confidence between 0 and 1; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _text(value: Any) -> str:
    return " ".join(value.split())[:_MAX_TEXT] if isinstance(value, str) else ""
