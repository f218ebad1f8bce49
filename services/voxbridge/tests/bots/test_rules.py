"""A bot that is saved although it cannot work, a secret that is shown, lost or handed to another provider."""

import pytest
from pydantic import ValidationError
from voxbridge.bots.demo import demo_bot
from voxbridge.bots.models import BotCreate, BotUpdate
from voxbridge.bots.secrets import masked, opened, renewed, sealed
from voxbridge.bots.service import as_socket_url
from voxbridge.bots.tools import CustomTool, sanitised_name
from voxbridge.bots.warnings import warnings_of
from voxbridge.crypto import Cipher

pytestmark = [pytest.mark.unit]
CIPHER = Cipher("first-key")
BASE = {"name": "A", "opening_message": "", "system_prompt": ""}
TOOL = {"name": "look_up", "url": "https://x.example/{{id}}"}
TARGET = {"id": "t", "method": "websocket_reverse_transfer", "type": "extension", "value": "2001"}

SIP = {"id": "s", "method": "livekit_sip_refer", "type": "sip_uri", "value": "sip:a@b.example"}


def bot(**fields: object) -> BotCreate:
    return BotCreate.model_validate({**BASE, **fields})


def test_a_bot_without_stages_uses_the_openai_compatible_service() -> None:
    made = bot()
    assert [stage.provider for stage in (made.stt, made.llm, made.tts)] == ["openai_compatible"] * 3
    assert (made.stt.model, made.llm.model, made.tts.model, made.tts.voice) == (
        "whisper-1",
        "default",
        "tts-1",
        "default",
    )
    assert bot(tts={"provider": "sarvam", "voice_id": "anushka"}).tts.voice == "anushka"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stt": {"provider": "whisperer"}}, "'openai_compatible', 'deepgram', 'deepgram_flux' or 'soniox'"),
        ({"llm": {"provider": "google_vertex"}}, "model is required"),
        ({"tts": {"provider": "sarvam"}}, "voice is required"),
        ({"llm": {"base_url": "https://x.example"}}, "must end in /v1"),
        ({"llm": {"fallbacks": [{}] * 4}}, "at most 3"),
        ({"stt": {"speed": 1}}, "Extra inputs"),
        ({"vad": {"stop_secs": 0.4, "stop_sec": 1}}, "Extra inputs"),
        ({"timezone": "Mars/Olympus"}, "IANA"),
        ({"active_hours": {"start_time": "24:00"}}, "pattern"),
        ({"active_hours": {"days": ["monday"]}}, "'mon'"),
        ({"re_engagement": {"messages": []}}, "at least 1"),
        ({"re_engagement": {"messages": ["?"], "timeout_seconds": 2}}, "greater than or equal to 3"),
        ({"custom_tools": [{**TOOL, "name": "end_call"}]}, "built-in"),
        ({"custom_tools": [TOOL, TOOL]}, "two custom tools"),
        ({"custom_tools": [{**TOOL, "name": "!!!"}]}, "at least one letter"),
        ({"custom_tools": [{**TOOL, "url": "https://{{host}}/x"}]}, "path and the query"),
        ({"custom_tools": [{**TOOL, "url": "{{scheme}}://x.example"}]}, "path and the query"),
        ({"custom_tools": [{**TOOL, "url": "https://u:p@x.example/"}]}, "credentials"),
        ({"custom_tools": [{**TOOL, "url": "ftp://x.example/"}]}, "only http"),
        ({"custom_tools": [{"name": "a"}]}, "url is required"),
        ({"custom_tools": [{**TOOL, "body_template": "{}"}]}, "POST only"),
        ({"custom_tools": [{**TOOL, "method": "POST", "body_template": '{"id": {{id}}}'}]}, "must be JSON"),
        ({"custom_tools": [{**TOOL, "headers": {"a b": "x"}}]}, "header name"),
        ({"custom_tools": [{**TOOL, "headers": {"X-A": "1", "x-a": "2"}}]}, "same name"),
        ({"custom_tools": [{**TOOL, "timeout_seconds": 31}]}, "less than or equal to 30"),
        ({"custom_tools": [{**TOOL, "parameters": [{"name": "a"}, {"name": "a"}]}]}, "two parameters"),
        ({"transfer_targets": [{**TARGET, "type": "sip_uri"}]}, "goes with type"),
        ({"transfer_targets": [{**SIP, "value": "tel:1"}]}, "begins with sip:"),
        ({"transfer_targets": [TARGET, TARGET]}, "two transfer targets"),
        ({"transfer_targets": [{**TARGET, "is_default": True}, {**SIP, "is_default": True}]}, "at most one"),
        ({"crm_prefetch": {"enabled": True}}, "url is required"),
        ({"auto_dispositions": {"rnr": {"SUB_DISPOSITION": "x"}}}, "DISPOSITION"),
        ({"bot_id": "Ab"}, "pattern"),
        ({"surprise": 1}, "Extra inputs"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused_with_its_reason(fields: dict, told: str) -> None:
    with pytest.raises(ValidationError) as refused:
        bot(**fields)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("given", "name"), [("Check Order!", "check_order"), ("2nd try", "tool_2nd_try"), ("x" * 80, "x" * 63)]
)
def test_the_name_of_a_tool_is_made_usable(given: str, name: str) -> None:
    assert sanitised_name(given) == name
    assert CustomTool.model_validate({**TOOL, "name": given}).name == name


