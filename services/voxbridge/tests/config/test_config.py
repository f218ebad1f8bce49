"""A worker that gets no config or another one, two calls for one, a closed bot; a stranger who touches a campaign."""

import asyncio
import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voxkit.contracts.runtime_config import RuntimeConfig

pytestmark = [pytest.mark.integration]
CLOSED = {"enabled": True, "days": [], "start_time": "00:00", "end_time": "00:00"}


async def make_bot(bridge, bot_id: str = "bot-a", **fields: Any) -> str:
    body = {
        "bot_id": bot_id,
        "name": "A",
        "opening_message": "Hi {{customer}}",
        "system_prompt": "You are A.",
        **fields,
    }
    answer = await bridge.admin.post("/api/v1/bots", json=body)
    assert answer.status_code == 201, answer.text
    return bot_id


async def fetch(bridge, bot_id: str = "bot-a", *, stream_id: str = "", caller_id: str = "", event: Any = None):
    params = {"caller_id": caller_id, "stream_id": stream_id}
    if event is not None:
        params["connected_event"] = event if isinstance(event, str) else json.dumps(event)
    return await bridge.service.get(f"/api/v1/config/{bot_id}", params=params)


async def campaign_call(bridge, session_id: str, *, kind: str = "initial", attempt_no: int = 1) -> dict:
    """A contact that is being called; returns the fields that voxdialler sends."""
    db = bridge.ctx.db
    await db["campaign_calls"].insert_one(
        {"_id": "row", "campaign_id": "camp", "run_number": 3, "current_session_id": session_id}
    )
    await db["campaign_attempts"].insert_one(
        {
            "_id": "att",
            "session_id": session_id,
            "campaign_id": "camp",
            "campaign_call_id": "row",
            "run_number": 3,
            "attempt_no": attempt_no,
            "kind": kind,
        }
    )
    return {
        "_campaign_session_id": session_id, "_campaign_id": "camp", "_campaign_call_id": "row",
        "_campaign_attempt": attempt_no, "_campaign_run_number": 3,
    }  # fmt: skip


async def calls(bridge) -> list[dict]:
    return await bridge.ctx.db["calls"].find({}).to_list()


async def test_the_reply_is_a_config_that_a_worker_can_run_and_the_call_is_on_record(bridge) -> None:
    await make_bot(bridge, dynamic_prompt="Customer {{customer}}", timezone="Asia/Kolkata")
    event = {
        "callerId": "+1",
        "did": "+15550199",
        "callDirection": "outgoing",
        "streamId": "st-1",
        "transport": "ws",
        "customer": "Asha",
    }
    answer = await fetch(bridge, stream_id="st-1", caller_id="+15550100", event=event)
    assert answer.status_code == 200, answer.text
    config = RuntimeConfig.model_validate(answer.json())
    assert set(answer.json()) == set(RuntimeConfig.model_fields)
    assert config.opening_message == "Hi Asha"
    assert config.system_prompt == "You are A.\n\nCustomer Asha"
    assert config.webhook_url == "http://bridge.internal:8080/api/v1/call-results"
    assert (config.llm.base_url_trusted, config.llm.api_key, config.timezone) == (True, "none", "Asia/Kolkata")
    assert config.variables.call["caller_id"] == "+15550100"
    assert uuid.UUID(config.session_id).version == 4
    (call,) = await calls(bridge)
    assert call["_id"] == config.session_id
    assert (call["status"], call["call_direction"], call["transport"]) == ("in_progress", "outgoing", "ws")
    assert (call["caller_id"], call["from_number"], call["phone_rev"]) == ("+15550100", "+15550199", "00105551")
    assert call["bucket_utc"] <= call["created_at"] < call["bucket_utc"] + timedelta(minutes=15)
    assert "call_id" not in call


@pytest.mark.parametrize("headers", [{}, {"X-VoxCore-Secret": "wrong"}])
async def test_without_the_secret_nothing_is_told(bridge, headers: dict) -> None:
    answer = await bridge.client(headers).get("/api/v1/config/bot-a")
    assert (answer.status_code, answer.json()["error"]) == (403, "forbidden")


async def test_an_unknown_bot_and_one_that_is_switched_off_are_404_and_leave_no_record(bridge) -> None:
    await make_bot(bridge, is_active=False)
    off, unknown = await fetch(bridge), await fetch(bridge, "nobody")
    assert (off.status_code, off.json()["error"]) == (404, "bot_inactive")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "bot_not_found")
    assert await calls(bridge) == []


async def test_outside_its_hours_a_bot_refuses_in_the_words_that_workers_know(bridge) -> None:
    await make_bot(bridge, active_hours=CLOSED)
    answer = await fetch(bridge)
    assert (answer.status_code, answer.json()["error"]) == (503, "outside_active_hours")
    assert answer.json()["detail"].startswith("outside_active_hours:")
    assert await calls(bridge) == []


