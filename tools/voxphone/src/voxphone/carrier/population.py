"""Who answers which number, and how. The same calls to a number go the same way in every run."""

import hashlib
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voxphone.carrier.crowd import Crowd, CrowdOutcome, Drawn
from voxphone.errors import PhoneError
from voxphone.persona import Persona, load_persona

Ring = Literal["answer", "busy", "no_answer", "reject", "invalid", "error"]
Span = Annotated[float, Field(ge=0, le=120)]


class Light(BaseModel):
    """A callee for load: holds the media socket for `talk_s` and sends no audio. `sounds_like`: to a screening."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    talk_s: float = Field(default=30.0, ge=0, le=3600)
    sounds_like: Literal["human", "machine", "nobody"] = "human"


class Callee(BaseModel):
    """What a number does when it is rung. `after_s` is a time, or the two ends of a range.

    `answers_with`: what a person says on picking up, heard by a screening alone; an answering machine plays its
    greeting, a `light` callee needs no speech at all.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ring: Ring = "answer"
    after_s: Span | tuple[Span, Span] = 2.0
    persona: str = "friendly"
    answers_with: str | None = Field(default="Hello?", max_length=200)
    light: Light | None = None
    hang_up_before_bot_s: Span | None = None

    @model_validator(mode="after")
    def _range_is_in_order(self) -> "Callee":
        if isinstance(self.after_s, tuple) and self.after_s[0] > self.after_s[1]:
            raise ValueError("after_s: the first number is the smaller one")
        return self

    def rings_for_s(self, number: str) -> float:
        """How long it rings; within a range always the same for the same number."""
        if not isinstance(self.after_s, tuple):
            return self.after_s
        share = int.from_bytes(hashlib.sha256(number.encode()).digest()[:4], "big") / 2**32
        return self.after_s[0] + share * (self.after_s[1] - self.after_s[0])


RING_OF: dict[CrowdOutcome, Ring] = {
    "no_answer": "no_answer",
    "busy": "busy",
    "reject": "reject",
    "invalid": "invalid",
    "error": "error",
}  # the outcomes that are missing here answer


def member(crowd: Crowd, drawn: Drawn) -> Callee:
    """The behaviour that was drawn, as if it stood in the file."""
    machine = drawn.outcome == "machine"
    light = None
    if crowd.persona is None:
        light = Light(talk_s=drawn.talk_s, sounds_like="machine" if machine else "human")
    return Callee(
        ring=RING_OF.get(drawn.outcome, "answer"),
        after_s=drawn.rings_s,
        persona="voicemail" if machine or crowd.persona is None else crowd.persona,
        light=light,
        hang_up_before_bot_s=0.5 if drawn.outcome == "hang_up_early" else None,
    )


class Population(BaseModel):
    """`numbers` wins over `crowds`, which win over `endings` (the longest that fits), which win over `default`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Callee = Callee()
    endings: dict[Annotated[str, Field(pattern=r"^\d{1,14}$")], Callee] = Field(default_factory=dict)
    numbers: dict[Annotated[str, Field(pattern=r"^\+\d{4,15}$")], Callee] = Field(default_factory=dict)
    crowds: tuple[Crowd, ...] = ()

    def callee(self, number: str, turn: int, at: datetime) -> Callee:
        """The behaviour of a number in its call number `turn` (from 0), placed at this moment."""
        if number in self.numbers:
            return self.numbers[number]
        for crowd in self.crowds:
            if crowd.has(number):
                return member(crowd, crowd.draw(number, turn, at))
        fits = [ending for ending in self.endings if number.endswith(ending)]
        return self.endings[max(fits, key=len)] if fits else self.default

    def personas(self) -> dict[str, Persona]:
        """Every persona that somebody here has, loaded.  Raises: UnknownPersona, PersonaError."""
        everyone = (self.default, *self.endings.values(), *self.numbers.values())
        names = {callee.persona for callee in everyone}
        if self.crowds:
            names |= {"voicemail"} | {crowd.persona for crowd in self.crowds if crowd.persona}
        return {name: load_persona(name) for name in sorted(names)}


def load_population(path: Path | None) -> Population:
    """The numbering plan of a file, or the built-in one.  Raises: PhoneError that says what is wrong where."""
    source = str(path) if path else "built-in numbering plan"
    try:
        text = path.read_text("utf-8") if path else (resources.files("voxphone.carrier") / "numbers.yaml").read_text()
        plan = Population.model_validate(yaml.safe_load(text) or {})
    except (OSError, UnicodeDecodeError) as exc:
        raise PhoneError(f"{source}: cannot be read: {exc}; see VOXPHONE_POPULATION") from exc
    except yaml.YAMLError as exc:
        raise PhoneError(f"{source}: not valid YAML: {exc}") from exc
    except ValidationError as exc:
        lines = [f"  {'.'.join(map(str, error['loc']))}: {error['msg']}" for error in exc.errors()]
        raise PhoneError("\n".join([f"{source}: {len(lines)} problem(s)", *lines])) from exc
    plan.personas()
    return plan
