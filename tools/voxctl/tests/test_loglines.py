"""An error that hides among JSON, or a stack trace instead of its last line, helps nobody at a terminal."""

from __future__ import annotations

import json

import pytest
from voxctl.loglines import is_error, readable

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"level":"error","event":"outbox.failed"}', True),
        ('{"level":"critical","event":"slot.lost"}', True),
        ('{"level":"warning","event":"login.refused"}', False),
        ("Traceback (most recent call last):", True),
        ("a plain line with the word error in it", False),
        ('["error"]', False),
    ],
)
def test_an_error_in_a_log_is_recognised(line: str, error: bool) -> None:
    assert is_error(line) is error


def test_a_json_line_becomes_time_level_event_and_facts() -> None:
    line = '{"ts":"2026-01-31T09:15:02.123Z","level":"info","event":"call.ended","service":"voxcore","duration_s":41.2}'
    assert readable(line) == "09:15:02 info call.ended duration_s=41.2"


def test_of_an_exception_only_what_happened_is_shown() -> None:
    trace = 'Traceback (most recent call last):\n  File "x.py", line 1\nKeyError: 4'
    line = json.dumps({"level": "error", "event": "worker.cannot_start", "exception": trace})
    assert readable(line) == "error worker.cannot_start KeyError: 4"


def test_a_plain_line_stays_and_a_long_one_is_cut() -> None:
    assert readable("port taken\n") == "port taken"
    assert len(readable("x" * 1000)) == 300