async def test_the_hours_are_those_of_the_bots_zone_at_this_moment(bridge) -> None:
    await make_bot(
        bridge, timezone="America/New_York", active_hours={"enabled": True, "start_time": "22:00", "end_time": "06:00"}
    )
    bridge.ctx.clock = lambda: datetime(2026, 6, 5, 4, 0, tzinfo=UTC)  # midnight in New York
    assert (await fetch(bridge)).status_code == 200
    bridge.ctx.clock = lambda: datetime(2026, 6, 5, 10, 0, tzinfo=UTC)
    assert (await fetch(bridge)).status_code == 503


async def test_a_vendor_without_a_key_is_503_and_its_detail_is_not_that_of_closed_hours(bridge) -> None:
    await make_bot(bridge, llm={"provider": "openai"})
    answer = await fetch(bridge)
    assert (answer.status_code, answer.json()["error"]) == (503, "provider_key_missing")
    assert not answer.json()["detail"].startswith("outside_active_hours:")
    saved = await bridge.admin.put("/api/v1/settings/api-keys", json={"openai": "sk-of-the-settings"})
    assert saved.status_code == 200
    assert (await fetch(bridge)).json()["llm"]["api_key"] == "sk-of-the-settings"


async def test_a_config_over_one_mib_is_refused_before_a_call_is_on_record(bridge) -> None:
    await make_bot(bridge, system_prompt="{{crm.big}} " * 4_000)
    answer = await fetch(bridge, event={"big": "x" * 1_000})
    assert (answer.status_code, answer.json()["error"]) == (503, "config_too_large")
    assert await calls(bridge) == []


@pytest.mark.parametrize(
    "event", ["", "{", "[1]", "7", "x" * 17_000, '{"transport":{"a":1},"callerId":[1],"did":null}']
)
async def test_no_event_breaks_the_answer(bridge, event: str) -> None:
    await make_bot(bridge)
    answer = await fetch(bridge, event=event)
    assert answer.status_code == 200, answer.text
    assert answer.json()["opening_message"] == "Hi {{customer}}"


async def test_a_stream_that_asks_again_gets_the_same_call(bridge) -> None:
    await make_bot(bridge)
    await make_bot(bridge, "bot-b")
    first = (await fetch(bridge, stream_id="st-1")).json()["session_id"]
    assert (await fetch(bridge, stream_id="st-1")).json()["session_id"] == first
    assert (await fetch(bridge, "bot-b", stream_id="st-1")).json()["session_id"] != first
    assert (await fetch(bridge)).json()["session_id"] != (await fetch(bridge)).json()["session_id"]
    await bridge.service.post("/api/v1/call-results", json={"session_id": first, "disconnected_by": "bot"})
    assert (await fetch(bridge, stream_id="st-1")).json()["session_id"] != first


async def test_after_two_minutes_the_same_stream_is_another_call(bridge) -> None:
    await make_bot(bridge)
    first = (await fetch(bridge, stream_id="st-1")).json()["session_id"]
    await bridge.ctx.redis.flushdb()
    later = bridge.ctx.clock() + timedelta(seconds=121)
    bridge.ctx.clock = lambda: later
    assert (await fetch(bridge, stream_id="st-1")).json()["session_id"] != first


async def test_eight_fetches_of_one_stream_at_once_make_one_call(bridge, make_bridge) -> None:
    await make_bot(bridge)
    answers = await asyncio.gather(*(fetch(bridge, stream_id="st-1") for _ in range(8)))
    assert len({answer.json()["session_id"] for answer in answers}) == 1
    assert len(await calls(bridge)) == 1


async def test_a_campaign_call_keeps_its_session_and_may_ring_outside_the_hours(bridge) -> None:
    await make_bot(bridge, active_hours=CLOSED)
    session = str(uuid.uuid4())
    link = await campaign_call(bridge, session)
    answer = await fetch(bridge, event={**link, "customer": "Asha"})
    assert answer.json()["session_id"] == session
    assert not any(name.startswith("_") for name in answer.json()["variables"]["call"])
    (call,) = await calls(bridge)
    assert (call["campaign_id"], call["campaign_call_id"], call["campaign_attempt"], call["campaign_run_number"]) == (
        "camp",
        "row",
        1,
        3,
    )
    assert call["connected_event"] == {**link, "customer": "Asha"}
    assert "_campaign_id" not in call["crm_data"]


@pytest.mark.parametrize(
    "forged",
    [
        {"_campaign_session_id": "another"}, {"_campaign_id": "another"}, {"_campaign_call_id": "another"},
        {"_campaign_attempt": 2}, {"_campaign_run_number": 4}, {"_campaign_attempt": None},
    ],
)  # fmt: skip
async def test_a_link_that_disagrees_in_one_field_is_dropped_whole(bridge, forged: dict) -> None:
    await make_bot(bridge)
    link = await campaign_call(bridge, "the-real-session")
    answer = await fetch(bridge, event={**link, **forged})
    assert answer.status_code == 200
    assert answer.json()["session_id"] not in ("the-real-session", "another")
    (call,) = await calls(bridge)
    assert call["campaign_id"] is None
    assert call["connected_event"] == {}


