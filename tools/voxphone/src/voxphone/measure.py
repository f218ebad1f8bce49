"""From ticks and arrival times to figures. Pure: numbers in, numbers out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from voxphone import pcm
from voxphone.callee import Mark
from voxphone.ear import SPEECH_GAP_TICKS, Stretch
from voxphone.report import BargeIn, Spread, Turn

# Between two utterances nothing is sent; a pause this many chunks long is such a gap and no jitter.
RUN_GAP_CHUNKS = 10
HISTOGRAM_REACH_MS = 25
# A word over the bot is understood at the latest this long after its end.
REACTION_TICKS = 150


def percentile(values: Sequence[float], share: float) -> float:
    """Nearest-rank percentile; `share` in 0..1. Raises ValueError for no values."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> Spread | None:
    """Mean and percentiles; None for no values."""
    if not values:
        return None
    return Spread(
        count=len(values),
        mean=round(sum(values) / len(values), 2),
        p50=round(percentile(values, 0.50), 2),
        p95=round(percentile(values, 0.95), 2),
        p99=round(percentile(values, 0.99), 2),
        max=round(max(values), 2),
    )


def histogram(offsets_ms: Sequence[float], reach_ms: int = HISTOGRAM_REACH_MS) -> list[int]:
    """Counts for each whole millisecond from -reach to +reach; what lies further out is in the end buckets."""
    counts = [0] * (2 * reach_ms + 1)
    for offset in offsets_ms:
        counts[max(-reach_ms, min(reach_ms, round(offset))) + reach_ms] += 1
    return counts


@dataclass
class Arrivals:
    """Arrival times of audio chunks: intervals inside a run of chunks, and how far audio ran ahead of the clock.

    `offsets_ms`: interval minus the length of the chunk before; 0 is perfect pacing.
    """

    intervals_ms: list[float] = field(default_factory=list)
    offsets_ms: list[float] = field(default_factory=list)
    runs: int = 0
    chunks: int = 0
    audio_ms: float = 0.0
    lead_max_ms: float = 0.0
    onsets_s: list[float] = field(default_factory=list)
    _last_s: float = -math.inf
    _last_ms: float = 0.0
    _run_start_s: float = 0.0
    _run_audio_ms: float = 0.0
    _audible_s: float = -math.inf

    def add(self, at_s: float, audio: bytes) -> None:
        """A chunk arrived `at_s` (any clock that only rises, seconds)."""
        length_ms = pcm.seconds_of(audio) * 1000
        gap_ms = (at_s - self._last_s) * 1000
        if gap_ms > max(length_ms, self._last_ms) * RUN_GAP_CHUNKS:
            self.runs += 1
            self._run_start_s, self._run_audio_ms = at_s, 0.0
        else:
            self.intervals_ms.append(gap_ms)
            self.offsets_ms.append(gap_ms - self._last_ms)
        self._run_audio_ms += length_ms
        self.lead_max_ms = max(self.lead_max_ms, self._run_audio_ms - (at_s - self._run_start_s) * 1000)
        self.chunks += 1
        self.audio_ms += length_ms
        self._last_s, self._last_ms = at_s, length_ms
        if pcm.level_dbfs(audio) >= pcm.AUDIBLE_DBFS:
            if at_s - self._audible_s > (SPEECH_GAP_TICKS * pcm.FRAME_MS + length_ms) / 1000:
                self.onsets_s.append(at_s)
            self._audible_s = at_s

    def flushed(self) -> None:
        """The other side dropped its queue: what follows is a new run."""
        self._last_s = -math.inf


def seconds(tick: int) -> float:
    """A tick as seconds since the answer."""
    return round(tick * pcm.FRAME_MS / 1000, 3)


def turns(
    marks: Sequence[Mark], stretches: Sequence[Stretch], onsets_s: Sequence[float], ended_tick: int
) -> list[Turn]:
    """One turn for each utterance of the callee, with the bot's reaction to it.

    Latency runs from the last frame of the callee's voice to the first audible frame of the bot *after* it; a bot that
    was speaking at that moment gives none. `onsets_s`: arrivals of first audible chunks, seconds since the answer.
    """
    spoken = [mark for mark in marks if mark.kind in ("say", "greeting")]
    found = []
    for index, mark in enumerate(spoken):
        last = ended_tick if mark.last_tick < 0 else mark.last_tick
        until = spoken[index + 1].first_tick if index + 1 < len(spoken) else ended_tick + 1
        turn = Turn(
            index=index + 1,
            said=mark.text,
            started_s=seconds(mark.first_tick),
            ended_s=seconds(last + 1),
            over_bot=mark.over_bot,
            cut_short=mark.last_tick < 0,
        )
        speaking = any(s.first_tick <= last <= s.last_tick for s in stretches)
        reply = next((s for s in stretches if last < s.first_tick < until), None)
        if reply and not speaking:
            turn.latency_ms = (reply.first_tick - last) * pcm.FRAME_MS
            ended_s, heard_s = last * pcm.FRAME_MS / 1000, reply.first_tick * pcm.FRAME_MS / 1000
            # On the wire before it was heard: the jitter buffer lies between.
            arrived = next((at for at in onsets_s if ended_s < at <= heard_s + 0.02), None)
            turn.wire_latency_ms = None if arrived is None else round((arrived - ended_s) * 1000, 1)
        if reply:
            turn.reply_started_s = seconds(reply.first_tick)
        found.append(turn)
    return found


def barge_ins(
    marks: Sequence[Mark], stretches: Sequence[Stretch], flushes_s: Sequence[float], ended_tick: int
) -> list[BargeIn]:
    """One entry for each sound of the callee that began while the bot spoke.

    `stopped` says that the bot's side dropped its audio because of it; `stop_frame_ms` and `silent_ms` count from the
    callee's first frame.
    """
    found = []
    for index, mark in enumerate(marks):
        over = next((s for s in stretches if s.first_tick <= mark.first_tick <= s.last_tick + SPEECH_GAP_TICKS), None)
        if not mark.over_bot or over is None:
            continue
        onset_s = mark.first_tick * pcm.FRAME_MS / 1000
        following = marks[index + 1].first_tick if index + 1 < len(marks) else ended_tick + 1
        last = ended_tick if mark.last_tick < 0 else mark.last_tick
        # The stop may fall into a pause between two sentences; one after the next sound, or much later, is not ours.
        limit_s = min(last + REACTION_TICKS, following) * pcm.FRAME_MS / 1000
        stop_s = next((at for at in flushes_s if onset_s <= at <= limit_s), None)
        found.append(
            BargeIn(
                kind=mark.kind,
                said=mark.text,
                at_s=seconds(mark.first_tick),
                stopped=stop_s is not None,
                stop_frame_ms=None if stop_s is None else round((stop_s - onset_s) * 1000, 1),
                silent_ms=(over.last_tick + 1 - mark.first_tick) * pcm.FRAME_MS if stop_s is not None else None,
            )
        )
    return found
