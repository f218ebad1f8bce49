"""What a model says about a call must arrive unchanged or not at all, and never cost the result."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from voxcore.postcall.analysis import run_pass, transcript_text
from voxcore.postcall.json_reply import outermost_object
from voxcore.postcall.llm import client_for
from voxcore.postcall.wrap import wrap_up
from voxkit.contracts.runtime_config import LlmOption

pytestmark = [pytest.mark.unit]

ANSWER = {"DISPOSITION": "Connected", "nested": {"a": [1, None]}, "empty": None}


@pytest.mark.parametrize(
    "reply",
    [
        json.dumps(ANSWER),
        "```json\n" + json.dumps(ANSWER, indent=2) + "\n```",
        "```\n" + json.dumps(ANSWER) + "\n```",
        "Here it is:\n" + json.dumps(ANSWER) + "\nAnything else?",
        "Use {braces} like so: " + json.dumps(ANSWER),
    ],
)
def test_the_outermost_object_is_found_in_a_reply(reply: str) -> None:
    assert outermost_object(reply) == ANSWER


@pytest.mark.parametrize("reply", ["", "no json", "[1, 2]", '{"cut": ', "```json\n```", "{" * 3000])
def test_a_reply_without_an_object_gives_none(reply: str) -> None:
    assert outermost_object(reply) is None


def test_the_user_message_is_a_header_and_one_line_per_entry(make_call: Any) -> None:
    call = make_call("customer", duration_s=41.2)
    call.record.say("tool", '{"status":\n"success"}', start_ms=1100, tool_name="check")
    assert transcript_text(call.record) == (
        "duration: 41.2 seconds\ndirection: incoming\ndisconnected_by: customer\n\n"
        'bot: Hello, this is the demo.\ntool: {"status": "success"}\ncustomer: where is my order'
    )


async def run(call: Any, option: Any = None) -> Any:
    return await run_pass("analysis", "Judge.", option or call.config.llm, call.record, call.services)


async def test_the_question_is_asked_cold_short_and_in_json_mode(make_call: Any, model: Any) -> None:
    model.script = [json.dumps(ANSWER)]
    call = make_call()
    found, usage = await run(call)
    assert found == ANSWER
    asked = model.asked[0]
    assert asked["temperature"] == 0
    assert asked["max_tokens"] == 2048
    assert asked["response_format"] == {"type": "json_object"}
    assert asked["messages"][0] == {"role": "system", "content": "Judge."}
    assert asked["messages"][1]["content"].startswith("duration: 41.0 seconds")
    assert model.headers[0]["authorization"] == "Bearer planted-llm-key"
    assert usage.model_dump() == {
        "requests": 1,
        "prompt_tokens": 900,
        "completion_tokens": 120,
        "cache_read_input_tokens": 100,
        "cache_creation_input_tokens": 0,
        "cache_status": "off",
    }


async def test_a_reply_that_is_no_json_gets_one_more_try_and_both_are_counted(make_call: Any, model: Any) -> None:
    model.script = ["sorry", json.dumps(ANSWER)]
    found, usage = await run(make_call())
    assert found == ANSWER
    assert (usage.requests, usage.prompt_tokens) == (2, 1800)


async def test_after_two_failures_the_field_is_absent_and_an_event_says_why(make_call: Any, model: Any) -> None:
    model.script = ["sorry", "still no"]
    call = make_call()
    found, _ = await run(call)
    assert found is None
    failed = [event.data for event in call.record.events if event.type == "post_call_failed"]
    assert failed == [
        {"pass": "analysis", "reason": "the reply was not a JSON object", "provider": "openai_compatible"}
    ]


async def test_a_server_without_json_mode_is_asked_again_plainly(make_call: Any, model: Any) -> None:
    model.script = [400, json.dumps(ANSWER)]
    found, _ = await run(make_call())
    assert found == ANSWER
    assert "response_format" not in model.asked[1]
    assert "temperature" not in model.asked[1]


@pytest.mark.parametrize("first", [500, 429, httpx.ConnectError("down"), httpx.ReadTimeout("slow")])
async def test_a_failing_provider_is_asked_once_more(make_call: Any, model: Any, first: Any) -> None:
    model.script = [first, json.dumps(ANSWER)]
    assert (await run(make_call()))[0] == ANSWER


async def test_a_refused_key_is_not_tried_again_and_stays_out_of_the_event(make_call: Any, model: Any) -> None:
    model.script = [401]
    call = make_call()
    assert (await run(call))[0] is None
    failed = next(event.data for event in call.record.events if event.type == "post_call_failed")
    assert "401" in failed["reason"]
    assert "planted" not in failed["reason"]


async def test_a_model_that_never_answers_fails_after_its_tries(make_call: Any, model: Any) -> None:
    async def never() -> None:
        import asyncio

        await asyncio.Event().wait()

    model.script = [never, never]
    call = make_call()
    found, usage = await run_pass("qc", "Judge.", call.config.llm, call.record, call.services, try_s=0.05)
    assert found is None
    assert usage.requests == 2


async def test_google_is_asked_in_its_own_shape_and_thoughts_are_left_out(make_call: Any, model: Any) -> None:
    model.script = [json.dumps(ANSWER)]
    option = LlmOption(provider="google", model="some-model", api_key="planted-google-key")
    found, usage = await run(make_call(), option)
    assert found == ANSWER
    assert model.urls[0].endswith("/v1beta/models/some-model:generateContent")
    assert model.headers[0]["x-goog-api-key"] == "planted-google-key"
    assert model.asked[0]["generationConfig"] == {
        "maxOutputTokens": 2048,
        "temperature": 0,
        "responseMimeType": "application/json",
    }
    assert (usage.prompt_tokens, usage.completion_tokens) == (700, 55)


async def test_the_vendor_gets_the_token_limit_under_its_new_name(make_call: Any, model: Any) -> None:
    model.script = [json.dumps(ANSWER)]
    await run(make_call(), LlmOption(provider="openai", model="m", api_key="k"))
    assert model.urls[0] == "https://api.openai.com/v1/chat/completions"
    assert model.asked[0]["max_completion_tokens"] == 2048
    assert "max_tokens" not in model.asked[0]


async def test_an_unreadable_service_account_is_a_failed_pass(make_call: Any) -> None:
    call = make_call()
    assert (await run(call, LlmOption(provider="google_vertex", model="m", api_key="not json")))[0] is None


async def test_a_base_url_that_a_user_set_goes_through_the_address_guard(make_call: Any) -> None:
    call = make_call()
    option = LlmOption(provider="openai_compatible", base_url="http://127.0.0.1:1/v1", model="m")
    found, _ = await run(call, option)
    assert found is None
    failed = next(event.data for event in call.record.events if event.type == "post_call_failed")
    assert "OUTBOUND_URL_ALLOWLIST" in failed["reason"]
    await call.services.shared["postcall.openai_compatible.guarded"].aclose()


def test_the_client_of_a_provider_is_made_once(make_call: Any) -> None:
    call = make_call()
    call.services.shared.clear()
    option = call.config.llm
    assert client_for(option, call.services) is client_for(option, call.services)


@pytest.mark.parametrize(
    ("cause", "said", "seconds"),
    [
        ("error", True, 60),
        ("voicemail", True, 60),
        ("timeout", False, 60),
        ("RNR", False, 60),
        ("customer", True, 4.9),
        ("customer", False, 60),
        ("no_answer", False, 0),
        ("rejected", False, 0),
        ("outside_hours", False, 0),
    ],
)
async def test_no_model_is_asked_where_the_rules_skip_it(
    make_call: Any, model: Any, cause: str, said: bool, seconds: float
) -> None:
    call = make_call(cause, said=said, duration_s=seconds, post_call_analysis_prompt="P", qc_prompt="Q")
    payload = await wrap_up(call, None)
    assert model.asked == []
    assert "qc_analysis" not in payload
    assert ("post_call_analysis" in payload) == (cause not in ("no_answer", "rejected", "outside_hours"))


@pytest.mark.parametrize("cause", ["customer", "bot", "timeout", "RNR", "transfer_to_agent"])
async def test_a_talk_is_analysed_whatever_ended_it(make_call: Any, model: Any, cause: str) -> None:
    model.script = [json.dumps(ANSWER)]
    payload = await wrap_up(make_call(cause, post_call_analysis_prompt="P"), None)
    assert payload["post_call_analysis"] == ANSWER


async def test_the_quality_check_runs_without_an_analysis_prompt(make_call: Any, model: Any) -> None:
    model.script = [json.dumps({"overall_score": 4})]
    payload = await wrap_up(make_call(qc_prompt="Q"), None)
    assert payload["qc_analysis"] == {"overall_score": 4}
    assert "post_call_analysis" not in payload
    assert payload["usage_metrics"]["qc"]["requests"] == 1


async def test_both_passes_use_the_model_chosen_for_them(make_call: Any, model: Any) -> None:
    model.by_prompt = {"P": [json.dumps(ANSWER)], "Q": ["{}"]}
    option = {"provider": "openai_compatible", "base_url": "http://other/v1", "base_url_trusted": True, "model": "big"}
    payload = await wrap_up(make_call(post_call_analysis_prompt="P", qc_prompt="Q", post_call_llm=option), None)
    assert [asked["model"] for asked in model.asked] == ["big", "big"]
    assert payload["qc_analysis"] == {}
    assert payload["llm_cache_summary"] == {
        "enabled": False,
        "worked": False,
        "statuses": [],
        "cache_read_input_tokens": 200,
        "cache_creation_input_tokens": 0,
        "fresh_prompt_tokens": 1600,
        "completion_tokens": 240,
    }
