"""The audit on a terminal: one line an event that fits into 80 columns, its reason wrapped below it.

2026-02-05  ann
10:11:12  deploy  2026.02.03-1 → 2026.02.05-2  begun
10:11:40  fleet1-s1  seat.replace  done    → 2026.02.05-2
10:12:01  fleet1-s1  deploy.stop   failed  2026.02.05-2
          fleet1-s1 on 2026.02.05-2: its container restarted 1 time: ended with code 1
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.text import Text

GAP = "  "
TIME = "HH:MM:SS"
LEAST_REASON = 30
STYLES = {"failed": "bold red", "reverted": "bold red", "human": "bold red", "stopped": "yellow", "begun": "dim"}
KNOWN = {"file": "", "tag": "", "session_id": "call ", "selector": "", "took_s": "seconds: "}
"""Facts of single actions that are shown, with the word before them."""


def shown(lines: Sequence[Mapping[str, Any]], width: int | None) -> Text:
    """Lines of the audit. `width`: columns of the terminal; None: there is none, so nothing is wrapped."""
    rows = [(_place(line), str(line.get("action", "")), _result(line)) for line in lines if _place(line)]
    columns = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    found = Text(overflow="fold", no_wrap=True)
    heading = ""
    for line in lines:
        if (now := _heading(line)) != heading:
            found.append(f"{chr(10) if heading else ''}{now}\n", "bold")
            heading = now
        for text, style in _event(line, columns, width):
            found.append(text, style)
    found.rstrip()
    return found


def _event(line: Mapping[str, Any], columns: Sequence[int], width: int | None) -> Iterator[tuple[str, str]]:
    time, place, action, result = (
        str(line.get("ts", ""))[11:19],
        _place(line),
        str(line.get("action", "")),
        _result(line),
    )
    detail, style = _detail(line), STYLES.get(result, "")
    below = [str(line["reason"])] if line.get("reason") else []
    if not place:  # of the installation as a whole: the headline of what follows
        yield f"{GAP.join(filter(None, (time, action, detail)))}{GAP}", "bold"
        yield f"{result}\n", style
    else:
        cells = (cell.ljust(size) for cell, size in zip((place, action, result), columns, strict=True))
        *head, result = (time.ljust(len(TIME)), *cells)
        if width is not None and len(GAP.join((*head, result, detail))) > width:
            below, detail = [detail, *below], ""
        yield f"{GAP.join(head)}{GAP}", ""
        yield result if detail else result.rstrip(), style
        yield f"{GAP}{detail}\n" if detail else "\n", ""
    indent = " " * (len(TIME) + len(GAP))
    for text in below:
        room = max(LEAST_REASON, width - len(indent)) if width else len(text) + 1
        for part in textwrap.wrap(text, room, break_on_hyphens=False):
            yield f"{indent}{part}\n", "" if style else "dim"


def _heading(line: Mapping[str, Any]) -> str:
    """Who did it on which day: most events have the one of the event before."""
    return GAP.join(
        filter(None, (str(line.get("ts", ""))[:10], str(line.get("who") or ""), str(line.get("env") or "")))
    )


def _place(line: Mapping[str, Any]) -> str:
    """Where it was done: a seat has the name of its host in its own, a replica has not."""
    host, part = str(line.get("host") or ""), str(line.get("seat") or line.get("service") or "")
    return part if part.startswith(f"{host}-") else "/".join(filter(None, (host, part)))


def _result(line: Mapping[str, Any]) -> str:
    return str(line.get("result") or "")


def _detail(line: Mapping[str, Any]) -> str:
    """From which release to which one, and what else the event is about."""
    old, new = str(line.get("from") or ""), str(line.get("to") or "")
    change = new if old == new else f"{'' if line.get('seat') else old} → {new}".strip() if new else old
    more = [f"{word}{line[name]}" for name, word in KNOWN.items() if line.get(name)]
    more += [f"the {line['fault']}'s fault"] if line.get("fault") in ("host", "hook") else []
    return GAP.join(filter(None, (change, *more)))
