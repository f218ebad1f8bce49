"""Prompts with holes in them, values rendered a second time, variables in the wrong namespace."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from voxbridge.config.keys import ProviderKeyMissing, ready_post_call_llm, ready_stage
from voxbridge.config.namespaces import call_space, direction_of, effective_crm, system_space
from voxbridge.config.prompts import prompts, rendered, rendered_re_engagement
from voxbridge.config.tools import tool_list
from voxbridge.settings.models import SystemSettings

pytestmark = [pytest.mark.unit]
NOW = datetime(2026, 6, 5, 10, 15, tzinfo=UTC)


def spaces(event: dict, mock: dict | None = None) -> dict:
    call = call_space(
        event, caller_id="+15550100", stream_id="st-1", session_id="s-1", direction="incoming",
        sip_headers={"sip_header_x_id": "7"},
    )  # fmt: skip
    return {
        "call": call,
        "crm": effective_crm(event, mock or {}, {}),
        "system": system_space(NOW, ZoneInfo("Asia/Kolkata")),
    }


def bot(**fields: object) -> dict:
    return {"_id": "b", "system_prompt": "", "dynamic_prompt": "", **fields}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{city}}", "Pune"),
        ("{{ crm.city }}", "Pune"),
        ("{{call.city}}", "Goa"),
        ("{{address.zip}}", "411001"),
        ("{{crm.address.zip}}", "411001"),
        ("{{crm.tags}}", '["a",1]'),
        ("{{amount}}|{{paid}}|{{nothing}}", "12.5|true|"),
        ("{{system.current_date}}", "05 June 2026"),
        ("{{current_time}}", "03:45 PM IST"),
        ("{{system.current_day}}", "Friday"),
        ("{{call.sip_header_x_id}}", "7"),
        ("{{call.sip_headers_json}}", '{"sip_header_x_id":"7"}'),
        ("{{unknown}} {{crm.unknown}}", "{{unknown}} {{crm.unknown}}"),
        ("{{result.transcript}} {{analysis.DISPOSITION}}", "{{result.transcript}} {{analysis.DISPOSITION}}"),
        ("{{evil}}", "{{city}}"),
    ],
)
def test_tokens_flat_namespaced_nested_unresolved_and_never_rendered_twice(text: str, expected: str) -> None:
    event = {
        "city": "Goa", "address": {"zip": "411001"}, "tags": ["a", 1], "amount": 12.50, "paid": True, "nothing": None,
        "evil": "{{city}}",
    }  # fmt: skip
    assert rendered(bot(opening_message=text), "opening_message", spaces(event, {"city": "Pune"})) == expected


def test_static_and_dynamic_part_are_joined_by_a_blank_line_and_an_empty_one_leaves_none() -> None:
    assert prompts(bot(system_prompt="A", dynamic_prompt="B"), spaces({}))[0] == "A\n\nB"
    assert prompts(bot(system_prompt="A"), spaces({}))[0] == "A"
    assert prompts(bot(dynamic_prompt="B"), spaces({}))[0] == "B"


@pytest.mark.parametrize(
    ("fields", "mode"),
    [
        ({"system_prompt": "A", "dynamic_prompt": "B"}, "direct"),
        ({"system_prompt": "A", "live_prompt_cache": {"enabled": True}}, "direct"),
        ({"system_prompt": "A"}, "legacy"),
        ({"system_prompt": "A {{city}}", "dynamic_prompt": "B"}, "legacy"),
        ({"system_prompt": "A", "dynamic_prompt": "B", "conversation_policy": {"type": "guided"}}, "legacy"),
    ],
)
def test_the_parts_are_direct_only_where_the_static_part_is_the_same_in_every_call(fields: dict, mode: str) -> None:
    text, parts = prompts(bot(**fields), spaces({"city": "Goa"}))
    assert parts.mode == mode
    if mode == "direct":
        assert (
            parts.static_system_prompt + ("\n\n" + parts.dynamic_runtime_prompt if parts.dynamic_runtime_prompt else "")
            == text
        )
        assert parts.prompt_cache_key == f"b:{parts.static_version}"


def test_re_engagement_texts_are_rendered() -> None:
    stored = {"enabled": True, "messages": ["{{city}}?"], "final_message": "Bye {{city}}"}
    assert rendered_re_engagement(bot(re_engagement=stored), spaces({"city": "Goa"})) == {
        "enabled": True, "messages": ["Goa?"], "final_message": "Bye Goa",
    }  # fmt: skip
    assert rendered_re_engagement(bot(re_engagement=None), spaces({})) is None


@pytest.mark.parametrize(
    ("event", "transport", "expected"),
    [
        ({"callDirection": "outgoing"}, "ws", "outgoing"),
        ({"callDirection": "inbound"}, "attach", "incoming"),
        ({}, "attach", "outgoing"),
        ({}, "ws", "incoming"),
    ],
)
def test_the_direction_is_what_the_event_says_else_what_the_transport_means(
    event: dict, transport: str, expected: str
) -> None:
    assert direction_of(event, transport) == expected


SETTINGS = SystemSettings.model_validate(
    {
        "api_keys": {"openai": "sk-settings", "google_vertex": '{"project_id":"p-1"}'},
        "openai_compatible": {"base_url": "http://localhost:8060/v1"},
    }
)


def test_a_stage_brings_its_own_key_else_the_one_of_the_settings_is_used() -> None:
    assert (
        ready_stage({"_id": "b", "llm": {"provider": "openai", "api_key": "own"}}, "llm", SETTINGS)["api_key"] == "own"
    )
    assert ready_stage({"_id": "b", "llm": {"provider": "openai"}}, "llm", SETTINGS)["api_key"] == "sk-settings"
    with pytest.raises(ProviderKeyMissing, match="deepgram"):
        ready_stage({"_id": "b", "stt": {"provider": "deepgram"}}, "stt", SETTINGS)


def test_only_the_base_url_of_the_settings_is_trusted() -> None:
    local = ready_stage({"_id": "b", "llm": {"provider": "openai_compatible"}}, "llm", SETTINGS)
    assert (local["base_url"], local["base_url_trusted"], local["api_key"]) == (
        "http://localhost:8060/v1",
        True,
        "none",
    )
    own = ready_stage(
        {"_id": "b", "llm": {"provider": "openai_compatible", "base_url": "https://x.example/v1"}}, "llm", SETTINGS
    )
    assert (own["base_url"], own["base_url_trusted"]) == ("https://x.example/v1", False)
    assert ready_stage({"_id": "b", "llm": {"provider": "openai"}}, "llm", SETTINGS)["base_url_trusted"] is False


def test_a_fallback_without_a_key_is_left_out_and_the_call_goes_on() -> None:
    stage = {"provider": "openai", "fallbacks": [{"provider": "google"}, {"provider": "openai_compatible"}]}
    ready = ready_stage({"_id": "b", "llm": stage}, "llm", SETTINGS)
    assert [option["provider"] for option in ready["fallbacks"]] == ["openai_compatible"]
    assert ready_post_call_llm({"_id": "b", "post_call_llm": {"provider": "google"}}, SETTINGS) is None


def test_the_vertex_key_fills_the_project() -> None:
    ready = ready_stage({"_id": "b", "llm": {"provider": "google_vertex", "model": "m"}}, "llm", SETTINGS)
    assert ready["extra"]["project_id"] == "p-1"


def test_transfer_is_on_by_itself_when_there_is_a_target() -> None:
    def names(**fields: object) -> list[str]:
        return [tool["function"]["name"] for tool in tool_list(bot(**fields))]

    target = {"id": "t", "method": "agent_desk", "type": "agent_queue", "value": "q", "enabled": True}
    assert names() == []
    assert names(transfer_targets=[target]) == ["transfer_call"]
    assert names(transfer_targets=[target | {"enabled": False}]) == []
    assert names(transfer_targets=[target], builtin_tools={"transfer_call": {"enabled": False}}) == []
    assert names(builtin_tools={"end_call": {"enabled": True}}, knowledge_enabled=True) == [
        "end_call",
        "search_knowledge",
    ]


def test_a_custom_tool_becomes_a_function_with_its_templates_unrendered() -> None:
    tool = {
        "name": "check_order", "description": "d", "has_api": True, "method": "GET",
        "url": "https://x.example/{{order_id}}", "headers": {"Authorization": "Bearer s"},
        "parameters": [{"name": "order_id", "type": "string", "required": True}],
    }  # fmt: skip
    (function,) = tool_list(bot(custom_tools=[tool]))
    assert function["function"]["parameters"]["required"] == ["order_id"]
    assert function["runtime"]["url"] == "https://x.example/{{order_id}}"
    assert function["runtime"]["headers"] == {"Authorization": "Bearer s"}
