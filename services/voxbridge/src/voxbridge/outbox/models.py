"""Jobs on the wire."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field
from voxkit.contracts.base import UtcTime

from voxbridge.models import ReplyModel

JobStatus = Literal["pending", "leased", "done", "dead"]


class OutboxJob(ReplyModel):
    """A durable job; `key` is the `session_id` for jobs of a call."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "recording_delete:0d7cbe38", "kind": "recording_delete", "key": "0d7cbe38", "status": "dead",
                    "attempts": 50, "next_attempt_at": "2026-06-05T10:15:00.000Z", "lease_expires_at": None,
                    "last_error": "store away", "created_at": "2026-06-05T09:15:00.000Z", "done_at": None,
                }
            ]
        }
    )  # fmt: skip
    id: str = Field(description="`{kind}:{key}`; the `{id}` of the retry route.")
    kind: str
    key: str
    status: JobStatus
    attempts: int
    next_attempt_at: UtcTime
    lease_expires_at: UtcTime | None
    last_error: str | None
    created_at: UtcTime
    done_at: UtcTime | None

    @classmethod
    def of(cls, job: dict[str, Any]) -> OutboxJob:
        return cls.model_validate({**job, "id": job["_id"]})
