"""How a call ends: who ended it, what the bot still says, and the customer's words that were not read yet."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pipecat.frames.frames import OutputAudioRawFrame, TranscriptionFrame, VADUserStoppedSpeakingFrame
from pipecat.pipeline.worker import PipelineWorker
from pipecat.utils.time import time_now_iso8601
from voxkit.log import get_logger

from voxcore.pipeline.dtmf import beeps
from voxcore.pipeline.fallback import DEFAULT_APOLOGY
from voxcore.pipeline.limits import LAST_SENTENCE_S
from voxcore.pipeline.speech import HeardMarker, PlayedMarker

if TYPE_CHECKING:
    from voxcore.pipeline.live import Conversation

log = get_logger("voxcore.closing")

RESPONSE_END_WAIT_S = 2.0
APOLOGY_LIMIT_S = 8.0
GOODBYE_LIMIT_S = 30.0
TRANSFER_SETTLE_S = 2.0
LAST_WORDS_S = 1.5


class Closing:
    """The end of one conversation. `over` is set when nothing is left to say or hear."""

    def __init__(self, conversation: "Conversation", later: Callable[[Any], None]) -> None:
        self._call = conversation
        self._later = later
        self.over = asyncio.Event()
        self._finishing = False
        self.cut_short = False
        """The customer was speaking when the call ended."""

    # --- the far end ------------------------------------------------------------------------------------------

    async def far_end_gone(self, said: str, lost: bool) -> None:
        call = self._call
        if lost:
            call.record.event("transport_lost")
        if call.media.transferring:
            self._later(self._handed_over())
            return
        call.record.end("customer", **({"disconnected_by": said} if said else {}))
        self.over.set()

    async def _handed_over(self) -> None:
        """The far end left because it took the call over: the transfer says so itself in a moment."""
        await asyncio.sleep(TRANSFER_SETTLE_S)
        self._call.record.end("bot")
        self.over.set()

    # --- our own end ------------------------------------------------------------------------------------------

    def finish(self, limit_s: float = GOODBYE_LIMIT_S, *, last_words: str = "") -> None:
        """Hang up behind what has been said; nothing stops it any more. The first call counts."""
        if self._finishing:
            return
        self._begin()
        self._later(self._drain(limit_s, last_words))

    def _begin(self) -> None:
        self._finishing = True
        self._call.speech.closing = True
        self._call.call.enter("ending")
        self._call.silence.stop()

    async def _drain(self, limit_s: float, last_words: str) -> None:
        script = self._call.script
        with suppress(TimeoutError):
            await asyncio.wait_for(script.closed.wait(), RESPONSE_END_WAIT_S)
        if last_words.strip():
            await script.speak(last_words)
        await script.played(limit_s)
        self.over.set()

    async def nobody_there(self, final_message: str) -> None:
        self._call.record.end("RNR")
        self.finish(last_words=final_message)

    async def time_is_up(self) -> None:
        self._call.record.end("timeout")
        self.finish(LAST_SENTENCE_S)

    async def cut_off(self) -> None:
        self._call.record.end("timeout")
        self.over.set()

    async def give_up(self, stage: str) -> None:
        """No provider of a stage works: say so with what still works, then hang up."""
        script = self._call.script
        self._call.record.end("error")
        self._begin()
        said = False
        if stage != "tts":
            await script.stop_bot()
            await script.speak(self._call.config.apology_message.strip() or DEFAULT_APOLOGY)
            said = await script.played(APOLOGY_LIMIT_S)
        if not said:
            await self._play_tones()
        self.over.set()

    async def _play_tones(self) -> None:
        """Three tones past the voice that does not work."""
        output, rate = self._call.output, self._call.media.rate
        assert output
        tone = OutputAudioRawFrame(audio=beeps(rate), sample_rate=rate, num_channels=1)
        tone.interruptible = False
        marker = PlayedMarker()
        await output.queue_frame(tone)
        await output.queue_frame(marker)
        with suppress(TimeoutError):
            await asyncio.wait_for(marker.arrived.wait(), 3)

    # --- the customer's last words ----------------------------------------------------------------------------

    async def hear_out(self, worker: PipelineWorker) -> None:
        """Read what was being said when the call ended; nobody answers it. At once when nobody was speaking.

        Without a final text in 1.5 s the latest interim text counts.
        """
        speech, user = self._call.speech, self._call.user
        speech.closing = True
        if not speech.words_due or user is None:
            return
        read = asyncio.Event()
        speech.on_final.append(read.set)
        self.cut_short = speech.user_speaking
        if speech.user_speaking:
            await worker.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.0))
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while speech.words_due:
                    read.clear()
                    await read.wait()
        if speech.words_due:
            log.info("last_words.not_read", interim=bool(speech.interim))
            if speech.interim:
                frame = TranscriptionFrame(text=speech.interim, user_id="", timestamp=time_now_iso8601())
                frame.finalized = True
                await user.queue_frame(frame)
        marker = HeardMarker()
        await user.queue_frame(marker)
        with suppress(TimeoutError):
            await asyncio.wait_for(marker.arrived.wait(), LAST_WORDS_S)
