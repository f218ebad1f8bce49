"""Shapes of attempts on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field
from voxkit.contracts.base import UtcTime
from voxkit.contracts.campaigns import AttemptKind, AttemptOutcome

from voxbridge.models import ReplyModel


class AmdVerdict(ReplyModel):
    """What the screening for answering machines found. `ms`: after the answer."""

    decision: str
    cause: str = ""
    ms: int | None = None


class Attempt(ReplyModel):
    """One dial of a contact. Times and outcome are null until they are known."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "attempt_id": "5f0a4f3c7e1d4b0fa5c7a0a5b1a6e9d2", "campaign_id": "4f1c0c1e9b7d4f5e8a6b3c2d1e0f9a8b",
                    "campaign_call_id": "0c7e6a405862e402eb76a70f8a26fc73", "run_number": 1, "attempt_no": 1,
                    "kind": "initial", "callback_sequence": 0, "phone_number": "+15550100",
                    "from_number": "+15550199", "carrier_id": "c1",
                    "session_id": "5f0a4f3c-7e1d-4b0f-a5c7-a0a5b1a6e9d2",
                    "dialled_at": "2026-06-05T10:14:20.000Z", "answered_at": "2026-06-05T10:14:31.000Z",
                    "ended_at": "2026-06-05T10:15:12.000Z", "ring_seconds": 9.4, "talk_seconds": 41.2,
                    "disconnected_by": "customer", "system_disposition": "customer", "business_disposition": "Sold",
                    "outcome": "customer", "late": False,
                }
            ]
        }
    )  # fmt: skip

    attempt_id: str
    campaign_id: str
    campaign_call_id: str
    run_number: int
    attempt_no: int = Field(description="Counts initial dials and retries of the run; a callback repeats the last one.")
    kind: AttemptKind
    callback_sequence: int = 0
    phone_number: str
    from_number: str
    carrier_id: str
    trunk_id: str | None = None
    room_name: str | None = None
    session_id: str
    dialled_at: UtcTime
    ringing_at: UtcTime | None = None
    answered_at: UtcTime | None = None
    attached_at: UtcTime | None = None
    ended_at: UtcTime | None = None
    ring_seconds: float | None = None
    talk_seconds: float | None = None
    sip_status: int | None = None
    sip_reason: str | None = None
    amd: AmdVerdict | None = None
    disconnected_by: str | None = None
    system_disposition: str | None = None
    business_disposition: str | None = None
    outcome: AttemptOutcome | None = None
    late: bool = Field(
        default=False, description="The result came when the contact had moved on; it changed only this."
    )
    error: str | None = None
    callback_requested: bool = False
    callback_scheduled_at: UtcTime | None = None

    @classmethod
    def of(cls, document: dict[str, Any]) -> Attempt:
        known = {name: value for name, value in document.items() if value is not None}
        return cls.model_validate({**known, "attempt_id": document["_id"]})
