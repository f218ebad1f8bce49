"""The two ends of a call's pipeline at a socket: audio in without a queue, audio out in real time."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any, Protocol

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InputAudioRawFrame,
    InterruptionFrame,
    OutputAudioRawFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams

from voxcore import metrics as figures

LEAD_S = 0.06


@dataclass
class Pace:
    """Real-time pacing of output: how long to wait before a chunk may leave, so that at most `lead_s` is ahead."""

    lead_s: float = LEAD_S
    end: float = 0.0
    """When the far end has played what was sent, on the monotonic clock."""

    def wait_s(self, now: float, duration_s: float) -> float:
        """Seconds to wait before a chunk of `duration_s` leaves. A chunk longer than the lead leaves on time."""
        slack = max(0.0, self.lead_s - duration_s)
        return max(0.0, self.end - slack - now)

    def sent(self, now: float, duration_s: float) -> None:
        self.end = max(self.end, now) + duration_s

    def flushed(self, now: float) -> None:
        self.end = min(self.end, now)


class Wire(Protocol):
    """The socket behind the output."""

    pace: Pace

    async def send_audio(self, frame: OutputAudioRawFrame) -> None: ...
    async def flush_output(self, *, speaking: bool = False) -> None: ...


class WireInput(FrameProcessor):
    """Where audio enters the pipeline: no queue of its own, the reader of the socket pushes."""

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)

    async def feed(self, pcm: bytes, rate: int) -> None:
        await self.push_frame(InputAudioRawFrame(audio=pcm, sample_rate=rate, num_channels=1))


class WireOutput(BaseOutputTransport):
    """Where audio leaves: chunks in real time, nothing after an interruption."""

    def __init__(self, media: "Wire", params: TransportParams) -> None:
        super().__init__(params, name="WireOutput")
        self._media = media
        self._interruptions = 0
        self._speaking = False
        self._stale = False
        """No audio has come since the last interruption: a chunk still on its way out of the queue is old."""
        self._ghost = False
        """The bot is said to speak for such a chunk: nobody hears it, so nobody is told."""

    async def start(self, frame: Any) -> None:
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        if isinstance(frame, InterruptionFrame):
            self._interruptions += 1
            self._stale = True
            speaking = self._speaking
            await super().process_frame(frame, direction)
            await self._media.flush_output(speaking=speaking)
            return
        if isinstance(frame, OutputAudioRawFrame):
            self._stale = False
        await super().process_frame(frame, direction)

    async def push_frame(self, frame: Frame, direction: FrameDirection = FrameDirection.DOWNSTREAM) -> None:
        # A chunk that was taken from the queue in the moment of an interruption is dropped below, but Pipecat has told
        # by then that the bot speaks, and would take it back only after three seconds.
        if isinstance(frame, BotStartedSpeakingFrame):
            self._ghost = self._stale
        if isinstance(frame, BotStartedSpeakingFrame | BotStoppedSpeakingFrame):
            if self._ghost:
                return
            self._speaking = isinstance(frame, BotStartedSpeakingFrame)
        await super().push_frame(frame, direction)

    async def write_audio_frame(self, frame: OutputAudioRawFrame) -> bool:
        before = self._interruptions
        duration_s = len(frame.audio) / 2 / self.sample_rate
        now = time.monotonic()
        if wait_s := self._media.pace.wait_s(now, duration_s):
            await asyncio.sleep(wait_s)
            figures.frame_jitter.observe(max(0.0, time.monotonic() - now - wait_s))
        old = self._ghost or self._stale or before != self._interruptions
        if not (old and frame.interruptible):
            await self._media.send_audio(frame)
        elif self._ghost:
            for sender in self._media_senders.values():
                await sender._bot_stopped_speaking()
        return False  # nobody behind the output needs the audio; False keeps it from travelling on
