"""A number that two carriers have, a secret that leaks or is lost by its mask, a carrier changed under a campaign."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from voxbridge.bots.demo import demo_bot
from voxbridge.carriers import demo

pytestmark = [pytest.mark.integration]
URL = "/api/v1/carriers"
NUMBER = "+15550199"
TOKEN = "a-long-secret-token-of-the-carrier"
REST = {
    "adapter": "voxphone", "base_url": "http://203.0.113.50:8050", "account_sid": "voxphone",
    "api_key": "key-of-the-account", "api_token": TOKEN,
}  # fmt: skip


@pytest.fixture
async def bridge(make_bridge: Any) -> Any:
    async with make_bridge(outbound_url_allowlist="203.0.113.0/24") as running:
        await running.admin.post("/api/v1/bots", json=demo_bot())
        yield running


async def create(bridge: Any, name: str = "Voxphone", **fields: Any) -> dict[str, Any]:
    body = {"name": name, "originate": "websocket_carrier", "rest": REST} | fields
    answer = await bridge.admin.post(URL, json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def campaign(bridge: Any, status: str, *pool: str) -> None:
    await bridge.ctx.db["campaigns"].insert_one(
        {"_id": f"c-{status}", "name": "Autumn", "status": status, "number_pool": list(pool), "bot_id": "demo"}
    )


async def test_a_carrier_is_shown_with_masks_and_opened_only_for_services(bridge: Any) -> None:
    made = await create(bridge, dids=[{"number": "+1 (555) 0199", "bot_id": "demo"}])
    assert made["rest"]["api_token"] == "a-lo...rier"
    assert made["rest"]["api_key"] == "key-...ount"
    assert (made["lk_sync_status"], made["outbound_cps"], made["breaker"]) == ("synced", 1.0, None)
    [did] = made["dids"]
    assert (did["number"], did["phone_key"], did["direction"], did["bot_id"]) == (NUMBER, "15550199", "both", "demo")
    stored = await bridge.ctx.db["carriers"].find_one({"_id": made["carrier_id"]})
    assert stored["rest"]["api_token"].startswith("enc:")
    assert TOKEN not in str(stored)
    path = f"/api/v1/internal/carriers/{made['carrier_id']}/credentials"
    opened = await bridge.service.get(path)
    assert opened.json() == {**REST, "flow_url": ""}
    assert opened.headers["cache-control"] == "no-store"
    assert (await bridge.admin.get(path)).status_code == 403
    log = (await bridge.admin.get("/api/v1/audit-log", params={"entity_type": "carrier"})).json()
    assert [entry["action"] for entry in log["items"]] == ["carrier.create"]
    assert TOKEN not in str(log)


async def test_a_mask_or_nothing_keeps_a_secret_and_null_clears_it(bridge: Any) -> None:
    made = await create(bridge)
    path, credentials = f"{URL}/{made['carrier_id']}", f"/api/v1/internal/carriers/{made['carrier_id']}/credentials"
    kept = {**REST, "api_token": made["rest"]["api_token"], "api_key": ""}
    assert (await bridge.admin.put(path, json={"rest": kept})).status_code == 200
    assert (await bridge.service.get(credentials)).json()["api_token"] == TOKEN
    without = {name: value for name, value in REST.items() if name not in ("api_key", "api_token")}
    assert (await bridge.admin.put(path, json={"rest": without})).status_code == 200
    assert (await bridge.service.get(credentials)).json()["api_token"] == TOKEN
    assert (await bridge.admin.put(path, json={"rest": {**REST, "api_token": None}})).status_code == 200
    assert (await bridge.service.get(credentials)).json()["api_token"] == ""
    log = await bridge.ctx.db["audit_log"].find({"action": "carrier.update"}).to_list()
    assert any(entry["changes"].get("rest.api_token") == ["changed", ""] for entry in log)


async def test_a_secret_is_not_sent_to_an_address_that_it_was_not_entered_for(bridge: Any) -> None:
    made = await create(bridge)
    moved = {"adapter": "voxphone", "base_url": "http://203.0.113.66", "account_sid": "voxphone"}
    path = f"{URL}/{made['carrier_id']}"
    assert refusal(await bridge.admin.put(path, json={"rest": moved})) == (422, "secret_required")
    assert (await bridge.admin.put(path, json={"rest": {**REST, **moved}})).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"originate": "livekit_sip"}, "sip_address"),
        ({"originate": "websocket_carrier"}, "rest"),
        ({"originate": "websocket_carrier", "rest": {**REST, "base_url": ""}}, "rest"),
        ({"originate": "websocket_carrier", "rest": {**REST, "base_url": "http://127.0.0.1:8050"}}, "base_url"),
        ({"sip_address": "sip.example.com", "inbound_auth_mode": "ip"}, "inbound_allowed_addresses"),
        ({"sip_address": "sip.example.com", "allowed_addresses": ["not an address"]}, "allowed_addresses"),
        ({"sip_address": "sip.example.com", "outbound_cps": 0}, "outbound_cps"),
    ],
)
async def test_what_could_not_work_is_refused_and_named(bridge: Any, body: dict[str, Any], field: str) -> None:
    answer = await bridge.admin.post(URL, json={"name": "Bad", **body})
    assert answer.status_code == 422, answer.text
    assert any(field in error["loc"] for error in answer.json()["detail"]), answer.text


async def test_a_sip_carrier_is_saved_as_pending_and_its_sync_needs_livekit(bridge: Any) -> None:
    made = await create(bridge, originate="livekit_sip", sip_address="sip.example.com:5060", rest=None)
    assert made["lk_sync_status"] == "pending"
    path = f"{URL}/{made['carrier_id']}"
    assert refusal(await bridge.admin.post(f"{path}/sync")) == (503, "livekit_not_configured")
    assert (await bridge.service.get(f"/api/v1/internal/carriers/{made['carrier_id']}/credentials")).status_code == 404


async def test_a_name_and_a_number_belong_to_one_carrier(bridge: Any) -> None:
    first = await create(bridge, dids=[{"number": NUMBER}])
    second = await create(bridge, "Other")
    again = {"name": "Voxphone", "originate": "websocket_carrier", "rest": REST}
    assert refusal(await bridge.admin.post(URL, json=again)) == (409, "name_taken")
    assert refusal(await bridge.admin.put(f"{URL}/{second['carrier_id']}", json={"name": "Voxphone"})) == (
        409, "name_taken",
    )  # fmt: skip
    taken = await bridge.admin.post(f"{URL}/{second['carrier_id']}/dids", json={"number": NUMBER})
    assert refusal(taken) == (409, "number_taken")
    assert "Voxphone" in taken.json()["message"]
    assert (await bridge.admin.delete(f"{URL}/{first['carrier_id']}")).status_code == 204
    assert (await bridge.admin.post(f"{URL}/{second['carrier_id']}/dids", json={"number": NUMBER})).status_code == 201


async def test_of_many_who_want_a_number_at_once_one_gets_it(bridge: Any) -> None:
    carriers = [await create(bridge, f"Carrier {n}") for n in range(6)]
    answers = await asyncio.gather(
        *(bridge.admin.post(f"{URL}/{made['carrier_id']}/dids", json={"number": NUMBER}) for made in carriers)
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 5
    listed = (await bridge.admin.get(URL)).json()
    assert sum(len(carrier["dids"]) for carrier in listed["items"]) == 1
    assert listed["total"] == 6


async def test_a_refused_carrier_keeps_no_number(bridge: Any) -> None:
    await create(bridge, dids=[{"number": "+15550200"}])
    body = {"name": "Second", "originate": "websocket_carrier", "rest": REST,
            "dids": [{"number": "+15550150"}, {"number": "+15550200"}]}  # fmt: skip
    assert refusal(await bridge.admin.post(URL, json=body)) == (409, "number_taken")
    await create(bridge, "Third", dids=[{"number": "+15550150"}])


async def test_a_claim_that_a_crash_left_is_taken_over_after_two_minutes(bridge: Any) -> None:
    await bridge.ctx.db["number_claims"].insert_one({"_id": "15550199", "carrier_id": "gone", "at": bridge.ctx.clock()})
    made = await create(bridge)
    path = f"{URL}/{made['carrier_id']}/dids"
    assert refusal(await bridge.admin.post(path, json={"number": NUMBER})) == (409, "number_taken")
    past = bridge.ctx.clock() - timedelta(minutes=3)
    await bridge.ctx.db["number_claims"].update_one({"_id": "15550199"}, {"$set": {"at": past}})
    assert (await bridge.admin.post(path, json={"number": NUMBER})).status_code == 201


@pytest.mark.parametrize("status", ["running", "paused"])
async def test_a_campaign_keeps_its_numbers_and_the_way_its_calls_are_made(bridge: Any, status: str) -> None:
    made = await create(bridge, dids=[{"number": NUMBER}, {"number": "+15550150"}])
    await campaign(bridge, status, NUMBER)
    path = f"{URL}/{made['carrier_id']}"
    used, free = (f"{path}/dids/{did['did_id']}" for did in made["dids"])
    in_use = (409, "in_use")
    assert refusal(await bridge.admin.delete(path)) == in_use
    assert refusal(await bridge.admin.delete(used)) == in_use
    assert refusal(await bridge.admin.put(used, json={"direction": "inbound"})) == in_use
    assert refusal(await bridge.admin.put(path, json={"rest": {**REST, "account_sid": "other"}})) == in_use
    assert refusal(await bridge.admin.put(path, json={"dids": []})) == in_use
    calmed = await bridge.admin.put(path, json={"outbound_cps": 0.5, "rest": {**REST, "api_token": "b" * 20}})
    assert calmed.status_code == 200
    assert calmed.json()["outbound_cps"] == 0.5
    assert (await bridge.admin.put(used, json={"label": "Main", "bot_id": "demo"})).status_code == 200
    assert (await bridge.admin.delete(free)).status_code == 204


async def test_numbers_tell_when_they_were_used_and_carriers_what_the_dialler_thinks(bridge: Any) -> None:
    made = await create(bridge, dids=[{"number": NUMBER}])
    now = bridge.ctx.clock()
    await bridge.ctx.db["number_usage"].insert_one({"_id": "15550199", "last_used_at": now})
    await bridge.ctx.db["breakers"].insert_one(
        {"_id": f"carrier:{made['carrier_id']}", "state": "open", "opened_at": now, "retry_at": now, "trips": 2,
         "evidence": [{"message": "x"}]}
    )  # fmt: skip
    shown = (await bridge.admin.get(f"{URL}/{made['carrier_id']}")).json()
    assert shown["dids"][0]["last_used_at"] is not None
    assert (shown["breaker"]["state"], shown["breaker"]["trips"], "evidence" in shown["breaker"]) == ("open", 2, False)


async def test_a_bot_with_a_number_is_not_deleted_and_an_unknown_bot_gets_none(bridge: Any) -> None:
    made = await create(bridge, dids=[{"number": NUMBER, "bot_id": "demo"}])
    assert refusal(await bridge.admin.delete("/api/v1/bots/demo")) == (409, "bot_in_use")
    path = f"{URL}/{made['carrier_id']}/dids"
    assert refusal(await bridge.admin.post(path, json={"number": "+15550150", "bot_id": "no"})) == (
        404,
        "bot_not_found",
    )
    assert refusal(await bridge.admin.post(path, json={"number": "12"})) == (422, "number_invalid")
    assert refusal(await bridge.admin.put(f"{path}/none", json={"label": "x"})) == (404, "did_not_found")


async def test_a_carrier_of_an_integration_is_read_only(bridge: Any) -> None:
    made = await create(bridge)
    where = {"_id": made["carrier_id"]}
    await bridge.ctx.db["carriers"].update_one(where, {"$set": {"managed_by": "integration:exotel"}})
    answer = await bridge.admin.put(f"{URL}/{made['carrier_id']}", json={"outbound_cps": 2})
    assert refusal(answer) == (409, "managed_elsewhere")
    assert (await bridge.admin.delete(f"{URL}/{made['carrier_id']}")).status_code == 409


async def test_the_demo_carrier_is_made_once_and_follows_its_stack(make_bridge: Any) -> None:
    stack = {"seed_demo": True, "outbound_url_allowlist": "127.0.0.1:8050,127.0.0.1:9050", "voxphone_api_token": TOKEN}
    async with make_bridge(voxphone_url="http://127.0.0.1:8050", **stack) as bridge:
        [made] = (await bridge.admin.get(URL)).json()["items"]
        [did] = made["dids"]
        assert (made["carrier_id"], made["name"], did["number"], did["bot_id"]) == ("demo", "voxphone", NUMBER, "demo")
        await bridge.admin.put(f"{URL}/demo", json={"outbound_cps": 7})
        bridge.ctx.settings.voxphone_url = "http://127.0.0.1:9050"
        await demo.seed(bridge.ctx)
        [made] = (await bridge.admin.get(URL)).json()["items"]
        assert (made["rest"]["base_url"], made["outbound_cps"]) == ("http://127.0.0.1:9050", 7)
        opened = (await bridge.service.get("/api/v1/internal/carriers/demo/credentials")).json()
        assert (opened["api_token"], opened["account_sid"]) == (TOKEN, "voxphone")


async def test_a_number_that_is_added_several_times_at_once_stays_its_carriers(bridge: Any) -> None:
    """The losers of the race must not give back the claim of the winner."""
    for round_ in range(8):
        made = await create(bridge, f"Race {round_}")
        number = f"+155502{round_:02d}11"
        path = f"{URL}/{made['carrier_id']}/dids"
        await asyncio.gather(*(bridge.admin.post(path, json={"number": number}) for _ in range(4)))
        shown = (await bridge.admin.get(f"{URL}/{made['carrier_id']}")).json()
        assert [did["number"] for did in shown["dids"]] == [number]
        other = await create(bridge, f"Late {round_}")
        late = await bridge.admin.post(f"{URL}/{other['carrier_id']}/dids", json={"number": number})
        assert (late.status_code, late.json()["error"]) == (409, "number_taken")
