"""What the OpenAI SDK cannot parse, a worker cannot speak: streams, tool calls, usage and failures through the SDK."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import openai
import pytest
from voxvoice.app import build_app
from voxvoice.settings import VoxvoiceSettings

pytestmark = [pytest.mark.unit]

CHECK_ORDER = {
    "type": "function",
    "function": {
        "name": "check_order",
        "parameters": {"type": "object", "properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
    },
}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = build_app(VoxvoiceSettings.load())
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voxvoice") as client:
        yield client


@pytest.fixture
def sdk(http: httpx.AsyncClient) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url="http://voxvoice/v1", api_key="unused", http_client=http, max_retries=0)


def user(text: str) -> list[Any]:
    return [{"role": "user", "content": text}]


async def test_a_stream_brings_words_a_tool_call_the_reason_and_then_the_usage(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(
        model="default",
        messages=user("Where is order 4512?"),
        tools=[CHECK_ORDER],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    deltas = [choice.delta for chunk in chunks for choice in chunk.choices]
    assert "".join(delta.content or "" for delta in deltas) == "Thank you. Let me look that up."
    calls = [call for delta in deltas for call in delta.tool_calls or []]
    assert calls[0].id
    assert calls[0].function is not None
    assert calls[0].function.name == "check_order"
    arguments = "".join(call.function.arguments or "" for call in calls if call.function)
    assert json.loads(arguments) == {"order_id": "4512"}
    assert [choice.finish_reason for chunk in chunks for choice in chunk.choices][-1] == "tool_calls"
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens > 0


async def test_without_stream_the_same_answer_comes_whole(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(
        model="demo",
        messages=user("Where is order 4512?"),
        tools=[CHECK_ORDER],
    )
    message = answer.choices[0].message
    assert message.content == "Thank you. Let me look that up."
    assert message.tool_calls is not None
    assert message.tool_calls[0].function.arguments == '{"order_id": "4512"}'
    assert answer.usage is not None


async def test_tool_choice_none_calls_nothing(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(
        model="demo",
        messages=user("Where is order 4512?"),
        tools=[CHECK_ORDER],
        tool_choice="none",
    )
    assert answer.choices[0].message.tool_calls is None


async def test_json_mode_answers_an_object(sdk: openai.AsyncOpenAI) -> None:
    answer = await sdk.chat.completions.create(
        model="default",
        messages=[
            {"role": "system", "content": "Analyse."},
            {"role": "user", "content": "customer: I am not interested"},
        ],
        response_format={"type": "json_object"},
    )
    assert json.loads(answer.choices[0].message.content or "")["DISPOSITION"] == "Not Interested"


async def test_an_unknown_model_is_a_not_found_that_names_the_known(sdk: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="default") as caught:
        await sdk.chat.completions.create(model="gpt-99", messages=user("hi"))
    assert caught.value.code == "model_not_found"


@pytest.mark.parametrize(("model", "status"), [("fault-error", 500), ("fault-overload", 429)])
async def test_simulated_statuses_reach_the_client(sdk: openai.AsyncOpenAI, model: str, status: int) -> None:
    with pytest.raises(openai.APIStatusError) as caught:
        await sdk.chat.completions.create(model=model, messages=user("hi"), stream=True)
    assert caught.value.status_code == status


async def test_a_cut_stream_ends_without_a_reason(sdk: openai.AsyncOpenAI) -> None:
    stream = await sdk.chat.completions.create(model="fault-cut", messages=user("hi"), stream=True)
    chunks = [choice async for chunk in stream for choice in chunk.choices]
    assert "".join(choice.delta.content or "" for choice in chunks) == "This answer breaks off"
    assert all(choice.finish_reason is None for choice in chunks)


@pytest.mark.parametrize("body", [{}, {"messages": "hi"}, {"messages": []}, {"messages": ["hi"]}])
async def test_a_request_without_messages_is_a_bad_request(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    response = await http.post("/v1/chat/completions", json=body)
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_value")


@pytest.mark.parametrize(
    "odd",
    [
        {"tools": [{}, {"function": {"name": ""}}]},
        {"tool_choice": {"type": "function"}},
        {"response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": {"a": {}}}}}},
        {"temperature": 0.4, "user": "x", "unknown_field": 1},
        {"tools": [CHECK_ORDER], "tool_choice": "required"},
    ],
)
async def test_odd_requests_still_get_an_answer(http: httpx.AsyncClient, odd: dict[str, Any]) -> None:
    response = await http.post("/v1/chat/completions", json={"messages": user("hi"), **odd})
    assert response.status_code == 200


async def test_models_lists_what_each_kind_of_request_accepts(sdk: openai.AsyncOpenAI) -> None:
    names = {model.id async for model in sdk.models.list()}
    assert {"default", "demo", "whisper-1", "tts-1"} <= names
