"""What one streaming caller has said since the last final: audio in, decisions out. No I/O and no model here.

Positions count samples since the start of the connection, so that dropping audio moves nothing.
"""

from dataclasses import dataclass, field
from enum import Enum, auto

import numpy as np

from voxvoice.wav import pcm16_to_float

INTERIM_S = 0.3  # of speech before an interim is due; with the step it makes one about every 0.35 s
IDLE_STEP_S = 0.2  # how much audio is waited for before it is searched for speech: nobody speaks yet
SPEAKING_STEP_S = 0.1  # ... and while somebody does, so that the end of speech is seen soon
LOOK_BACK_S = 1.0  # what the voice detector hears before the new audio; also kept before speech begins
ENDPOINT_S = 0.2  # silence after which the utterance is read, in the hope that nothing follows
COMMIT_S = 24.0  # longer utterances are read in parts
LISTEN_S = 10.0  # the most that is searched for speech in one piece of work


class Due(Enum):
    """The next piece of work of a connection without a pending finalize."""

    NOTHING = auto()
    LISTEN = auto()  # find speech in the audio that came since
    READ = auto()  # transcribe what is held
    COMMIT = auto()  # transcribe the older part and let it go


@dataclass
class Utterance:
    """State between two finals.

    Attributes:
        rate_hz: rate of the audio that comes in.
        first: position of the oldest sample held.
        heard_to: position up to which speech was looked for.
        speech_end: position where the last speech ended, None while nobody spoke.
        read_to: `speech_end` at the last transcription; what it read is `read_text`.
        settled: that transcription reached into the silence behind the speech, so no word of it is cut.
        skipped_to: `speech_end` at the last interim that was left out.
        committed: text of parts whose audio is gone.
    """

    rate_hz: int
    first: int = 0
    heard_to: int = 0
    speech_end: int | None = None
    unread_s: float = 0.0
    read_to: int | None = None
    read_text: str = ""
    settled: bool = False
    skipped_to: int | None = None
    committed: str = ""
    _pcm: bytearray = field(default_factory=bytearray)

    @property
    def end(self) -> int:
        """Position after the newest whole sample."""
        return self.first + len(self._pcm) // 2

    @property
    def held_bytes(self) -> int:
        return len(self._pcm)

    def add(self, pcm: bytes) -> None:
        """Append 16-bit PCM; an odd byte waits for its other half."""
        self._pcm += pcm

    def audio(self, start: int, end: int) -> np.ndarray:
        """Float samples between two positions, as far as they are held."""
        low = max(0, start - self.first)
        return pcm16_to_float(bytes(self._pcm[2 * low : 2 * max(low, end - self.first)]))

    def due(self) -> Due:
        """What to do next."""
        step_s = IDLE_STEP_S if self.speech_end is None else SPEAKING_STEP_S
        if self.seconds(self.end - self.heard_to) >= step_s:
            return Due.LISTEN
        if self.speech_end is None:
            return Due.NOTHING
        if self.seconds(self.end - self.first) > COMMIT_S:
            return Due.COMMIT
        if self.speech_end == self.skipped_to:
            return Due.NOTHING
        if self._paused and not self.complete:
            return Due.READ
        return Due.READ if self.unread_s >= INTERIM_S else Due.NOTHING

    @property
    def _paused(self) -> bool:
        return self.speech_end is not None and self.seconds(self.heard_to - self.speech_end) >= ENDPOINT_S

    @property
    def complete(self) -> bool:
        """Whether `read_text` is all of what was said so far."""
        return self.settled and self.read_to == self.speech_end

    def window(self) -> tuple[int, int]:
        """Positions of the audio to look for speech in: the new part and one second before."""
        start = max(self.first, self.heard_to - int(LOOK_BACK_S * self.rate_hz))
        return start, min(self.end, self.heard_to + int(LISTEN_S * self.rate_hz))

    def part(self) -> tuple[int, int]:
        """Positions of the oldest part that `COMMIT` reads."""
        return self.first, min(self.end, self.first + int(COMMIT_S * self.rate_hz))

    def heard(self, end: int, speech: list[tuple[int, int]]) -> None:
        """Take the stretches of speech found up to position `end`; forget what is certainly silence."""
        for start, stop in speech:
            new_s = self.seconds(stop - max(start, self.heard_to))
            if new_s > 0:
                self.unread_s += new_s
                self.speech_end = stop
        self.heard_to = end
        if self.speech_end is None:
            self.drop_to(end - int(LOOK_BACK_S * self.rate_hz))

    def read(self, speech_end: int | None, heard_to: int, text: str) -> str | None:
        """Take a transcript of the audio up to `heard_to`, where speech ended at `speech_end`.

        Returns the interim to send, None when it says nothing new.
        """
        news = text if text and text != self.read_text else None
        self.settled = speech_end is not None and self.seconds(heard_to - speech_end) >= ENDPOINT_S
        self.read_to, self.read_text, self.unread_s = speech_end, text, 0.0
        return self.joined(news) if news else None

    def skip(self) -> None:
        """Leave this interim out; the next step of speech makes the next one due."""
        self.skipped_to, self.unread_s = self.speech_end, 0.0

    def commit(self, cut: int, text: str) -> None:
        """Keep the text of the audio before `cut` and let that audio go."""
        self.committed = self.joined(text)
        self.read_to, self.read_text, self.settled = None, "", False
        self.drop_to(cut)
        if self.speech_end is not None and self.speech_end <= cut:
            self.speech_end = None

    def joined(self, text: str) -> str:
        """`text` behind the committed parts."""
        return f"{self.committed} {text}".strip()

    def restart(self, position: int) -> None:
        """Begin a new utterance with the audio from `position` on."""
        self.drop_to(position)
        self.heard_to = self.first  # what came behind `position` is looked at again, as part of the new utterance
        self.speech_end = self.read_to = self.skipped_to = None
        self.unread_s, self.read_text, self.settled, self.committed = 0.0, "", False, ""

    def drop_to(self, position: int) -> None:
        """Let the audio before a position go."""
        count = max(0, min(position, self.end) - self.first)
        del self._pcm[: 2 * count]
        self.first += count
        self.heard_to = max(self.heard_to, self.first)

    def seconds(self, samples: int) -> float:
        return samples / self.rate_hz
