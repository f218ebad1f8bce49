"""From the notes of phone and fakes to the stages of each turn.

One turn, moments on one clock:

    last voiced frame sent            the customer has spoken
      | VAD                           `stop_secs` of silence and the windows of the detector
    stop frame sent                   the frame with which VAD can say "over"
      | in                            ours: socket, batch, VAD, request
    STT request complete              ... answered: the fake's own time, not ours
      | to_llm                        ours, and the turn model where it takes longer than the STT
    LLM request complete              ... answered: first bytes of the stream
      | to_tts                        ours
    TTS request complete              ... answered: first bytes of speech
      | out                           ours: to the first chunk at the phone
    first chunk received

`added` = in + to_llm + to_tts + out, without `model_wait`: the time that the answer waited for the turn model after the
text was there, from the worker's own sample (its model is a stage, like a provider's). The stop frame is found by
running the same VAD over the frames that the phone sent: it depends on the audio alone. What the fakes take between
the first byte of a request and its last, and the loopback, are inside our figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from loguru import logger

logger.remove()  # Pipecat greets on import

from pipecat.audio.vad.vad_analyzer import VADState  # noqa: E402  (after that)
from voxcore.pipeline import onnx_cache  # noqa: E402  (after that)
from voxcore.pipeline.vad import InlineSilero  # noqa: E402  (after that)
from voxkit.contracts.runtime_config import Vad  # noqa: E402  (after that)

from callbench.calls import Noted  # noqa: E402  (after that)
from callbench.fakes import RATE  # noqa: E402  (after that)

AUDIBLE = 104  # -50 dBFS
HELD_MS = 600


@dataclass(frozen=True)
class Turn:
    """Stages of one turn, milliseconds."""

    vad: float
    inbound: float
    stt: float
    to_llm: float
    llm: float
    to_tts: float
    tts: float
    outbound: float
    model_wait: float
    wire_total: float
    """Last voiced frame sent to first chunk received."""

    @property
    def added(self) -> float:
        return self.inbound + self.to_llm + self.to_tts + self.outbound - self.model_wait

    @property
    def held(self) -> bool:
        """The turn model called the turn unfinished, so the bot waited as it was told to."""
        return self.model_wait > HELD_MS


@dataclass(frozen=True)
class Edges:
    """When VAD can know of a beginning and an end of speech, and what it is about. Seconds of the monotonic clock."""

    starts: list[tuple[float, float]]
    """(first voiced frame sent, frame sent with which VAD says so)"""
    stops: list[tuple[float, float]]
    """(last voiced frame sent, frame sent with which VAD says so)"""


async def edges(sent: Sequence[tuple[float, bytes]], vad: Vad | None = None) -> Edges:
    """Run VAD over the frames of a call, one by one."""
    onnx_cache.install()
    detector = InlineSilero(vad or Vad())
    detector.set_sample_rate(RATE)
    found = Edges([], [])
    speaking, first_voiced, last_voiced = False, 0.0, 0.0
    for at, frame in sent:
        if np.abs(np.frombuffer(frame, "<i2").astype(np.int32)).max(initial=0) > AUDIBLE:
            if at - last_voiced > 1.0:
                first_voiced = at
            last_voiced = at
        state = await detector.analyze_audio(frame)
        if state == VADState.SPEAKING and not speaking:
            speaking = True
            found.starts.append((first_voiced, at))
        elif state == VADState.QUIET and speaking:
            speaking = False
            found.stops.append((last_voiced, at))
    await detector.cleanup()
    return found


async def turns(call: Noted) -> list[Turn]:
    """The turns of a call that can be followed from end to end."""
    stops = (await edges(call.sent)).stops
    asked = [mark for mark in call.marks if mark["kind"] == "llm" and "answered_at" in mark]
    samples: list[Any] = call.samples if len(call.samples) == len(asked) else [None] * len(asked)
    found = []
    for llm, sample in zip(asked, samples, strict=True):
        stt = _last(call.marks, "stt", before=llm["began_at"])
        tts = _first(call.marks, "tts", after=llm["answered_at"])
        if stt is None or tts is None:
            continue
        stop = next((stop for stop in reversed(stops) if stop[1] <= stt["began_at"]), None)
        chunk = next((at for at in call.audio if at >= tts["answered_at"]), None)
        if stop is None or chunk is None:
            continue
        found.append(
            Turn(
                vad=_ms(stop[1] - stop[0]),
                inbound=_ms(stt["complete_at"] - stop[1]),
                stt=_ms(stt["answered_at"] - stt["complete_at"]),
                to_llm=_ms(llm["complete_at"] - stt["answered_at"]),
                llm=_ms(llm["answered_at"] - llm["complete_at"]),
                to_tts=_ms(tts["complete_at"] - llm["answered_at"]),
                tts=_ms(tts["answered_at"] - tts["complete_at"]),
                outbound=_ms(chunk - tts["answered_at"]),
                model_wait=_model_wait(sample),
                wire_total=_ms(chunk - stop[0]),
            )
        )
    return found


def _model_wait(sample: dict[str, Any] | None) -> float:
    """How long the text waited for the turn model, from the worker's whole milliseconds."""
    if not sample or sample.get("turn_ms") is None or sample.get("stt_ms") is None:
        return 0.0
    return max(0.0, sample["turn_ms"] - (sample["stt_ms"] - Vad().stop_secs * 1000))


def inbound_ms(call: Noted) -> tuple[list[float], list[float]]:
    """Streaming STT: how long each 20 ms frame took to the recogniser; (all frames, last frames of their batch)."""
    mark = next((mark for mark in call.marks if mark["kind"] == "stt_socket"), None)
    if mark is None:
        return [], []
    ends: list[tuple[float, int]] = []  # (sent at, bytes so far)
    total = 0
    for at, frame in call.sent:
        total += len(frame)
        ends.append((at, total))
    everything, newest, at_frame = [], [], 0
    for came, got in mark["frames"]:
        last = None
        while at_frame < len(ends) and ends[at_frame][1] <= got:
            last = _ms(came - ends[at_frame][0])
            everything.append(last)
            at_frame += 1
        if last is not None:
            newest.append(last)
    # The first batch holds what came while the pipeline was built: it waited for that, not for us.
    first = next((n for n, value in enumerate(everything) if value < 60), 0)
    return everything[first:], newest[1:]


def _last(marks: Sequence[dict[str, Any]], kind: str, *, before: float) -> dict[str, Any] | None:
    fitting = [mark for mark in marks if mark["kind"] == kind and mark.get("answered_at", before + 1) <= before]
    return fitting[-1] if fitting else None


def _first(marks: Sequence[dict[str, Any]], kind: str, *, after: float) -> dict[str, Any] | None:
    return next((m for m in marks if m["kind"] == kind and m["began_at"] >= after and "answered_at" in m), None)


def _ms(seconds: float) -> float:
    return seconds * 1000
