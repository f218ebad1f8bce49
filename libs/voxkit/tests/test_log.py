"""No secret, no token of a URL and no phone number may stand in a log, whoever writes the line."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from voxkit.log import bound, configure, get_logger

pytestmark = [pytest.mark.unit]


@pytest.fixture(autouse=True)
def logs() -> Iterator[None]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    structlog.reset_defaults()
    yield
    root.handlers[:], level = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_json_with_its_ids(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop", worker_id="w-1")
    with bound(call_id="c-1"):
        get_logger("t1").info("call.ended", duration_s=1.5)
    get_logger("t1").info("after")
    first, second = lines(capsys)
    assert first["event"] == "call.ended"
    assert (first["service"], first["worker_id"], first["call_id"], first["level"]) == ("shop", "w-1", "c-1", "info")
    assert first["ts"].endswith("Z")
    assert "call_id" not in second


def test_planted_secrets_do_not_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop")
    get_logger("t2").info(
        "start",
        api_key="planted-1",
        headers={"Authorization": "planted-2", "nested": [{"x_token": "planted-3"}]},
        credentials=["planted-4", {"user": "planted-5"}],
        cookie="planted-6",
        tokens=12,
    )
    out = capsys.readouterr().out
    assert "planted" not in out
    assert '"tokens": 12' in out


def test_personal_data_shows_its_last_four_characters(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop")
    get_logger("t3").info("dial", pii_number="+15550100", pii_name="Jo", pii_none=None, more={"pii_city": "Hamburg"})
    line = lines(capsys)[0]
    assert (line["pii_number"], line["pii_name"], line["pii_none"]) == ("…0100", "…", None)
    assert line["more"]["pii_city"] == "…burg"


@pytest.mark.parametrize("key", ["url", "path", "error", "message", "anything"])
def test_no_query_string_comes_out_under_any_key(capsys: pytest.CaptureFixture[str], key: str) -> None:
    configure("shop")
    get_logger("t4").info("x", **{key: "wss://host/ws/bot?token=planted&a=1 failed"})
    line = lines(capsys)[0]
    assert "planted" not in line[key]
    assert line[key].startswith("wss://host/ws/bot?…")


def test_a_line_of_another_library_is_cleaned_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop")
    logging.getLogger("some.library").warning("GET http://h/x?token=%s refused", "planted")
    line = lines(capsys)[0]
    assert line["event"] == "GET http://h/x?… refused"
    assert line["service"] == "shop"


def test_a_traceback_holds_no_query_string(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop")
    try:
        raise ValueError("GET http://h/x?token=planted")
    except ValueError:
        get_logger("t5").exception("broke")
    line = lines(capsys)[0]
    assert "ValueError" in line["exception"]
    assert "planted" not in line["exception"].rsplit("ValueError", 1)[1]


def test_a_question_in_a_sentence_stays(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop")
    get_logger("t6").info("x", note="Is it there? yes = true")
    assert lines(capsys)[0]["note"] == "Is it there? yes = true"


def test_levels_below_the_chosen_one_are_silent(capsys: pytest.CaptureFixture[str]) -> None:
    configure("shop", level="WARNING")
    get_logger("t7").info("quiet")
    logging.getLogger("uvicorn.access").warning("GET /ws?token=planted")
    assert capsys.readouterr().out == ""
