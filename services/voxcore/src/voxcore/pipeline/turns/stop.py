"""When the customer's turn is over (T3)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Literal

from pipecat.audio.turn.base_turn_analyzer import BaseTurnAnalyzer, EndOfTurnState
from pipecat.frames.frames import (
    Frame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.metrics.metrics import TurnMetricsData
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_stop import BaseUserTurnStopStrategy
from pipecat.utils.time import time_now_iso8601

from voxcore.pipeline.turns.ending import FINISHED, finished
from voxcore.pipeline.turns.state import SpeechState, TurnRules

SEGMENT_WAIT_S = 3.0
Mode = Literal["smart_turn", "vad", "stt"]


class VoxUserTurnStop(BaseUserTurnStopStrategy):
    """Two questions decide: is the customer done (model and words, silence, or the recogniser), and is the text final.

    The model is asked early in every pause, so that it has answered when VAD stops, and also while no turn is open:
    when words begin a turn after their sound has ended (a barge-in by text), its verdict counts. `turn.stop_secs`
    counts from the VAD stop, `turn.vad_stop_secs` from the last sound. In mode `stt` the recogniser's own signal
    decides, or its final text once nobody speaks.
    """

    def __init__(
        self, rules: TurnRules, speech: SpeechState, mode: Mode, analyzer: BaseTurnAnalyzer | None = None
    ) -> None:
        super().__init__()
        if mode == "smart_turn" and analyzer is None:
            raise ValueError("mode smart_turn needs a turn model")
        self._rules = rules
        self._speech = speech
        self._mode = mode
        self._analyzer = analyzer if mode == "smart_turn" else None
        if self._analyzer:
            speech.on_pause.append(self._ask_early)
        self._open = False
        self._done = False
        self._probability: float | None = None
        self._asked = False
        self._text = ""
        self._final = False
        self._interim = ""
        self._round = 0
        self._tasks: dict[str, asyncio.Task[Any]] = {}

    @property
    def resolves_proposed_turn_stop_frames(self) -> bool:
        return True

    async def setup(self, setup: Any) -> None:
        await super().setup(setup)
        if self._analyzer:
            self._analyzer.set_sample_rate(setup.audio_in_sample_rate)

    async def cleanup(self) -> None:
        await super().cleanup()
        await self._cancel("decide", "wait")
        if self._analyzer:
            await self._analyzer.cleanup()

    async def handle_user_turn_started(self) -> None:
        self._open = True
        self._text, self._final, self._interim = "", False, ""
        await self._cancel("wait")
        if not self._done and not self._speech.user_speaking and "decide" not in self._tasks:
            # Words without a sound to judge (kept words, keypad, a recogniser that hears more): silence decides.
            silent_s = self._speech.now() - self._speech.ended_at
            left_s = self._rules.turn.stop_secs - silent_s
            if left_s <= 0:
                self._done = True
            else:
                self._start("decide", self._after(left_s, self._decided))

    async def handle_user_turn_stopped(self) -> None:
        self._open = self._asked = self._done = False
        self._probability = None
        self._text, self._final, self._interim = "", False, ""
        await self._cancel("decide", "wait")
        if self._analyzer:
            self._analyzer.clear()

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        if isinstance(frame, InputAudioRawFrame):
            await self._audio(frame)
        elif isinstance(frame, TranscriptionFrame):
            await self._transcript(frame)
        elif isinstance(frame, InterimTranscriptionFrame):
            if self._open:
                self._interim, self._final = frame.text.strip(), False
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            await self._voice_started(frame.start_secs)
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            await self._voice_stopped(frame.stop_secs)
        elif isinstance(frame, ProposedUserStoppedSpeakingFrame) and self._mode == "stt":
            await self._decided()
        return ProcessFrameResult.CONTINUE

    # --- is the customer done ---------------------------------------------------------------------------------

    async def _audio(self, frame: InputAudioRawFrame) -> None:
        if not self._analyzer:
            return
        state = self._analyzer.append_audio(frame.audio, self._speech.user_speaking)
        if state == EndOfTurnState.COMPLETE and not self._done:
            await self._cancel("decide")
            await self._decided()

    async def _voice_started(self, start_secs: float) -> None:
        self._forget_verdict()
        self._done = self._final = self._asked = False
        await self._cancel("decide", "wait")
        if self._analyzer:
            self._analyzer.update_vad_start_secs(start_secs)

    async def _voice_stopped(self, stop_secs: float) -> None:
        if self._analyzer:
            if not self._asked:
                self._ask(self._analyzer)
            self._asked = False
            await self._check()
        elif self._mode == "vad":
            self._start("decide", self._after(max(0.0, self._rules.turn.vad_stop_secs - stop_secs), self._decided))
        elif self._final and not self._interim:
            await self._decided()

    def _ask_early(self) -> None:
        """A pause begins. If speech goes on the verdict is dropped, at the latest by the next pause."""
        if self._analyzer:
            self._ask(self._analyzer)
            self._asked = True

    def _ask(self, analyzer: BaseTurnAnalyzer) -> None:
        self._forget_verdict()
        self._start("decide", self._ask_model(analyzer, self._round))

    def _forget_verdict(self) -> None:
        self._round += 1
        self._probability = None

    async def _ask_model(self, analyzer: BaseTurnAnalyzer, asked: int) -> None:
        """Runs beside the pipeline: audio and transcripts go on while the model thinks."""
        state, verdict = await analyzer.analyze_end_of_turn()
        if asked != self._round:
            return
        self._tasks.pop("decide", None)
        if isinstance(verdict, TurnMetricsData):
            self._probability = verdict.probability
        else:
            self._probability = 1.0 if state == EndOfTurnState.COMPLETE else 0.0
        await self._check()

    async def _decided(self) -> None:
        self._done = True
        await self._check()

    # --- is the text final ------------------------------------------------------------------------------------

    async def _transcript(self, frame: TranscriptionFrame) -> None:
        if not self._open:
            return
        if text := frame.text.strip():
            self._text, self._interim = text, ""
            self._final = frame.finalized or self._speech.streaming
            if self._mode == "stt" and self._final and not self._speech.user_speaking:
                self._done, self._speech.decided_at = True, self._speech.now()
        elif frame.finalized:
            self._final = True
        else:
            return
        await self._check()

    async def _check(self) -> None:
        if self._speech.user_speaking:
            return
        final = self._final and not self._interim
        if not self._done and not self._seems_done(final):
            self._speech.decided_at = 0.0  # the words overrule what the model said
            await self._cancel("wait")
            return
        if self._speech.decided_at < self._speech.ended_at:
            self._speech.decided_at = self._speech.now()
        if not self._open:
            return
        if final:
            await self._cancel("wait")
            await self.trigger_user_turn_stopped()
        elif "wait" not in self._tasks:
            wait_s = self._rules.turn.transcript_wait_ms / 1000 if self._speech.streaming else SEGMENT_WAIT_S
            self._start("wait", self._after(wait_s, self._give_up_waiting))

    def _seems_done(self, final: bool) -> bool:
        """What the model heard, with the words as soon as they are final; False leaves it to silence."""
        if self._probability is None:
            return False
        if not final:
            return self._probability > FINISHED
        return finished(self._probability, self._text, self._rules.language)

    async def _give_up_waiting(self) -> None:
        """No final text came: the latest interim text is used, else what there is, and be it nothing."""
        if not self._open or self._speech.user_speaking:
            return
        if self._interim:
            text, self._interim = self._interim, ""
            self._speech.promoted = text
            frame = TranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601())
            frame.finalized = True
            frame.interruptible = False
            await self.push_frame(frame)
        else:
            await self.trigger_user_turn_stopped()

    # --- timers -----------------------------------------------------------------------------------------------

    def _start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        if old := self._tasks.pop(name, None):
            old.cancel()
        self._tasks[name] = self.task_manager.create_task(work, f"{self}::{name}")

    async def _after(self, seconds: float, then: Callable[[], Coroutine[Any, Any, None]]) -> None:
        await asyncio.sleep(seconds)
        for name, task in list(self._tasks.items()):
            if task is asyncio.current_task():
                del self._tasks[name]
        await then()

    async def _cancel(self, *names: str) -> None:
        for name in names:
            task = self._tasks.pop(name, None)
            if task and task is not asyncio.current_task():
                await self.task_manager.cancel_task(task)
