"""What is known about a call after it: plain models with a JSON form. Times `_s` count from the answer."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, computed_field

Outcome = Literal["completed", "refused", "failed", "not_answered"]
EndedBy = Literal["bot", "caller", "transfer", "line_lost", "worker_closed", "limit", "none"]


class Spread(BaseModel):
    """A distribution; nearest-rank percentiles."""

    count: int
    mean: float
    p50: float
    p95: float
    p99: float
    max: float


class Turn(BaseModel):
    """One utterance of the callee and the bot's reaction."""

    index: int
    said: str
    started_s: float
    ended_s: float
    over_bot: bool = Field(default=False, description="It began while the bot was speaking.")
    cut_short: bool = Field(default=False, description="The call ended in the middle of it.")
    latency_ms: int | None = Field(default=None, description="Own last sound to first bot sound as heard; 20 ms steps.")
    wire_latency_ms: float | None = Field(
        default=None, description="The same to the arrival of the first audible chunk."
    )
    reply_started_s: float | None = None


class BotUtterance(BaseModel):
    """A stretch of bot speech as heard, with its words once transcribed."""

    started_s: float
    ended_s: float
    text: str | None = None


class BargeIn(BaseModel):
    """A sound of the callee that began while the bot spoke."""

    kind: str
    said: str
    at_s: float
    stopped: bool
    stop_frame_ms: float | None = None
    silent_ms: int | None = None


class Expectation(BaseModel):
    """An `expect` step: `passed` is None when nothing could be judged (no transcription)."""

    heard: str
    scope: str
    at_s: float
    passed: bool | None = None
    against: str = ""


class ProtocolError(BaseModel):
    """A rule of the wire protocol that the worker broke."""

    rule: str
    count: int
    example: str = ""


class Refusal(BaseModel):
    """The answer instead of the upgrade."""

    status: int
    body: str = ""
    error: str | None = Field(default=None, description="`error` of a JSON body.")
    retry_after: str | None = None
    after_ms: float = Field(default=0.0, description="From the start of the connection attempt.")


class Transfer(BaseModel):
    """A transfer the bot asked for, and what the phone made of it."""

    to: str
    reason: str
    at_s: float
    answer: Literal["accept", "refuse", "ignore"]


class Pacing(BaseModel):
    """How evenly bot audio arrived. Intervals are taken inside an utterance only."""

    chunks: int = 0
    runs: int = 0
    audio_s: float = 0.0
    interval_ms: Spread | None = None
    deviation_ms: Spread | None = Field(default=None, description="|interval - length of the chunk before|.")
    offset_histogram: list[int] = Field(
        default_factory=list, description="Chunks by interval minus due interval: -25 to +25 ms, one bucket a ms."
    )
    lead_max_ms: float = Field(default=0.0, description="Most that audio was ahead of the clock.")
    underruns: int = Field(default=0, description="Times the jitter buffer ran dry, ends of utterances included.")


class Clock(BaseModel):
    """Lag of the phone's own 20 ms clock: figures below this size mean nothing."""

    ticks: int = 0
    lag_p99_ms: float = 0.0
    lag_max_ms: float = 0.0


class Moment(BaseModel):
    """Something that happened in the call, in order."""

    at_s: float
    kind: str
    text: str = ""
    data: dict[str, Any] = Field(default_factory=dict)


class CallReport(BaseModel):
    """One call as the phone saw it."""

    model_config = ConfigDict(validate_assignment=False)

    call_id: str
    persona: str
    protocol: str
    url: str = Field(description="Without its query: media tokens travel there.")
    stream_id: str
    caller: str
    did: str
    direction: str
    started_at: str
    outcome: Outcome = "failed"
    ended_by: EndedBy = "none"
    reason: str = Field(default="", description="Reason given by the bot, or the error in words.")
    refusal: Refusal | None = None
    close_code: int | None = None
    close_reason: str = ""
    connect_ms: float | None = Field(default=None, description="Start of the connection attempt to the upgrade.")
    duration_s: float = 0.0
    first_word_ms: float | None = Field(default=None, description="Answer to first audible bot chunk on the wire.")
    first_heard_ms: int | None = Field(default=None, description="Answer to first audible bot frame as played.")
    hang_up_gap_ms: float | None = Field(default=None, description="Bot hang-up: last audio played to its hang-up.")
    hang_up_to_close_ms: float | None = Field(default=None, description="Own hang-up to the closed socket.")
    cut_ms: int = Field(default=0, description="Bot audio dropped by its own hang-up, never heard.")
    answered_by: Literal["human", "machine"] = "human"
    turns: list[Turn] = Field(default_factory=list)
    bot: list[BotUtterance] = Field(default_factory=list)
    barge_ins: list[BargeIn] = Field(default_factory=list)
    expectations: list[Expectation] = Field(default_factory=list)
    transfers: list[Transfer] = Field(default_factory=list)
    dtmf: str = ""
    pacing: Pacing = Field(default_factory=Pacing)
    clock: Clock = Field(default_factory=Clock)
    ping_ms: Spread | None = None
    protocol_errors: list[ProtocolError] = Field(default_factory=list)
    notes: list[str] = Field(default_factory=list)
    moments: list[Moment] = Field(default_factory=list)
    transcription_error: str | None = None
    recording: str | None = Field(
        default=None, description="Path of the stereo WAV: left the bot as heard, right the callee."
    )

    @computed_field
    @property
    def latencies_ms(self) -> list[int]:
        """Latency of every turn that has one."""
        return [turn.latency_ms for turn in self.turns if turn.latency_ms is not None]

    @computed_field
    @property
    def ok(self) -> bool:
        """Completed, within the protocol, every judged expectation met."""
        return (
            self.outcome == "completed"
            and not self.protocol_errors
            and all(expectation.passed is not False for expectation in self.expectations)
        )

    @property
    def bot_text(self) -> str:
        """Everything the bot was heard to say."""
        return " ".join(utterance.text for utterance in self.bot if utterance.text)

    def transcript(self) -> list[tuple[float, str, str]]:
        """(seconds, `bot` or `caller`, words) in the order in which they began."""
        lines = [(turn.started_s, "caller", turn.said) for turn in self.turns]
        lines += [(item.started_s, "bot", item.text or "(not transcribed)") for item in self.bot]
        return sorted(lines)
