"""A call out that rings twice, rings somebody who must not be called, or leaves a seat that nobody can use."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from voxctl.children import free_port

from .carrier import Carrier
from .conftest import NUMBER, OTHER, add_carrier

pytestmark = [pytest.mark.integration]
URL = "/api/v1/sip/dialout"
BODY = {"bot_id": "demo", "to_number": "+15550100"}


async def dial(bridge: Any, *, headers: dict[str, str] | None = None, **fields: Any) -> httpx.Response:
    return await bridge.admin.post(URL, json=BODY | fields, headers=headers)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


async def test_the_carrier_is_asked_to_connect_the_callee_to_the_reserved_seat(world: Any, carrier: Carrier) -> None:
    answer = await dial(world.bridge, variables={"name": "Ana", "order": {"id": 7}}, from_number="1 (555) 0199")
    assert answer.status_code == 200, answer.text
    call_id = answer.json()["call_id"]
    assert answer.json() == {"status": "accepted", "call_id": call_id, "room_name": None}
    [order] = carrier.orders
    assert (order["client_ref"], order["to"], order["from"]) == (call_id, "+15550100", NUMBER)
    assert order["media"]["custom"] == {"_context": f"ctx_{call_id}", "callDirection": "outgoing"}
    assert order["media"]["url"].startswith(world.hosts[0].url.replace("http", "ws") + "/ws/demo/v1.")
    assert "media-token" not in order["media"]["url"]
    await world.until(lambda fleet: fleet["reserved"] == 1)
    stored = await world.ctx.db["call_contexts"].find_one({"_id": f"ctx_{call_id}"})
    assert stored["connected_event"] == {
        "name": "Ana", "order": '{"id":7}', "call_id": call_id, "callDirection": "outgoing",
    }  # fmt: skip


async def test_the_worker_that_answers_gets_the_variables_and_the_call_keeps_its_id(
    world: Any, carrier: Carrier
) -> None:
    call_id = (await dial(world.bridge, variables={"name": "Ana"})).json()["call_id"]
    event = f'{{"_context": "ctx_{call_id}"}}'
    config = await world.bridge.service.get(
        "/api/v1/config/demo", params={"stream_id": "st-1", "caller_id": "+15550100", "connected_event": event}
    )
    assert config.status_code == 200, config.text
    stored = await world.ctx.db["calls"].find_one({"_id": config.json()["session_id"]})
    assert (stored["call_id"], stored["call_direction"]) == (call_id, "outgoing")


async def test_a_refused_call_gives_its_seat_back_and_tells_what_the_carrier_said(world: Any, carrier: Carrier) -> None:
    carrier.script = ["429 channels_full", "422 invalid_number"]
    answer = await dial(world.bridge)
    assert refusal(answer) == (502, "carrier_refused")
    assert (answer.json()["carrier_error"], answer.headers["retry-after"]) == ("channels_full", "7")
    assert (await dial(world.bridge)).json()["outcome"] == "invalid_number"
    await world.until(lambda fleet: fleet["free"] == 2)


async def test_a_carrier_that_cannot_be_reached_rang_nobody_and_costs_no_seat(world: Any, carrier: Carrier) -> None:
    nowhere = {"rest.base_url": f"http://127.0.0.1:{free_port()}"}
    await world.ctx.db["carriers"].update_one({}, {"$set": nowhere})
    assert refusal(await dial(world.bridge)) == (503, "carrier_unavailable")
    assert carrier.orders == []
    await world.until(lambda fleet: fleet["free"] == 2)


async def test_a_call_that_nobody_answers_frees_its_seat_long_before_its_deadline(world: Any, carrier: Carrier) -> None:
    carrier.states = {"+15550190": "completed"}
    assert (await dial(world.bridge, to_number="+15550190")).status_code == 200
    assert (await dial(world.bridge, to_number="+15550100")).status_code == 200
    assert (await world.fleet())["free"] == 0
    await world.until(lambda fleet: fleet["free"] == 1)
    assert (await world.fleet())["reserved"] == 1


async def test_an_unknown_outcome_keeps_the_seat_and_is_told_again_for_the_same_key(
    world: Any, carrier: Carrier
) -> None:
    carrier.script = ["lose"]
    key = {"Idempotency-Key": "order-7"}
    first = await dial(world.bridge, headers=key)
    assert refusal(first) == (502, "start_unknown")
    again = await dial(world.bridge, headers=key)
    assert refusal(again) == (502, "start_unknown")
    assert len(carrier.orders) == 1
    await world.until(lambda fleet: fleet["reserved"] == 1)


async def test_a_lost_answer_is_made_good_by_a_look_at_the_carrier(world: Any, carrier: Carrier) -> None:
    carrier.script = ["take_and_lose"]
    answer = await dial(world.bridge)
    assert answer.status_code == 200
    assert answer.json()["call_id"] in carrier.placed


async def test_the_same_key_rings_once_however_often_it_comes(world: Any, carrier: Carrier) -> None:
    key = {"Idempotency-Key": "order-7"}
    answers = await asyncio.gather(*(dial(world.bridge, headers=key) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    again = await dial(world.bridge, headers=key)
    assert again.status_code == 200
    assert len(carrier.orders) == 1
    assert refusal(await dial(world.bridge, headers=key, to_number="+15550101")) == (422, "idempotency_mismatch")


async def test_nobody_on_the_do_not_call_list_is_rung(world: Any, carrier: Carrier) -> None:
    await world.bridge.admin.post("/api/v1/dnc", json={"phone_numbers": ["+1 555 0100"]})
    assert refusal(await dial(world.bridge)) == (409, "do_not_call")
    assert not carrier.orders


async def test_a_closed_or_switched_off_or_missing_bot_rings_nobody(world: Any, carrier: Carrier) -> None:
    closed = {"enabled": True, "days": [], "start_time": "09:00", "end_time": "18:00"}
    await world.bridge.admin.put("/api/v1/bots/demo", json={"active_hours": closed})
    assert refusal(await dial(world.bridge)) == (503, "outside_active_hours")
    await world.bridge.admin.put("/api/v1/bots/demo", json={"active_hours": {"enabled": False}, "is_active": False})
    assert refusal(await dial(world.bridge)) == (404, "bot_inactive")
    assert refusal(await dial(world.bridge, bot_id="nobody")) == (404, "bot_not_found")
    assert not carrier.orders


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"variables": {}, "connected_event": {}}, "variables_and_connected_event"),
        ({"variables": {"_campaign_id": "c"}}, "reserved_variable"),
        ({"connected_event": {"_context": "ctx"}}, "reserved_variable"),
        ({"variables": {"text": "x" * 20_000}}, "event_too_large"),
        ({"to_number": "12"}, "number_invalid"),
        ({"from_number": "+15550000"}, "number_unknown"),
        ({"from_number": "letters"}, "number_unknown"),
        ({"wait_seconds": 31}, "validation_failed"),
    ],
)
async def test_what_cannot_be_called_is_refused_before_anything_is_reserved(
    world: Any, carrier: Carrier, fields: dict[str, Any], code: str
) -> None:
    assert refusal(await dial(world.bridge, **fields)) == (422, code)
    assert not carrier.orders
    assert (await world.fleet())["free"] == 2


async def test_a_number_that_only_takes_calls_is_not_called_from(world: Any, carrier: Carrier) -> None:
    [made] = (await world.bridge.admin.get("/api/v1/carriers")).json()["items"]
    path = f"/api/v1/carriers/{made['carrier_id']}/dids/{made['dids'][0]['did_id']}"
    await world.bridge.admin.put(path, json={"direction": "inbound"})
    assert refusal(await dial(world.bridge, from_number=NUMBER)) == (422, "number_unknown")
    assert refusal(await dial(world.bridge)) == (422, "number_unknown")


async def test_without_a_number_the_one_that_rested_longest_calls(world: Any, carrier: Carrier) -> None:
    await add_carrier(world.bridge, carrier, name="Second", dids=[{"number": OTHER}])
    for _ in range(2):
        await dial(world.bridge)
    assert sorted(order["from"] for order in carrier.orders) == [OTHER, NUMBER]


async def test_when_every_seat_is_taken_the_call_is_refused_or_waits(world: Any, carrier: Carrier) -> None:
    for _ in range(2):
        assert (await dial(world.bridge)).status_code == 200
    assert refusal(await dial(world.bridge)) == (503, "no_capacity")
    await world.quota(max=0)
    assert refusal(await dial(world.bridge)) == (429, "quota_exceeded")
    assert len(carrier.orders) == 2


async def test_a_key_is_held_to_its_bots_and_to_its_calls_a_minute(make_world: Any, carrier: Carrier) -> None:
    async with make_world(outbound_url_allowlist="127.0.0.1", dialout_per_minute=2) as world:
        await add_carrier(world.bridge, carrier)
        keys = {}
        for bots in ([], ["other-bot"]):
            made = await world.bridge.admin.post("/api/v1/api-keys", json={"name": f"CRM {len(bots)}", "bot_ids": bots})
            assert made.status_code == 201, made.text
            keys[len(bots)] = world.bridge.client({"X-API-Key": made.json()["api_key"]})
        assert refusal(await keys[1].post(URL, json=BODY)) == (403, "bot_not_allowed")
        answers = [await keys[0].post(URL, json=BODY) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert refusal(answers[2])[1] == "rate_limited"


async def test_without_a_registry_the_open_socket_of_the_freest_host_is_used(make_world: Any, carrier: Carrier) -> None:
    settings = {"registry_url": "", "registry_pools": "", "ws_media_tokens": "media-token"}
    async with make_world(outbound_url_allowlist="127.0.0.1", beating_hosts=False, **settings) as world:
        await add_carrier(world.bridge, carrier)
        assert (await dial(world.bridge)).status_code == 200
        [order] = carrier.orders
        assert order["media"]["url"] == world.hosts[0].url.replace("http", "ws") + "/ws/demo?token=media-token"


async def test_a_sip_carrier_needs_livekit_and_then_a_worker_rings(make_world: Any) -> None:
    sip = {"name": "SIP", "sip_address": "sip.example.com", "dids": [{"number": NUMBER}]}
    async with make_world() as world:
        await world.bridge.admin.post("/api/v1/carriers", json=sip)
        assert refusal(await dial(world.bridge, from_number=NUMBER)) == (503, "livekit_not_configured")
    livekit = {"livekit_url": "http://livekit.test", "livekit_api_key": "k", "livekit_api_secret": "s"}
    async with make_world(**livekit) as world:
        await world.bridge.admin.post("/api/v1/carriers", json=sip)
        answer = await dial(world.bridge, from_number=NUMBER)
        assert answer.status_code == 200, answer.text
        assert answer.json()["call_id"] == world.calls[0][1]


async def test_look_ups_tell_whose_a_number_is_and_how_to_call_out(world: Any) -> None:
    service, [made] = world.bridge.service, (await world.bridge.admin.get("/api/v1/carriers")).json()["items"]
    found = (await service.get("/api/v1/sip/lookup", params={"number": "1-555-0199"})).json()
    owner = {"bot_id": "demo", "carrier_id": made["carrier_id"], "did_id": made["dids"][0]["did_id"]}
    assert found == owner
    trunk = {"trunk_id": None, "number": NUMBER, "carrier_id": made["carrier_id"],
             "rate_limit": {"cps": 1.0, "burst": 1, "channels": 10}}  # fmt: skip
    assert (await service.get("/api/v1/sip/outbound-trunk")).json() == trunk
    assert (await service.get("/api/v1/sip/outbound-trunk", params={"from_number": NUMBER})).json() == trunk
    for path, params in (("lookup", {"number": OTHER}), ("outbound-trunk", {"from_number": OTHER})):
        answer = await service.get(f"/api/v1/sip/{path}", params=params)
        assert refusal(answer) == (404, "number_unknown")
    await world.bridge.admin.put("/api/v1/bots/demo", json={"is_active": False})
    assert (await service.get("/api/v1/sip/lookup", params={"number": NUMBER})).status_code == 404
