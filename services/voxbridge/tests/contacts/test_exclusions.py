"""A number that a campaign calls after it was excluded, or a call that is counted as stopped while it goes on."""

from __future__ import annotations

from typing import Any

import pytest
from voxbridge.contacts import exclusions
from voxbridge.contacts import store as contacts_store
from voxkit.contracts.campaigns import ACTIVE, TERMINAL, WAITING

from ..campaign_rows import add_campaign, add_row, on_the_phone, row_of
from .campaigns import rows_of

pytestmark = [pytest.mark.integration]
NUMBER = "+4930123456"


async def exclude(bridge: Any, *numbers: str, reason: str = "") -> dict[str, Any]:
    answer = await bridge.admin.post(
        "/api/v1/campaigns/c1/exclude", json={"phone_numbers": list(numbers), "reason": reason}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_every_number_counts_once(bridge) -> None:
    campaign = await add_campaign(bridge)
    await add_row(bridge, campaign, "+4930000001")
    await on_the_phone(bridge, campaign, await add_row(bridge, campaign, "+4930000002"))
    await add_row(bridge, campaign, "+4930000003", status="completed")
    told = await exclude(bridge, "+4930000001", "+49 30 000001", "+4930000002", "+4930000003", "+4930000004", "12")
    assert told == {"excluded": 1, "in_flight": 1, "already_terminal": 1, "not_found": 1, "invalid": 1}
    assert [row["status"] for row in await rows_of(bridge)] == ["excluded", "in_progress", "completed"]


@pytest.mark.parametrize("status", [*WAITING, *ACTIVE, *TERMINAL])
async def test_waiting_contacts_end_and_active_ones_are_marked(bridge, status: str) -> None:
    row = await add_row(bridge, await add_campaign(bridge), NUMBER, status=status)
    await exclude(bridge, NUMBER)
    now = await row_of(bridge, row["_id"])
    assert now["status"] == ("excluded" if status in WAITING else status)
    assert bool(now.get("exclude_requested")) == (status in ACTIVE)


async def test_a_callback_that_waited_is_called_off(bridge) -> None:
    callback = {"active": True, "requested": True, "status": "scheduled", "sequence": 1}
    row = await add_row(bridge, await add_campaign(bridge), NUMBER, status="callback_scheduled", callback=callback)
    await exclude(bridge, NUMBER)
    now = await row_of(bridge, row["_id"])
    assert (now["callback"]["status"], now["callback"]["active"], now["next_retry_at"]) == ("cancelled", False, None)


async def test_a_contact_that_is_leased_meanwhile_is_marked(bridge, monkeypatch) -> None:
    row = await add_row(bridge, await add_campaign(bridge), NUMBER)
    change_rows = contacts_store.change_rows

    async def late(ctx: Any, changes: Any) -> None:
        await ctx.db["campaign_calls"].update_one(
            {"_id": row["_id"], "status": "pending"}, {"$set": {"status": "leased"}}
        )
        await change_rows(ctx, changes)

    monkeypatch.setattr(exclusions.store, "change_rows", late)
    assert (await exclude(bridge, NUMBER))["in_flight"] == 1
    now = await row_of(bridge, row["_id"])
    assert (now["status"], now["exclude_requested"]) == ("leased", True)


async def test_the_list_holds_for_the_campaign_until_a_number_is_taken_off(bridge) -> None:
    await add_campaign(bridge)
    await exclude(bridge, NUMBER, "+4930000001", reason="paid already")
    await exclude(bridge, NUMBER, reason="again")
    base = "/api/v1/campaigns/c1/exclude"
    listed = (await bridge.admin.get(base)).json()
    assert {(item["phone_number"], item["reason"]) for item in listed["items"]} == {
        (NUMBER, "paid already"), ("+4930000001", "paid already"),
    }  # fmt: skip
    assert [(await bridge.admin.delete(f"{base}/{NUMBER}")).status_code for _ in range(2)] == [204, 404]
    assert (await bridge.admin.delete(f"{base}/abc")).status_code == 422
    told = await bridge.admin.post(
        "/api/v1/campaigns/c1/contacts", json={"contacts": [{"phone_number": NUMBER}, {"phone_number": "+4930000001"}]}
    )
    assert (told.json()["added"], told.json()["suppressed"]) == (1, 1)


async def test_a_number_taken_off_the_list_revives_nobody(bridge) -> None:
    row = await add_row(bridge, await add_campaign(bridge), NUMBER)
    await exclude(bridge, NUMBER)
    await bridge.admin.delete(f"/api/v1/campaigns/c1/exclude/{NUMBER}")
    assert (await row_of(bridge, row["_id"]))["status"] == "excluded"


async def test_the_list_goes_on_by_cursor(bridge) -> None:
    await add_campaign(bridge)
    await exclude(bridge, *(f"+4930{n:07d}" for n in range(130)))
    seen: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await bridge.admin.get("/api/v1/campaigns/c1/exclude", params={"limit": 60, "cursor": cursor})).json()
        seen += [item["phone_number"] for item in page["items"]]
        cursor = page["next"]
    assert (len(seen), len(set(seen))) == (130, 130)


async def test_a_thousand_numbers_are_settled_in_one_request(bridge) -> None:
    campaign = await add_campaign(bridge)
    numbers = [f"+4930{n:07d}" for n in range(1_000)]
    body = {"contacts": [{"phone_number": number} for number in numbers]}
    assert (await bridge.admin.post(f"/api/v1/campaigns/{campaign['_id']}/contacts", json=body)).json()[
        "added"
    ] == 1_000
    assert (await exclude(bridge, *numbers))["excluded"] == 1_000
