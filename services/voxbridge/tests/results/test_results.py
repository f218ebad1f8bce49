"""A result that is lost, stored twice, or changed by a late or wrong one."""

import asyncio
import json
import random
import uuid
from typing import Any

import pytest
from voxbridge.calls import upkeep
from voxbridge.results import service
from voxbridge.results.fanout import FanOut

pytestmark = [pytest.mark.integration]
URL = "/api/v1/call-results"


async def fetch_config(bridge, bot_id: str, stream_id: str = "", event: dict | None = None) -> str:
    params = {
        "caller_id": "+15550100",
        "stream_id": stream_id,
        "connected_event": json.dumps(event or {"transport": "ws"}),
    }
    answer = await bridge.service.get(f"/api/v1/config/{bot_id}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["session_id"]


@pytest.fixture
async def bot(bridge) -> str:
    body = {"bot_id": "bot-a", "name": "A", "opening_message": "Hi", "system_prompt": "You are A."}
    assert (await bridge.admin.post("/api/v1/bots", json=body)).status_code == 201
    return "bot-a"


async def send(bridge, **fields: Any) -> dict:
    answer = await bridge.service.post(URL, json=fields)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def call_of(bridge, session_id: str) -> dict:
    answer = await bridge.admin.get(f"/api/v1/calls/{session_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_result_completes_its_skeleton(bridge, bot) -> None:
    session = await fetch_config(
        bridge, bot, "st-1", {"transport": "ws", "did": "+15550199", "callDirection": "incoming"}
    )
    before = await call_of(bridge, session)
    assert before["status"] == "in_progress"
    reply = await send(
        bridge, session_id=session, result_id="r-1", disconnected_by="customer", call_duration_seconds=41.2,
        transcript=[{"role": "user", "content": "hi"}], recording_key="a.wav",
        post_call_analysis={"DISPOSITION": "Order"},
    )  # fmt: skip
    assert reply == {"status": "ok", "session_id": session, "duplicate": False}
    call = await call_of(bridge, session)
    assert (call["status"], call["disposition"], call["call_duration_seconds"]) == ("completed", "Order", 41.2)
    assert (call["caller_id"], call["from_number"], call["transport"]) == ("+15550100", "+15550199", "ws")
    assert call["transcript"] == [{"role": "user", "content": "hi"}]
    assert call["created_at"] == before["created_at"]
    assert len(call["recording_access_token"]) >= 32
    assert "skeleton_missing" not in call


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"not json", 422, "validation_failed"),
        (b"[]", 422, "validation_failed"),
        (b"{}", 422, "validation_failed"),
        (b'{"session_id":""}', 422, "validation_failed"),
    ],
)
async def test_what_is_no_result_is_refused_for_good(bridge, content: bytes, status: int, code: str) -> None:
    answer = await bridge.service.post(URL, content=content)
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert await bridge.ctx.db["calls"].count_documents({}) == 0


async def test_only_services_may_send_and_64_mib_is_the_limit(bridge) -> None:
    assert (await bridge.nobody.post(URL, json={"session_id": "s"})).status_code == 403
    assert (await bridge.admin.post(URL, json={"session_id": "s"})).status_code == 403
    too_large = await bridge.service.post(URL, content=b"x", headers={"Content-Length": str(64 * 1024 * 1024 + 1)})
    assert (too_large.status_code, too_large.json()["error"]) == (413, "too_large")


async def test_a_result_without_a_skeleton_makes_the_record(bridge, bot) -> None:
    await send(
        bridge, session_id="free-1", bot_id=bot, disconnected_by="outside_hours", started_at="2026-06-05T10:16:40Z",
        connected_event={"callerId": "+15550100", "did": "+15550199", "callDirection": "outgoing", "_campaign_id": "c",
                         "city": "Pune"},
    )  # fmt: skip
    call = await call_of(bridge, "free-1")
    assert call["skeleton_missing"] is True
    assert (call["bot_name"], call["caller_id"], call["call_direction"]) == ("A", "+15550100", "outgoing")
    assert call["created_at"] == "2026-06-05T10:16:40.000Z"
    assert call["campaign_id"] is None
    assert call["connected_event"] == {
        "callerId": "+15550100",
        "did": "+15550199",
        "callDirection": "outgoing",
        "city": "Pune",
    }
    stored = await bridge.ctx.db["calls"].find_one({"_id": "free-1"})
    assert stored["bucket_utc"].isoformat() == "2026-06-05T10:15:00+00:00"
    assert stored["phone_rev"] == "00105551"


