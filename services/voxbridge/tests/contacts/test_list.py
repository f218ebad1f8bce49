"""A list of contacts that hides some, shows some twice, or shows those of another campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ..campaign_rows import add_campaign, add_row
from .campaigns import add_draft

pytestmark = [pytest.mark.integration]


async def listed(bridge: Any, **query: Any) -> dict[str, Any]:
    answer = await bridge.admin.get("/api/v1/campaigns/c1/calls", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def numbers(bridge: Any, **query: Any) -> list[str]:
    return [row["phone_number"][-1] for row in (await listed(bridge, **query))["items"]]


@pytest.fixture
async def five(bridge) -> Any:
    """Contacts 1 to 5 with what the filters look at, and one of another campaign."""
    campaign = await add_campaign(bridge)
    other = await add_campaign(bridge, "c2")
    day = bridge.ctx.clock().replace(year=2026, month=6, day=5, hour=12)
    scheduled = {"active": True, "requested": True, "status": "scheduled"}
    done = {"active": False, "requested": True, "status": "completed"}
    await add_row(bridge, campaign, "+4930000001")
    await add_row(bridge, campaign, "+4930000002", status="completed", callback=done, last_attempt_at=day)
    later = day + timedelta(days=1)
    await add_row(
        bridge, campaign, "+4930000003", status="callback_scheduled", callback=scheduled, last_attempt_at=later
    )
    await add_row(bridge, campaign, "+4930000004", status="retry_scheduled", last_attempt_at=day - timedelta(days=1))
    await add_row(bridge, campaign, "+4930000005", status="exhausted", last_attempt_at=day)
    await add_row(bridge, other, "+4930000006")
    return bridge


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "12345"),
        ({"status": "completed"}, "2"),
        ({"status": "scheduled,exhausted"}, "45"),
        ({"status": "leased"}, ""),
        ({"callback": "requested"}, "23"),
        ({"callback": "pending"}, "3"),
        ({"callback": "completed", "status": "completed"}, "2"),
        ({"callback": "cancelled"}, ""),
        ({"phone": "+49 30 000004"}, "4"),
        ({"phone": "4930000004", "status": "completed"}, ""),
        ({"phone": "+4930000006"}, ""),
        ({"date_from": "2026-06-05", "date_to": "2026-06-05"}, "25"),
        ({"date_from": "2026-06-05"}, "235"),
        ({"date_to": "2026-06-04"}, "4"),
        ({"sort": "-last_attempt_at", "status": "scheduled,callback_scheduled"}, "34"),
        ({"sort": "-last_attempt_at", "date_from": "2026-06-06"}, "3"),
        ({"sort": "-last_attempt_at", "phone": "+4930000001"}, ""),
    ],
)
async def test_filters_are_cumulative(five, query: dict, expected: str) -> None:
    assert "".join(await numbers(five, **query)) == expected


async def test_the_latest_attempts_come_first_and_who_was_never_called_is_left_out(five) -> None:
    found = await numbers(five, sort="-last_attempt_at")
    assert (found[0], sorted(found[1:3]), found[3:]) == ("3", ["2", "5"], ["4"])


async def test_a_contact_shows_what_is_known_of_it_and_no_lease(five) -> None:
    row = (await listed(five, phone="+4930000003"))["items"][0]
    assert (row["status"], row["callback"]["status"], row["source"], row["attempt_count"]) == (
        "callback_scheduled", "scheduled", "csv", 0,
    )  # fmt: skip
    assert not [name for name in row if name.startswith(("lease", "processing"))]


@pytest.mark.parametrize(
    "query",
    [{"status": "done"}, {"callback": "maybe"}, {"sort": "name"}, {"page": 2}, {"date_from": "soon"}, {"cursor": "x"}],
)
async def test_a_filter_that_does_not_exist_is_422(five, query: dict) -> None:
    answer = await five.admin.get("/api/v1/campaigns/c1/calls", params=query)
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")


async def test_a_long_list_goes_on_by_cursor_and_shows_every_contact_once(bridge) -> None:
    await add_draft(bridge)
    data = "phone_number\n" + "".join(f"+4930{n:07d}\n" for n in range(450))
    await bridge.admin.post("/api/v1/campaigns/c1/upload", files={"file": ("a.csv", data.encode(), "text/csv")})
    for query in ({}, {"status": "pending"}):
        seen: list[int] = []
        cursor = ""
        while cursor is not None:
            page = await listed(bridge, limit=200, cursor=cursor, **query)
            seen += [row["row_no"] for row in page["items"]]
            cursor = page["next"]
        assert seen == list(range(2, 452))
    assert page["total"] == 450
