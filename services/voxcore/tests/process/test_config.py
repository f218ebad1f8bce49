"""A config URL that slips through the allowlist sends our secret away; a misread answer loses a call (CF1)."""

import json
from typing import Any

import httpx
import pytest
from voxcore import config
from voxcore.config import Found, allowed_config_url, encoded_size, fetch_config, judge, shrink_event
from voxcore.record import CallRecord

pytestmark = [pytest.mark.unit]

OWN = "https://api.example.com/api/v1/config"
LISTED = "https://b.example.com:8443/tenants/7, http://c.example.com/api/v1/config"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (OWN, True),
        ("https://api.example.com:443/api/v1/config", True),
        ("https://API.example.com/api/v1/config", True),
        ("https://b.example.com:8443/tenants/7/api/v1/config", True),
        ("http://c.example.com/api/v1/config", True),
        ("http://api.example.com/api/v1/config", False),
        ("https://api.example.com:444/api/v1/config", False),
        ("https://api.example.com.evil.example/api/v1/config", False),
        ("https://api.example.com@evil.example/api/v1/config", False),
        ("https://user@api.example.com/api/v1/config", False),
        ("https://b.example.com:8443/tenants/77/api/v1/config", False),
        ("https://b.example.com:8443/tenants/7/../8/api/v1/config", False),
        ("https://b.example.com/tenants/7/api/v1/config", False),
        ("https://api.example.com/api/v1/config?x=/config", False),
        ("https://api.example.com/api/v1/configs", False),
        ("file:///api/v1/config", False),
        ("https://api.example.com:port/api/v1/config", False),
        ("", False),
    ],
)
def test_the_allowlist_compares_scheme_host_port_and_path_segments(url: str, allowed: bool) -> None:
    assert allowed_config_url(url, OWN, LISTED) is allowed


BODY = {
    "session_id": "s-1", "webhook_url": "https://x.example/r", "system_prompt": "p", "opening_message": "",
    "stt": {"provider": "openai_compatible"}, "llm": {"provider": "openai", "model": "m"},
    "tts": {"provider": "openai_compatible"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("status", "body", "found"),
    [
        (200, json.dumps(BODY), Found.OK),
        (200, json.dumps(BODY | {"stt": {"provider": "other"}}), Found.UNUSABLE),
        (200, "[]", Found.UNUSABLE),
        (200, "not json", Found.UNUSABLE),
        (200, None, Found.UNUSABLE),
        (403, "", Found.UNKNOWN),
        (404, "", Found.UNKNOWN),
        (503, json.dumps({"detail": "outside_active_hours: closed"}), Found.OUTSIDE_HOURS),
        (503, json.dumps({"detail": "store_unavailable"}), Found.UNAVAILABLE),
        (503, json.dumps({"detail": ["outside_active_hours:"]}), Found.UNAVAILABLE),
        (503, "[]", Found.UNAVAILABLE),
        (302, "", Found.UNAVAILABLE),
        (500, "", Found.UNAVAILABLE),
    ],
)
def test_each_answer_means_what_the_table_says(status: int, body: str | None, found: Found) -> None:
    answer = judge(status, body.encode() if body is not None else None)
    assert answer.found is found
    assert (answer.config is not None) == (found is Found.OK)


def test_outside_hours_is_an_error_for_a_visitor_of_a_web_site() -> None:
    answer = judge(503, b'{"detail":"outside_active_hours: x"}')
    assert (answer.cause("ws"), answer.cause("widget")) == ("outside_hours", "error")


def test_the_largest_extra_fields_go_first_and_those_that_voxbridge_reads_never() -> None:
    event = {
        "callerId": "+1",
        "_context": {"a": "x" * 3000},
        "small": "y" * 100,
        "big": "z" * 14_000,
        "mid": "w" * 9_000,
    }
    kept, lost = shrink_event(event)
    assert lost == ["big"]
    assert kept == {key: value for key, value in event.items() if key != "big"}
    assert encoded_size(kept) <= 16 * 1024
    assert shrink_event({"a": 1}) == ({"a": 1}, [])
    kept, lost = shrink_event({"_context": "x" * 20_000, "callerId": "+1", "a": 1})
    assert (set(kept), lost) == ({"_context", "callerId"}, ["a"])


def test_half_a_surrogate_pair_from_a_start_does_not_break_the_fetch() -> None:
    assert encoded_size({"name": "\ud800"}) > 0


class Script:
    """voxbridge's answers in turn; an exception stands for a lost connection. One more request fails the test."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.urls: list[httpx.URL] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.urls.append(request.url)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def fetched(script: Script) -> config.ConfigAnswer:
    record = CallRecord("c-1", "demo", "ws", caller_id="+15550100", stream_id="st-1", connected_event={"ä": "b c"})
    async with httpx.AsyncClient(transport=httpx.MockTransport(script)) as client:
        return await fetch_config(client, OWN, record)


OK = httpx.Response(200, json=BODY)


@pytest.mark.parametrize(
    ("answers", "found", "asked"),
    [
        ([OK], Found.OK, 1),
        ([httpx.ConnectError("away"), OK], Found.OK, 2),
        ([httpx.ReadTimeout("slow"), httpx.ConnectError("away")], Found.UNAVAILABLE, 2),
        ([httpx.Response(500), OK], Found.OK, 2),
        ([httpx.Response(502), httpx.Response(502)], Found.UNAVAILABLE, 2),
        ([httpx.Response(503)], Found.UNAVAILABLE, 1),
        ([httpx.Response(404)], Found.UNKNOWN, 1),
        ([httpx.Response(200, content=b" " * (1024 * 1024 + 1))], Found.UNUSABLE, 1),
    ],
)
async def test_only_a_lost_connection_or_a_5xx_other_than_503_is_tried_again_once(
    answers: list[Any], found: Found, asked: int
) -> None:
    script = Script(*answers)
    assert (await fetched(script)).found is found
    assert (len(script.urls), script.answers) == (asked, [])


async def test_the_fetch_carries_caller_stream_and_the_encoded_event() -> None:
    script = Script(OK)
    await fetched(script)
    url = script.urls[0]
    assert url.path == "/api/v1/config/demo"
    assert url.params["caller_id"] == "+15550100"
    assert url.params["stream_id"] == "st-1"
    assert json.loads(url.params["connected_event"]) == {"ä": "b c"}
