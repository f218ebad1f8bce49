"""Reads persona files. A mistake is reported with its line and its field, all mistakes at once."""

from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from voxphone.errors import PersonaError, UnknownPersona
from voxphone.steps import NESTED, STEP_WORDS, AnyStep, Dbfs, IfBotTurns, Repeat, Say, Seconds, VoicemailGreeting

MAX_FILE_BYTES = 64 * 1024
MAX_DEPTH = 8


class Persona(BaseModel):
    """A callee: what is said and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,47}$")
    about: str = Field(min_length=1, max_length=300)
    volume_dbfs: Dbfs = -20.0
    voice: str | None = None
    seed: int = 1
    max_call_s: float = Field(default=180.0, gt=0, le=3600)
    linger_s: Seconds = 20.0
    on_transfer: Literal["accept", "refuse", "ignore"] = "accept"
    transfer_after_s: Seconds = 1.0
    transfer_reason: str = "busy"
    steps: tuple[AnyStep, ...] = ()

    def texts(self) -> list[str]:
        """Every text the persona may speak, once each, in order: what must be synthesised before the call."""
        found = [step.text for step in walk(self.steps) if isinstance(step, Say | VoicemailGreeting)]
        return list(dict.fromkeys(found))


def walk(steps: tuple[AnyStep, ...]) -> Iterator[AnyStep]:
    """All steps, those inside `repeat` and `if_bot_turns` included."""
    for step in steps:
        yield step
        if isinstance(step, Repeat):
            yield from walk(step.steps)
        elif isinstance(step, IfBotTurns):
            yield from walk(step.then)
            yield from walk(step.otherwise)


def builtin_names() -> list[str]:
    """Names of the personas that come with the package."""
    folder = resources.files("voxphone") / "personas"
    return sorted(item.name.removesuffix(".yaml") for item in folder.iterdir() if item.name.endswith(".yaml"))


def load_persona(name_or_path: str | Path) -> Persona:
    """A built-in persona by name, or any persona file by path.

    Raises: UnknownPersona: no such name and no such file; PersonaError: the file has faults.
    """
    text = str(name_or_path)
    if text in builtin_names():
        return parse_persona((resources.files("voxphone") / "personas" / f"{text}.yaml").read_text("utf-8"), text)
    path = Path(text)
    if not path.is_file():
        raise UnknownPersona(f"no persona {text!r}: give a file, or one of {', '.join(builtin_names())}")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PersonaError(text, [f"larger than {MAX_FILE_BYTES} bytes"])
    try:
        content = path.read_text("utf-8")
    except UnicodeDecodeError as exc:
        raise PersonaError(text, [f"not UTF-8 text: byte {exc.start}"]) from exc
    return parse_persona(content, text)


def parse_persona(content: str, source: str = "persona") -> Persona:
    """A persona from YAML text.  Raises: PersonaError with every fault found."""
    try:
        # Aliases could grow a small file without bound, and a persona has no use for them.
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, Loader=yaml.SafeLoader)):
            raise PersonaError(source, ["YAML anchors and aliases are not part of the language: write the step again"])
        root = yaml.compose(content, Loader=yaml.SafeLoader)
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise PersonaError(source, [f"{where}not valid YAML: {getattr(exc, 'problem', None) or exc}"]) from exc
    except RecursionError as exc:
        raise PersonaError(source, ["nested too deeply"]) from exc
    return _Reader(source).read(root)


class _Reader:
    """Walks the YAML nodes, because only nodes know their line."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[str] = []

    def read(self, root: yaml.Node | None) -> Persona:
        if not isinstance(root, yaml.MappingNode):
            raise PersonaError(self.source, ["a persona is a mapping with name, about and steps"])
        fields = self._fields(root, "")
        values: dict[str, Any] = {}
        for key, node in fields.items():
            values[key] = self._steps(node, "steps", 0) if key == "steps" else self._plain(node, key)
        faults_in_steps = len(self.problems)
        persona = self._validate(Persona, values, fields, root, "", whole=not faults_in_steps)
        if self.problems or persona is None:
            raise PersonaError(self.source, self.problems)
        return persona

    def _plain(self, node: yaml.Node, path: str) -> Any:
        try:
            return yaml.SafeLoader("").construct_document(node)
        except (yaml.YAMLError, ValueError, RecursionError, TypeError) as exc:
            self._fault(node, path, f"cannot be read: {getattr(exc, 'problem', None) or exc}")
            return None

    def _fields(self, node: yaml.MappingNode, path: str) -> dict[str, yaml.Node]:
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._fault(key, path, "a field name must be a word")
            elif key.value in found:
                self._fault(key, _join(path, key.value), "stands here twice")
            else:
                found[key.value] = value
        return found

    def _steps(self, node: yaml.Node, path: str, depth: int) -> tuple[Any, ...]:
        if not isinstance(node, yaml.SequenceNode):
            self._fault(node, path, "must be a list of steps (lines that begin with '- ')")
            return ()
        if depth > MAX_DEPTH:
            self._fault(node, path, f"steps are nested more than {MAX_DEPTH} deep")
            return ()
        read = [self._step(item, f"{path}[{index}]", depth) for index, item in enumerate(node.value)]
        return tuple(step for step in read if step is not None)

    def _step(self, node: yaml.Node, path: str, depth: int) -> Any:
        if isinstance(node, yaml.ScalarNode):
            word: str = node.value
            body: Any = None
        elif isinstance(node, yaml.MappingNode) and len(node.value) == 1:
            key, body = node.value[0]
            word = key.value if isinstance(key, yaml.ScalarNode) else "?"
        else:
            self._fault(node, path, "a step has exactly one word, as in '- say: Hello'")
            return None
        if word not in STEP_WORDS:
            self._fault(node, path, f"unknown step {word!r}: use one of {', '.join(STEP_WORDS)}")
            return None
        model, short = STEP_WORDS[word]
        path = f"{path}.{word}"
        if not isinstance(body, yaml.MappingNode):
            if body is None or (value := self._plain(body, path)) is None:
                return self._validate(model, {}, {}, node, path)
            if short is None or isinstance(body, yaml.SequenceNode):
                self._fault(body, path, f"needs fields: {', '.join(model.model_fields)}")
                return None
            return self._validate(model, {short: value}, {short: body}, node, path)
        fields = self._fields(body, path)
        values: dict[str, Any] = {}
        for key, item in fields.items():
            nested = key in NESTED.get(word, ())
            inner = _join(path, key)
            values[key] = self._steps(item, inner, depth + 1) if nested else self._plain(item, inner)
        return self._validate(model, values, fields, node, path)

    def _validate(
        self,
        model: type[BaseModel],
        values: dict[str, Any],
        nodes: dict[str, yaml.Node],
        owner: yaml.Node,
        path: str,
        whole: bool = True,
    ) -> Any:
        try:
            return model.model_validate(values)
        except ValidationError as exc:
            for error in exc.errors(include_url=False):
                field = str(error["loc"][0]) if error["loc"] else ""
                if field == "steps" and not whole:
                    continue
                text = error["msg"].removeprefix("Value error, ")
                if error["type"] == "extra_forbidden":
                    text = f"unknown field: use one of {', '.join(model.model_fields)}"
                elif error["type"] == "missing":
                    text = "is missing"
                self._fault(nodes.get(field, owner), _join(path, field), text)
            return None

    def _fault(self, node: yaml.Node, path: str, text: str) -> None:
        where = f"{path}: " if path else ""
        self.problems.append(f"line {node.start_mark.line + 1}: {where}{text}")


def _join(path: str, field: str) -> str:
    return f"{path}.{field}" if path and field else path or field
