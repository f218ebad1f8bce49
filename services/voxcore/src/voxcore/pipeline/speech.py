"""The bot's words on their way: what was generated, what has been played, what was cut.

`Gate` stands behind the user's aggregator, `Script` between LLM and TTS, `Played` behind the output.
"""

import asyncio
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    CancelFrame,
    ControlFrame,
    EndFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    LLMAssistantPushAggregationFrame,
    LLMContextFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    MetricsFrame,
    OutputAudioRawFrame,
    TTSStoppedFrame,
    TTSTextFrame,
    UserStartedSpeakingFrame,
    UserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.utils.string import TextPartForConcatenation, concatenate_aggregated_text

_SENTENCE_END = re.compile(r"(?<=[.!?।…])[\"')\]]*\s+")


@dataclass
class PlayedMarker(ControlFrame):
    """Travels behind the bot's words; it has arrived when they are played or were cut. An interruption keeps it."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    cut: bool = False
    interruptible: bool = field(default=False, init=False)


@dataclass
class HeardMarker(ControlFrame):
    """Travels behind the customer's words; it has arrived when they have passed the user's aggregator."""

    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    interruptible: bool = field(default=False, init=False)


@dataclass(frozen=True)
class Cut:
    """What an interruption took: words generated but not played, or an answer that was still being made."""

    text: str
    unfinished: bool


class Ledger:
    """Words given to the TTS against words that have been played."""

    def __init__(self) -> None:
        self._given = ""
        self._played = 0  # letters and digits; spacing and marks differ between what is sent and what is reported

    def give(self, text: str) -> None:
        self._given += text

    def played(self, text: str) -> None:
        self._played += sum(char.isalnum() for char in text)

    def left(self) -> str:
        """What has not been played, from the beginning of the sentence that was not played to its end."""
        at, seen = 0, 0
        while at < len(self._given) and (seen < self._played or not self._given[at].isalnum()):
            seen += self._given[at].isalnum()
            at += 1
        ends = [mark.end() for mark in _SENTENCE_END.finditer(self._given) if mark.end() <= at]
        return self._given[ends[-1] if ends else 0 :].strip() if at < len(self._given) else ""

    def clear(self) -> None:
        self._given, self._played = "", 0


class SpeechObserver(Protocol):
    """The conversation, as the processors tell it what happens. Times are now."""

    @property
    def closing(self) -> bool: ...
    def turn_given(self) -> None: ...
    def llm_requested(self) -> None: ...
    def llm_text(self) -> None: ...
    def llm_done(self, *, spoke: bool) -> None: ...
    def user_speaks(self, yes: bool) -> None: ...
    def bot_speaks(self, yes: bool) -> None: ...
    def bot_said(self, text: str, interrupted: bool, began_at: float | None) -> None: ...
    def metrics(self, frame: MetricsFrame) -> None: ...


class Gate(FrameProcessor):
    """Stops the customer's audio: nobody behind the user's aggregator needs it."""

    def __init__(self, observer: SpeechObserver) -> None:
        super().__init__(name="Gate", enable_direct_mode=True)
        self._observer = observer

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, InputAudioRawFrame):
            return
        if isinstance(frame, HeardMarker):
            frame.arrived.set()
            return
        if direction == FrameDirection.DOWNSTREAM:
            if isinstance(frame, LLMContextFrame):
                if self._observer.closing:
                    return
                self._observer.turn_given()
                self._observer.llm_requested()
            elif isinstance(frame, UserStartedSpeakingFrame):
                self._observer.user_speaks(True)
            elif isinstance(frame, UserStoppedSpeakingFrame):
                self._observer.user_speaks(False)
        await self.push_frame(frame, direction)


class Script(FrameProcessor):
    """Everything the bot is going to say passes here; whoever else speaks than the LLM does it through `speak`."""

    def __init__(self, observer: SpeechObserver) -> None:
        super().__init__(name="Script", enable_direct_mode=True)
        self._observer = observer
        self.ledger = Ledger()
        self.response_text = ""
        self.closed = asyncio.Event()
        self.closed.set()
        self.cut: Cut | None = None
        self._open_markers: dict[int, PlayedMarker] = {}

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, LLMContextFrame) and direction == FrameDirection.UPSTREAM:
            if self._observer.closing:
                return
            self._observer.llm_requested()
        elif isinstance(frame, LLMFullResponseStartFrame):
            self.response_text = ""
            self.closed.clear()
        elif isinstance(frame, LLMTextFrame):
            if not self.response_text:
                self._observer.llm_text()
            self.response_text += frame.text
            self.ledger.give(frame.text)
        elif isinstance(frame, LLMFullResponseEndFrame):
            if self.response_text and not self.response_text[-1].isspace():
                self.ledger.give(" ")
            self.closed.set()
            self._observer.llm_done(spoke=bool(self.response_text.strip()))
        elif isinstance(frame, InterruptionFrame) and direction == FrameDirection.DOWNSTREAM:
            self._interrupted()
        await self.push_frame(frame, direction)

    def _interrupted(self) -> None:
        unfinished = not self.closed.is_set()
        if unfinished or self.ledger.left():
            self.cut = Cut(self.ledger.left(), unfinished)
        for marker in self._open_markers.values():
            marker.cut = True
        self.ledger.clear()
        self.closed.set()

    async def stop_bot(self) -> None:
        """Cut what the bot says or is about to say."""
        self._interrupted()
        await self.broadcast_interruption()

    async def speak(self, text: str) -> None:
        """Say a text behind what has been generated already, sentence by sentence like an answer of the LLM."""
        self.ledger.give(text + " ")
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(text))
        await self.push_frame(LLMFullResponseEndFrame())

    @property
    def busy(self) -> bool:
        """Whether words are being made, or wait to be played."""
        return not self.closed.is_set() or bool(self.ledger.left())

    async def sound(self, pcm: bytes, rate: int) -> None:
        """Play audio behind the bot's words; it cannot be interrupted."""
        frame = OutputAudioRawFrame(audio=pcm, sample_rate=rate, num_channels=1)
        frame.interruptible = False
        await self.push_frame(frame)

    async def played(self, timeout_s: float | None = None) -> bool:
        """Wait until everything said so far has been played; False when it was cut (or the time is over)."""
        marker = PlayedMarker()
        self._open_markers[marker.id] = marker
        try:
            await self.push_frame(marker)
            async with asyncio.timeout(timeout_s):
                await marker.arrived.wait()
        except TimeoutError:
            return False
        finally:
            self._open_markers.pop(marker.id, None)
        return not marker.cut

    async def settled(self, response_wait_s: float) -> None:
        """Wait until the open response has ended and its words have been played, so that they stand in the context."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.closed.wait(), response_wait_s)
        await self.played()


class Played(FrameProcessor):
    """What has left the output, in the order of playing: the bot's side of the transcript."""

    def __init__(self, observer: SpeechObserver, script: Script, now: Callable[[], float]) -> None:
        super().__init__(name="Played", enable_direct_mode=True)
        self._observer = observer
        self._script = script
        self._now = now
        self._parts: list[TextPartForConcatenation] = []
        self._began_at: float | None = None
        self._in_response = False
        self._speaking = False

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if direction == FrameDirection.DOWNSTREAM:
            if isinstance(frame, PlayedMarker):
                frame.arrived.set()
                return
            self._note(frame)
        await self.push_frame(frame, direction)

    def _note(self, frame: Frame) -> None:
        match frame:
            case TTSTextFrame():
                self._script.ledger.played(frame.text)
                self._parts.append(
                    TextPartForConcatenation(
                        frame.raw_text or frame.text, includes_inter_part_spaces=frame.includes_inter_frame_spaces
                    )
                )
            case BotStartedSpeakingFrame():
                self._speaking = True
                self._began_at = self._began_at or self._now()
                self._observer.bot_speaks(True)
            case BotStoppedSpeakingFrame():
                self._speaking = False
                self._observer.bot_speaks(False)
            case LLMFullResponseStartFrame():
                self._in_response = True
            case LLMFullResponseEndFrame():
                self._in_response = False
                self._commit(False)
            case LLMAssistantPushAggregationFrame() | TTSStoppedFrame():
                if not self._in_response:
                    self._commit(False)
            case InterruptionFrame() | EndFrame() | CancelFrame():
                self._in_response = False
                interrupted, self._speaking = self._speaking, False
                self._commit(interrupted)
            case MetricsFrame():
                self._observer.metrics(frame)
            case _:
                pass

    def _commit(self, interrupted: bool) -> None:
        text = concatenate_aggregated_text(self._parts) if self._parts else ""
        began_at, self._began_at = self._began_at, self._now() if self._speaking else None
        self._parts = []
        if text.strip():
            self._observer.bot_said(text, interrupted, began_at)
