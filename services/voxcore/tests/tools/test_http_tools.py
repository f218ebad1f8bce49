"""A bot's own tool must reach its API with the right values, and no answer of that API may harm the call."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from typing import Any

import pytest

pytestmark = [pytest.mark.unit]

ORDER = {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}


def tool(api: Any, path: str = "/ok", **more: Any) -> dict[str, Any]:
    return {"name": "check_order", "url": api.url + path, "parameters": ORDER} | more


async def test_a_2xx_answer_is_a_success_with_its_json(api: Any, bench: Any) -> None:
    made = bench(tool(api, guidance={"success": "Read out the state."}))
    answer = await made.call("check_order", order_id="7")
    assert answer.run_llm
    assert answer.data == {
        "status": "success",
        "http_status": 200,
        "data": {"order": "shipped", "count": 2},
        "truncated": False,
        "guidance": "Read out the state.",
    }


async def test_a_text_answer_is_passed_on_as_text(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/text")).call("check_order", order_id="7")
    assert answer.data["data"] == "Delivered on Monday. नमस्ते"


async def test_a_500_is_a_failure_with_the_guidance_for_failures(api: Any, bench: Any) -> None:
    made = bench(tool(api, "/error", guidance={"failure": "Offer a call back."}))
    answer = await made.call("check_order", order_id="7")
    assert (answer.data["status"], answer.data["http_status"]) == ("failure", 500)
    assert answer.data["guidance"] == "Offer a call back."


async def test_a_redirect_is_not_followed(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/redirect")).call("check_order", order_id="7")
    assert (answer.data["status"], answer.data["http_status"]) == ("failure", 302)
    assert len(api.requests) == 1


async def test_a_slow_api_is_a_timeout_over_everything(api: Any, bench: Any) -> None:
    made = bench(tool(api, "/never", timeout_seconds=0.2))
    answer = await made.call("check_order", order_id="7")
    assert (answer.data["status"], answer.data["http_status"]) == ("timeout", None)
    assert answer.data["guidance"]
    assert made.host.events("custom_tool_result")[0]["status"] == "timeout"


async def test_an_answer_over_64_kib_is_cut_and_says_so(api: Any, bench: Any) -> None:
    made = bench(tool(api, "/huge"))
    answer = await made.call("check_order", order_id="7")
    assert answer.data["truncated"] is True
    assert len(answer.data["data"]) == 8000
    assert made.host.events("custom_tool_result")[0]["bytes"] == 64 * 1024


async def test_json_over_8000_characters_reaches_the_llm_as_its_first_8000(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/long")).call("check_order", order_id="7")
    assert answer.data["truncated"] is True
    assert len(answer.data["data"]) == 8000
    assert answer.data["data"].startswith('{"text":"xxx')


async def test_a_packed_answer_cannot_unpack_beyond_the_limit(api: Any, bench: Any) -> None:
    made = bench(tool(api, "/gzip"))
    await made.call("check_order", order_id="7")  # what is loaded once is loaded now
    api.requests.clear()
    tracemalloc.start()
    try:
        answer = await made.call("check_order", order_id="7")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert answer.data["truncated"] is True
    assert answer.data["data"] == "z" * 8000


async def test_a_get_is_sent_once_more_when_the_connection_breaks(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/drop-once")).call("check_order", order_id="7")
    assert answer.data["status"] == "success"
    assert len(api.requests) == 2


async def test_a_get_is_not_sent_a_third_time(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/drop")).call("check_order", order_id="7")
    assert answer.data["status"] == "failure"
    assert len(api.requests) == 2


async def test_a_post_is_never_repeated(api: Any, bench: Any) -> None:
    answer = await bench(tool(api, "/drop-once", method="POST")).call("check_order", order_id="7")
    assert answer.data["status"] == "failure"
    assert len(api.requests) == 1


@pytest.mark.parametrize("given", [{}, {"order_id": ""}, {"order_id": None}])
async def test_a_missing_required_parameter_sends_nothing(api: Any, bench: Any, given: dict[str, Any]) -> None:
    made = bench(tool(api, guidance={"missing_info": "Ask for the number."}))
    answer = await made.call("check_order", **given)
    assert answer.data["status"] == "missing_info"
    assert answer.data["data"] == {"missing": ["order_id"]}
    assert answer.data["guidance"] == "Ask for the number."
    assert api.requests == []


@pytest.mark.parametrize("empty", [0, False])
async def test_zero_and_false_are_values_and_not_missing(api: Any, bench: Any, empty: Any) -> None:
    assert (await bench(tool(api)).call("check_order", order_id=empty)).data["status"] == "success"


async def test_path_query_headers_and_parameters_are_filled_and_encoded(api: Any, bench: Any) -> None:
    made = bench(
        tool(
            api,
            "/orders/{{order_id}}/x?plain=1&who={{crm.name}}",
            query_params={"lang": "{{system.language}}", "none": "{{call.unknown}}"},
            headers={"X-Name": "{{crm.name}}\r\nX-Evil: 1", "Host": "evil.example", "Authorization": "Bearer t0k"},
        ),
        variables={"crm": {"name": "A&B Ü", "order_id": "wrong"}, "system": {"language": "en GB"}, "call": {}},
    )
    await made.call("check_order", order_id="a/b?c#d")
    request = api.requests[0]
    assert request["target"] == "/orders/a%2Fb%3Fc%23d/x?plain=1&who=A%26B%20%C3%9C&lang=en+GB&none="
    assert request["headers"]["host"] == f"127.0.0.1:{api.port}"
    assert "x-evil" not in request["headers"]
    assert request["headers"]["authorization"] == "Bearer t0k"


async def test_a_body_keeps_the_type_of_a_string_that_is_one_token(api: Any, bench: Any) -> None:
    schema = {"type": "object", "properties": {"count": {"type": "integer"}, "note": {"type": "string"}}}
    body = '{"count": "{{count}}", "text": "n={{count}} {{note}}", "list": ["{{crm.vip}}"], "gone": "{{call.x}}"}'
    made = bench(
        {"name": "save", "url": api.url + "/ok", "method": "POST", "body_template": body, "parameters": schema},
        variables={"crm": {"vip": "yes"}},
    )
    await made.call("save", count=3, note='say "hi"\n{{crm.vip}}')
    request = api.requests[0]
    assert json.loads(request["body"]) == {
        "count": 3,
        "text": 'n=3 say "hi"\n{{crm.vip}}',
        "list": ["yes"],
        "gone": "",
    }
    assert request["headers"]["content-type"] == "application/json"


async def test_a_get_sends_no_body(api: Any, bench: Any) -> None:
    await bench(tool(api, body_template='{"a": 1}')).call("check_order", order_id="7")
    assert api.requests[0]["body"] == ""


async def test_a_body_that_is_not_json_is_a_failure_without_a_request(api: Any, bench: Any) -> None:
    made = bench(tool(api, method="POST", body_template='{"a": {{order_id}}}'))
    answer = await made.call("check_order", order_id="7")
    assert answer.data["status"] == "failure"
    assert api.requests == []


@pytest.mark.parametrize(
    "url",
    ["http://{{order_id}}/x", "{{order_id}}://h/x", "http://h:{{order_id}}/", "ftp://h/x", "//h/x", "{{order_id}}"],
)
async def test_a_template_may_not_choose_scheme_host_or_port(api: Any, bench: Any, url: str) -> None:
    answer = await bench({"name": "t", "url": url, "parameters": ORDER}).call("t", order_id=f"127.0.0.1:{api.port}")
    assert answer.data["status"] == "blocked"
    assert api.requests == []


@pytest.mark.parametrize("value", ["..", "."])
async def test_a_value_cannot_climb_in_the_path(api: Any, bench: Any, value: str) -> None:
    answer = await bench(tool(api, "/orders/{{order_id}}/state")).call("check_order", order_id=value)
    assert answer.data["status"] == "blocked"
    assert api.requests == []


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "[::ffff:7f00:1]"],
)
async def test_a_private_address_is_blocked_without_the_allowlist(api: Any, bench: Any, host: str) -> None:
    made = bench(tool(api) | {"url": f"http://{host}:{api.port}/ok"}, allow="")
    answer = await made.call("check_order", order_id="7")
    assert answer.data["status"] == "blocked"
    assert answer.data["guidance"]
    assert api.requests == []


async def test_the_allowlist_lifts_the_check_for_one_port_only(api: Any, bench: Any) -> None:
    made = bench(tool(api), allow=f"127.0.0.1:{api.port + 1}")
    assert (await made.call("check_order", order_id="7")).data["status"] == "blocked"


async def test_an_address_that_nobody_answers_is_a_failure(api: Any, bench: Any) -> None:
    made = bench(tool(api) | {"url": "http://127.0.0.1:1/x"}, allow="127.0.0.1:1")
    assert (await made.call("check_order", order_id="7")).data["status"] == "failure"


async def test_four_requests_run_at_a_time_and_the_fifth_waits(api: Any, bench: Any) -> None:
    made = bench(tool(api, "/slow", timeout_seconds=30))
    calls = [asyncio.create_task(made.call("check_order", order_id=str(n))) for n in range(5)]
    while api.open < 4:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    assert api.open == 4
    api.release.set()
    answers = await asyncio.gather(*calls)
    assert [answer.data["status"] for answer in answers] == ["success"] * 5
    assert api.most_open == 4


async def test_the_sixth_round_for_one_customer_turn_is_refused_and_a_new_turn_starts_anew(
    api: Any, bench: Any
) -> None:
    made = bench(tool(api))
    for _ in range(5):
        assert (await made.call("check_order", order_id="7")).data["status"] == "success"
    sixth = await made.call("check_order", order_id="7")
    assert sixth.data["status"] == "failure"
    assert sixth.run_llm
    assert not (await made.call("check_order", order_id="7")).run_llm
    assert len(api.requests) == 5
    made.host.customer_turn += 1
    assert (await made.call("check_order", order_id="7")).data["status"] == "success"


async def test_functions_of_one_response_share_a_round(api: Any, bench: Any) -> None:
    made = bench({"name": "note", "has_api": False}, tool(api))
    together = [made.call("note") for _ in range(6)] + [made.call("check_order", order_id="7")]
    answers = await asyncio.gather(*together)
    assert {answer.data["status"] for answer in answers} == {"success"}
    assert (await made.call("note")).data["status"] == "success"


async def test_events_tell_the_call_and_its_result_but_no_header_query_or_body(api: Any, bench: Any) -> None:
    made = bench(
        tool(
            api,
            "/ok?k=planted-in-query",
            method="POST",
            headers={"Authorization": "Bearer planted-in-header"},
            query_params={"q": "planted-in-params"},
            body_template='{"s": "planted-in-body"}',
        )
    )
    await made.call("check_order", order_id="7")
    assert made.host.events("tool_call") == [
        {
            "tool": "check_order",
            "tool_call_id": "id-check_order",
            "arguments": {"order_id": "7"},
            "timing": "immediate",
        }
    ]
    result = made.host.events("custom_tool_result")[0]
    assert set(result) == {
        "tool", "tool_call_id", "status", "http_status", "duration_ms", "bytes", "truncated", "url_host",
    }  # fmt: skip
    assert result["url_host"] == f"127.0.0.1:{api.port}"
    assert "planted" not in json.dumps([event.data for event in made.host.record.events])


async def test_a_failed_request_logs_no_query(
    api: Any, bench: Any, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    made = bench(tool(api, "/drop?k=planted-in-query"))
    await made.call("check_order", order_id="7")
    out = capsys.readouterr()
    assert "planted" not in caplog.text + out.out + out.err


@pytest.mark.parametrize("runtime", [{}, {"has_api": False}])
async def test_a_tool_without_an_api_records_the_intent_and_succeeds(bench: Any, runtime: dict[str, Any]) -> None:
    made = bench({"name": "wants_callback", **runtime})
    answer = await made.call("wants_callback", when="tomorrow")
    assert answer.data["status"] == "success"
    assert [(intent.name, intent.arguments) for intent in made.host.record.intents] == [
        ("wants_callback", {"when": "tomorrow"})
    ]
    assert made.host.events("tool_call")
