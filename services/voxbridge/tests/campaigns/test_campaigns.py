"""A field that changes under a run, a number that nobody has, a silent default, a deletion that leaves contacts."""

from __future__ import annotations

from typing import Any

import pytest
from voxbridge.campaigns.deletion import LATER

from ..campaign_rows import add_bot, run_outbox
from .drafts import ALWAYS, NUMBER, URL, act, add_carrier, create, done, later, office, read, refusal, rows_of

pytestmark = [pytest.mark.integration]


async def test_a_new_campaign_is_a_draft_with_every_default_filled_in(bridge) -> None:
    await office(bridge)
    await bridge.admin.put("/api/v1/settings/timezone", json={"display_timezone": "Asia/Kolkata"})
    made = await create(bridge, config=None)
    assert made["status"] == "draft"
    assert (made["run_number"], made["prepared_run"], made["run_window"]) == (1, None, None)
    assert made["config"]["time_window"] == {
        "start": "09:00", "end": "18:00", "timezone": "Asia/Kolkata", "use_callee_timezone": False,
        "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    }  # fmt: skip
    assert made["config"]["redial_rules"]["max_attempts"] == 3
    assert made["config"]["amd"] == {"enabled": None}
    assert made["config_url"] == "http://bridge.internal:8080/api/v1/config"
    assert (made["bot_name"], made["editable"], made["identity_locked"], made["warnings"]) == ("A", True, False, [])
    assert made["stats"]["total_calls"] == 0
    assert made["stats"]["connect_rate"] is None
    assert await read(bridge, made) == made


async def test_numbers_are_kept_as_their_carrier_writes_them(bridge) -> None:
    await office(bridge)
    assert (await create(bridge, number_pool=["15550199", NUMBER]))["number_pool"] == [NUMBER]
    assert (await create(bridge, number_pool=[]))["number_pool"] == []


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("bot_id", "nobody", (404, "bot_not_found")),
        ("number_pool", ["+15550000"], (422, "number_unknown")),
        ("number_pool", ["+15550200"], (422, "number_unknown")),
        ("name", "  ", (422, "validation_failed")),
        ("name", "n" * 121, (422, "validation_failed")),
        ("colour", "red", (422, "validation_failed")),
        ("config", {"colour": "red"}, (422, "validation_failed")),
        ("config", {"time_window": {"start": "9"}}, (422, "validation_failed")),
        ("config", {"time_window": {"timezone": "Mars/Base"}}, (422, "validation_failed")),
        ("config", {"time_window": {"days": []}}, (422, "validation_failed")),
        ("config", {"time_window": {"use_callee_timezone": True}}, (422, "validation_failed")),
        ("config", {"concurrency_limit": 5_001}, (422, "validation_failed")),
        ("config", {"redial_rules": {"max_attempts": 11}}, (422, "validation_failed")),
        ("config", {"redial_rules": {"retry_on_system": ["bot"]}}, (422, "validation_failed")),
        ("config", {"always_on": True}, (422, "validation_failed")),
        ("config_url", "ftp://x/config", (422, "validation_failed")),
        ("config_url", "http://me:secret@x/config", (422, "validation_failed")),
    ],
)
async def test_what_is_wrong_is_refused_at_creation_and_at_a_change(
    bridge, field: str, value: Any, code: tuple[int, str]
) -> None:
    await add_bot(bridge)
    await add_carrier(bridge, **{"15550200": "inbound"})
    good = {"name": "Autumn", "bot_id": "bot-a", "number_pool": [NUMBER]}
    assert refusal(await bridge.admin.post(URL, json={**good, field: value})) == code
    draft = await create(bridge, config=None)
    answer = await bridge.admin.patch(f"{URL}/{draft['campaign_id']}", json={field: value})
    assert refusal(answer) == code
    assert await read(bridge, draft) == draft


