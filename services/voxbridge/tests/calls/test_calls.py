"""Calls that a list hides, shows twice or to the wrong people; a deleted call that can still be heard."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voxbridge.calls import upkeep
from voxbridge.calls.skeleton import bucket_of, duration_order
from voxbridge.outbox.service import Engine
from voxkit.phone import phone_rev

pytestmark = [pytest.mark.integration]
URL = "/api/v1/calls"
START = datetime(2026, 6, 5, 10, 0, tzinfo=UTC)


def call_row(number: int, **fields: Any) -> dict[str, Any]:
    """A finished call, `number` minutes after the start."""
    session = f"{number:08x}-0000-4000-8000-000000000000"
    created = fields.pop("created_at", START + timedelta(minutes=number))
    caller = fields.pop("caller_id", f"+1555{number:07d}")
    seconds = fields.get("call_duration_seconds", float(number))
    return {
        "_id": session,
        "created_at": created,
        "bucket_utc": bucket_of(created),
        "caller_id": caller,
        "phone_rev": phone_rev(caller),
        "bot_id": "bot-a",
        "bot_name": "A",
        "status": "completed",
        "call_type": "bot",
        "call_direction": "incoming",
        "transport": "ws",
        "from_number": "+15550199",
        "stream_id": f"st-{number}",
        "call_duration_seconds": seconds,
        "duration_order": duration_order(session, seconds),
        "disconnected_by": "bot",
        "completed_at": created,
        "result_received_at": created,
        **fields,
    }


async def add_call(bridge, number: int, **fields: Any) -> str:
    row = call_row(number, **fields)
    await bridge.ctx.db["calls"].insert_one(row)
    return row["_id"]


async def listed(bridge, **params: Any) -> dict:
    answer = await bridge.admin.get(URL, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def numbers(bridge, **params: Any) -> list[int]:
    return [int(item["session_id"][:8], 16) for item in (await listed(bridge, **params))["items"]]


@pytest.fixture
async def ten(bridge) -> None:
    for number in range(10):
        await add_call(bridge, number)


async def test_newest_first_and_every_page_follows_the_one_before(bridge, ten) -> None:
    seen, cursor = [], None
    while True:
        page = await listed(bridge, limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [int(item["session_id"][:8], 16) for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == list(range(9, -1, -1))
    assert await numbers(bridge, sort="created_at", limit=2) == [0, 1]
    assert (await bridge.admin.get(URL, params={"page": 2})).status_code == 422
    assert (await bridge.admin.get(URL, params={"sort": "caller_id"})).status_code == 422
    assert (await bridge.admin.get(URL, params={"cursor": "nonsense"})).status_code == 422


async def test_calls_of_one_moment_are_all_seen(bridge) -> None:
    for number in range(23):
        await add_call(bridge, number, created_at=START)
    seen, cursor = [], None
    for _ in range(30):
        page = await listed(bridge, limit=5, **({"cursor": cursor} if cursor else {}))
        seen += [item["session_id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 23


async def test_the_total_is_counted_aside_and_comes_with_the_next_look(bridge, ten) -> None:
    await listed(bridge)
    await bridge.settled()
    page = await listed(bridge)
    assert (page["total"], page["total_capped"]) == (10, False)


FILTERS: list[tuple[dict[str, Any], list[int]]] = [
    ({"bot_id": "bot-b"}, [3]),
    ({"bot_id": "bot-a,bot-b", "limit": 2}, [9, 8]),
    ({"bot_id": "nobody"}, []),
    ({"status": "failed,voicemail"}, [5, 4]),
    ({"disconnected_by": "customer"}, [6]),
    ({"disposition": "Order Status"}, [7]),
    ({"direction": "outgoing"}, [2]),
    ({"call_type": "agent"}, [1]),
    ({"transport": "exotel"}, [2]),
    ({"campaign_id": "camp"}, [8]),
    ({"campaign_call_id": "row"}, [8]),
    ({"campaign_call_id": "unknown"}, []),
    ({"phone": "0000003"}, [3]),
    ({"phone": "+15550000003"}, [3]),
    ({"phone": "0004", "status": "completed"}, []),
    ({"number": "15550200"}, [9]),
    ({"session_id": "00000004-0000-4000-8000-000000000000"}, [4]),
    ({"stream_id": "st-6"}, [6]),
    ({"call_id": "lk-1"}, [0]),
    ({"transferred": "true"}, [6]),
    ({"transferred": "false", "limit": 3}, [9, 8, 7]),
    ({"date_from": "2026-06-05T10:07:00Z"}, [9, 8, 7]),
    ({"date_to": "2026-06-05T10:01:00.000Z"}, [1, 0]),
    ({"date_from": "2026-06-05", "date_to": "2026-06-05", "limit": 1}, [9]),
    ({"date_to": "2026-06-04"}, []),
    ({"min_duration": 8}, [9, 8]),
    ({"max_duration": 1}, [1, 0]),
    ({"min_duration": 3, "max_duration": 3.5}, [3]),
    ({"bot_id": "bot-a", "status": "failed", "min_duration": 4}, [4]),
    ({"sort": "-call_duration_seconds", "limit": 3}, [9, 8, 7]),
    ({"sort": "-call_duration_seconds", "max_duration": 2}, [2, 1, 0]),
    ({"sort": "-call_duration_seconds", "bot_id": "bot-b"}, [3]),
    ({"sort": "-call_duration_seconds", "phone": "0000", "limit": 2}, [0]),
]


async def test_every_filter_alone_and_together(bridge) -> None:
    special: dict[int, dict[str, Any]] = {
        0: {"call_id": "lk-1"},
        1: {"call_type": "agent"},
        2: {"call_direction": "outgoing", "transport": "exotel"},
        3: {"bot_id": "bot-b"},
        4: {"status": "failed"},
        5: {"status": "voicemail"},
        6: {"disconnected_by": "customer", "was_transferred": True},
        7: {"disposition": "Order Status"},
        8: {"campaign_id": "camp", "campaign_call_id": "row"},
        9: {"from_number": "+15550200"},
    }
    await bridge.ctx.db["campaign_calls"].insert_one({"_id": "row", "campaign_id": "camp"})
    for number in range(10):
        await add_call(bridge, number, **special[number])
    for params, expected in FILTERS:
        assert await numbers(bridge, **params) == expected, params


async def test_a_call_without_a_duration_comes_last_and_is_not_lost(bridge) -> None:
    await add_call(bridge, 1, call_duration_seconds=None, status="in_progress")
    await add_call(bridge, 2, call_duration_seconds=0.0)
    await add_call(bridge, 3, call_duration_seconds=7.5)
    assert await numbers(bridge, sort="-call_duration_seconds") == [3, 2, 1]
    assert await numbers(bridge, max_duration=10) == [3, 2]


async def test_a_filter_that_makes_no_sense_is_422(bridge) -> None:
    nonsense: list[dict[str, Any]] = [
        {"phone": "123"},
        {"date_from": "yesterday"},
        {"date_to": "2026-13-01"},
        {"min_duration": -1},
        {"transferred": "maybe"},
        {"limit": 201},
        {"limit": 0},
    ]
    for params in nonsense:
        answer = await bridge.admin.get(URL, params=params)
        assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed"), params


async def test_a_row_holds_no_heavy_parts_and_no_token(bridge) -> None:
    result = {
        "session_id": "s-1",
        "disconnected_by": "bot",
        "transcript": [{"role": "user", "content": "x"}],
        "recording_key": "a.wav",
        "qc_analysis": {"overall_score": 8},
        "latency": {"total_avg_response_ms": 742},
        "connected_event": {"a": 1},
    }
    await bridge.service.post("/api/v1/call-results", json=result)
    (row,) = (await listed(bridge))["items"]
    assert (row["qc_overall_score"], row["avg_response_ms"]) == (8, 742)
    heavy = {
        "transcript",
        "events",
        "latency_samples",
        "metrics",
        "usage_metrics",
        "pipeline_config",
        "connected_event",
        "cdr",
    }
    assert not {*heavy, "recording_access_token", "detail_id"} & set(row)


async def test_the_whole_call_with_its_campaign_log_and_an_audible_recording(bridge) -> None:
    session = await add_call(
        bridge, 1, campaign_id="camp", recording_key="a.wav", recording_url="https://internal/a.wav"
    )
    await bridge.ctx.db["campaigns"].insert_one({"_id": "camp", "name": "Spring"})
    await bridge.ctx.db["integration_log"].insert_one({"session_id": session, "at": START, "kind": "push", "ok": True})
    call = (await bridge.admin.get(f"{URL}/{session}")).json()
    assert call["campaign"] == {"campaign_id": "camp", "name": "Spring"}
    assert call["integration_log"] == [
        {"session_id": session, "at": "2026-06-05T10:00:00.000Z", "kind": "push", "ok": True}
    ]
    assert call["recording_url"] == "https://internal/a.wav"
    audible = (await bridge.admin.get(f"{URL}/{session}", params={"make_recording_accessible": "true"})).json()
    assert audible["recording_url"] == f"/api/v1/recordings/{session}"
    silent = await add_call(bridge, 2)
    assert (await bridge.admin.get(f"{URL}/{silent}", params={"make_recording_accessible": "true"})).json()[
        "recording_url"
    ] is None
    missing = await bridge.admin.get(f"{URL}/nobody")
    assert (missing.status_code, missing.json()["error"]) == (404, "call_not_found")


async def test_an_exported_call_holds_no_token_and_no_key(bridge) -> None:
    session = await add_call(
        bridge,
        1,
        recording_access_token="tok-secret-123456",
        connected_event={"api_token": "abcdefghijklmnop", "city": "Pune"},
    )
    answer = await bridge.admin.get(f"{URL}/{session}/export.json")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="call-{session}.json"'
    assert "tok-secret-123456" not in answer.text
    assert "abcdefghijklmnop" not in answer.text
    assert answer.json()["connected_event"]["city"] == "Pune"


async def test_the_csv_holds_the_filtered_calls_and_no_formula(bridge, ten) -> None:
    await add_call(bridge, 20, disposition="=HYPERLINK(1)", caller_id="+15559999999", was_transferred=True)
    answer = await bridge.admin.get(
        f"{URL}/export.csv", params={"date_from": "2026-06-05", "date_to": "2026-06-05", "min_duration": 9}
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert answer.text.startswith("\ufeffsession_id,created_at,bot_id")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["customer_number"] for row in rows] == ["+15559999999", "+15550000009"]
    assert (rows[0]["disposition"], rows[0]["was_transferred"]) == ("'=HYPERLINK(1)", "yes")


async def test_a_csv_of_many_pages_misses_nothing(bridge) -> None:
    rows = [call_row(number, created_at=START + timedelta(seconds=number % 400)) for number in range(1_203)]
    # One write has 5 s, however busy the machine is.
    for at in range(0, len(rows), 500):
        await bridge.ctx.db["calls"].insert_many(rows[at : at + 500])
    answer = await bridge.admin.get(f"{URL}/export.csv", params={"date_from": "2026-06-05", "date_to": "2026-06-05"})
    found = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len({row["session_id"] for row in found}) == len(found) == 1_203


@pytest.mark.parametrize(
    "params", [{}, {"date_to": "2026-06-05"}, {"date_from": "2026-01-01", "date_to": "2026-06-05"}]
)
async def test_a_csv_over_more_than_92_days_is_refused(bridge, params: dict) -> None:
    answer = await bridge.admin.get(f"{URL}/export.csv", params=params)
    assert (answer.status_code, answer.json()["error"]) == (422, "range_too_wide")


async def test_exports_are_limited_to_six_a_minute(bridge) -> None:
    session = await add_call(bridge, 1)
    codes = [(await bridge.admin.get(f"{URL}/{session}/export.json")).status_code for _ in range(7)]
    assert codes == [200] * 6 + [429]


async def test_a_deleted_call_is_gone_with_its_link_and_its_recording(make_bridge, tmp_path) -> None:
    store = tmp_path / "store"
    async with make_bridge(object_store_url=f"file://{store}") as bridge:
        result = {
            "session_id": "s-1",
            "disconnected_by": "bot",
            "recording_key": "a.wav",
            "transcript": [{"role": "user", "content": "x"}],
        }
        await bridge.service.post("/api/v1/call-results", json=result)
        store.mkdir(exist_ok=True)
        (store / "a.wav").write_bytes(b"RIFF")
        token = (await bridge.admin.get(f"{URL}/s-1")).json()["recording_access_token"]
        assert (await bridge.nobody.get(f"/api/v1/public/recordings/{token}")).content == b"RIFF"
        assert (await (await bridge.as_role("admin")).delete(f"{URL}/s-1")).status_code == 403
        assert (await bridge.admin.delete(f"{URL}/s-1")).status_code == 204
        assert (await bridge.nobody.get(f"/api/v1/public/recordings/{token}")).status_code == 404
        assert (await bridge.admin.get(f"{URL}/s-1")).status_code == 404
        assert await bridge.ctx.db["call_details"].count_documents({}) == 0
        await Engine(bridge.ctx).run_once()
        for _ in range(200):
            job = await bridge.ctx.db["outbox"].find_one({"_id": "recording_delete:s-1"})
            if job["status"] == "done":
                break
            await bridge.settled()
        assert not (store / "a.wav").exists()
        assert (await bridge.admin.delete(f"{URL}/s-1")).status_code == 404


async def test_a_call_in_progress_is_not_deleted(bridge) -> None:
    session = await add_call(bridge, 1, status="in_progress")
    answer = await bridge.admin.delete(f"{URL}/{session}")
    assert (answer.status_code, answer.json()["error"]) == (409, "in_progress")


async def test_the_sweeper_waits_until_it_has_led_for_a_quarter_of_an_hour(bridge) -> None:
    await bridge.ctx.db["calls"].insert_one(
        {"_id": "orphan", "status": "in_progress", "created_at": START, "max_call_duration_seconds": 600}
    )
    assert await upkeep.close_orphans(bridge.ctx) == 0
    assert await upkeep.sweep_orphans(bridge.ctx) == 1
    call = await bridge.ctx.db["calls"].find_one({"_id": "orphan"})
    assert (call["status"], call["disconnected_by"], call["error"]) == ("failed", "error", "no_result")


async def test_the_sweeper_leaves_young_calls_finished_ones_and_those_at_the_desk(bridge) -> None:
    rows = [
        {
            "_id": "young",
            "status": "in_progress",
            "created_at": bridge.ctx.clock() - timedelta(seconds=1_400),
            "max_call_duration_seconds": 600,
        },
        {"_id": "done", "status": "completed", "created_at": START, "result_received_at": START},
        {"_id": "desk", "status": "in_progress", "created_at": START, "call_type": "agent"},
    ]
    await bridge.ctx.db["calls"].insert_many(rows)
    assert await upkeep.sweep_orphans(bridge.ctx) == 0


async def test_calls_and_recordings_are_kept_as_long_as_the_settings_say(bridge) -> None:
    now = bridge.ctx.clock()
    for number, days in enumerate((1, 10, 40)):
        await add_call(
            bridge,
            number,
            created_at=now - timedelta(days=days),
            recording_key=f"{number}.wav",
            recording_access_token=f"t{number}",
        )
    await add_call(bridge, 9, created_at=now - timedelta(days=99), status="in_progress")
    kept = {"retention": {"calls_days": 30, "recordings_days": 7}}
    assert (await bridge.admin.put("/api/v1/settings/general", json=kept)).status_code == 200
    await upkeep.apply_retention(bridge.ctx)
    await upkeep.apply_retention(bridge.ctx)
    calls = {int(call["_id"][:8], 16): call async for call in bridge.ctx.db["calls"].find({})}
    assert set(calls) == {0, 1, 9}
    assert calls[0]["recording_key"] == "0.wav"
    assert "recording_key" not in calls[1]
    assert "recording_access_token" not in calls[1]
    jobs = await bridge.ctx.db["outbox"].find({"kind": "recording_delete"}).to_list()
    assert sorted(job["payload"]["key"] for job in jobs) == ["1.wav", "2.wav"]


async def test_nothing_is_deleted_while_retention_is_off(bridge, ten) -> None:
    await upkeep.apply_retention(bridge.ctx)
    assert await bridge.ctx.db["calls"].count_documents({}) == 10
