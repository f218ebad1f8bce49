"""The adapter that dials and the carrier that it dials at, over the real wire: each alone may be right and not fit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from voxkit.carriers import CarrierAccess, Refused, Unsure
from voxkit.carriers.voxphone import VoxphoneCarrier
from voxkit.clock import utc_now
from voxkit.contracts.carrier import CarrierCall, CarrierDial
from voxkit.netguard import Allowlist

from .carrier_network import Network, network, order

pytestmark = [pytest.mark.contract]

FAULTS = "/v1/accounts/acme/faults"


def adapter(net: Network, **changed: str) -> VoxphoneCarrier:
    """With credentials and connections of its own."""
    access = {"adapter": "voxphone", "base_url": "http://carrier", "account_sid": "acme", "api_key": "key",
              "api_token": "token", **changed}  # fmt: skip
    http = httpx.AsyncClient(transport=httpx.ASGITransport(app=net.app))
    return VoxphoneCarrier(CarrierAccess.model_validate(access), Allowlist(), http=http)


def dial(key: str = "a1", **changed: Any) -> CarrierDial:
    return CarrierDial.model_validate(order(key) | changed)


@pytest.fixture
def carrier(net: Network) -> VoxphoneCarrier:
    return adapter(net)


async def over(net: Network, carrier: VoxphoneCarrier, call_ref: str) -> CarrierCall:
    await net.until(call_ref, "completed")
    call = await carrier.get(call_ref)
    assert call is not None
    return call


async def test_an_order_is_taken_once_and_found_by_either_name(net: Network, carrier: VoxphoneCarrier) -> None:
    wanted = dial(to="+1555010096")
    accepted = await carrier.place(wanted, "a1")
    assert await carrier.place(wanted, "a1") == accepted
    assert (accepted.client_ref, accepted.status) == ("a1", "queued")
    await net.until(accepted.call_ref, "ringing")
    call = await carrier.get(accepted.call_ref)
    assert call is not None
    assert (call.to, call.from_, call.client_ref) == (wanted.to, wanted.from_, "a1")
    assert call.ringing_at is not None
    assert await carrier.find(["a1", "never-placed"]) == [call]
    assert await carrier.get("c-unknown") is None


@pytest.mark.parametrize(
    ("ending", "result"),
    [
        ("90", "busy"),
        ("91", "no_answer"),
        ("92", "rejected"),
        ("94", "hangup"),
        ("95", "error"),
        ("00", "media_refused"),
    ],
)
async def test_every_end_of_a_call_is_read_as_it_is_meant(
    net: Network, carrier: VoxphoneCarrier, ending: str, result: str
) -> None:
    accepted = await carrier.place(dial(to=f"+15550100{ending}"), "a1")
    call = await over(net, carrier, accepted.call_ref)
    assert (call.status, call.result) == ("completed", result)
    assert call.ended_at is not None
    assert call.ended_at >= call.created_at


async def test_a_call_is_ended_by_the_caller_and_a_second_time_is_no_error(
    net: Network, carrier: VoxphoneCarrier
) -> None:
    accepted = await carrier.place(dial(to="+1555010096"), "a1")
    await net.until(accepted.call_ref, "ringing")
    for _ in range(2):
        await carrier.hang_up(accepted.call_ref, "the campaign was stopped")
    assert (await over(net, carrier, accepted.call_ref)).result == "cancelled"
    await carrier.hang_up("c-unknown", "nobody")


@contextmanager
def refused(outcome: str, *, code: str, breaker: bool) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    told = caught.value
    assert (told.outcome, told.code, told.breaker) == (outcome, code, breaker)
    assert str(told)


async def test_every_refusal_of_the_carrier_is_understood(net: Network, carrier: VoxphoneCarrier) -> None:
    await carrier.place(dial(to="+1555010096"), "a1")
    with refused("error", code="idempotency_conflict", breaker=True):
        await carrier.place(dial(to="+15550100"), "a1")
    with refused("error", code="bad_request", breaker=True):
        await carrier.place(dial("a2", media={"url": "ws://127.0.0.1:9/ws/demo", "protocol": "twilio"}), "a2")
    with refused("not_placed", code="expired", breaker=True):
        await carrier.place(dial("a3", not_after=utc_now() - timedelta(seconds=1)), "a3")
    with refused("invalid_number", code="invalid_number", breaker=False):
        await carrier.place(dial("a4", to="+1555010093"), "a4")
    with refused("error", code="forbidden", breaker=True):
        await adapter(net, api_token="wrong").place(dial("a5"), "a5")
    with refused("error", code="no_account", breaker=True):
        await adapter(net, account_sid="other").place(dial("a6"), "a6")
    placed = await carrier.find(["a1", "a2", "a3", "a4", "a5", "a6"])
    assert [call.client_ref for call in placed] == ["a1"]


async def test_a_carrier_without_a_free_channel_says_when_to_come_again(tmp_path: Any, speech: Any) -> None:
    async with network(tmp_path, speech, voxphone_channels=1) as net:
        carrier = adapter(net)
        await carrier.place(dial(to="+1555010096"), "a1")
        with pytest.raises(Refused) as caught:
            await carrier.place(dial("a2"), "a2")
        assert (caught.value.outcome, caught.value.breaker) == ("not_placed", False)
        assert (caught.value.retry_after or 0) > 0


async def test_a_lost_answer_is_no_refusal_and_the_order_is_found_again(net: Network, carrier: VoxphoneCarrier) -> None:
    fault = {"route": "place", "status": 500, "after_placing": True}
    assert (await net.http.post(FAULTS, json=fault)).status_code == 201
    wanted = dial(to="+1555010096")
    with pytest.raises(Unsure):
        await carrier.place(wanted, "a1")
    (call,) = await carrier.find(["a1"])
    assert (await carrier.place(wanted, "a1")).call_ref == call.call_ref


@pytest.mark.parametrize(
    ("wrong", "healthy"), [({}, True), ({"api_token": "wrong"}, False), ({"account_sid": "x"}, False)]
)
async def test_health_says_whether_we_are_let_in(net: Network, wrong: dict[str, str], healthy: bool) -> None:
    assert await adapter(net, **wrong).health() is healthy
