"""What the phone hears: a jitter buffer that plays one frame a tick, and a detector of bot speech.

Time is counted in ticks of 20 ms. Nothing here reads a clock, so a test can play a minute of line in milliseconds.
"""

from dataclasses import dataclass, field

from voxphone import pcm

# A pause longer than this ends one stretch of bot speech; shorter ones are breath and commas.
SPEECH_GAP_TICKS = 15


class JitterBuffer:
    """Holds back the first `delay_ms` of a stretch of audio, then plays a frame a tick until it runs dry."""

    def __init__(self, delay_ms: int = 40) -> None:
        self._delay_ticks = max(0, -(-delay_ms // pcm.FRAME_MS))
        self._queued = bytearray()
        self._waited = 0
        self._playing = False
        self.underruns = 0

    @property
    def queued_ms(self) -> int:
        """Audio received and not yet played, milliseconds."""
        return len(self._queued) * 1000 // (2 * pcm.RATE_HZ)

    def push(self, audio: bytes) -> None:
        self._queued += audio

    def flush(self) -> int:
        """Drop what is queued; the milliseconds that nobody will hear."""
        dropped = self.queued_ms
        self._queued.clear()
        self._playing, self._waited = False, 0
        return dropped

    def pop(self) -> bytes:
        """The frame to play now; silence while the buffer fills or is empty."""
        if not self._queued:
            if self._playing:
                self.underruns += 1
            self._playing, self._waited = False, 0
            return pcm.SILENCE
        if not self._playing:
            self._waited += 1
            # The delay also ends by waiting, else an utterance shorter than the delay would never be heard.
            if len(self._queued) < self._delay_ticks * pcm.FRAME_BYTES and self._waited <= self._delay_ticks:
                return pcm.SILENCE
            self._playing = True
        frame = bytes(self._queued[: pcm.FRAME_BYTES])
        del self._queued[: pcm.FRAME_BYTES]
        return frame.ljust(pcm.FRAME_BYTES, b"\0")


@dataclass(slots=True)
class Stretch:
    """Bot speech without a long pause; `last_tick` is the last audible frame."""

    first_tick: int
    last_tick: int


@dataclass(slots=True)
class Ear:
    """Follows the frames that were played and knows whether, since when and how often the bot has spoken."""

    tick: int = -1
    stretches: list[Stretch] = field(default_factory=list)

    def hear(self, frame: bytes) -> None:
        """Take the frame of the next tick."""
        self.tick += 1
        if frame is pcm.SILENCE or pcm.level_dbfs(frame) < pcm.AUDIBLE_DBFS:
            return
        if self.stretches and self.tick - self.stretches[-1].last_tick <= SPEECH_GAP_TICKS:
            self.stretches[-1].last_tick = self.tick
        else:
            self.stretches.append(Stretch(self.tick, self.tick))

    @property
    def bot_turns(self) -> int:
        """Stretches of bot speech begun so far."""
        return len(self.stretches)

    @property
    def last_audible_tick(self) -> int:
        """-1 while the bot has not spoken."""
        return self.stretches[-1].last_tick if self.stretches else -1

    @property
    def bot_speaking_ticks(self) -> int:
        """Length of the stretch going on now; 0 when the bot is silent."""
        if not self.stretches or self.tick - self.stretches[-1].last_tick > SPEECH_GAP_TICKS:
            return 0
        return self.tick - self.stretches[-1].first_tick + 1
