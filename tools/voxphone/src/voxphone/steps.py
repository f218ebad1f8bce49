"""The persona language: one Pydantic model for each step. README.md of the package is its manual."""

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Seconds = Annotated[float, Field(ge=0, le=600)]
Dbfs = Annotated[float, Field(ge=-70, le=-1)]


class Step(BaseModel):
    """One thing the callee does. Unknown fields are refused: a typing error must not become silence on the line."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class WaitForBot(Step):
    """Until the bot has spoken and then been silent for `silence_s`; goes on after `timeout_s` in any case."""

    silence_s: Seconds = 0.9
    timeout_s: Seconds = 20.0


class Say(Step):
    """Speak a text, or begin to and hang up."""

    text: str = Field(min_length=1, max_length=600)
    after_s: Seconds = 0.0
    while_bot_speaks_s: Seconds | None = None
    timeout_s: Seconds = 20.0
    volume_dbfs: Dbfs | None = None
    hang_up_after_s: Seconds | None = None


class VoicemailGreeting(Step):
    """As `say`, but marks the call as answered by a machine."""

    text: str = Field(
        default="You have reached the voicemail of Maria Keller. I cannot take your call right now. "
        "Please leave a message after the tone.",
        min_length=1,
        max_length=600,
    )
    volume_dbfs: Dbfs | None = None


class Pause(Step):
    """Nothing for this long, then the next step."""

    for_s: Seconds


class Silence(Step):
    """Stay on the line without a word for `for_s`, or until the bot hangs up when none is given."""

    for_s: Seconds | None = None


class Noise(Step):
    """A burst of noise of a given level; seeded, so that it is the same in every run."""

    for_s: Seconds = 1.0
    level_dbfs: Dbfs = -20.0
    kind: Literal["white", "cough"] = "white"
    after_s: Seconds = 0.0
    while_bot_speaks_s: Seconds | None = None
    timeout_s: Seconds = 20.0


class Beep(Step):
    """The tone of an answering machine."""

    for_s: Seconds = 0.5
    hz: float = Field(default=1000.0, ge=100, le=3800)
    level_dbfs: Dbfs = -15.0


class Dtmf(Step):
    """Keys on the keypad."""

    digits: str = Field(min_length=1, max_length=40, pattern=r"^[0-9*#A-D]+$")
    gap_s: Seconds = 0.3

    @field_validator("digits", mode="before")
    @classmethod
    def _digits_are_text(cls, value: object) -> object:
        if isinstance(value, int) and not isinstance(value, bool):
            raise ValueError("put the digits in quotes: without them YAML drops a leading zero")
        return value


class HangUp(Step):
    """Leave the call, decently or (`abrupt`) by losing the connection."""

    after_s: Seconds = 0.0
    abrupt: bool = False


class Expect(Step):
    """A check for tests: what the bot said must match. Judged after the call, on the transcription."""

    heard: str = Field(min_length=1)
    scope: Literal["last", "so_far", "call"] = "last"

    @field_validator("heard")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as exc:
            raise ValueError(f"not a regular expression: {exc}") from exc
        return value


class Repeat(Step):
    """The same steps again, a number of times or until the call ends (`times` left out)."""

    steps: tuple["AnyStep", ...] = Field(min_length=1)
    times: int | None = Field(default=None, ge=1, le=100)


class IfBotTurns(Step):
    """Choose by how often the bot has spoken so far; never by what it said, so that every run takes the same way."""

    at_least: int | None = Field(default=None, ge=0)
    at_most: int | None = Field(default=None, ge=0)
    then: tuple["AnyStep", ...] = ()
    otherwise: tuple["AnyStep", ...] = ()

    @model_validator(mode="after")
    def _says_something(self) -> "IfBotTurns":
        if self.at_least is None and self.at_most is None:
            raise ValueError("needs at_least or at_most")
        if not self.then and not self.otherwise:
            raise ValueError("needs steps under then or otherwise")
        return self


AnyStep = (
    WaitForBot | Say | VoicemailGreeting | Pause | Silence | Noise | Beep | Dtmf | HangUp | Expect | Repeat | IfBotTurns
)
Repeat.model_rebuild()
IfBotTurns.model_rebuild()

# Word in the file -> model, and the field that a bare value stands for (`say: "Hello"`, `pause: 2`).
STEP_WORDS: dict[str, tuple[type[Step], str | None]] = {
    "wait_for_bot": (WaitForBot, "timeout_s"),
    "say": (Say, "text"),
    "voicemail_greeting": (VoicemailGreeting, "text"),
    "pause": (Pause, "for_s"),
    "silence": (Silence, "for_s"),
    "noise": (Noise, "for_s"),
    "beep": (Beep, "for_s"),
    "dtmf": (Dtmf, "digits"),
    "hang_up": (HangUp, "after_s"),
    "expect": (Expect, "heard"),
    "repeat": (Repeat, None),
    "if_bot_turns": (IfBotTurns, None),
}
# Fields that hold steps again; they are read by the same rules.
NESTED = {"repeat": ("steps",), "if_bot_turns": ("then", "otherwise")}
