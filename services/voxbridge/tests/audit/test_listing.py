"""An entry of the audit log that nobody finds again: hidden by a filter, by a page, or left out of the file."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from voxbridge.audit import store
from voxkit.clock import iso

pytestmark = [pytest.mark.integration]


async def entries(bridge: Any, **query: Any) -> list[dict[str, Any]]:
    answer = await bridge.admin.get("/api/v1/audit-log", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def make(bridge: Any, *numbers: str) -> None:
    """One entry `dnc.add` and one `dnc.delete` for each number."""
    for number in numbers:
        assert (await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": [number]})).status_code == 200
        assert (await bridge.admin.delete(f"/api/v1/dnc/{number}")).status_code == 204


async def test_filters_hold_together(bridge) -> None:
    await make(bridge, "+4930123456", "+4930123457")
    assert len(await entries(bridge, action="dnc.delete")) == 2
    [found] = await entries(bridge, entity_type="dnc", entity_id="4930123456")
    assert (found["action"], found["entity_id"]) == ("dnc.delete", "4930123456")
    assert await entries(bridge, action="dnc.add", entity_type="dnc", entity_id="4930123456") == []
    assert await entries(bridge, actor_id="nobody") == []


async def test_moments_bound_the_log_on_both_sides_and_a_bare_day_is_whole(bridge) -> None:
    now = bridge.ctx.clock()
    middle = now - timedelta(days=1)
    await make(bridge, *(f"+493012345{days}" for days in (0, 1, 2)))
    for days in (0, 1, 2):
        moved = {"$set": {"at": now - timedelta(days=days)}}
        await store.collection(bridge.ctx.db).update_one({"entity_id": f"493012345{days}"}, moved)
    both = await entries(bridge, action="dnc.delete", date_from=iso(middle), date_to=iso(middle))
    assert [entry["entity_id"] for entry in both] == ["4930123451"]
    day = f"{middle:%Y-%m-%d}"
    assert [e["entity_id"] for e in await entries(bridge, action="dnc.delete", date_from=day, date_to=day)] == [
        "4930123451"
    ]
    refused = await bridge.admin.get("/api/v1/audit-log", params={"date_from": "yesterday"})
    assert refused.status_code == 422


async def test_the_file_holds_what_the_list_shows_and_is_recorded_itself(bridge) -> None:
    await make(bridge, "+4930123456")
    answer = await bridge.admin.get("/api/v1/audit-log/export.csv", params={"action": "dnc.delete"})
    assert answer.status_code == 200, answer.text
    [row] = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert (row["action"], row["entity_id"], row["changes"]) == (
        "dnc.delete",
        "4930123456",
        '{"listed": [true, false]}',
    )
    assert len(await entries(bridge, action="audit.export")) == 1


async def test_nobody_below_super_admin_reads_it(bridge) -> None:
    for path in ("", "/export.csv"):
        assert (await bridge.client({}).get(f"/api/v1/audit-log{path}")).status_code == 401
