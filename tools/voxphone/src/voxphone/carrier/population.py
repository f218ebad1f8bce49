"""Who answers which number, and how. A number behaves the same in every run."""

import hashlib
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from voxphone.errors import PhoneError
from voxphone.persona import Persona, load_persona

Ring = Literal["answer", "busy", "no_answer", "reject", "invalid", "error"]
Span = Annotated[float, Field(ge=0, le=120)]


class Callee(BaseModel):
    """What a number does when it is rung. `after_s` is a time, or the two ends of a range."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ring: Ring = "answer"
    after_s: Span | tuple[Span, Span] = 2.0
    persona: str = "friendly"
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


class Population(BaseModel):
    """`numbers` wins over `endings` (the longest that fits), which win over `default`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    default: Callee = Callee()
    endings: dict[Annotated[str, Field(pattern=r"^\d{1,14}$")], Callee] = Field(default_factory=dict)
    numbers: dict[Annotated[str, Field(pattern=r"^\+\d{4,15}$")], Callee] = Field(default_factory=dict)

    def callee(self, number: str) -> Callee:
        """The behaviour of a number."""
        if number in self.numbers:
            return self.numbers[number]
        fits = [ending for ending in self.endings if number.endswith(ending)]
        return self.endings[max(fits, key=len)] if fits else self.default

    def personas(self) -> dict[str, Persona]:
        """Every persona that somebody here has, loaded.  Raises: UnknownPersona, PersonaError."""
        everyone = (self.default, *self.endings.values(), *self.numbers.values())
        return {name: load_persona(name) for name in sorted({callee.persona for callee in everyone})}


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
