"""A JSON object about a finished call, computed from its transcript: the scripted stand-in for analysis and QC."""

import re
from typing import Any

from voxkit.templates import render_tree

from voxvoice.dialogue.conversation import Conversation
from voxvoice.dialogue.schema import Choice, JsonField, JsonReply

_LINE = re.compile(
    r"^\W*(?:\d[\d:.,]*\W+)?(customer|user|caller|bot|assistant|agent|tool)\b[^:\n]{0,24}:\s*(.*)$", re.IGNORECASE
)
_ROLES = {"user": "customer", "caller": "customer", "assistant": "bot", "agent": "bot"}
_ASKED = re.compile(r"[\"'`]([A-Za-z][A-Za-z0-9_]{1,60})[\"'`]\s*:|\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|DISPOSITION)\b")


def read_transcript(text: str) -> dict[str, str]:
    """What each role said, joined by full stops; `header` is what stands before the first line of speech."""
    said: dict[str, list[str]] = {"header": [], "customer": [], "bot": [], "tool": []}
    current = "header"
    for line in text.splitlines():
        found = _LINE.match(line)
        if found:
            role = found.group(1).lower()
            current = _ROLES.get(role, role)
            said[current].append(found.group(2))
        else:
            said[current].append(line)
    return {role: " . ".join(lines) for role, lines in said.items()}


def asked_fields(system: str) -> list[str]:
    """Names of the fields that a prompt asks for, in order."""
    return list(dict.fromkeys(quoted or capitals for quoted, capitals in _ASKED.findall(system)))


def analyse(reply: JsonReply, talk: Conversation, schema_keys: list[str]) -> dict[str, Any]:
    """The object of a JSON rule: its fields, and what else the prompt or a response schema names."""
    said = read_transcript(talk.points[-1].user)
    asked = list(dict.fromkeys([*schema_keys, *asked_fields(talk.system)]))
    result: dict[str, Any] = {}
    for name, field in reply.fields.items():
        if name in asked or (not field.if_asked and not schema_keys):
            result[name] = _value(field, said)
    for name in asked:
        if name in result:
            continue
        for other in reply.otherwise:
            if re.search(other.name, name):
                result[name] = _value(reply.fields[other.like], said) if other.like in reply.fields else other.value
                break
    return result


def _value(field: JsonField, said: dict[str, str]) -> Any:
    for choice in field.choose:
        if (captured := _captured(choice, said)) is not None:
            return render_tree(choice.value, {"system": captured})
    return None


def _captured(choice: Choice, said: dict[str, str]) -> dict[str, str] | None:
    captured: dict[str, str] = {}
    for role in ("customer", "bot", "tool", "header"):
        match = getattr(choice, role)
        if match is None:
            continue
        found = match.captured(said[role])
        if found is None:
            return None
        captured |= found
    return captured
