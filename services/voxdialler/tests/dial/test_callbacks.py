"""Status callbacks of carriers are hints: signed, believed once, and never needed (O1, O2)."""

import asyncio
import json
import time

import httpx
import pytest
from fastapi import FastAPI
from voxdialler import events
from voxdialler.originate.websocket_carrier import WebsocketCarrier
from voxkit.carriers import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_callback
from voxkit.clock import iso, utc_now
from voxkit.contracts.carrier import CarrierCall
from voxkit.web import install_errors

from .fake_carrier import RING, Plan, ends
from .world import CARRIER

pytestmark = [pytest.mark.integration]


@pytest.fixture
async def post(world):
    """POST /carrier-events/… as a carrier does it: `post(call, token=…, at=…, carrier=…)` → status."""
    app = FastAPI()
    install_errors(app, with_detail=False)
    app.include_router(events.router(world.ctx))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://dialler") as http:

        async def send(call, *, token="token", at=None, carrier="k1", body=None):
            raw = body if body is not None else json.dumps(call).encode()
            stamp = str(int(at if at is not None else time.time()))
            headers = {TIMESTAMP_HEADER: stamp, SIGNATURE_HEADER: sign_callback(token, stamp, raw)}
            answer = await http.post(f"/carrier-events/{carrier}", content=raw, headers=headers)
            return answer.status_code

        yield send


def call(ref="a" * 32, seq=2, status="ringing", **fields):
    now = iso(utc_now())
    return {
        "call_ref": "c-1", "client_ref": ref, "seq": seq, "status": status, "to": "+15550100", "from": "+15550199",
        "created_at": now, "ringing_at": now, "event_id": "e", **fields,
    }  # fmt: skip


async def followed(world, ref="a" * 32):
    """Somebody follows this call; the views that he was told."""
    carrier = world.ctx.originators.of(CARRIER)
    assert isinstance(carrier, WebsocketCarrier)
    return carrier.events(ref)


async def test_a_signed_callback_tells_the_task_that_follows_the_call(world, post):
    views = await followed(world)
    told = anext(views)
    waiting = asyncio.ensure_future(told)
    await asyncio.sleep(0)
    assert await post(call()) == 204
    assert (await waiting).status == "ringing"
    await views.aclose()


FORGED = [
    ("another token", {"token": "guess"}),
    ("six minutes old", {"at": time.time() - 360}),
    ("a carrier that is not known", {"carrier": "k9"}),
]


@pytest.mark.parametrize(("_name", "how"), FORGED, ids=[case[0] for case in FORGED])
async def test_a_callback_that_is_not_the_carriers_is_refused(world, post, _name, how):
    assert await post(call(), **how) == 403


async def test_a_body_that_is_no_call_is_refused(world, post):
    assert await post(None, body=b'{"call_ref":1}') == 400


async def test_a_large_body_is_refused_before_it_is_read(world, post):
    assert await post(None, body=b"x" * 20_000) == 413


async def test_a_standby_answers_without_effect(world, post):
    world.ctx.leader.is_leader = False
    assert await post(call(), token="guess") == 204


async def test_repeats_and_older_steps_change_nothing(world):

    carrier = world.ctx.originators.of(CARRIER)
    views = carrier.events("a" * 32)

    waiting = asyncio.ensure_future(anext(views))
    await asyncio.sleep(0)
    newest = CarrierCall.model_validate(call(seq=3, status="answered", answered_at=iso(utc_now())))
    assert [carrier.take(newest), carrier.take(newest)] == [True, False]
    assert carrier.take(CarrierCall.model_validate(call(seq=2))) is False
    assert (await waiting).status == "answered"
    await views.aclose()


async def test_a_callback_for_a_call_that_nobody_follows_is_no_news(world, post):
    assert await post(call("b" * 32)) == 204


async def test_polling_alone_gives_the_same_end(world):
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", Plan((RING, ends("busy", sip_status=486))))
    after = await world.dial(campaign, row)
    assert (after["status"], after["last_outcome"]) == ("retry_scheduled", "rejected")
    assert world.carrier.orders[0].status_callback is None


async def test_a_number_that_is_excluded_while_it_rings_is_hung_up_and_settles_as_excluded(world):

    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100", Plan((RING,)))
    order = await world.lease(campaign, row)
    dialling = asyncio.ensure_future(world.run(order))
    while (await world.read(row))["status"] != "ringing":
        await asyncio.sleep(0.01)
    await world.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": {"exclude_requested": True}})
    while not await world.ctx.originators.hang_up(order.attempt_id, "excluded"):
        await asyncio.sleep(0.01)
    await dialling
    (attempt,) = await world.attempts(row)
    assert ((await world.read(row))["status"], attempt["outcome"]) == ("excluded", "excluded")
    assert world.carrier.hung_up == {order.attempt_id: "excluded"}