async def test_a_field_that_was_not_sent_stays_in_every_block(bridge) -> None:
    await office(bridge)
    draft = await create(bridge, config={**ALWAYS, "redial_rules": {"max_attempts": 5, "retry_on_custom": ["LATER"]}})
    path = f"{URL}/{draft['campaign_id']}"
    changed = (await bridge.admin.patch(path, json={"config": {"redial_rules": {"max_attempts": 2}}})).json()
    assert changed["config"]["redial_rules"] == {**draft["config"]["redial_rules"], "max_attempts": 2}
    assert changed["config"]["time_window"] == draft["config"]["time_window"]
    assert changed["revision"] == 2
    assert (await bridge.admin.patch(path, json={})).json()["revision"] == 2
    renamed = (await bridge.admin.patch(path, json={"name": " Winter "})).json()
    assert (renamed["name"], renamed["number_pool"]) == ("Winter", [NUMBER])
    assert (await bridge.admin.patch(path, json={"config": {"campaign_mode": "continuous"}})).json()["revision"] == 3


async def test_a_running_campaign_takes_no_change_and_a_paused_one_keeps_its_identity(bridge) -> None:
    await office(bridge)
    draft = await create(bridge, contacts=1)
    path = f"{URL}/{draft['campaign_id']}"
    await done(bridge, draft, "start")
    assert refusal(await bridge.admin.patch(path, json={"name": "x"})) == (409, "not_editable")
    paused = await done(bridge, draft, "pause")
    assert (paused["editable"], paused["identity_locked"]) == (True, True)
    assert refusal(await bridge.admin.patch(path, json={"name": "x"})) == (409, "identity_locked")
    assert refusal(await bridge.admin.patch(path, json={"bot_id": "y"})) == (409, "identity_locked")
    same = {"name": "Autumn", "bot_id": "bot-a", "config": {"concurrency_limit": 7}}
    changed = await bridge.admin.patch(path, json=same)
    assert changed.status_code == 200, changed.text
    assert changed.json()["config"]["concurrency_limit"] == 7
    await done(bridge, draft, "stop")
    assert refusal(await bridge.admin.patch(path, json={"number_pool": []})) == (409, "not_editable")


async def test_a_draft_goes_with_its_contacts_and_what_ran_stays(bridge) -> None:
    await office(bridge)
    draft, ran = await create(bridge, contacts=3), await create(bridge, contacts=1, name="Ran")
    await done(bridge, ran, "start")
    assert refusal(await bridge.admin.delete(f"{URL}/{ran['campaign_id']}")) == (409, "not_deletable")
    assert (await bridge.admin.delete(f"{URL}/{draft['campaign_id']}")).status_code == 204
    assert refusal(await bridge.admin.get(f"{URL}/{draft['campaign_id']}")) == (404, "campaign_not_found")
    later(bridge, seconds=LATER.total_seconds() + 1)
    await run_outbox(bridge)
    assert await rows_of(bridge, draft) == []
    assert len(await rows_of(bridge, ran)) == 1


async def test_a_deletion_that_was_refused_takes_no_contact(bridge) -> None:
    """The job is written first; when the campaign still stands, there is nothing for it to do."""
    from voxbridge.campaigns.deletion import promise

    await office(bridge)
    draft = await create(bridge, contacts=2)
    await promise(bridge.ctx, draft["campaign_id"])
    later(bridge, seconds=LATER.total_seconds() + 1)
    await run_outbox(bridge)
    assert len(await rows_of(bridge, draft)) == 2


async def test_a_clone_is_a_draft_of_its_own_without_contacts(bridge) -> None:
    await office(bridge)
    first = await create(bridge, contacts=2, name="n" * 120)
    await done(bridge, first, "start")
    answer = await act(bridge, first, "clone")
    assert answer.status_code == 201
    copy = answer.json()
    assert copy["name"] == "n" * 113 + " (copy)"
    assert copy["campaign_id"] != first["campaign_id"]
    assert (copy["status"], copy["config"], copy["number_pool"]) == ("draft", first["config"], [NUMBER])
    assert (copy["identity_locked"], await rows_of(bridge, copy)) == (False, [])