def test_an_update_knows_which_fields_were_given() -> None:
    assert BotUpdate.model_validate({"name": "B", "revision": 2}).model_fields_set == {"name", "revision"}
    with pytest.raises(ValidationError):
        BotUpdate.model_validate({"name": None})


def secrets_bot() -> dict:
    return bot(
        stt={
            "provider": "deepgram",
            "api_key": "dg-0123456789abcdef",
            "fallbacks": [{"provider": "soniox", "api_key": "so-key"}],
        },
        custom_tools=[
            {**TOOL, "headers": {"Authorization": "Bearer abcdefghijkl", "Accept": "text/plain", "X-Api-Key": "k"}}
        ],
        post_call_push={"signing_secret": "sign-me"},
    ).model_dump()


def test_secrets_are_encrypted_masked_and_opened_again() -> None:
    stored = sealed(secrets_bot(), None, CIPHER)
    text = str(stored)
    assert all(secret not in text for secret in ("dg-0123456789abcdef", "so-key", "Bearer abcdefghijkl", "sign-me"))
    shown = masked(stored, CIPHER)
    assert shown["stt"]["api_key"] == "dg-0...cdef"
    assert shown["stt"]["fallbacks"][0]["api_key"] == "••••••••"
    assert shown["llm"]["api_key"] == ""
    assert shown["custom_tools"][0]["headers"] == {
        "Authorization": "Bear...ijkl",
        "Accept": "text/plain",
        "X-Api-Key": "••••••••",
    }
    clear = opened(stored, CIPHER)
    assert clear["stt"]["fallbacks"][0]["api_key"] == "so-key"
    assert clear["post_call_push"]["signing_secret"] == "sign-me"


def test_a_mask_or_an_empty_value_keeps_null_clears_and_anything_else_replaces() -> None:
    stored = sealed(secrets_bot(), None, CIPHER)
    again = masked(stored, CIPHER)
    assert opened(sealed(again, stored, CIPHER), CIPHER) == opened(stored, CIPHER)
    again["stt"]["api_key"] = ""
    assert opened(sealed(again, stored, CIPHER), CIPHER)["stt"]["api_key"] == "dg-0123456789abcdef"
    again["stt"]["api_key"] = None
    again["custom_tools"][0]["headers"] |= {"Authorization": None, "Accept": None, "X-Api-Key": "new"}
    changed = opened(sealed(again, stored, CIPHER), CIPHER)
    assert changed["stt"]["api_key"] == ""
    assert changed["custom_tools"][0]["headers"] == {"X-Api-Key": "new"}


def test_a_mask_never_hands_a_key_to_another_provider() -> None:
    stored = sealed(secrets_bot(), None, CIPHER)
    again = masked(stored, CIPHER)
    again["stt"]["provider"] = "soniox"
    assert sealed(again, stored, CIPHER)["stt"]["api_key"] == ""


def test_a_new_first_key_reads_the_old_secrets_and_writes_new_ones() -> None:
    stored = sealed(secrets_bot(), None, CIPHER)
    rotated = Cipher("second-key,first-key")
    fresh = renewed(stored, rotated)
    assert fresh is not None
    assert opened(fresh, Cipher("second-key")) == opened(stored, CIPHER)
    assert renewed(fresh, rotated) is None


def test_warnings_name_what_will_not_work() -> None:
    document = {
        **bot(llm={"provider": "openai", "fallbacks": [{"provider": "google"}]}, conversation_policy={"type": "magic"},
              builtin_tools={"transfer_call": {"enabled": True}}, knowledge_enabled=True).model_dump(),
        "timezone": "Mars/Olympus",
    }  # fmt: skip
    told = " | ".join(warnings_of(document, {"google": True}))
    for part in (
        "llm: the provider openai has no key",
        "Mars/Olympus",
        "'magic' is unknown",
        "transfer_call",
        "knowledge",
    ):
        assert part in told
    assert "google" not in told
    assert warnings_of(bot().model_dump(), {}) == []


def test_the_demo_bot_is_valid_and_warns_of_nothing() -> None:
    demo = BotCreate.model_validate(demo_bot())
    assert warnings_of(demo.model_dump(), {}) == []
    assert demo.bot_id == "demo"
    assert demo.transfer_targets[0].value == "2001"
    assert demo.stt.extra == {"stream": True}


@pytest.mark.parametrize(
    ("url", "socket"),
    [
        ("https://a.example", "wss://a.example"),
        ("http://127.0.0.1:8001", "ws://127.0.0.1:8001"),
        ("wss://b", "wss://b"),
    ],
)
def test_socket_urls(url: str, socket: str) -> None:
    assert as_socket_url(url) == socket
