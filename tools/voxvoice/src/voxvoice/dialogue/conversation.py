"""A request's messages as a scripted model sees them: points at which an answer was due, and what was known there."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from voxkit.templates import flatten

_FACT_LINE = re.compile(r"^[\s*\-•]*([A-Za-z][A-Za-z0-9 _]{1,40}?)\s*:\s*(\S.{0,200}?)\s*$", re.MULTILINE)


@dataclass(frozen=True)
class Point:
    """A place where an answer is due.

    Attributes:
        last: `user`, `tool`, `system` (a note in mid-conversation) or `start` (nothing was said yet).
        user: what the customer said since the last answer.
        tool_name, tool_result: of the last tool result, "" and {} without one.
        turn: turns of the customer up to here.
        bot: the bot's last words before, "" at first.
    """

    last: str
    user: str = ""
    note: str = ""
    tool_name: str = ""
    tool_result: dict[str, Any] = field(default_factory=dict)
    turn: int = 0
    bot: str = ""


@dataclass(frozen=True)
class Conversation:
    """`points[-1]` is the one to answer now."""

    system: str
    points: list[Point]


def content_text(content: Any) -> str:
    """Text of a message's content, which is a string or a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text", "") for part in content if isinstance(part, dict)]
        return " ".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def tool_data(content: Any) -> dict[str, Any]:
    """A tool result as an object. `status` is always there: what is not JSON is a success with its text."""
    text = content_text(content)
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    result = value if isinstance(value, dict) else {"text": value}
    if not isinstance(result.get("status"), str):
        result = {**result, "status": "failure" if result.get("error") else "success"}
    return result


def read_conversation(messages: list[dict[str, Any]]) -> Conversation:
    """Follow the messages. Anything malformed counts as empty: a scripted model never fails on its input."""
    system: list[str] = []
    points: list[Point] = []
    names: dict[str, str] = {}  # tool call id -> tool
    pending: list[tuple[str, str]] = []  # role and text since the last answer
    tool_name, result = "", {}
    turn, bot, before = 0, "", ""

    def point() -> Point:
        user = " ".join(text for role, text in pending if role == "user" and text)
        note = " ".join(text for role, text in pending if role == "system")
        return Point(pending[-1][0] if pending else "start", user, note, tool_name, result, turn, before)

    for message in messages:
        role, text = message.get("role"), content_text(message.get("content"))
        if role in ("system", "developer"):
            system.append(text)
            if turn or points or bot:
                pending.append(("system", text))
        elif role == "assistant":
            for call in message.get("tool_calls") or []:
                if isinstance(call, dict) and isinstance(call.get("function"), dict):
                    names[str(call.get("id"))] = str(call["function"].get("name", ""))
            if pending:
                points.append(point())
                pending = []
            if text:
                before = bot = text
        elif role in ("tool", "function"):
            tool_name = names.get(str(message.get("tool_call_id")), str(message.get("name") or ""))
            result = tool_data(message.get("content"))
            pending.append(("tool", ""))
        else:
            if not any(kind == "user" for kind, _ in pending):
                turn += 1
            pending.append(("user", text))
    if pending:
        points.append(point())
    elif not points:
        points.append(Point("start"))
    # Otherwise the list ends with the bot's words: those said beside a tool call may stand behind its result, and the
    # request asks for the answer to that result all the same.
    return Conversation("\n".join(system), points)


def prompt_facts(system: str) -> dict[str, str]:
    """`Customer name: Priya` in the prompt as `customer_name`; long lines are instructions, not facts."""
    return {
        re.sub(r"\W+", "_", name.strip().lower()): value.rstrip(".")
        for name, value in _FACT_LINE.findall(system)
        if len(value) <= 80
    }


def result_names(result: dict[str, Any]) -> dict[str, str]:
    """A tool result for templates: `tool.status`, `tool.data.eta` …"""
    return flatten(result, "tool.")
