"""The audit's books: merged by time, and each way of tampering with them is found."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from voxctl.deploy.trail import Book, findings, merged

pytestmark = [pytest.mark.unit]


def book(host: str, *lines: dict[str, Any]) -> Book:
    prev, rows = "", []
    for line in lines:
        row = json.dumps({**line, "prev": prev}).encode()
        prev = hashlib.sha256(row).hexdigest()
        rows.append(row + b"\n")
    return Book(host, b"".join(rows))


def line(number: int, host: str = "fleet1", **more: Any) -> dict[str, Any]:
    return {"ts": f"2026-02-05T10:00:{number:02}Z", "id": f"i{number}", "action": "deploy", "host": host, **more}


ALL = [line(1), line(2, "api1"), line(3), line(4, "")]
OURS, THEIRS = book("api1", *ALL), book("fleet1", ALL[0], ALL[2])


def test_lines_of_both_places_are_one_line() -> None:
    assert [each["id"] for each in merged([THEIRS, OURS])] == ["i1", "i2", "i3", "i4"]
    assert findings([OURS, THEIRS], "api1") == []


def test_a_line_that_a_host_wrote_of_itself_is_its_own() -> None:
    own = {"ts": "2026-02-05T10:00:00Z", "id": "x", "action": "ingress.render"}
    assert merged([OURS, book("in1", own)])[0]["host"] == "in1"
    assert findings([OURS, book("in1", own)], "api1") == []


@pytest.mark.parametrize("cut", [0, 1, 2])
def test_a_line_taken_out_at_the_touched_host_is_found(cut: int) -> None:
    rows = THEIRS.raw.splitlines(keepends=True)
    found = findings([OURS, Book("fleet1", b"".join(row for n, row in enumerate(rows) if n != cut))], "api1")
    assert bool(found) == (cut < 2)
    assert all(each.startswith("fleet1: ") for each in found)


def test_a_line_cut_off_the_end_on_lock_host_is_found_by_the_other_copy() -> None:
    rows = OURS.raw.splitlines(keepends=True)
    found = findings([Book("api1", b"".join(rows[:2])), THEIRS], "api1")
    assert [each for each in found if each.startswith("api1: deploy of 2026-02-05T10:00:03Z")]


def test_a_book_that_is_no_json_is_found_and_does_not_stop_the_others() -> None:
    found = findings([Book("api1", OURS.raw + b"garbage\n"), THEIRS], "api1")
    assert found == [
        "api1: line 5 of /var/lib/vox/audit.jsonl does not follow the line before it: "
        "one of the two was changed, added or taken out"
    ]
