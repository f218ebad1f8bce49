"""A callback that is unsigned, lost or repeated wrongly leaves a dialler with calls that never end."""

import hashlib
import hmac

import pytest

from .carrier_network import network

pytestmark = [pytest.mark.contract]


async def test_each_change_is_told_once_signed_and_in_rising_seq(net):
    url = "https://dialler.example.com/carrier-events/c1"
    await net.until_over(await net.place(to="+15550190", status_callback=url))
    await net.app.state.callbacks.idle()
    bodies = sorted(net.receiver.bodies, key=lambda body: body["seq"])
    assert [(body["seq"], body["status"]) for body in bodies] == [(2, "ringing"), (3, "completed")]
    assert len({body["event_id"] for body in bodies}) == 2
    assert bodies[-1]["result"] == "busy"
    for request in net.receiver.requests:
        stamp = request.headers["X-Carrier-Timestamp"]
        expected = hmac.new(b"token", stamp.encode() + b"." + request.content, hashlib.sha256).hexdigest()
        assert request.headers["X-Carrier-Signature"] == f"sha256={expected}"
        assert str(request.url) == url


async def test_a_callback_is_repeated_after_1_2_4_8_16_seconds_until_204(net):
    net.receiver.refusals = 3
    placed = await net.place(to="+15550196", status_callback="https://d.example.com/x")
    await net.until(placed.json()["call_ref"], "ringing")
    await net.app.state.callbacks.idle()
    assert len(net.receiver.requests) == 4
    assert [pause for pause in net.pauses if pause != 40] == [1, 2, 4]
    assert len({request.content for request in net.receiver.requests}) == 1, "a repeat has the same event_id"


async def test_a_receiver_that_never_answers_204_is_given_up_after_six_tries(net):
    net.receiver.refusals = 100
    placed = await net.place(to="+15550196", status_callback="https://d.example.com/x")
    await net.until(placed.json()["call_ref"], "ringing")
    await net.app.state.callbacks.idle()
    assert [pause for pause in net.pauses if pause != 40] == [1, 2, 4, 8, 16]
    assert len(net.receiver.requests) == 6


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "http://[::1]/x"])
async def test_a_callback_to_a_private_address_is_refused_unless_it_is_allowed(tmp_path, speech, url):
    async with network(tmp_path, speech) as net:
        response = await net.place(status_callback=url)
        assert (response.status_code, response.json()["error"]) == (400, "bad_request")
        assert "OUTBOUND_URL_ALLOWLIST" in response.json()["message"]
    allowed = "127.0.0.0/8,169.254.0.0/16,::1/128"
    async with network(tmp_path, speech, outbound_url_allowlist=allowed) as net:
        assert (await net.place(to="+15550196", status_callback=url)).status_code == 201
