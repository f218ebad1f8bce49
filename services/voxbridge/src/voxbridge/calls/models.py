"""Calls on the wire. The models document the replies; records are shown as they are stored."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field
from voxkit.contracts.base import UtcTime
from voxkit.contracts.results import CallStatus, LatencySummary, LlmCacheSummary, WorkerRef

from voxbridge.models import ReplyModel

Direction = Literal["incoming", "outgoing"]
CallType = Literal["bot", "agent"]


class CallSummary(ReplyModel):
    """A row of the list."""

    session_id: str = Field(examples=["0d7cbe38-5f6f-4d6a-9d2c-1d1a0f6a9f11"])
    bot_id: str
    bot_name: str
    status: CallStatus
    call_type: str
    call_direction: str
    transport: str
    caller_id: str = Field(description="The customer's number.")
    from_number: str = Field(description="Our number.")
    stream_id: str
    created_at: UtcTime
    call_id: str | None = None
    completed_at: UtcTime | None = None
    started_at: UtcTime | None = None
    answered_at: UtcTime | None = None
    ended_at: UtcTime | None = None
    call_duration_seconds: float | None = None
    disconnected_by: str | None = None
    disposition: str | None = None
    sub_disposition: str | None = None
    was_transferred: bool | None = None
    transfer_target: str | None = None
    qc_overall_score: float | None = None
    avg_response_ms: float | None = None
    recording_key: str | None = None
    recording_url: str | None = None
    campaign_id: str | None = None
    campaign_call_id: str | None = None
    campaign_attempt: int | None = None
    campaign_run_number: int | None = None
    error: str | None = Field(default=None, description="`no_result`: closed because no result came.")
    skeleton_missing: bool | None = Field(
        default=None, description="The config was refused; made from the result alone."
    )
    cdr_talktime: Any = None
    cdr_call_status: Any = None


class CallPage(ReplyModel):
    items: list[CallSummary]
    page: int = 1
    limit: int = 50
    total: int | None = None
    total_capped: bool = False
    next: str | None = None


class CampaignRef(ReplyModel):
    campaign_id: str
    name: str


class CallRecord(CallSummary):
    """The whole record. Absent = unknown."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())
    transcript: list[dict[str, Any]] | None = None
    events: list[dict[str, Any]] | None = None
    intents: list[dict[str, Any]] | None = None
    latency: LatencySummary | None = None
    latency_samples: list[dict[str, Any]] | None = None
    metrics: list[dict[str, Any]] | None = None
    usage_metrics: dict[str, Any] | None = None
    llm_cache_summary: LlmCacheSummary | None = None
    pipeline_config: dict[str, Any] | None = None
    post_call_analysis: dict[str, Any] | None = None
    qc_analysis: dict[str, Any] | None = None
    connected_event: dict[str, Any] | None = None
    crm_data: dict[str, Any] | None = None
    sip_context: dict[str, Any] | None = None
    transfer_destination: str | None = None
    transfer_reason: str | None = None
    transfer_method: str | None = None
    transfer_at: float | None = None
    transfer_failed_reason: str | None = None
    worker: WorkerRef | None = None
    cdr: dict[str, Any] | None = None
    truncated_fields: list[str] | None = None
    invalid_fields: dict[str, Any] | None = None
    other_fields: dict[str, Any] | None = None
    integration_log: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    campaign: CampaignRef | None = None


SUMMARY_FIELDS = tuple(name for name in CallSummary.model_fields if name != "session_id")
SUMMARY_PROJECTION = dict.fromkeys((*SUMMARY_FIELDS, "phone_rev", "duration_order"), 1)
_ALWAYS = tuple(name for name, info in CallSummary.model_fields.items() if info.is_required() and name != "session_id")


def summary(row: dict[str, Any]) -> dict[str, Any]:
    """A stored row as the list shows it; fields that are unknown are null."""
    shown: dict[str, Any] = {"session_id": row["_id"]}
    for name in SUMMARY_FIELDS:
        shown[name] = row.get(name)
    for name in _ALWAYS:
        if shown[name] is None:
            shown[name] = ""
    return shown
