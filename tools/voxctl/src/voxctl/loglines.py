"""Log lines as people read them: time, level, event, facts; of an exception its last line, which says what happened."""

from __future__ import annotations

import json
from typing import Any

LONGEST = 300
SAID_ELSEWHERE = {"ts", "level", "event", "service", "worker_id", "exception", "logger"}


def parse(line: str) -> dict[str, Any] | None:
    """A JSON log line as a dict; None when it is something else."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and "event" in entry else None


def readable(line: str) -> str:
    """One line of at most 300 characters."""
    entry = parse(line)
    if entry is None:
        return line.rstrip()[:LONGEST]
    facts = [f"{name}={value}" for name, value in entry.items() if name not in SAID_ELSEWHERE]
    if exception := str(entry.get("exception", "")).strip():
        facts.append(exception.splitlines()[-1].strip())
    head = f"{str(entry.get('ts', ''))[11:19]} {entry.get('level', '')} {entry['event']}"
    return " ".join([head.strip(), *facts])[:LONGEST]


def is_error(line: str) -> bool:
    """Whether a line has the level error or critical, or is the head of a stack trace."""
    entry = parse(line)
    if entry is None:
        return line.startswith("Traceback (most recent call last)")
    return entry.get("level") in ("error", "critical")
