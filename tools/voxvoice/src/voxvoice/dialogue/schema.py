"""The dialogue language as models: what a file may say. A wrong word in a file is an error at start."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from voxvoice.dialogue.text import normal, phrase_pattern


def _listed(value: Any) -> Any:
    return value if isinstance(value, list) or value is None else [value]


Texts = Annotated[list[str], BeforeValidator(_listed)]


def _compiles(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from error
    return value


Pattern = Annotated[str, AfterValidator(_compiles)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextMatch(_Strict):
    """Conditions on a text; all that are given must hold. Written short as one phrase or a list of phrases (`any`)."""

    any: Texts = Field(default=[], description="At least one of these phrases.")
    all: Texts = Field(default=[], description="Every one of these phrases.")
    none: Texts = Field(default=[], description="Not one of these phrases.")
    regex: Pattern = Field(default="", description="Pattern over the normal text; named groups are remembered.")
    words_max: int | None = Field(default=None, description="At most so many words.")

    def captured(self, text: str) -> dict[str, str] | None:
        """Named groups when the text fits ({} without groups), None when it does not."""
        plain = normal(text)
        if self.words_max is not None and len(plain.split()) > self.words_max:
            return None
        if self.any and not any(phrase_pattern(phrase).search(plain) for phrase in self.any):
            return None
        if not all(phrase_pattern(phrase).search(plain) for phrase in self.all):
            return None
        if any(phrase_pattern(phrase).search(plain) for phrase in self.none):
            return None
        if not self.regex:
            return {}
        found = re.search(self.regex, plain)
        return {name: value for name, value in found.groupdict().items() if value} if found else None


def _text_match(value: Any) -> Any:
    return {"any": value} if isinstance(value, str | list) else value


Match = Annotated[TextMatch, BeforeValidator(_text_match)]


class ToolMatch(_Strict):
    """Conditions on the last tool result."""

    name: Texts = Field(default=[], description="Names of the tool; empty = any.")
    status: Texts = Field(default=[], description="Values of `status` in the result; empty = any.")
    data: dict[str, str] = Field(
        default={}, description="Dotted path in the result to a pattern its text must contain."
    )


class Repeats(_Strict):
    rule: str
    at_least: int = Field(ge=1)


class When(_Strict):
    """Conditions of a rule; all that are given must hold."""

    user: Match | None = Field(default=None, description="What the customer said since the bot's last words.")
    bot: Match | None = Field(default=None, description="The bot's last words.")
    system: Match | None = Field(default=None, description="The system prompt.")
    tool: ToolMatch | None = Field(default=None, description="The rule answers this tool result and nothing else.")
    last: Literal["user", "tool", "system", "start"] | None = Field(
        default=None,
        description="What the answer is for; without it `tool` if that is given, else anything but a tool result.",
    )
    turn_max: int | None = Field(default=None, ge=0, description="At most the so-manieth turn of the customer.")
    turn_min: int | None = Field(default=None, ge=0, description="At least the so-manieth turn of the customer.")
    offered: Texts = Field(default=[], description="Tools that the request offers, all of them.")
    not_offered: Texts = Field(default=[], description="Tools that the request does not offer, none of them.")
    fired: Texts = Field(default=[], description="Rules that answered before, at least one of them.")
    not_fired: Texts = Field(default=[], description="Rules that never answered before, none of them.")
    previous: Texts = Field(default=[], description="The last answer came from one of these rules.")
    repeats: Repeats | None = Field(default=None, description="The last answers in a row came from this rule.")
    knows: Texts = Field(default=[], description="Remembered names, all of them.")
    unknown: Texts = Field(default=[], description="Names not remembered, none of them.")
    json_wanted: bool | None = Field(default=None, description="The request asks for a JSON object.")
    model: Texts = Field(default=[], description="Model names of the request.")


class Call(_Strict):
    """A tool call, left out when the tool is not offered. Arguments the tool does not declare are left out too."""

    tool: str
    arguments: dict[str, Any] = {}


class Choice(_Strict):
    """One possible value of a JSON field; the first whose conditions hold is taken."""

    value: Any
    customer: Match | None = None
    bot: Match | None = None
    tool: Match | None = None
    header: Match | None = None


class JsonField(_Strict):
    choose: list[Choice] = Field(min_length=1)
    if_asked: bool = Field(default=False, description="Only when the prompt names the field.")


class Otherwise(_Strict):
    """Value of a field that the prompt names and the dialogue does not know, by the form of its name."""

    name: str
    value: Any = None
    like: str = ""


class JsonReply(_Strict):
    fields: dict[str, JsonField]
    otherwise: list[Otherwise] = []


class Fail(_Strict):
    """A provider that misbehaves, for tests."""

    delay_s: float = Field(default=0, ge=0, le=120, description="Pause before the first token, seconds.")
    status: int | None = Field(default=None, ge=400, le=599, description="Answer this error status instead.")
    message: str = "simulated failure"
    after_words: int | None = Field(default=None, ge=0, description="Stop after so many words.")
    stall_s: float = Field(default=0, ge=0, le=600, description="Then stay silent for so long, seconds, and break off.")


class Do(_Strict):
    say: Texts = Field(default=[], description="Variants in turn; one whose names are not all known is passed over.")
    call: Annotated[list[Call], BeforeValidator(_listed)] = []
    remember: dict[str, str] = Field(default={}, description="Names to keep for the rest of the conversation.")
    json_reply: JsonReply | None = None
    fail: Fail | None = None


class Rule(_Strict):
    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    when: When = When()
    do: Do


class Fact(_Strict):
    """Something that texts may use by name."""

    pattern: Pattern = Field(default="", description="Searched in the system prompt; group `value`, else group 1.")
    default: str | None = None


class Dialogue(_Strict):
    """One file: a model that follows rules."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")
    aliases: list[str] = []
    description: str = ""
    facts: dict[str, Fact] = {}
    rules: list[Rule] = Field(min_length=1)

    @field_validator("rules")
    @classmethod
    def _one_of_each(cls, rules: list[Rule]) -> list[Rule]:
        ids = [rule.id for rule in rules]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            raise ValueError(f"rule ids used twice: {', '.join(twice)}")
        for rule in rules:
            named = [*rule.when.fired, *rule.when.not_fired, *rule.when.previous]
            named += [rule.when.repeats.rule] if rule.when.repeats else []
            if strange := sorted(set(named) - set(ids)):
                raise ValueError(f"rule {rule.id} names rules that do not exist: {', '.join(strange)}")
        return rules
