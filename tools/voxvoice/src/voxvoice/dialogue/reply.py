"""Choosing the rule and building the answer. Pure: same messages, same answer (but for the ids of tool calls)."""

import re
import uuid
from dataclasses import dataclass, field
from typing import Any

from voxkit.templates import lookup, names_in, render, render_tree, to_text

from voxvoice.dialogue.analysis import analyse
from voxvoice.dialogue.conversation import Conversation, Point, prompt_facts, read_conversation, result_names
from voxvoice.dialogue.schema import Dialogue, Do, Fail, Rule, When
from voxvoice.dialogue.text import spoken_digits

LAST_RESORT = "Sorry, could you say that again, please?"


@dataclass(frozen=True)
class ToolCall:
    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What the model answers. `rule` is the id of the rule that gave it, "" for the last resort."""

    text: str = ""
    calls: list[ToolCall] = field(default_factory=list)
    json_object: dict[str, Any] | None = None
    fail: Fail | None = None
    rule: str = ""


@dataclass
class _Memory:
    history: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """What a chat request says, apart from how it wants to be answered."""

    model: str
    messages: list[dict[str, Any]]
    tools: dict[str, dict[str, Any]] = field(default_factory=dict)  # name -> JSON schema of its parameters
    json_wanted: bool = False
    json_keys: list[str] = field(default_factory=list)  # of a response schema
    forced_tool: str = ""


def answer(dialogue: Dialogue, request: Request) -> Reply:
    """The dialogue's answer to a request."""
    talk = read_conversation(request.messages)
    wants_json = request.json_wanted or _prompt_wants_json(talk, request)
    facts = _facts(dialogue, talk.system)
    memory = _Memory()
    rule: Rule | None = None
    names: dict[str, str] = {}
    said_before = 0
    for point in talk.points:
        found = _first_rule(dialogue, talk, point, memory, request, wants_json)
        rule, captured = found if found else (None, {})
        names = _names(facts, memory, captured, point)
        said_before = memory.history.count(rule.id) if rule else 0
        if rule:
            memory.names |= captured | {k: render(v, {"system": names}) for k, v in rule.do.remember.items()}
            names = _names(facts, memory, captured, point)
        memory.history.append(rule.id if rule else "")
    if request.forced_tool and request.forced_tool in request.tools:
        return Reply(calls=[_call(request.forced_tool, names, request.tools)], rule=rule.id if rule else "")
    if rule is None:
        return Reply(text=LAST_RESORT)
    return _build(rule, names, said_before, request, talk)


def _prompt_wants_json(talk: Conversation, request: Request) -> bool:
    # One message, no tools, and "JSON" in the prompt: an analysis, also when the request does not say so.
    return not request.tools and len(talk.points) == 1 and bool(re.search(r"\bJSON\b", talk.system))


def _first_rule(
    dialogue: Dialogue, talk: Conversation, point: Point, memory: _Memory, request: Request, wants_json: bool
) -> tuple[Rule, dict[str, str]] | None:
    for rule in dialogue.rules:
        captured = _fits(rule.when, talk, point, memory, request, wants_json)
        if captured is not None:
            return rule, captured
    return None


def _fits(
    when: When, talk: Conversation, point: Point, memory: _Memory, request: Request, wants_json: bool
) -> dict[str, str] | None:
    """Captured names when every condition holds, else None."""
    last = when.last or ("tool" if when.tool else "")
    if (last and point.last != last) or (not last and point.last == "tool"):
        return None
    if when.json_wanted is not None and when.json_wanted != wants_json:
        return None
    if when.model and (request.model or "default") not in when.model:
        return None
    if (when.turn_max is not None and point.turn > when.turn_max) or (
        when.turn_min is not None and point.turn < when.turn_min
    ):
        return None
    history = memory.history
    if any(name not in request.tools for name in when.offered) or any(n in request.tools for n in when.not_offered):
        return None
    if (when.fired and not set(when.fired) & set(history)) or set(when.not_fired) & set(history):
        return None
    if when.previous and (not history or history[-1] not in when.previous):
        return None
    if when.repeats and history[-when.repeats.at_least :] != [when.repeats.rule] * when.repeats.at_least:
        return None
    captured: dict[str, str] = {}
    for match, text in ((when.user, point.user), (when.bot, point.bot), (when.system, talk.system)):
        if match is not None:
            found = match.captured(text)
            if found is None:
                return None
            captured |= found
    if when.tool and not _tool_fits(when, point):
        return None
    known = memory.names.keys() | captured.keys()
    if any(name not in known for name in when.knows) or any(name in known for name in when.unknown):
        return None
    return captured


def _tool_fits(when: When, point: Point) -> bool:
    tool = when.tool
    assert tool is not None
    if (tool.name and point.tool_name not in tool.name) or (
        tool.status and point.tool_result.get("status") not in tool.status
    ):
        return False
    values = result_names(point.tool_result)
    return all(re.search(pattern, values.get(f"tool.{path}", "")) for path, pattern in tool.data.items())


def _facts(dialogue: Dialogue, system: str) -> dict[str, str]:
    facts = {name: fact.default for name, fact in dialogue.facts.items() if fact.default is not None}
    facts |= prompt_facts(system)
    for name, fact in dialogue.facts.items():
        if fact.pattern and (found := re.search(fact.pattern, system)):
            value = found.groupdict().get("value") or (found.group(1) if found.re.groups else found.group(0))
            facts[name] = value.strip()
    return facts


def _names(facts: dict[str, str], memory: _Memory, captured: dict[str, str], point: Point) -> dict[str, str]:
    names = facts | memory.names | captured | result_names(point.tool_result)
    names |= {"last_bot": point.bot} if point.bot else {}
    forms = {f"{name}.title": value.title() for name, value in names.items()}
    forms |= {f"{name}.spoken": spoken_digits(value) for name, value in names.items() if value.isdigit()}
    return names | forms


def _build(rule: Rule, names: dict[str, str], said_before: int, request: Request, talk: Conversation) -> Reply:
    do = rule.do
    if do.json_reply:
        result = analyse(do.json_reply, talk, request.json_keys)
        return Reply(json_object=result, fail=do.fail, rule=rule.id)
    calls = [_call(c.tool, names, request.tools, c.arguments) for c in do.call if c.tool in request.tools]
    text = _say(do, names, said_before)
    return Reply(text or ("" if calls else LAST_RESORT), calls, None, do.fail, rule.id)


def _say(do: Do, names: dict[str, str], said_before: int) -> str:
    usable = [text for text in do.say if all(to_text(names.get(name)) for name in names_in(text))]
    return render(usable[said_before % len(usable)], {"system": names}) if usable else ""


def _call(
    tool: str, names: dict[str, str], tools: dict[str, dict[str, Any]], given: dict[str, Any] | None = None
) -> ToolCall:
    """A call with what the tool declares: the rule's arguments, and remembered names for required ones it left out."""
    declared = tools[tool].get("properties") or {}
    required = tools[tool].get("required") or []
    arguments = {
        name: value
        for name, value in render_tree(given or {}, {"system": names}).items()
        if name in declared and value not in ("", None)
    }
    for name in required:
        if name not in arguments and isinstance(found := lookup(name, {"system": names}), str):
            arguments[name] = found
        elif name == "hold_message" and name not in arguments:
            arguments[name] = "One moment, please."
    return ToolCall(f"call_{uuid.uuid4().hex[:24]}", tool, arguments)
