"""When the customer's turn begins (T2, T4 to T7)."""

from dataclasses import dataclass

from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    Frame,
    InterimTranscriptionFrame,
    ProposedUserStartedSpeakingFrame,
    ProposedUserStoppedSpeakingFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.turns.types import ProcessFrameResult
from pipecat.turns.user_start import BaseUserTurnStartStrategy
from pipecat.utils.time import time_now_iso8601

from voxcore.pipeline.turns.phrases import count_words, fold
from voxcore.pipeline.turns.state import SpeechState, TurnEvents, TurnRules

ANSWER_WINDOW_S = 1.5
LATE_FINAL_S = 3.0


@dataclass(frozen=True)
class Kept:
    """Words said while the bot held the floor that did not stop it."""

    text: str
    began_at: float


class VoxUserTurnStart(BaseUserTurnStartStrategy):
    """While the bot is silent VAD or any word begins a turn; while it speaks the rules of the call decide.

    Words that do not interrupt are taken out of the running aggregation and kept. When the bot has spoken they come
    back as the customer's turn, without backchannel that began too early to be an answer.
    """

    def __init__(self, rules: TurnRules, speech: SpeechState, events: TurnEvents, *, proposals: bool = False) -> None:
        super().__init__()
        self._proposals = proposals
        self._rules = rules
        self._speech = speech
        self._events = events
        self._kept: list[Kept] = []
        self._in_turn = False
        self._cut_by_vad = False

    @property
    def resolves_proposed_turn_start_frames(self) -> bool:
        return True

    @property
    def kept_text(self) -> str:
        """Words still waiting for the bot to finish, without backchannel."""
        return " ".join(kept.text for kept in self._kept if not self._rules.backchannel.cover(kept.text))

    async def handle_user_turn_started(self) -> None:
        self._in_turn = True
        self._speech.turn_began_at = self._speech.began_at or self._speech.now()

    async def handle_user_turn_stopped(self) -> None:
        self._in_turn = False
        self._cut_by_vad = False

    async def process_frame(self, frame: Frame) -> ProcessFrameResult:
        speech = self._speech
        if isinstance(frame, InterimTranscriptionFrame | TranscriptionFrame):
            return await self._text(frame)
        if isinstance(frame, BotStartedSpeakingFrame):
            speech.bot_speaking = True
            speech.changed()
        elif isinstance(frame, BotStoppedSpeakingFrame):
            speech.bot_speaking = False
            speech.bot_ended_at = speech.now()
            speech.changed()
            if not speech.guard and not speech.closing:
                self._events.bot_stopped()
        elif isinstance(frame, VADUserStartedSpeakingFrame) or self._proposed(frame, ProposedUserStartedSpeakingFrame):
            speech.user_speaking = True
            speech.promoted = ""
            speech.began_at = speech.now() - getattr(frame, "start_secs", 0.0)
            speech.changed()
            return await self._voice()
        elif isinstance(frame, VADUserStoppedSpeakingFrame) or self._proposed(frame, ProposedUserStoppedSpeakingFrame):
            speech.user_speaking = False
            speech.vad_stop_s = getattr(frame, "stop_secs", 0.0)
            speech.ended_at = speech.now() - speech.vad_stop_s
            speech.changed()
        return ProcessFrameResult.CONTINUE

    def _proposed(self, frame: Frame, kind: type[Frame]) -> bool:
        """A recogniser's own opinion, which counts only where it decides the turns."""
        return self._proposals and isinstance(frame, kind)

    async def _voice(self) -> ProcessFrameResult:
        """Somebody begins to speak."""
        speech, rules = self._speech, self._rules
        if self._in_turn:
            return ProcessFrameResult.CONTINUE
        if not speech.bot_holds_floor:
            await self._begin()
            return ProcessFrameResult.STOP
        held = speech.guard or speech.closing
        if rules.min_words == 0 and rules.turn.allow_interruptions and not held:
            self._cut_by_vad = True
            await self._interrupt("vad", "")
            return ProcessFrameResult.STOP
        return ProcessFrameResult.CONTINUE

    async def _text(self, frame: InterimTranscriptionFrame | TranscriptionFrame) -> ProcessFrameResult:
        text, final = frame.text.strip(), isinstance(frame, TranscriptionFrame)
        self._speech.read(text, final=final)
        if not text:
            return ProcessFrameResult.CONTINUE
        if final and self._is_late_final(text):
            await self._take_back(frame)
            return ProcessFrameResult.CONTINUE
        if self._in_turn:
            if final and self._cut_by_vad and self._rules.backchannel.cover(text):
                self._events.backchannel_ignored(text)
                await self.trigger_reset_aggregation()
            return ProcessFrameResult.CONTINUE
        if self._speech.bot_holds_floor:
            return await self._text_while_bot_speaks(frame, text, final)
        if final and self._is_old_backchannel(Kept(text, self._speech.began_at)):
            self._events.backchannel_ignored(text)
            await self._take_back(frame)
            return ProcessFrameResult.CONTINUE
        await self._begin()
        return ProcessFrameResult.STOP

    async def _text_while_bot_speaks(
        self, frame: InterimTranscriptionFrame | TranscriptionFrame, text: str, final: bool
    ) -> ProcessFrameResult:
        if kind := self._interrupting(text):
            if final and self._kept:
                await self._take_back(frame)
                self._kept.append(Kept(text, self._speech.began_at))
            await self._interrupt(kind, text)
            await self._give_back(self._kept)
            return ProcessFrameResult.STOP
        if final:
            self._kept.append(Kept(text, self._speech.began_at or self._speech.now()))
            await self._take_back(frame)
        return ProcessFrameResult.CONTINUE

    def _interrupting(self, text: str) -> str:
        """The kind of interruption this text is, "" for none."""
        rules = self._rules
        if not rules.turn.allow_interruptions or self._speech.closing:
            return ""
        if rules.high_intent.found_in(text):
            return "high_intent"
        if self._speech.guard or rules.backchannel.cover(text):
            return ""
        return "words" if count_words(text) >= max(1, rules.min_words) else ""

    async def _interrupt(self, kind: str, text: str) -> None:
        self._speech.guard = False
        self._events.interrupted(kind, text)
        await self.trigger_user_turn_started()

    async def _begin(self) -> None:
        """A turn while the bot is silent; only an answer on its way is interrupted, never the tail of its last word."""
        await self.trigger_user_turn_started(enable_interruptions=self._speech.bot_busy())

    async def release(self) -> None:
        """The bot has finished: what was kept becomes the customer's turn, and so does speech that still goes on."""
        answers = [kept for kept in self._kept if not self._is_old_backchannel(kept)]
        for kept in self._kept:
            if kept not in answers:
                self._events.backchannel_ignored(kept.text)
        if self._speech.user_speaking and not self._in_turn:
            await self._begin()
        await self._give_back(answers)

    async def _give_back(self, pieces: list[Kept]) -> None:
        """Put kept words back on their way through the aggregation, as one final text."""
        text = " ".join(kept.text for kept in pieces)
        self._kept = []
        if not text:
            return
        frame = TranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601())
        frame.finalized = not self._speech.user_speaking
        frame.interruptible = False
        await self.push_frame(frame)

    async def _take_back(self, frame: InterimTranscriptionFrame | TranscriptionFrame) -> None:
        """Take a text out of the aggregation; the stop strategy must not count it either."""
        await self.trigger_reset_aggregation()
        frame.text = ""
        if isinstance(frame, TranscriptionFrame):
            frame.finalized = False

    def _is_old_backchannel(self, kept: Kept) -> bool:
        ended = self._speech.bot_ended_at
        return ended > 0 and kept.began_at < ended - ANSWER_WINDOW_S and self._rules.backchannel.cover(kept.text)

    def _is_late_final(self, text: str) -> bool:
        """The final text of words whose interim text has already been answered."""
        speech = self._speech
        if not speech.promoted or self._in_turn:
            return False
        same = fold(text)[:2] == fold(speech.promoted)[:2]
        return same and speech.now() - speech.decided_at < LATE_FINAL_S
