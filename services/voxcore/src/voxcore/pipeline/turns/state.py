"""What both turn strategies and the speech recogniser know of the customer's speech. Times are monotonic seconds."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from voxkit.contracts.runtime_config import Turn, Vad

from voxcore.pipeline.turns.phrases import BACKCHANNEL, HIGH_INTENT, Phrases

WORDS_DUE_S = 3.0


@dataclass(frozen=True)
class TurnRules:
    """Rules of one call, from its configuration."""

    turn: Turn
    vad: Vad
    min_words: int
    high_intent: Phrases
    backchannel: Phrases
    language: str

    @classmethod
    def of(cls, turn: Turn, vad: Vad, min_words: int, language: str = "en") -> "TurnRules":
        return cls(
            turn=turn,
            vad=vad,
            min_words=min_words,
            language=language,
            high_intent=Phrases(HIGH_INTENT if turn.high_intent_phrases is None else turn.high_intent_phrases),
            backchannel=Phrases(BACKCHANNEL if turn.backchannel_phrases is None else turn.backchannel_phrases),
        )


class TurnEvents(Protocol):
    """Whom the strategies tell what they decided."""

    def interrupted(self, kind: str, text: str) -> None: ...
    def backchannel_ignored(self, text: str) -> None: ...
    def bot_stopped(self) -> None:
        """Nothing of the bot is heard any more: `release` is due once its words stand in the context."""
        ...


@dataclass
class SpeechState:
    """Facts of the moment, shared by the strategies, the recogniser and the latency samples."""

    now: Callable[[], float] = time.monotonic
    streaming: bool = True
    """Whether the recogniser sends text while somebody speaks; false: whole segments only."""
    user_speaking: bool = False
    bot_speaking: bool = False
    guard: bool = False
    """The opening message is being played and nothing but a high-intent phrase interrupts it."""
    closing: bool = False
    """The call is being ended: nothing the customer says stops the bot any more."""
    began_at: float = 0.0
    """When the customer's last utterance began."""
    ended_at: float = 0.0
    """When its last voiced sound was heard."""
    vad_stop_s: float = 0.0
    """How long after it VAD said so."""
    bot_ended_at: float = 0.0
    turn_began_at: float = 0.0
    decided_at: float = 0.0
    """When the end of the turn was decided."""
    final_at: float = 0.0
    """When the recogniser last said that a text is final, be it empty."""
    interim: str = ""
    """The latest text that is not final yet."""
    text_at: float = 0.0
    """When the last final text came."""
    heard_at: Callable[[], float] = lambda: 0.0
    """When the last audio came from the far end; 0.0 before the first."""
    voice_bytes_at: float = 0.0
    """When the first bytes of speech came that have not been played yet."""
    promoted: str = ""
    """Interim text that was used as final; the late final of the same words is dropped."""
    bot_busy: Callable[[], bool] = lambda: True
    """Whether the bot has something to say that an interruption would take."""
    on_change: list[Callable[[], None]] = field(default_factory=list)
    on_final: list[Callable[[], None]] = field(default_factory=list)
    on_pause: list[Callable[[], None]] = field(default_factory=list)

    @property
    def bot_holds_floor(self) -> bool:
        return self.bot_speaking or self.guard or self.closing

    def voice_comes(self) -> None:
        """Bytes of speech came; only the first of an answer count, later sentences come while the bot speaks."""
        if not self.voice_bytes_at and not self.bot_speaking:
            self.voice_bytes_at = self.now()

    @property
    def words_due(self) -> bool:
        """Whether somebody speaks, or has spoken a moment ago and what was said has not been read yet."""
        just_spoken = self.ended_at > 0 and self.now() - self.ended_at < WORDS_DUE_S
        return self.user_speaking or (just_spoken and self.final_at < self.ended_at)

    def read(self, text: str, *, final: bool) -> None:
        """The recogniser sends a text; a final one may be empty."""
        if not final:
            self.interim = text or self.interim
            return
        self.final_at, self.interim = self.now(), ""
        if text:
            self.text_at = self.final_at
        for tell in self.on_final:
            tell()

    def paused(self) -> None:
        """The customer pauses, too shortly yet for VAD to call it a stop."""
        for tell in self.on_pause:
            tell()

    def changed(self) -> None:
        for tell in self.on_change:
            tell()
