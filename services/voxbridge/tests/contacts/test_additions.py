"""A contact that a CRM adds twice, adds to a list that is closed, or that is called although nobody may call it."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from voxkit.contracts.campaigns import ACTIVE, TERMINAL, WAITING

from ..campaign_rows import add_campaign, add_row, row_of
from .campaigns import add_draft, campaign_of, rows_of

pytestmark = [pytest.mark.integration]
NUMBER = "+4930123456"


async def add(bridge: Any, *numbers: str, client: Any = None, key: str = "", **more: Any) -> httpx.Response:
    body = {"contacts": [{"phone_number": number} for number in numbers], **more}
    headers = {"Idempotency-Key": key} if key else {}
    return await (client or bridge.admin).post("/api/v1/campaigns/c1/contacts", json=body, headers=headers)


async def crm(bridge: Any, *bot_ids: str) -> httpx.AsyncClient:
    made = await bridge.admin.post("/api/v1/api-keys", json={"name": "crm", "bot_ids": list(bot_ids)})
    return bridge.client({"X-API-Key": made.json()["api_key"]})


async def test_contacts_go_behind_those_of_the_list(bridge) -> None:
    campaign = await add_campaign(bridge)
    await add_row(bridge, campaign, "+4930000001")
    reason = "needs 8 to 15 digits, with a + at the beginning at most"
    contacts = [
        {"phone_number": "+49 30 123456", "variables": {"name": "Ana", "amount": 12.5, "paid": False, "note": None}},
        {"phone_number": "4930123456"},
        {"phone_number": "12"},
        {"phone_number": "+4930000001"},
    ]
    answer = await bridge.admin.post("/api/v1/campaigns/c1/contacts", json={"contacts": contacts})
    assert answer.json() == {
        "added": 1, "requeued": 0, "duplicates": 2, "invalid": 1, "suppressed": 0,
        "errors": [{"row": 3, "phone_number": "12", "reason": reason}],
    }  # fmt: skip
    old, new = await rows_of(bridge)
    assert (new["row_no"], new["source"], new["status"]) == (old["row_no"] + 1, "api", "pending")
    assert new["variables"] == {"name": "Ana", "amount": "12.5", "paid": "false"}
    assert (await campaign_of(bridge))["last_row_no"] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "running"}, None),
        ({"status": "paused"}, None),
        ({"status": "draft", "started_at": None}, None),
        ({"status": "draft"}, "invalid_state"),
        ({"status": "draft", "started_at": None, "run_number": 2}, "invalid_state"),
        ({"status": "completed"}, "invalid_state"),
        ({"status": "failed"}, "invalid_state"),
    ],
)
async def test_the_list_is_open_while_the_campaign_runs_or_never_ran(bridge, changes: dict, code: str | None) -> None:
    await add_campaign(bridge, **changes)
    answer = await add(bridge, NUMBER)
    assert answer.json().get("error") == code
    assert len(await rows_of(bridge)) == (code is None)


async def test_nothing_is_added_while_a_file_is_loaded(bridge) -> None:
    await add_draft(bridge, upload={"state": "loading", "at": bridge.ctx.clock(), "load_id": "l1"})
    answer = await add(bridge, NUMBER)
    assert (answer.status_code, answer.json()["error"]) == (409, "upload_in_progress")


async def test_a_key_for_other_bots_is_refused(bridge) -> None:
    await add_campaign(bridge)
    assert (await add(bridge, NUMBER, client=await crm(bridge, "bot-a"))).status_code == 200
    for route in ("contacts", "exclude"):
        body = {"contacts": [{"phone_number": NUMBER}]} if route == "contacts" else {"phone_numbers": [NUMBER]}
        answer = await (await crm(bridge, "bot-b")).post(f"/api/v1/campaigns/c1/{route}", json=body)
        assert (answer.status_code, answer.json()["error"]) == (403, "bot_not_allowed")


@pytest.mark.parametrize("status", [*WAITING, *ACTIVE, *TERMINAL])
async def test_only_a_contact_that_is_done_with_is_queued_again(bridge, status: str) -> None:
    campaign = await add_campaign(bridge, run_number=3)
    row = await add_row(bridge, campaign, NUMBER, status=status, attempt_count=2, run_number=2, variables={"a": "1"})
    told = (await add(bridge, NUMBER, on_duplicate="requeue")).json()
    again = status in TERMINAL and status != "excluded"
    assert (told["requeued"], told["duplicates"]) == (int(again), int(not again))
    now = await row_of(bridge, row["_id"])
    assert (now["status"], now["attempt_count"]) == (("pending", 0) if again else (status, 2))
    assert now["variables"] == {"a": "1"}
    if again:
        assert now["run_number"] == 3


async def test_a_contact_that_is_queued_again_takes_new_variables(bridge) -> None:
    row = await add_row(bridge, await add_campaign(bridge), NUMBER, status="completed", variables={"a": "1"})
    body = {"contacts": [{"phone_number": NUMBER, "variables": {"b": "2"}}], "on_duplicate": "requeue"}
    await bridge.admin.post("/api/v1/campaigns/c1/contacts", json=body)
    assert (await row_of(bridge, row["_id"]))["variables"] == {"b": "2"}


async def test_numbers_that_must_not_be_called_are_stored_as_excluded_and_never_queued_again(bridge) -> None:
    campaign = await add_campaign(bridge)
    await bridge.admin.post("/api/v1/dnc", json={"phone_numbers": ["+4930000001", "+4930000003"]})
    await bridge.admin.post("/api/v1/campaigns/c1/exclude", json={"phone_numbers": ["+4930000002"]})
    await add_row(bridge, campaign, "+4930000003", status="completed")
    told = (await add(bridge, "+4930000001", "+4930000002", "+4930000003", NUMBER, on_duplicate="requeue")).json()
    assert (told["added"], told["suppressed"], told["requeued"]) == (1, 3, 0)
    states = {row["phone_number"]: row["status"] for row in await rows_of(bridge)}
    assert states == {
        "+4930000001": "excluded", "+4930000002": "excluded", "+4930000003": "completed", NUMBER: "pending",
    }  # fmt: skip


async def test_twenty_at_once_make_one_contact_and_different_row_numbers(bridge) -> None:
    await add_campaign(bridge)
    told = await asyncio.gather(*(add(bridge, NUMBER, f"+49301{n:06d}") for n in range(20)))
    assert sum(each.json()["added"] for each in told) == 21
    rows = await rows_of(bridge)
    assert len({row["row_no"] for row in rows}) == len(rows) == 21


async def test_a_repeat_with_the_same_key_adds_nothing_and_gets_the_first_answer(bridge) -> None:
    await add_campaign(bridge)
    first, again = await add(bridge, NUMBER, key="k1"), await add(bridge, NUMBER, key="k1")
    assert first.json() == again.json()
    assert again.json()["added"] == 1
    other = await add(bridge, "+4930000001", key="k1")
    assert (other.status_code, other.json()["error"]) == (422, "idempotency_mismatch")


@pytest.mark.parametrize(
    "contact",
    [
        {"phone_number": NUMBER, "variables": {"_mock": "1"}},
        {"phone_number": NUMBER, "variables": {"a": "x" * 2_001}},
        {"phone_number": NUMBER, "variables": {f"v{n}": "1" for n in range(101)}},
        {"phone_number": NUMBER, "variables": {"a": {"b": 1}}},
        {"phone_number": NUMBER, "name": "Ana"},
    ],
)
async def test_variables_have_the_limits_of_a_file(bridge, contact: dict) -> None:
    await add_campaign(bridge)
    answer = await bridge.admin.post("/api/v1/campaigns/c1/contacts", json={"contacts": [contact]})
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")


async def test_at_most_a_thousand_contacts_and_sixty_requests_a_minute(bridge) -> None:
    await add_campaign(bridge)
    assert (await add(bridge, *[NUMBER] * 1_001)).status_code == 422
    assert (await add(bridge, *[NUMBER] * 1_000)).json()["duplicates"] == 999
    statuses = [(await add(bridge, "12")).status_code for _ in range(60)]
    assert statuses == [200] * 59 + [429]


async def test_a_campaign_that_does_not_exist_is_404_everywhere(bridge) -> None:
    base = "/api/v1/campaigns/none"
    file = {"file": ("a.csv", b"phone_number\n+4930123456\n", "text/csv")}
    answers = [
        await bridge.admin.post(f"{base}/upload", files=file),
        await bridge.admin.get(f"{base}/upload-report.csv"),
        await bridge.admin.get(f"{base}/calls"),
        await bridge.admin.post(f"{base}/contacts", json={"contacts": [{"phone_number": NUMBER}]}),
        await bridge.admin.post(f"{base}/exclude", json={"phone_numbers": [NUMBER]}),
        await bridge.admin.get(f"{base}/exclude"),
        await bridge.admin.delete(f"{base}/exclude/{NUMBER}"),
    ]
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(404, "campaign_not_found")}