async def test_a_refused_call_finds_its_context_and_its_campaign(bridge, bot) -> None:
    """The worker had no session of its own; the trusted one becomes that of the record, in every repeat."""
    session, context = str(uuid.uuid4()), "ctx_" + "ab" * 16
    link = {
        "_campaign_session_id": session,
        "_campaign_id": "camp",
        "_campaign_call_id": "row",
        "_campaign_attempt": 2,
        "_campaign_run_number": 1,
    }
    db, later = bridge.ctx.db, bridge.ctx.clock().replace(year=2100)
    await db["call_contexts"].insert_one(
        {"_id": context, "bot_id": bot, "connected_event": {**link, "city": "Pune"}, "expires_at": later}
    )
    await db["campaign_calls"].insert_one(
        {"_id": "row", "campaign_id": "camp", "run_number": 1, "current_session_id": session}
    )
    await db["campaign_attempts"].insert_one(
        {
            "_id": "att",
            "session_id": session,
            "campaign_id": "camp",
            "campaign_call_id": "row",
            "run_number": 1,
            "attempt_no": 2,
        }
    )
    payload = {
        "session_id": "minimal-1",
        "result_id": "r",
        "bot_id": bot,
        "disconnected_by": "error",
        "connected_event": {"_context": context},
    }
    assert await send(bridge, **payload) == {"status": "ok", "session_id": session, "duplicate": False}
    await db["campaign_calls"].update_one({"_id": "row"}, {"$set": {"current_session_id": None}})  # the row moved on
    assert await send(bridge, **payload) == {"status": "ok", "session_id": session, "duplicate": True}
    call = await call_of(bridge, session)
    assert (call["campaign_id"], call["campaign_call_id"], call["campaign_attempt"]) == ("camp", "row", 2)
    assert await db["calls"].count_documents({}) == 1


async def test_a_forged_campaign_link_changes_nothing(bridge, bot) -> None:
    await bridge.ctx.db["campaign_calls"].insert_one(
        {"_id": "row", "campaign_id": "camp", "run_number": 1, "current_session_id": "real"}
    )
    link = {
        "_campaign_session_id": "forged",
        "_campaign_id": "camp",
        "_campaign_call_id": "row",
        "_campaign_attempt": 1,
        "_campaign_run_number": 1,
    }
    await send(
        bridge, session_id="m-2", bot_id=bot, disconnected_by="error", connected_event=link, campaign_call_id="row"
    )
    call = await call_of(bridge, "m-2")
    assert call["campaign_id"] is None
    assert call["campaign_call_id"] is None


async def test_the_same_result_again_changes_nothing(bridge, bot) -> None:
    session = await fetch_config(bridge, bot)
    payload = {"session_id": session, "result_id": "r-1", "disconnected_by": "bot", "recording_key": "a.wav"}
    await send(bridge, **payload)
    first = await bridge.ctx.db["calls"].find_one({"_id": session})
    assert (await send(bridge, **payload))["duplicate"] is True
    # The same result_id counts, whatever the body; without one the digest does.
    assert (await send(bridge, **payload, caller_id="+9"))["duplicate"] is True
    assert await bridge.ctx.db["calls"].find_one({"_id": session}) == first


async def test_another_result_fills_only_gaps_and_is_counted(bridge, bot) -> None:
    session = await fetch_config(bridge, bot)
    await send(
        bridge, session_id=session, result_id="r-1", disconnected_by="bot", call_duration_seconds=10, transcript=[]
    )
    other = {"disconnected_by": "error", "call_duration_seconds": 99, "transcript": [{"role": "user", "content": "x"}]}
    reply = await send(
        bridge, session_id=session, result_id="r-2", sip_reason="busy", events=[{"type": "answered"}], **other
    )
    assert reply["duplicate"] is True
    call = await call_of(bridge, session)
    assert (call["status"], call["disconnected_by"], call["call_duration_seconds"]) == ("completed", "bot", 10)
    assert call["transcript"] == []
    assert call["sip_reason"] == "busy"
    assert call["events"] == [{"type": "answered"}]
    assert (call["result_id"], call["result_conflicts"]) == ("r-1", 1)


async def test_a_late_result_takes_the_place_of_the_sweepers_verdict(bridge, bot) -> None:
    session = await fetch_config(bridge, bot)
    now = bridge.ctx.clock()
    true_clock, bridge.ctx.clock = bridge.ctx.clock, lambda: now.replace(year=now.year + 1)
    assert await upkeep.sweep_orphans(bridge.ctx) == 1
    bridge.ctx.clock = true_clock
    closed = await call_of(bridge, session)
    assert (closed["status"], closed["disconnected_by"], closed["error"]) == ("failed", "error", "no_result")
    assert (await send(bridge, session_id=session, result_id="r", disconnected_by="bot", call_duration_seconds=5))[
        "duplicate"
    ] is False
    call = await call_of(bridge, session)
    assert (call["status"], call["disconnected_by"]) == ("completed", "bot")
    assert "error" not in call
    assert "result_conflicts" not in call


async def test_nulls_and_absent_fields_never_overwrite(bridge, bot) -> None:
    session = await fetch_config(
        bridge, bot, "st-9", {"callerId": "+1", "did": "+2", "call_id": "lk-1", "transport": "attach"}
    )
    await send(
        bridge,
        session_id=session,
        caller_id=None,
        stream_id=None,
        from_number=None,
        call_id="other",
        connected_event={"x": 1},
        disconnected_by="bot",
    )
    call = await call_of(bridge, session)
    assert (call["caller_id"], call["from_number"], call["stream_id"], call["call_id"]) == (
        "+15550100",
        "+2",
        "st-9",
        "lk-1",
    )
    assert call["connected_event"]["did"] == "+2"


