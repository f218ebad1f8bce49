"""What an end that carrier or SIP reports means for the attempt (section 11.3 of the contract); tables only."""

from __future__ import annotations

from dataclasses import dataclass

from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.contracts.carrier import CarrierCall, CarrierCallResult

HUNG_UP_BEFORE_BOT = "hung_up_before_bot"
DIALLER_LOST = "dialler_lost"
WORKER_LOST = "worker_lost"

DISCONNECTED_BY: dict[AttemptOutcome, str] = {
    "no_answer": "no_answer",
    "rejected": "rejected",
    "invalid_number": "error",
    "error": "error",
    "amd_machine": "voicemail",
    "abandoned": "error",
    "excluded": "error",
}
"""`disconnected_by` of an attempt that no worker reports."""
BREAKER_OUTCOMES: frozenset[AttemptOutcome] = frozenset({"error"})
"""What speaks against the carrier. Whatever a callee did speaks for it (B4)."""

_OF_SIP: dict[int, AttemptOutcome] = {
    **dict.fromkeys((408, 480, 487), "no_answer"),
    **dict.fromkeys((486, 600, 603), "rejected"),
    **dict.fromkeys((404, 410, 484, 604), "invalid_number"),
}
_UNANSWERED: dict[CarrierCallResult, AttemptOutcome] = {
    "no_answer": "no_answer",
    "busy": "rejected",
    "rejected": "rejected",
    "invalid_number": "invalid_number",
    "machine": "amd_machine",
    "hangup": "rejected",
    "media_refused": "abandoned",
    "media_lost": "abandoned",
    "cancelled": "error",
    "error": "error",
}


@dataclass(frozen=True)
class End:
    """How an attempt ended without a worker. `breaker`: it speaks against the carrier."""

    outcome: AttemptOutcome
    reason: str | None = None
    breaker: bool = False

    @property
    def disconnected_by(self) -> str:
        return DISCONNECTED_BY[self.outcome]


def of_sip(status: int | None) -> AttemptOutcome:
    """The outcome of a final SIP status; an unknown one is an `error`."""
    return _OF_SIP.get(status or 0, "error")


def of_carrier(call: CarrierCall) -> End | None:
    """The end of a completed carrier call; None when the bot had the callee: then the worker's result decides."""
    if call.media_connected_at is not None:
        return None
    outcome = _UNANSWERED[call.result or "error"]
    if call.result == "hangup" and call.answered_at is not None:
        return End("rejected", HUNG_UP_BEFORE_BOT)
    # An answered call that ended in the carrier's own fault left somebody on the line without a bot.
    if outcome == "error" and call.answered_at is not None and call.result == "error":
        return End("abandoned", call.reason, breaker=True)
    return End(outcome, call.reason, breaker=call.result in ("error", None))
