"""What is known of one call: ids, times, transcript, events, the one cause of its end.

Every part of a call writes here and nowhere else; the journal and the result are made from it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

from voxkit.clock import utc_now
from voxkit.contracts.results import CallEvent, Intent, LatencySample, TranscriptEntry, UsageMetrics
from voxkit.log import get_logger

log = get_logger("voxcore.record")

MAX_EVENTS = 5_000
MAX_TRANSCRIPT = 2_000
MAX_CONTENT = 4_000
SPEECH_EVENTS = frozenset({"user_started", "user_stopped", "bot_started", "bot_stopped"})


class Journal(Protocol):
    """Where a live call leaves its traces, so that a killed worker's call still yields a result."""

    def write(self, kind: str, data: dict[str, Any]) -> None:
        """Append one line; `kind` is `transcript`, `event`, `end` or `field`. Never raises into the call."""
        ...


class NoJournal:
    """Before the configuration is accepted there is nothing to recover."""

    def write(self, kind: str, data: dict[str, Any]) -> None:
        return


@dataclass
class TransferFacts:
    """The last attempt to hand the call over; `at` in seconds from the answer."""

    destination: str | None = None
    target: str | None = None
    reason: str | None = None
    method: str | None = None
    at: float | None = None
    done: bool = False
    failed_reason: str | None = None


@dataclass
class CallRecord:
    """Facts of one call. Offsets are milliseconds from the answer, negative before it."""

    call_id: str
    bot_id: str
    transport: str
    call_direction: str = "incoming"
    stream_id: str = ""
    session_id: str = ""
    caller_id: str = ""
    from_number: str = ""
    campaign_call_id: str | None = None
    connected_event: dict[str, Any] = field(default_factory=dict)
    started_at: datetime = field(default_factory=utc_now)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    disconnected_by: str | None = None
    sip_status: int | None = None
    sip_reason: str | None = None
    transcript: list[TranscriptEntry] = field(default_factory=list)
    events: list[CallEvent] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    latency_samples: list[LatencySample] = field(default_factory=list)
    metrics: list[dict[str, Any]] = field(default_factory=list)
    opening_ms: int | None = None
    usage: UsageMetrics = field(default_factory=UsageMetrics)
    transfer: TransferFacts = field(default_factory=TransferFacts)
    journal: Journal = field(default_factory=NoJournal)
    monotonic: Callable[[], float] = time.monotonic
    truncated: set[str] = field(default_factory=set)
    _origin: float | None = None

    def __post_init__(self) -> None:
        self._started = self.monotonic()

    # --- time -------------------------------------------------------------------------------------------------

    def answered(self) -> None:
        """Start the call's clock; later calls change nothing."""
        if self.answered_at is None:
            self._origin = self.monotonic()
            self.answered_at = utc_now()
            self.journal.write("field", {"answered_at": self.answered_at.isoformat()})
            self.event("answered")

    def offset_ms(self, at: float | None = None) -> int:
        """Milliseconds from the answer to now, or to a moment of this record's monotonic clock."""
        moment = self.monotonic() if at is None else at
        origin = self._started if self._origin is None else self._origin
        shift = 0.0 if self._origin is not None else -0.001
        return round((moment - origin + shift) * 1000)

    def time_at(self, offset_ms: int) -> datetime:
        """Wall time of an offset."""
        return (self.answered_at or self.started_at) + timedelta(milliseconds=offset_ms)

    @property
    def duration_s(self) -> float:
        """Seconds from the answer to the end, one decimal; 0 when it was never answered."""
        if self._origin is None:
            return 0.0
        if self.ended_at and self.answered_at:
            return round(max(0.0, (self.ended_at - self.answered_at).total_seconds()), 1)
        return round(self.monotonic() - self._origin, 1)

    # --- facts ------------------------------------------------------------------------------------------------

    def event(self, type_: str, **data: Any) -> None:
        """Add an event; at the limit speech events make room first, then the new event is dropped."""
        if len(self.events) >= MAX_EVENTS:
            self.truncated.add("events")
            if type_ in SPEECH_EVENTS:
                return
            victim = next((i for i, old in enumerate(self.events) if old.type in SPEECH_EVENTS), None)
            if victim is None:
                return
            del self.events[victim]
        entry = CallEvent(type=type_, ts=utc_now(), offset_ms=self.offset_ms(), data=data)
        self.events.append(entry)
        self.journal.write("event", entry.model_dump(mode="json"))

    def say(
        self,
        role: Literal["user", "assistant", "tool"],
        content: str,
        *,
        start_ms: int,
        end_ms: int | None = None,
        turn: int = 0,
        interrupted: bool = False,
        tool_name: str | None = None,
    ) -> TranscriptEntry | None:
        """Add a transcript entry (`user`, `assistant` or `tool`); empty text adds nothing."""
        text = content.strip()
        if not text:
            return None
        if len(self.transcript) >= MAX_TRANSCRIPT:
            self.truncated.add("transcript")
            return None
        entry = TranscriptEntry(
            turn=turn,
            role=role,
            content=text[:MAX_CONTENT],
            tool_name=tool_name,
            timestamp=self.time_at(start_ms),
            start_ms=start_ms,
            end_ms=end_ms,
            interrupted=interrupted,
        )
        self.transcript.append(entry)
        self.journal.write("transcript", entry.model_dump(mode="json"))
        return entry

    def intent(self, name: str, arguments: dict[str, Any]) -> None:
        self.intents.append(Intent(name=name, arguments=arguments, ts=utc_now(), offset_ms=self.offset_ms()))

    def end(self, cause: str, **data: Any) -> bool:
        """Set the cause of the end; True when it was the first, which wins. Another one later is only an event."""
        if cause == self.disconnected_by:
            return False
        first = self.disconnected_by is None
        if first:
            self.disconnected_by = cause
            self.journal.write("end", {"disconnected_by": cause})
        self.event("call_ended", cause=cause, first=first, **data)
        return first

    @property
    def has_customer_message(self) -> bool:
        """At least one non-empty customer transcript."""
        return any(entry.role == "user" and entry.content for entry in self.transcript)
