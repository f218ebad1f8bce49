"""A report that lies by an hour, loses an attempt, runs a formula in a spreadsheet, or shows one that never rang."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from voxbridge.attempts.service import report

from ..campaign_rows import add_attempt, add_campaign, add_row

pytestmark = [pytest.mark.integration]
DIALLED = datetime(2026, 6, 5, 10, 14, 20, tzinfo=UTC)
ENDED = {
    "dialled_at": DIALLED, "answered_at": DIALLED + timedelta(seconds=9), "ended_at": DIALLED + timedelta(seconds=50),
    "ring_seconds": 9.0, "talk_seconds": 41.2, "disconnected_by": "customer", "system_disposition": "customer",
    "business_disposition": "Sold", "outcome": "customer",
}  # fmt: skip


async def attempts_of(bridge: Any, row: dict, query: str = "") -> dict:
    answer = await bridge.admin.get(f"/api/v1/campaigns/{row['campaign_id']}/calls/{row['_id']}/attempts{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def report_of(bridge: Any, campaign_id: str = "c1") -> list[dict[str, str]]:
    answer = await bridge.admin.get(f"/api/v1/campaigns/{campaign_id}/attempt-report.csv")
    assert answer.status_code == 200, answer.text
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_the_attempts_of_a_contact_are_listed_newest_first_page_by_page(bridge) -> None:
    campaign = await add_campaign(bridge)
    row = await add_row(bridge, campaign, "+15550100")
    for number in (1, 2, 3):
        at = DIALLED + timedelta(minutes=number)
        await add_attempt(bridge, row, **ENDED | {"attempt_no": number, "dialled_at": at})
    await add_attempt(bridge, row, dialled_at=None, outcome="not_placed", attempt_no=4)
    first = await attempts_of(bridge, row, "?limit=2")
    assert ([item["attempt_no"] for item in first["items"]], first["total"]) == ([3, 2], 3)
    second = await attempts_of(bridge, row, f"?limit=2&cursor={first['next']}")
    assert ([item["attempt_no"] for item in second["items"]], second["next"]) == ([1], None)
    (item,) = second["items"]
    assert (item["outcome"], item["talk_seconds"], item["dialled_at"]) == ("customer", 41.2, "2026-06-05T10:15:20.000Z")


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("nobody/calls/x/attempts", "campaign_not_found"), ("c1/calls/x/attempts", "contact_not_found"),
        ("nobody/attempt-report.csv", "campaign_not_found"),
    ],
)  # fmt: skip
async def test_what_is_not_there_is_404(bridge, path: str, code: str) -> None:
    await add_campaign(bridge)
    answer = await bridge.admin.get(f"/api/v1/campaigns/{path}")
    assert (answer.status_code, answer.json()["error"]) == (404, code)


async def test_a_contact_of_another_campaign_is_not_shown(bridge) -> None:
    await add_campaign(bridge)
    row = await add_row(bridge, await add_campaign(bridge, "c2"), "+15550100")
    answer = await bridge.admin.get(f"/api/v1/campaigns/c1/calls/{row['_id']}/attempts")
    assert answer.status_code == 404


async def test_supervisors_and_strangers_get_neither_list_nor_report(bridge) -> None:
    row = await add_row(bridge, await add_campaign(bridge), "+15550100")
    supervisor = await bridge.as_role("supervisor")
    for path in (f"c1/calls/{row['_id']}/attempts", "c1/attempt-report.csv"):
        assert (await bridge.nobody.get(f"/api/v1/campaigns/{path}")).status_code == 401
        assert (await supervisor.get(f"/api/v1/campaigns/{path}")).status_code == 403


async def test_the_report_has_every_ended_attempt_in_the_campaigns_zone(bridge) -> None:
    window = {"start": "00:00", "end": "00:00", "timezone": "Asia/Kolkata"}
    campaign = await add_campaign(bridge, config={"time_window": window})
    row = await add_row(bridge, campaign, "+15550100", variables={"name": "Ana"}, status="completed")
    await bridge.ctx.db["carriers"].insert_one({"_id": "k1", "name": "Carrier One"})
    ended = await add_attempt(bridge, row, **ENDED, amd={"decision": "human", "cause": "", "ms": 900})
    await bridge.ctx.db["calls"].insert_one(
        {"_id": ended["session_id"], "recording_url": "https://x/1.wav", "created_at": DIALLED}
    )
    later = {"dialled_at": DIALLED + timedelta(days=1), "outcome": "no_answer", "answered_at": None, "run_number": 2}
    await add_attempt(bridge, row, **ENDED | later)
    await add_attempt(bridge, row, dialled_at=DIALLED + timedelta(days=2))
    await add_attempt(bridge, row, dialled_at=None, outcome="not_placed")
    first, second = await report_of(bridge)
    assert first == {
        "campaign_id": "c1", "campaign_name": "Autumn", "run_number": "1", "campaign_call_id": row["_id"],
        "attempt_no": "1", "kind": "initial", "callback_sequence": "0", "phone_number": "+15550100",
        "from_number": "+15550199", "carrier": "Carrier One", "dialled_at": "2026-06-05T15:44:20.000+05:30",
        "answered_at": "2026-06-05T15:44:29.000+05:30", "ended_at": "2026-06-05T15:45:10.000+05:30",
        "ring_seconds": "9.0", "talk_seconds": "41.2", "contact_status": "completed", "sip_status": "",
        "amd_decision": "human", "disconnected_by": "customer", "system_disposition": "customer",
        "business_disposition": "Sold", "callback_requested": "no", "callback_scheduled_at": "",
        "session_id": ended["session_id"], "recording_url": "https://x/1.wav", "var_name": "Ana",
    }  # fmt: skip
    assert (second["run_number"], second["answered_at"], second["recording_url"]) == ("2", "", "")


async def test_no_cell_of_the_report_is_a_formula_and_numbers_keep_their_plus(bridge) -> None:
    campaign = await add_campaign(bridge, name="=1+1")
    row = await add_row(bridge, campaign, "+15550100", variables={"note": "@SUM(A1)", "tel": "+1"})
    await add_attempt(bridge, row, **ENDED | {"business_disposition": "-cmd"})
    (line,) = await report_of(bridge)
    assert (line["campaign_name"], line["business_disposition"]) == ("'=1+1", "'-cmd")
    assert (line["var_note"], line["var_tel"], line["phone_number"]) == ("'@SUM(A1)", "'+1", "+15550100")


async def test_columns_of_the_file_come_first_and_those_of_added_contacts_behind_them(bridge) -> None:
    counts = {"columns": ["phone_number", "zip", "name"]}
    campaign = await add_campaign(bridge, upload={"state": "ready", "counts": counts})
    first = await add_row(bridge, campaign, "+15550100", variables={"zip": "1"})
    await add_row(bridge, campaign, "+15550101", variables={"b": "2", "a": "3", "name": "Bo"}, source="api")
    await add_attempt(bridge, first, **ENDED)
    (line,) = await report_of(bridge)
    assert [name for name in line if name.startswith("var_")] == ["var_zip", "var_name", "var_a", "var_b"]


async def test_more_variables_than_a_sheet_takes_are_refused_with_a_way_out(bridge) -> None:
    campaign = await add_campaign(bridge)
    for number in range(11):
        names = {f"v{number}_{count}": "x" for count in range(100)}
        await add_row(bridge, campaign, f"+155501{number:02d}", variables=names)
    answer = await bridge.admin.get("/api/v1/campaigns/c1/attempt-report.csv")
    assert (answer.status_code, answer.json()["error"]) == (422, "too_many_variables")


async def test_a_campaign_without_attempts_has_a_report_with_its_header(bridge) -> None:
    await add_campaign(bridge)
    assert await report_of(bridge) == []


async def test_a_long_report_is_whole_and_is_never_held_as_a_whole(bridge) -> None:
    campaign = await add_campaign(bridge)
    row = await add_row(bridge, campaign, "+15550100", variables={"note": "x" * 200})
    one = await add_attempt(bridge, row, **ENDED)
    more = [
        {**one, "_id": f"{number:032x}", "attempt_id": f"{number:032x}", "session_id": f"s-{number}",
         "dialled_at": DIALLED + timedelta(seconds=number // 7)}
        for number in range(1, 5_000)
    ]  # fmt: skip
    # One write has 5 s, however busy the machine is.
    for at in range(0, len(more), 500):
        await bridge.ctx.db["campaign_attempts"].insert_many(more[at : at + 500])
    del more
    size, lines, held = 0, 0, 0
    tracemalloc.start()
    try:
        _, parts = await report(bridge.ctx, "c1")
        async for part in parts:
            lines += len(part)
            size += sum(len(str(cell)) for cells in part for cell in cells)
            held = max(held, tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert lines == 5_000
    assert held < size, "the whole report was in memory"
