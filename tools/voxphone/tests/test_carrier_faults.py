"""A fault that cannot be ordered is one that a dialler meets for the first time with customers on the line."""

import asyncio

import pytest
from voxkit.carriers import sign_callback

from .carrier_network import BASE, network

pytestmark = [pytest.mark.contract]
FAULTS = "/v1/accounts/acme/faults"
URL = "https://dialler.example.com/carrier-events/c1"


async def told(net, **fault) -> list[dict]:
    """The callbacks of one call to a busy number (ringing, completed), in the order they came."""
    assert (await net.http.post(FAULTS, json={"route": "callback", **fault})).status_code == 201
    await net.until_over(await net.place(to="+15550190", status_callback=URL))
    await net.app.state.callbacks.idle()
    return net.receiver.bodies


async def test_a_refusal_can_be_ordered_for_some_numbers_alone(net):
    fault = {"status": 429, "error": "rate_limited", "retry_after": 7, "ending": "77"}
    await net.http.post(FAULTS, json=fault)
    assert (await net.place("a1", to="+15550196")).status_code == 201
    refused = await net.place("a2", to="+15550177")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert (await net.place("a2", to="+15550177")).status_code == 201, "it was ordered once"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503, 504])
async def test_every_status_of_the_contract_can_be_ordered_and_then_nothing_is_placed(net, status):
    await net.http.post(FAULTS, json={"status": status})
    assert (await net.place()).status_code == status
    assert (await net.http.get(BASE, params={"client_ref": "a1"})).json()["items"] == []


async def test_an_answer_can_be_late_and_right(net):
    await net.http.post(FAULTS, json={"delay_s": 0.2})
    began = asyncio.get_running_loop().time()
    assert (await net.place()).status_code == 201
    assert asyncio.get_running_loop().time() - began >= 0.2


async def test_a_share_strikes_some_and_the_same_ones_in_every_run(tmp_path, speech):
    async def struck() -> list[int]:
        async with network(tmp_path, speech) as net:
            await net.http.post(FAULTS, json={"status": 503, "share": 0.5, "times": 100})
            return [(await net.place(f"a{i}", to=f"+1555{i:04}96")).status_code for i in range(12)]

    first = await struck()
    assert {201, 503} == set(first)
    assert await struck() == first


async def test_a_lost_callback_never_comes(net):
    assert [body["status"] for body in await told(net, kind="lost")] == ["completed"]


async def test_a_doubled_callback_comes_twice_with_one_event_id(net):
    bodies = [body for body in await told(net, kind="doubled") if body["status"] == "ringing"]
    assert len(bodies) == 2
    assert len({body["event_id"] for body in bodies}) == 1


async def test_a_reordered_callback_comes_after_the_next(net):
    assert [body["seq"] for body in await told(net, kind="reordered", delay_s=40)] == [3, 2]


async def test_a_late_callback_comes_after_its_delay(net):
    assert sorted(body["seq"] for body in await told(net, kind="late", delay_s=33)) == [2, 3]
    assert 33 in net.pauses


async def test_a_forged_callback_lies_and_its_signature_does_not_fit(net):
    await told(net, kind="forged")

    def fits(request) -> bool:
        stamp = request.headers["X-Carrier-Timestamp"]
        return request.headers["X-Carrier-Signature"] == sign_callback("token", stamp, request.content)

    lies = [body for request, body in zip(net.receiver.requests, net.receiver.bodies, strict=True) if not fits(request)]
    assert [(body["status"], body["result"], body["seq"]) for body in lies] == [("completed", "hangup", 102)]
    assert len(net.receiver.requests) == 3


@pytest.mark.parametrize(
    "fault", [{}, {"status": 200}, {"route": "callback"}, {"route": "callback", "kind": "funny"},
              {"status": 500, "x": 1}, {"route": "read", "status": 500, "ending": "1"}],
)  # fmt: skip
async def test_a_fault_that_means_nothing_is_refused(net, fault):
    assert (await net.http.post(FAULTS, json=fault)).status_code == 422


async def test_faults_can_be_seen_and_forgotten(net):
    await net.http.post(FAULTS, json={"status": 500, "times": 3})
    assert (await net.http.get(FAULTS)).json()["items"][0]["times"] == 3
    await net.http.delete(FAULTS)
    assert (await net.http.get(FAULTS)).json()["items"] == []
