"""Plays a persona: each tick it is asked for the next 20 ms of its voice, and decides by what its ear has heard."""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from functools import singledispatchmethod
from typing import Literal

import numpy as np

from voxphone import pcm, steps
from voxphone.ear import Ear
from voxphone.errors import PhoneError
from voxphone.persona import Persona

Frames = Generator[bytes]
MarkKind = Literal["say", "greeting", "noise", "beep"]


def ticks(seconds: float) -> int:
    """Seconds as whole frames."""
    return round(seconds * 1000 / pcm.FRAME_MS)


@dataclass(slots=True)
class Mark:
    """Something the callee made audible; `last_tick` is its last frame, -1 while it goes on."""

    kind: MarkKind
    text: str
    first_tick: int
    last_tick: int = -1
    over_bot: bool = False


@dataclass(frozen=True, slots=True)
class PressKey:
    digit: str


@dataclass(frozen=True, slots=True)
class Leave:
    abrupt: bool = False
    mid_sentence: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the report should know, for example a wait that ran out."""

    text: str


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """An `expect` step that was reached: judged on what was heard in ticks `since_tick`..`tick`."""

    tick: int
    since_tick: int
    step: steps.Expect


Act = PressKey | Leave | Note | Checkpoint | Mark


@dataclass
class Callee:
    """One persona in one call.

    `clips` holds the samples of every text. Call `frame()` once a tick after `ear.hear()`; then take what is in `acts`.
    """

    persona: Persona
    clips: Mapping[str, pcm.Samples]
    ear: Ear
    seed: int = 0
    acts: list[Act] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    done: bool = False
    _answered_until: int = -1
    _left: bool = False

    def __post_init__(self) -> None:
        missing = [text for text in self.persona.texts() if text not in self.clips]
        if missing:
            raise PhoneError(f"persona {self.persona.name}: no audio for {missing[0]!r}; prepare the clips first")
        self._voice = self._whole_call()

    def frame(self) -> bytes:
        """The callee's next 20 ms."""
        return next(self._voice)

    def skip(self, seconds: float) -> None:
        """Let the beginning pass unheard; what still sounds then is heard from there on."""
        for _ in range(ticks(seconds)):
            self.frame()

    def take_acts(self) -> list[Act]:
        """Acts since the last call of this, in order."""
        taken, self.acts = self.acts, []
        return taken

    def _whole_call(self) -> Frames:
        yield from self._play_all(self.persona.steps)
        self.done = True
        if not self._left:
            yield from self._quiet(ticks(self.persona.linger_s))
            self._leave(Leave())
        while True:
            yield pcm.SILENCE

    def _play_all(self, todo: Iterable[steps.AnyStep]) -> Frames:
        for step in todo:
            if self._left:
                return
            yield from self._play(step)

    @singledispatchmethod
    def _play(self, step: object) -> Frames:
        raise TypeError(f"no player for {type(step).__name__}")

    @_play.register
    def _(self, step: steps.WaitForBot) -> Frames:
        needed, limit = ticks(step.silence_s), ticks(step.timeout_s)
        for _ in range(limit):
            last = self.ear.last_audible_tick
            if last > self._answered_until and self.ear.tick - last >= needed:
                self._answered_until = last
                return
            yield pcm.SILENCE
        self.acts.append(Note(f"the bot had not finished speaking after {step.timeout_s:g} s"))

    @_play.register
    def _(self, step: steps.Say) -> Frames:
        yield from self._cue(step.while_bot_speaks_s, step.timeout_s, step.after_s, step.text)
        cut = None if step.hang_up_after_s is None else ticks(step.hang_up_after_s)
        yield from self._sound("say", step.text, self._spoken(step.text, step.volume_dbfs), cut)
        if cut is not None:
            self._leave(Leave(mid_sentence=True))

    @_play.register
    def _(self, step: steps.VoicemailGreeting) -> Frames:
        yield from self._sound("greeting", step.text, self._spoken(step.text, step.volume_dbfs))

    @_play.register
    def _(self, step: steps.Pause) -> Frames:
        yield from self._quiet(ticks(step.for_s))

    @_play.register
    def _(self, step: steps.Silence) -> Frames:
        # Without a length the bot has to end it; the call's own limit stands behind that.
        yield from self._quiet(ticks(self.persona.max_call_s if step.for_s is None else step.for_s))

    @_play.register
    def _(self, step: steps.Noise) -> Frames:
        yield from self._cue(step.while_bot_speaks_s, step.timeout_s, step.after_s, f"noise ({step.kind})")
        seed = self.persona.seed * 1_000_003 + self.seed
        yield from self._sound("noise", step.kind, pcm.noise(step.for_s, step.level_dbfs, seed, step.kind))

    @_play.register
    def _(self, step: steps.Beep) -> Frames:
        yield from self._sound("beep", f"{step.hz:g} Hz", pcm.tone(step.hz, step.for_s, step.level_dbfs))

    @_play.register
    def _(self, step: steps.Dtmf) -> Frames:
        for digit in step.digits:
            self.acts.append(PressKey(digit))
            # Only what the bot says after the last key is its answer to the number.
            self._answered_until = self.ear.last_audible_tick
            yield from self._quiet(max(1, ticks(step.gap_s)))

    @_play.register
    def _(self, step: steps.HangUp) -> Frames:
        yield from self._quiet(ticks(step.after_s))
        self._leave(Leave(abrupt=step.abrupt))

    @_play.register
    def _(self, step: steps.Expect) -> Frames:
        since = 0
        if step.scope == "last" and self.marks:
            since = self.marks[-1].first_tick
        self.acts.append(Checkpoint(self.ear.tick, since, step))
        return
        yield  # a generator without a frame

    @_play.register
    def _(self, step: steps.Repeat) -> Frames:
        round_number = 0
        while not self._left and (step.times is None or round_number < step.times):
            before = self.ear.tick
            yield from self._play_all(step.steps)
            round_number += 1
            if self.ear.tick == before:
                yield pcm.SILENCE  # steps that take no time must not stop the clock

    @_play.register
    def _(self, step: steps.IfBotTurns) -> Frames:
        turns = self.ear.bot_turns
        holds = (step.at_least is None or turns >= step.at_least) and (step.at_most is None or turns <= step.at_most)
        yield from self._play_all(step.then if holds else step.otherwise)

    def _cue(self, while_bot_speaks_s: float | None, timeout_s: float, after_s: float, what: str) -> Frames:
        if while_bot_speaks_s is not None:
            needed = max(1, ticks(while_bot_speaks_s))
            for _ in range(ticks(timeout_s)):
                if self.ear.bot_speaking_ticks >= needed:
                    break
                yield pcm.SILENCE
            else:
                self.acts.append(Note(f"the bot did not speak for {while_bot_speaks_s:g} s on end before {what!r}"))
        yield from self._quiet(ticks(after_s))

    def _spoken(self, text: str, volume_dbfs: float | None) -> pcm.Samples:
        level = self.persona.volume_dbfs if volume_dbfs is None else volume_dbfs
        return pcm.at_level(pcm.trim(self.clips[text]), level)

    def _sound(self, kind: MarkKind, text: str, samples: pcm.Samples, cut_ticks: int | None = None) -> Frames:
        frames = pcm.frames_of(np.ascontiguousarray(samples, dtype="<i2").tobytes())[:cut_ticks]
        if not frames:
            return
        mark = Mark(kind, text, first_tick=self.ear.tick, over_bot=self.ear.bot_speaking_ticks > 0)
        self.marks.append(mark)
        self.acts.append(mark)
        yield from frames
        # The frame just given belongs to the tick before this one: the caller has asked for the next already.
        mark.last_tick = mark.first_tick + len(frames) - 1
        if kind in ("say", "greeting"):
            self._answered_until = max(self._answered_until, mark.last_tick)

    def _quiet(self, count: int) -> Frames:
        for _ in range(count):
            yield pcm.SILENCE

    def _leave(self, how: Leave) -> None:
        if not self._left:
            self._left = True
            self.acts.append(how)
