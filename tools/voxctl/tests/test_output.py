"""What programs read must be complete, and what people read must be what was meant."""

from __future__ import annotations

import json

import pytest
from voxctl.output import Output

pytestmark = [pytest.mark.unit]


def test_a_fact_may_carry_a_text_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).emit("call.line", "for people", who="bot", text="Hello.", event_id=3)
    assert json.loads(capsys.readouterr().out) == {"event": "call.line", "who": "bot", "text": "Hello.", "event_id": 3}


def test_what_only_programs_need_is_not_shown_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    Output().emit("call.result", status="completed")
    assert capsys.readouterr().out == ""


def test_an_error_in_json_is_one_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    Output(as_json=True).error("port 8080 is taken\nsecond line")
    assert json.loads(capsys.readouterr().out) == {"event": "error", "message": "port 8080 is taken\nsecond line"}
