"""The result of a call, as a worker sends it and voxbridge stores it. Absent and null mean "unknown"."""

from typing import Any, Literal, get_args

from pydantic import Field

from voxkit.contracts.base import UtcTime, WireModel

DisconnectedBy = Literal[
    "bot", "customer", "voicemail", "RNR", "outside_hours", "timeout", "error", "no_answer", "rejected",
    "transfer_to_agent",
]  # fmt: skip
DISCONNECTED_BY: tuple[str, ...] = get_args(DisconnectedBy)
CallStatus = Literal["in_progress", "completed", "voicemail", "failed"]
Transport = Literal[
    "ws", "exotel", "twilio", "plivo", "telnyx", "livekit_inbound", "livekit_outbound", "attach", "widget"
]
CONNECTED_OUTCOMES = frozenset({"bot", "customer", "timeout", "transfer_to_agent"})


def status_of(disconnected_by: str) -> CallStatus:
    """The status that a finished call gets from the cause of its end."""
    if disconnected_by in ("error", "no_answer", "rejected"):
        return "failed"
    return "voicemail" if disconnected_by == "voicemail" else "completed"


class TranscriptEntry(WireModel):
    """One utterance. Offsets count from the answer, in milliseconds."""

    turn: int = 0
    role: Literal["user", "assistant", "tool"]
    content: str = Field(max_length=4000)
    tool_name: str | None = None
    timestamp: UtcTime | None = None
    start_ms: int | None = None
    end_ms: int | None = None
    interrupted: bool = False


class CallEvent(WireModel):
    """Something that happened in the call, with its own data."""

    type: str
    ts: UtcTime | None = None
    offset_ms: int | None = None
    data: dict[str, Any] = Field(default_factory=dict)


class Intent(WireModel):
    """A wish that a tool without an API recorded."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    ts: UtcTime | None = None
    offset_ms: int | None = None


class LatencySummary(WireModel):
    """Averages over the turns of a call, milliseconds; null = the stage did not occur."""

    turns: int = 0
    total_avg_response_ms: int | None = None
    total_p50_ms: int | None = None
    total_p95_ms: int | None = None
    stt_avg_ms: int | None = None
    turn_avg_ms: int | None = None
    rag_avg_ms: int | None = None
    tool_avg_ms: int | None = None
    llm_avg_ms: int | None = None
    tts_avg_ms: int | None = None
    opening_ms: int | None = None


class LatencySample(WireModel):
    """One turn: end of customer speech to first bot audio, and its stages, milliseconds."""

    turn: int
    ts: UtcTime | None = None
    stt_ms: int | None = None
    turn_ms: int | None = None
    rag_ms: int | None = None
    tool_ms: int | None = None
    llm_ms: int | None = None
    tts_ms: int | None = None
    total_ms: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None
    tts_characters: int | None = None
    interrupted: bool = False


class SttUsage(WireModel):
    provider: str = ""
    model: str = ""
    audio_seconds: float = 0.0


class LlmUsage(WireModel):
    provider: str = ""
    model: str = ""
    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0


class TtsUsage(WireModel):
    provider: str = ""
    model: str = ""
    characters: int = 0
    audio_seconds: float = 0.0


class PassUsage(WireModel):
    """Tokens of one pass after the call (analysis or QC)."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    cache_status: Literal["off", "hit", "miss", "error"] = "off"


class UsageMetrics(WireModel):
    stt: SttUsage = Field(default_factory=SttUsage)
    llm: LlmUsage = Field(default_factory=LlmUsage)
    tts: TtsUsage = Field(default_factory=TtsUsage)
    tools: dict[str, int] = Field(default_factory=lambda: {"calls": 0, "failures": 0})
    knowledge: dict[str, int] = Field(default_factory=lambda: {"searches": 0})
    post_call: PassUsage | None = None
    qc: PassUsage | None = None


class LlmCacheSummary(WireModel):
    """Tokens only, never money."""

    enabled: bool = False
    worked: bool = False
    statuses: list[str] = Field(default_factory=list[str])
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0
    fresh_prompt_tokens: int = 0
    completion_tokens: int = 0


class WorkerRef(WireModel):
    worker_id: str = ""
    host_id: str = ""
    image_tag: str = ""
    version: str = ""


class CallResult(WireModel):
    """`POST /api/v1/call-results`. `session_id` is the match key, `result_id` is the same in every repeat."""

    schema_version: int = 1
    result_id: str | None = None
    session_id: str = Field(min_length=1)
    stream_id: str | None = None
    call_id: str | None = None
    bot_id: str | None = None
    caller_id: str | None = None
    from_number: str | None = None
    call_direction: Literal["incoming", "outgoing"] | None = None
    transport: Transport | None = None
    campaign_call_id: str | None = None
    started_at: UtcTime | None = None
    answered_at: UtcTime | None = None
    ended_at: UtcTime | None = None
    call_duration_seconds: float | None = Field(default=None, ge=0)
    disconnected_by: DisconnectedBy | None = None
    sip_status: int | None = None
    sip_reason: str | None = None
    transcript: list[TranscriptEntry] | None = None
    events: list[CallEvent] | None = None
    intents: list[Intent] | None = None
    recording_key: str | None = None
    recording_url: str | None = None
    post_call_analysis: dict[str, Any] | None = None
    qc_analysis: dict[str, Any] | None = None
    was_transferred: bool | None = None
    transfer_destination: str | None = None
    transfer_target: str | None = None
    transfer_reason: str | None = None
    transfer_method: str | None = None
    transfer_at: float | None = None
    transfer_failed_reason: str | None = None
    latency: LatencySummary | None = None
    latency_samples: list[LatencySample] | None = None
    metrics: list[dict[str, Any]] | None = None
    usage_metrics: UsageMetrics | None = None
    llm_cache_summary: LlmCacheSummary | None = None
    pipeline_config: dict[str, Any] | None = None
    connected_event: dict[str, Any] | None = None
    truncated_fields: list[str] | None = None
    worker: WorkerRef | None = None


class ResultStored(WireModel):
    """The answer to a delivered result."""

    status: Literal["ok"] = "ok"
    session_id: str
    duplicate: bool = False
