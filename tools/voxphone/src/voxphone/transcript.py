"""What the bot was heard to say: cut the heard track into utterances, have each transcribed, judge expectations."""

import asyncio
import re
from collections.abc import Callable, Sequence

from voxphone import pcm
from voxphone.callee import Checkpoint
from voxphone.ear import Stretch
from voxphone.errors import VoiceUnavailable
from voxphone.measure import seconds
from voxphone.report import BotUtterance, Expectation
from voxphone.voice import Voice

# Sentences of one answer are up to this far apart.
UTTERANCE_GAP_TICKS = 30
_PAD_TICKS = 10


def utterances(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Stretches of speech joined over the short pauses between sentences."""
    joined: list[Stretch] = []
    for stretch in stretches:
        if joined and stretch.first_tick - joined[-1].last_tick <= UTTERANCE_GAP_TICKS:
            joined[-1] = Stretch(joined[-1].first_tick, stretch.last_tick)
        else:
            joined.append(Stretch(stretch.first_tick, stretch.last_tick))
    return joined


class Listener:
    """Transcribes utterances of the bot while the call goes on (`live`) or once it is over."""

    def __init__(self, voice: Voice | None, live: bool, told: Callable[[BotUtterance], None]) -> None:
        self._voice = voice
        self._live = live
        self._told = told
        self._tasks: list[asyncio.Task[None]] = []
        self.found: list[BotUtterance] = []
        self.error: str | None = None

    def follow(self, stretches: Sequence[Stretch], heard: bytearray, tick: int, over: bool = False) -> None:
        """Take note of utterances that are complete at `tick`; `over` completes the last one."""
        complete = utterances(stretches)
        if complete and not over and tick - complete[-1].last_tick <= UTTERANCE_GAP_TICKS:
            complete.pop()
        for item in complete[len(self.found) :]:
            utterance = BotUtterance(started_s=seconds(item.first_tick), ended_s=seconds(item.last_tick + 1))
            self.found.append(utterance)
            if self._voice:
                first, last = max(0, item.first_tick - _PAD_TICKS), item.last_tick + 1 + _PAD_TICKS
                audio = bytes(heard[first * pcm.FRAME_BYTES : last * pcm.FRAME_BYTES])
                self._tasks.append(asyncio.ensure_future(self._read(self._voice, utterance, audio)))

    @property
    def live(self) -> bool:
        return self._live

    async def finish(self) -> None:
        """Wait for what is still being read. A speech server that is away leaves `error`, not an exception."""
        await asyncio.gather(*self._tasks)

    async def drop(self) -> None:
        """Stop reading; for a call that is thrown away."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _read(self, voice: Voice, utterance: BotUtterance, audio: bytes) -> None:
        try:
            utterance.text = await voice.transcribe(audio)
        except VoiceUnavailable as exc:
            self.error = str(exc)
            return
        self._told(utterance)


def judge(checkpoints: Sequence[Checkpoint], bot: Sequence[BotUtterance]) -> list[Expectation]:
    """Compare each expectation with the words heard in its span; without any transcription `passed` stays None."""
    judged = []
    for point in checkpoints:
        since, until = seconds(point.since_tick), seconds(point.tick + 1)
        if point.step.scope == "call":
            since, until = 0.0, float("inf")
        span = [item for item in bot if item.ended_s > since and item.started_s < until]
        words = " ".join(item.text for item in span if item.text)
        known = all(item.text is not None for item in span)
        found = re.search(point.step.heard, words, re.IGNORECASE) is not None
        judged.append(
            Expectation(
                heard=point.step.heard,
                scope=point.step.scope,
                at_s=seconds(point.tick),
                passed=found if found or known else None,
                against=words,
            )
        )
    return judged
