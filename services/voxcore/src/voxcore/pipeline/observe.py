"""Latency of each turn (RS2) and usage of the providers, without an observer in the pipeline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from pipecat.frames.frames import MetricsFrame
from pipecat.metrics.metrics import (
    LLMUsageMetricsData,
    STTUsageMetricsData,
    TTFBMetricsData,
    TTSUsageMetricsData,
)
from voxkit.clock import utc_now
from voxkit.contracts.results import LatencySample

from voxcore import metrics as figures
from voxcore.pipeline.turns.state import SpeechState
from voxcore.record import CallRecord

MAX_SAMPLES = 2_000


@dataclass
class _Turn:
    """Moments of the answer that is being made, on the monotonic clock."""

    number: int
    ended_at: float
    stt_s: float | None = None
    turn_s: float | None = None
    requested_at: float | None = None
    llm_s: float | None = None
    text_at: float | None = None
    tool_s: float | None = None
    rag_s: float | None = None
    usage: dict[str, int] = field(default_factory=dict)
    tts_characters: int = 0


class Latency:
    """Takes the moments of a turn and writes one sample when the bot's first sound is handed to the transport."""

    def __init__(self, record: CallRecord, speech: SpeechState, now: Callable[[], float]) -> None:
        self._record = record
        self._speech = speech
        self._now = now
        self._turn: _Turn | None = None
        self._last: LatencySample | None = None

    def turn_over(self, number: int) -> None:
        """The customer's turn is over and goes to the LLM."""
        speech = self._speech
        turn = self._turn = _Turn(number, ended_at=speech.ended_at or self._now())
        self._last = None
        if speech.text_at >= turn.ended_at:
            turn.stt_s = speech.text_at - turn.ended_at
        stopped_at = turn.ended_at + speech.vad_stop_s
        if speech.decided_at >= stopped_at:
            turn.turn_s = speech.decided_at - stopped_at

    def llm_requested(self) -> None:
        if self._turn:
            self._turn.requested_at = self._now()

    def llm_text(self) -> None:
        turn = self._turn
        if turn and turn.text_at is None:
            turn.text_at = self._now()
            if turn.requested_at is not None:
                turn.llm_s = turn.text_at - turn.requested_at

    def tool_ran(self, seconds: float, *, knowledge: bool) -> None:
        turn = self._turn
        if turn and knowledge:
            turn.rag_s = (turn.rag_s or 0) + seconds
        elif turn:
            turn.tool_s = (turn.tool_s or 0) + seconds

    def first_audio(self) -> None:
        """The bot's first sound after a turn leaves now."""
        turn, self._turn = self._turn, None
        if turn is None:
            return
        now = self._now()
        sample = LatencySample(
            turn=turn.number + 1,
            ts=utc_now(),
            stt_ms=_ms(turn.stt_s),
            turn_ms=_ms(turn.turn_s),
            rag_ms=_ms(turn.rag_s),
            tool_ms=_ms(turn.tool_s),
            llm_ms=_ms(turn.llm_s),
            tts_ms=_ms(now - turn.text_at) if turn.text_at is not None else None,
            total_ms=_ms(now - turn.ended_at),
            prompt_tokens=turn.usage.get("prompt_tokens"),
            completion_tokens=turn.usage.get("completion_tokens"),
            cached_tokens=turn.usage.get("cached_tokens"),
            tts_characters=turn.tts_characters or None,
        )
        if len(self._record.latency_samples) < MAX_SAMPLES:
            self._record.latency_samples.append(sample)
        self._last = sample
        for stage in ("stt", "turn", "rag", "tool", "llm", "tts", "total"):
            value = getattr(sample, f"{stage}_ms")
            if value is not None:
                figures.turn_seconds.labels(stage=stage).observe(value / 1000)

    def interrupted(self) -> None:
        """The answer that was measured last was cut."""
        if self._last:
            self._last.interrupted = True
        self._turn = None

    def tokens(self, **counts: int) -> None:
        """Tokens of an answer; they come when it has ended, often after its first sound."""
        if self._turn:
            for name, count in counts.items():
                self._turn.usage[name] = self._turn.usage.get(name, 0) + count
        elif self._last:
            for name, count in counts.items():
                setattr(self._last, name, (getattr(self._last, name) or 0) + count)

    def characters(self, count: int) -> None:
        if self._turn:
            self._turn.tts_characters += count
        elif self._last:
            self._last.tts_characters = (self._last.tts_characters or 0) + count


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else max(0, round(seconds * 1000))


class Usage:
    """Adds what the services report to the record."""

    def __init__(self, record: CallRecord, latency: Latency) -> None:
        self._record = record
        self._latency = latency

    def add(self, frame: MetricsFrame) -> None:
        usage = self._record.usage
        for data in frame.data:
            match data:
                case LLMUsageMetricsData():
                    tokens = data.value
                    usage.llm.requests += 1
                    usage.llm.prompt_tokens += tokens.prompt_tokens
                    usage.llm.completion_tokens += tokens.completion_tokens
                    usage.llm.cache_read_input_tokens += tokens.cache_read_input_tokens or 0
                    usage.llm.cache_creation_input_tokens += tokens.cache_creation_input_tokens or 0
                    self._latency.tokens(
                        prompt_tokens=tokens.prompt_tokens,
                        completion_tokens=tokens.completion_tokens,
                        cached_tokens=tokens.cache_read_input_tokens or 0,
                    )
                case TTSUsageMetricsData():
                    usage.tts.characters += data.value
                    self._latency.characters(data.value)
                case STTUsageMetricsData():
                    usage.stt.audio_seconds = round(usage.stt.audio_seconds + data.value.audio_seconds, 2)
                case TTFBMetricsData() if data.value > 0:
                    self._keep(data, data.value)
                case _:
                    pass

    def _keep(self, data: Any, seconds: float) -> None:
        if len(self._record.metrics) >= MAX_SAMPLES:
            return
        self._record.metrics.append(
            {
                "processor": data.processor.split("#")[0],
                "type": "ttfb",
                "model": data.model or "",
                "value_ms": round(seconds * 1000),
                "ts": utc_now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
        )