async def test_the_list_filters_by_status_bot_and_name_and_sorts(bridge) -> None:
    await office(bridge)
    await add_bot(bridge, "bot-b")
    autumn = await create(bridge, contacts=1)
    later(bridge, seconds=1)
    await create(bridge, name="Winter (50 %)", bot_id="bot-b")
    await done(bridge, autumn, "start")

    async def names(**params: str) -> list[str]:
        answer = await bridge.admin.get(URL, params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()["items"]]

    assert await names() == ["Winter (50 %)", "Autumn"]
    assert await names(sort="name") == ["Autumn", "Winter (50 %)"]
    assert await names(status="running,paused") == ["Autumn"]
    assert await names(bot_id="bot-b") == ["Winter (50 %)"]
    assert await names(q="(50") == ["Winter (50 %)"]
    assert await names(q=autumn["campaign_id"]) == ["Autumn"]
    assert await names(q=f" {autumn['campaign_id'][:8]} ", status="running") == ["Autumn"]
    assert await names(q=autumn["campaign_id"][1:]) == []
    assert refusal(await bridge.admin.get(URL, params={"status": "gone"})) == (422, "validation_failed")
    assert refusal(await bridge.admin.get(URL, params={"sort": "bot_id"})) == (422, "validation_failed")
    item = (await bridge.admin.get(URL, params={"limit": "1"})).json()
    assert (item["total"], item["items"][0]["bot_name"], item["items"][0]["campaign_mode"]) == (2, "A", "multi_day")
    assert item["items"][0]["always_on"] is False


async def test_admins_only_and_an_unknown_campaign_is_404(bridge) -> None:
    supervisor = await bridge.as_role("supervisor")
    assert refusal(await supervisor.get(URL)) == (403, "forbidden")
    assert (await bridge.nobody.get(URL)).status_code == 401
    for method, path in [("GET", ""), ("PATCH", ""), ("DELETE", "")] + [
        ("POST", f"/{action}") for action in ("start", "resume", "pause", "stop", "restart", "cancel-restart", "clone")
    ]:
        answer = await bridge.admin.request(method, f"{URL}/nowhere{path}", json={} if method == "PATCH" else None)
        assert refusal(answer) == (404, "campaign_not_found"), path


async def test_warnings_say_what_will_not_work(bridge) -> None:
    hours = {"enabled": True, "start_time": "10:00", "end_time": "17:00", "days": ["mon", "tue"]}
    await add_bot(bridge, active_hours=hours)
    await add_carrier(bridge)
    window = {"start": "09:00", "end": "16:00", "days": ["mon", "wed"], "timezone": "UTC"}
    draft = await create(bridge, config={"time_window": window, "callback_detection": {"enabled": True}})
    await bridge.ctx.db["carriers"].update_one({"_id": "k1"}, {"$set": {"dids": []}})
    shown = await read(bridge, draft)
    assert [warning.partition(":")[0] for warning in shown["warnings"]] == [
        "callback_detection", "time_window", "number_pool",
    ]  # fmt: skip
    assert "mon, wed (10:00-17:00 UTC)" in shown["warnings"][1]
    await bridge.ctx.db["bots"].delete_one({"_id": "bot-a"})
    shown = await read(bridge, draft)
    assert (shown["bot_name"], shown["warnings"][0].partition(":")[0]) == (None, "bot")


async def test_every_write_stands_in_the_audit_log_and_moves_in_the_activity_log(bridge) -> None:
    await office(bridge)
    draft = await create(bridge, contacts=1)
    await bridge.admin.patch(f"{URL}/{draft['campaign_id']}", json={"name": "Winter"})
    await done(bridge, draft, "start")
    await done(bridge, draft, "stop")
    params = {"entity_type": "campaign", "entity_id": draft["campaign_id"], "sort": "at"}
    entries = (await bridge.admin.get("/api/v1/audit-log", params=params)).json()["items"]
    assert [entry["action"] for entry in entries] == [
        "campaign.create", "campaign.update", "campaign.start", "campaign.stop",
    ]  # fmt: skip
    assert entries[1]["changes"] == {"name": ["Autumn", "Winter"]}
    assert entries[3]["changes"] == {"status": ["running", "completed"], "completion_reason": [None, "manual_stop"]}
    log = (await read(bridge, draft))["activity_log"]
    assert [entry["action"] for entry in log] == ["create", "start", "stop"]
    me = (await bridge.admin.get("/api/v1/auth/me")).json()
    assert {(entry["by"], entry["by_name"]) for entry in log} == {(draft["created_by"], me["name"] or me["email"])}
