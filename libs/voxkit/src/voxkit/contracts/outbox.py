"""A delivery that waits on a worker's disk."""

from typing import Any, Literal

from pydantic import Field

from voxkit.contracts.base import UtcTime, WireModel


class OutboxFile(WireModel):
    """`results/{session_id}.json`. Holds no secret and no provider key."""

    v: Literal[1] = 1
    kind: Literal["result", "agent_desk"] = "result"
    session_id: str
    result_id: str
    url: str
    created_at: UtcTime
    attempts: int = 0
    next_attempt_at: UtcTime
    last_status: int | None = None
    last_error: str | None = None
    payload: dict[str, Any] = Field(default_factory=dict)