async def test_wrong_types_and_unknown_fields_are_kept_apart(bridge) -> None:
    await send(
        bridge,
        session_id="w-1",
        transcript="text",
        call_duration_seconds="long",
        brand_new={"a.b": 1, "$c": 2},
        disconnected_by="melted",
    )
    call = await call_of(bridge, "w-1")
    assert call["invalid_fields"] == {"transcript": "text", "call_duration_seconds": "long"}
    assert call["other_fields"] == {"brand_new": {"a.b": 1, "＄c": 2}}
    assert (call["status"], call["disconnected_by_raw"]) == ("failed", "melted")


async def test_a_result_over_twelve_mib_is_stored_without_its_heaviest_parts(bridge, bot) -> None:
    session = await fetch_config(bridge, bot)
    metrics = [{"processor": "x" * 1_000} for _ in range(9_000)]
    samples = [{"turn": 1, "note": "x" * 1_000} for _ in range(5_000)]
    await send(
        bridge,
        session_id=session,
        disconnected_by="bot",
        metrics=metrics,
        latency_samples=samples,
        transcript=[{"role": "user", "content": "hi"}],
    )
    call = await call_of(bridge, session)
    assert call["truncated_fields"] == ["metrics"]
    assert "metrics" not in call
    assert len(call["latency_samples"]) == 5_000
    assert call["transcript"]


async def test_what_follows_is_written_once_and_completed_by_a_repeat_after_a_crash(bridge, bot) -> None:
    async def always(_: Any, __: dict) -> bool:
        return True

    async def crashes(_: Any, __: dict) -> bool:
        raise RuntimeError("killed between record and job")

    session = await fetch_config(bridge, bot)
    body = json.dumps({"session_id": session, "result_id": "r", "disconnected_by": "bot"}).encode()
    with pytest.raises(RuntimeError):
        await service.receive(bridge.ctx, body, (FanOut("later_kind", always), FanOut("other_kind", crashes)))
    for _ in range(2):
        again = await service.receive(bridge.ctx, body, (FanOut("later_kind", always), FanOut("other_kind", always)))
        assert again.duplicate is True
    jobs = await bridge.ctx.db["outbox"].find({}).to_list()
    assert sorted(job["_id"] for job in jobs) == [f"later_kind:{session}", f"other_kind:{session}"]


async def test_two_different_results_at_once_have_one_winner_and_leave_nothing_behind(bridge, bot) -> None:
    session = await fetch_config(bridge, bot)
    replies = await asyncio.gather(
        *(
            send(
                bridge,
                session_id=session,
                result_id=f"r-{n}",
                disconnected_by="bot",
                transcript=[{"role": "user", "content": str(n)}],
            )
            for n in range(8)
        )
    )
    assert sum(not reply["duplicate"] for reply in replies) == 1
    call = await bridge.ctx.db["calls"].find_one({"_id": session})
    assert call["result_conflicts"] == 7
    details = await bridge.ctx.db["call_details"].find({"session_id": session}).to_list()
    assert [row["_id"] for row in details] == [call["detail_id"]]
    assert f"r-{details[0]['transcript'][0]['content']}" == call["result_id"]


async def test_a_thousand_results_three_times_each_in_any_order_are_a_thousand_records(bridge, bot) -> None:
    rng = random.Random(11)
    payloads = []
    for number in range(1_000):
        session = (
            await fetch_config(bridge, bot, f"st-{number}")
            if number % 10 == 0
            else str(uuid.UUID(int=rng.getrandbits(128)))
        )
        payloads.append(
            {
                "session_id": session,
                "result_id": f"r-{number}" if number % 2 else None,
                "bot_id": bot,
                "disconnected_by": rng.choice(["bot", "customer", "error"]),
                "caller_id": f"+1555{number:07d}",
            }
        )
    waiting = payloads * 3
    rng.shuffle(waiting)
    first: list[str] = []

    async def client() -> None:
        while waiting:
            reply = await send(bridge, **waiting.pop())
            if not reply["duplicate"]:
                first.append(reply["session_id"])

    await asyncio.gather(*(client() for _ in range(8)))
    assert len(first) == len(set(first)) == 1_000
    calls = (
        await bridge.ctx.db["calls"].find({}, {"result_conflicts": 1, "caller_id": 1, "disconnected_by": 1}).to_list()
    )
    assert {call["_id"] for call in calls} == {payload["session_id"] for payload in payloads}
    assert len(calls) == 1_000
    assert not any("result_conflicts" in call for call in calls)
    by_id = {call["_id"]: call for call in calls}
    assert all(by_id[payload["session_id"]]["disconnected_by"] == payload["disconnected_by"] for payload in payloads)
    assert await bridge.ctx.db["call_details"].count_documents({}) == 1_000
