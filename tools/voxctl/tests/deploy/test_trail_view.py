"""The audit is read in a terminal of 80 columns: an event is a line, a reason is wrapped below, nothing is cut."""

from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console
from voxctl.deploy.trail_view import shown

pytestmark = [pytest.mark.unit]

FROM, TO = "2026.02.03-1", "2026.02.05-2"
DISK = "write /var/lib/docker/overlay2/3f1c: no space left on device (fleet1: its disk is full, 0 MiB are free)"


def line(second: int, action: str, result: str = "done", **more: Any) -> dict[str, Any]:
    told = {"ts": f"2026-02-05T10:11:{second:02}.120Z", "id": f"i{second}", "who": "ann", "env": "production"}
    return {**told, "action": action, "result": result, **more}


DEPLOY = [
    line(1, "deploy", "begun", host="", **{"from": FROM, "to": TO}),
    line(2, "service.replace", host="api1", service="voxregistry", seat="voxregistry-a", to=TO),
    line(3, "seat.replace", host="fleet1", service="voxcore", seat="fleet1-s1", **{"from": FROM, "to": TO}),
    line(4, "seat.open", host="fleet1", service="voxcore", seat="fleet1-s1", **{"from": TO, "to": TO}),
    line(5, "deploy.stop", "failed", host="fleet1", seat="fleet1-12", fault="host", to=TO, reason=f"no start: {DISK}"),
    line(6, "tag.drain", host="", tag=TO, reason="[it] harms callers"),
    line(7, "deploy", "reverted", host="", reason=f"no start: {DISK}", **{"from": FROM, "to": TO}),
]


def printed(lines: list[dict[str, Any]], width: int | None) -> list[str]:
    console = Console(width=width or 80, soft_wrap=True, highlight=False)
    with console.capture() as capture:
        console.print(shown(lines, width))
    return capture.get().splitlines()


def test_an_event_is_one_line_with_time_place_action_result_and_release() -> None:
    assert printed(DEPLOY[:4], 80) == [
        "2026-02-05  ann  production",
        f"10:11:01  deploy  {FROM} → {TO}  begun",
        f"10:11:02  api1/voxregistry-a  service.replace  done  → {TO}",
        f"10:11:03  fleet1-s1           seat.replace     done  → {TO}",
        f"10:11:04  fleet1-s1           seat.open        done  {TO}",
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_is_longer_than_the_terminal_and_no_word_is_lost(width: int) -> None:
    rows = printed(DEPLOY, width)
    assert max(map(len, rows)) <= width
    words = " ".join(" ".join(row.split()) for row in rows)
    assert words.count(f"no start: {DISK}") == 2
    assert "the host's fault" in words
    assert f"tag.drain {TO} done [it] harms callers" in words


def test_what_does_not_fit_beside_the_result_stands_below() -> None:
    cut = line(1, "call.cut", host="fleet1", seat="fleet1-12", session_id="s" * 40, to=TO, reason="--force-after")
    _, head, detail, reason = printed([cut], 80)
    assert head == "10:11:01  fleet1-12  call.cut  done"
    assert detail.strip() == f"→ {TO}  call {'s' * 40}"
    assert reason.strip() == "--force-after"


def test_in_a_pipe_a_reason_is_one_line() -> None:
    assert f"          no start: {DISK}" in printed(DEPLOY, None)


def test_another_day_or_another_operator_begins_a_part_of_its_own() -> None:
    later = {**line(9, "secrets.push", host="fleet1"), "ts": "2026-02-06T00:00:01Z"}
    other = {**later, "who": "bob", "id": "i10"}
    rows = printed([DEPLOY[0], later, other], 80)
    assert [row for row in rows if "production" in row] == [
        "2026-02-05  ann  production",
        "2026-02-06  ann  production",
        "2026-02-06  bob  production",
    ]
