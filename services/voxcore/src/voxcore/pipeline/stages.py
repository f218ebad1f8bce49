"""The three stages: what each counts as a failure, and what it owes to the service that takes over."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    FunctionCallInProgressFrame,
    FunctionCallResultFrame,
    FunctionCallsStartedFrame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    MetricsFrame,
    SystemFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSTextFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from voxcore.pipeline.fallback import (
    LLM_SILENCE_S,
    STT_FAILURES,
    STT_WINDOW_S,
    TTS_SILENCE_S,
    Failure,
    Window,
)
from voxcore.pipeline.speech import Ledger, PlayedMarker
from voxcore.pipeline.stage import REPLAYED, Stage

REPLAY_S = 10.0


class SttStage(Stage):
    """Three failures in 10 s, a refusal or a stall: the next recogniser hears the utterance again."""

    name_of_stage = "stt"

    def __init__(self, *args: Any, rate: int) -> None:
        super().__init__(*args)
        self._rate = rate
        self._window = Window(STT_FAILURES, STT_WINDOW_S)
        self._heard: deque[InputAudioRawFrame] = deque()
        self._heard_s = 0.0
        self._speaking = False

    async def into_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if isinstance(frame, InputAudioRawFrame) and len(self.options) > 1:
            self._heard.append(frame)
            self._heard_s += frame.num_frames / self._rate
            while self._heard_s > REPLAY_S:
                self._heard_s -= self._heard.popleft().num_frames / self._rate
        elif isinstance(frame, VADUserStartedSpeakingFrame):
            self._speaking = True
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            self._speaking = False
        return True

    async def out_of_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if isinstance(frame, TranscriptionFrame):
            self._window.clear()
            self._heard.clear()
            self._heard_s = 0.0
        return True

    async def failed(self, failure: Failure) -> None:
        if failure.final or (failure.code == "stalled" and self.more) or self._window.full():
            await self.next_candidate(failure)
        else:
            self.failures.note("stt", self.option, failure, "retry")

    async def resume(self) -> None:
        self._window.clear()
        heard, self._heard, self._heard_s = list(self._heard), deque(), 0.0
        await self._again(VADUserStartedSpeakingFrame(), FrameDirection.UPSTREAM)
        for frame in heard:
            copy = InputAudioRawFrame(audio=frame.audio, sample_rate=frame.sample_rate, num_channels=1)
            await self._again(copy, FrameDirection.DOWNSTREAM)
        if not self._speaking:
            await self._again(VADUserStoppedSpeakingFrame(stop_secs=0.4), FrameDirection.UPSTREAM)

    async def _again(self, frame: Frame, direction: FrameDirection) -> None:
        frame.metadata[REPLAYED] = True
        await self.service.queue_frame(frame, direction)


class LlmStage(Stage):
    """429, 5xx and transport errors are tried once more; then, or after 6 s without a token, the next model answers."""

    name_of_stage = "llm"

    def __init__(self, *args: Any, drop_answer: Callable[[], Awaitable[bool]]) -> None:
        """`drop_answer` takes back words that nobody has heard yet; False when some are being played."""
        super().__init__(*args)
        self._drop_answer = drop_answer
        self._texted = False
        self._context: LLMContextFrame | None = None
        self._retried = False
        self._response_open = False
        self._restart: Callable[[], Awaitable[None]] | None = None
        self._watch: asyncio.TimerHandle | None = None

    async def into_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if isinstance(frame, LLMContextFrame):
            self._context, self._retried, self._restart, self._texted = frame, False, None, False
            if self.swapping:
                return False  # the next model gets it as soon as it runs
            self._arm()
        elif isinstance(frame, InterruptionFrame) and direction == FrameDirection.DOWNSTREAM:
            self._context, self._restart, self._response_open = None, None, False
            self._disarm()
        return True

    async def out_of_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if isinstance(frame, LLMFullResponseStartFrame):
            again, self._response_open = self._response_open, True
            return not again
        if isinstance(frame, LLMFullResponseEndFrame):
            if self._restart:  # this answer failed; the next one goes on in the same response
                restart, self._restart = self._restart, None
                self.later(restart())
                return False
            self._disarm()
            self._context, self._response_open = None, False
        elif isinstance(frame, LLMTextFrame | FunctionCallsStartedFrame) or (
            self._context and not isinstance(frame, SystemFrame) and direction == FrameDirection.DOWNSTREAM
        ):
            self._arm()
            self._texted = self._texted or isinstance(frame, LLMTextFrame)
        return True

    def _arm(self) -> None:
        self._disarm()
        self._watch = asyncio.get_running_loop().call_later(LLM_SILENCE_S, self._silent)

    def _disarm(self) -> None:
        if self._watch:
            self._watch.cancel()
            self._watch = None

    def _silent(self) -> None:
        failure = Failure("stalled", f"no token for {LLM_SILENCE_S:g} s", transient=False)
        self.later(self.next_candidate(failure))

    async def cleanup(self) -> None:
        self._disarm()
        await super().cleanup()

    async def failed(self, failure: Failure) -> None:
        if self._context is None or self._restart:
            return
        self._disarm()
        if failure.transient and not self._retried:
            self._retried = True
            self.failures.note("llm", self.option, failure, "retry")
            self._restart = self.resume
        else:
            self._restart = self._nothing if self.more else None
            await self.next_candidate(failure)

    async def _nothing(self) -> None:
        """The failed answer has ended; the next candidate has been asked already."""

    async def resume(self) -> None:
        self._restart = None
        context, texted = self._context, self._texted
        if context is None:
            return
        if texted:  # half an answer came; the new one begins anew
            self._texted = False
            if await self._drop_answer():
                self._response_open = False
                self._context = context
            else:
                await self.push_frame(LLMTextFrame(". "))
        self._arm()
        await self.service.queue_frame(context)


class TtsStage(Stage):
    """An error, or 4 s without a sound: the next voice says the same words from the sentence that was cut."""

    name_of_stage = "tts"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._words = Ledger()
        self._giving = False  # the LLM is still giving words of this response
        self._open = False  # a response went in whose end has not come out
        self._start_out = False  # its start has come out
        self._owed: dict[int, Frame] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._watch_requests(self.service)

    def _watch_requests(self, service: FrameProcessor) -> None:
        service.add_event_handler("on_tts_request", self._requested)

    async def _put_in(self, service: FrameProcessor) -> None:
        self._watch_requests(service)
        await super()._put_in(service)

    async def _requested(self, service: FrameProcessor, _context_id: str, _text: str) -> None:
        if service is self.service and self._watch is None and not self.ending:
            self._watch = asyncio.get_running_loop().call_later(TTS_SILENCE_S, self._silent)

    def _disarm(self) -> None:
        if self._watch:
            self._watch.cancel()
            self._watch = None

    def _silent(self) -> None:
        self._watch = None
        failure = Failure("stalled", f"no sound in {TTS_SILENCE_S:g} s", transient=False)
        self.later(self.next_candidate(failure))

    async def cleanup(self) -> None:
        self._disarm()
        await super().cleanup()

    async def into_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if direction != FrameDirection.DOWNSTREAM:
            return True
        match frame:
            case LLMFullResponseStartFrame():
                self._giving = self._open = True
            case LLMTextFrame():
                self._words.give(frame.text)
            case LLMFullResponseEndFrame():
                self._giving = False
                self._words.give(" ")
            case InterruptionFrame():
                self._words.clear()
                self._giving = self._open = self._start_out = False
                self._disarm()
                self._owed = {key: owed for key, owed in self._owed.items() if not owed.interruptible}
            case PlayedMarker() | FunctionCallResultFrame() | FunctionCallInProgressFrame():
                self._owed[frame.id] = frame
            case _:
                pass
        if self.swapping and not isinstance(frame, SystemFrame):
            return isinstance(frame, EndFrame)  # words are in the ledger, markers are owed: the new voice gets them
        return True

    async def out_of_service(self, frame: Frame, direction: FrameDirection) -> bool:
        if self.swapping and not isinstance(frame, SystemFrame | TTSAudioRawFrame):
            return False  # text without its sound, markers that overtake words still owed
        if self.dead and isinstance(frame, TTSTextFrame):
            return False
        if isinstance(frame, TTSAudioRawFrame):
            self._disarm()
        elif isinstance(frame, TTSTextFrame):
            self._words.played(frame.text)
        elif isinstance(frame, LLMFullResponseStartFrame):
            again, self._start_out = self._start_out, True
            return not again
        elif isinstance(frame, LLMFullResponseEndFrame):
            self._open = self._start_out = False
        elif not isinstance(frame, MetricsFrame):
            self._owed.pop(frame.id, None)
        return True

    async def failed(self, failure: Failure) -> None:
        self._disarm()
        await self.next_candidate(failure)

    async def resume(self) -> None:
        text, owed = self._words.left(), list(self._owed.values())
        if self._open:
            await self.service.queue_frame(LLMFullResponseStartFrame())
            if text:
                await self.service.queue_frame(LLMTextFrame(text + " "))
            if not self._giving:
                await self.service.queue_frame(LLMFullResponseEndFrame())
        for frame in owed:
            await self.service.queue_frame(frame)