async def test_a_stored_context_brings_its_fields_once_it_is_this_bots_and_not_expired(bridge) -> None:
    await make_bot(bridge)
    await make_bot(bridge, "bot-b")
    context, soon = "ctx_" + "0f" * 16, bridge.ctx.clock() + timedelta(hours=2)
    await bridge.ctx.db["call_contexts"].insert_one(
        {
            "_id": context,
            "bot_id": "bot-a",
            "connected_event": {"customer": "Asha", "callerId": "+15550111"},
            "expires_at": soon,
        }
    )
    event = {"_context": context, "customer": "somebody", "callerId": "browser"}
    answer = await fetch(bridge, event=event)
    assert answer.json()["opening_message"] == "Hi Asha"
    assert answer.json()["variables"]["call"]["caller_id"] == "+15550111"
    assert (await fetch(bridge, "bot-b", event=event)).json()["opening_message"] == "Hi somebody"
    bridge.ctx.clock = lambda: soon
    assert (await fetch(bridge, event=event)).json()["opening_message"] == "Hi somebody"


async def test_the_paragraph_of_a_callback_stands_in_the_prompt_when_the_bot_wants_it(bridge) -> None:
    await make_bot(bridge, callback_prompt_injection=True)
    link = await campaign_call(bridge, str(uuid.uuid4()), kind="callback")
    answer = await fetch(bridge, event={**link, "callback_preferred_time_text": "tomorrow at five"})
    assert "tomorrow at five" in answer.json()["system_prompt"]


@pytest.mark.parametrize(("bot_gate", "campaign_gate"), [(True, True), (True, False), (False, True), (True, None)])
async def test_the_analysis_asks_for_callbacks_only_when_bot_and_campaign_want_them(
    bridge, bot_gate: bool, campaign_gate: bool | None
) -> None:
    await make_bot(bridge, callback_prompt_injection=bot_gate, post_call_analysis_prompt="Judge {{customer}}.")
    link = await campaign_call(bridge, str(uuid.uuid4()))
    if campaign_gate is not None:
        config = {"callback_detection": {"enabled": campaign_gate}}
        await bridge.ctx.db["campaigns"].insert_one({"_id": "camp", "config": config})
    config = (await fetch(bridge, event={**link, "customer": "Asha"})).json()
    both = bot_gate and campaign_gate is True
    assert config["callback_detection_enabled"] is both
    assert config["post_call_analysis_prompt"].startswith("Judge Asha.")
    assert ('"callback_requested"' in config["post_call_analysis_prompt"]) is both


async def test_a_bot_without_an_analysis_is_asked_for_callbacks_alone(bridge) -> None:
    await make_bot(bridge, callback_prompt_injection=True)
    link = await campaign_call(bridge, str(uuid.uuid4()))
    config = {"callback_detection": {"enabled": True}}
    await bridge.ctx.db["campaigns"].insert_one({"_id": "camp", "config": config})
    assert '"callback_requested"' in (await fetch(bridge, event=link)).json()["post_call_analysis_prompt"]
    assert (await fetch(bridge)).json()["post_call_analysis_prompt"] is None


async def test_a_cdr_that_came_first_is_merged_into_the_call(bridge) -> None:
    await make_bot(bridge)
    early = await bridge.service.post("/api/v1/cdr", json={"streamId": "st-1", "talktime": 42})
    assert early.json() == {"status": "not_found", "stream_id": "st-1"}
    await fetch(bridge, stream_id="st-1")
    (call,) = await calls(bridge)
    assert call["cdr_talktime"] == 42
    assert await bridge.ctx.db["cdr_pending"].count_documents({}) == 0


async def test_keys_reach_the_worker_in_clear_and_never_the_log(bridge, capsys) -> None:
    tool = {"name": "look_up", "url": "https://93.184.216.34/x", "headers": {"Authorization": "Bearer header-secret"}}
    await make_bot(bridge, llm={"provider": "openai", "api_key": "sk-stage-secret"}, custom_tools=[tool])
    config = (await fetch(bridge)).json()
    assert config["llm"]["api_key"] == "sk-stage-secret"
    assert config["tools"][-1]["runtime"]["headers"] == {"Authorization": "Bearer header-secret"}
    printed = capsys.readouterr().out
    assert "sk-stage-secret" not in printed
    assert "header-secret" not in printed
    (call,) = await calls(bridge)
    assert "secret" not in json.dumps(call, default=str)


async def test_a_bot_that_no_release_could_run_is_503_and_names_the_field(bridge) -> None:
    await make_bot(bridge)
    await bridge.ctx.db["bots"].update_one(
        {"_id": "bot-a"}, {"$set": {"vad.stop_secs": 99, "timezone": "Mars/Olympus"}}
    )
    answer = await fetch(bridge)
    assert (answer.status_code, answer.json()["error"]) == (503, "config_unusable")
    assert "vad.stop_secs" in answer.json()["message"]


async def test_an_unknown_zone_in_the_store_counts_as_utc(bridge) -> None:
    await make_bot(bridge)
    await bridge.ctx.db["bots"].update_one({"_id": "bot-a"}, {"$set": {"timezone": "Mars/Olympus"}})
    assert (await fetch(bridge)).json()["timezone"] == "UTC"
