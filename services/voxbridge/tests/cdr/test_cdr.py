"""A carrier's record that is lost, attached to the wrong call, or changes what it must not."""

from datetime import timedelta

import pytest
from voxbridge.cdr.service import fields_of, stream_of

pytestmark = [pytest.mark.integration]


async def post(bridge, content: bytes | None = None, **fields):
    return (
        await bridge.service.post("/api/v1/cdr", content=content)
        if content is not None
        else await bridge.service.post("/api/v1/cdr", json=fields)
    )


async def add_call(bridge, session_id: str, stream_id: str, **fields) -> None:
    await bridge.ctx.db["calls"].insert_one(
        {
            "_id": session_id,
            "stream_id": stream_id,
            "bot_id": "b",
            "status": "completed",
            "created_at": bridge.ctx.clock(),
            **fields,
        }
    )


def test_the_stream_is_found_under_both_names() -> None:
    assert stream_of({"streamId": "a", "stream_id": "b"}) == "a"
    assert stream_of({"stream_id": 17}) == "17"
    assert stream_of({"streamId": " ", "stream_id": None}) == ""
    assert stream_of({"streamId": True}) == ""


def test_only_the_four_fields_of_a_cdr_are_added() -> None:
    cdr = {
        "status": "failed",
        "talktime": 3,
        "call_status": "ANSWERED",
        "recording_filename": "x.mp3",
        "disposition": "z",
    }
    assert fields_of(cdr) == {
        "cdr": cdr,
        "cdr_talktime": 3,
        "cdr_call_status": "ANSWERED",
        "cdr_recording_url": "x.mp3",
    }


async def test_it_goes_to_the_newest_call_of_its_stream_and_changes_no_status(bridge) -> None:
    await add_call(bridge, "old", "st-1", created_at=bridge.ctx.clock() - timedelta(days=1))
    await add_call(bridge, "new", "st-1", disposition="Order")
    answer = await post(bridge, streamId="st-1", status="failed", disposition="Other", talktime=42)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "stream_id": "st-1"})
    new = await bridge.ctx.db["calls"].find_one({"_id": "new"})
    assert (new["status"], new["disposition"], new["cdr_talktime"]) == ("completed", "Order", 42)
    assert "cdr" not in await bridge.ctx.db["calls"].find_one({"_id": "old"})


async def test_without_a_stream_it_is_ignored(bridge) -> None:
    assert (await post(bridge, talktime=1)).json() == {"status": "ignored", "reason": "no streamId"}


@pytest.mark.parametrize(
    ("content", "status"), [(b"nope", 422), (b"[]", 422), (b'"x"', 422), (b"x" * (1024 * 1024 + 1), 413)]
)
async def test_what_is_no_object_is_refused(bridge, content: bytes, status: int) -> None:
    assert (await post(bridge, content)).status_code == status


async def test_only_services_may_send_it(bridge) -> None:
    assert (await bridge.nobody.post("/api/v1/cdr", json={})).status_code == 403


async def test_it_waits_a_day_for_its_call_and_no_longer(bridge) -> None:
    await post(bridge, streamId="st-2", talktime=1)
    (row,) = await bridge.ctx.db["cdr_pending"].find({}).to_list()
    assert row["expires_at"] - row["created_at"] == timedelta(hours=24)
    now = bridge.ctx.clock()
    bridge.ctx.clock = lambda: now + timedelta(hours=25)
    await bridge.service.post("/api/v1/call-results", json={"session_id": "late", "stream_id": "st-2"})
    assert "cdr" not in await bridge.ctx.db["calls"].find_one({"_id": "late"})


async def test_a_result_without_a_skeleton_takes_what_waited(bridge) -> None:
    await post(bridge, stream_id="st-3", call_status="BUSY")
    await bridge.service.post("/api/v1/call-results", json={"session_id": "s-3", "stream_id": "st-3"})
    assert (await bridge.ctx.db["calls"].find_one({"_id": "s-3"}))["cdr_call_status"] == "BUSY"


async def test_two_records_of_one_stream_leave_the_newer(bridge) -> None:
    await post(bridge, streamId="st-4", talktime=1)
    await post(bridge, streamId="st-4", talktime=2)
    await bridge.service.post("/api/v1/call-results", json={"session_id": "s-4", "stream_id": "st-4"})
    assert (await bridge.ctx.db["calls"].find_one({"_id": "s-4"}))["cdr_talktime"] == 2
