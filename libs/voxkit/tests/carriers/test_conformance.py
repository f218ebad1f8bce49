"""An adapter that rings somebody twice, calls a lost answer a refusal, or takes one carrier's word for another's."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import respx
from voxkit.carriers import ADAPTERS, CarrierAccess, CarrierClient, Refused, Unsure, open_carrier, traits_of
from voxkit.carriers.opening import NoSuchAdapter
from voxkit.contracts.carrier import CarrierDial, CarrierMedia
from voxkit.netguard import Allowlist

from .recorded import ALL, BASE, CONTEXT, FROM, KEY, MEDIA, REF, TO, TOKEN, Answer, Recorded

pytestmark = [pytest.mark.contract]


@pytest.fixture
def api() -> Iterator[respx.MockRouter]:
    with respx.mock(base_url=BASE, assert_all_called=False) as router:
        yield router


@pytest.fixture(params=ALL, ids=lambda recorded: recorded.name)
def recorded(request: pytest.FixtureRequest) -> Recorded:
    return request.param


@pytest.fixture
async def carrier(recorded: Recorded, api: respx.MockRouter) -> AsyncIterator[CarrierClient]:
    http = httpx.AsyncClient()
    made: Any = ADAPTERS[recorded.access.adapter][0]
    client: CarrierClient = made(recorded.access, Allowlist(), http)
    yield client
    await client.aclose()


def dial(carrier: CarrierClient) -> CarrierDial:
    route = carrier.traits.media_route
    media = CarrierMedia.model_validate(
        {
            "url": MEDIA,
            "protocol": "vox" if route == "ws" else route,
            "custom": {"_context": CONTEXT, "callDirection": "outgoing"},
        }
    )
    return CarrierDial.model_validate({"client_ref": REF, "to": TO, "from": FROM, "media": media})


def on(api: respx.MockRouter, route: tuple[str, str]) -> respx.Route:
    return api.route(method=route[0], path=route[1])


def answer(told: Answer, **headers: str) -> httpx.Response:
    status, body = told
    return httpx.Response(status, json=body, headers=headers)


async def test_the_order_names_both_numbers_the_context_and_the_socket(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    placed = on(api, recorded.place).mock(return_value=answer(recorded.accepted))
    accepted = await carrier.place(dial(carrier), REF)
    assert accepted.call_ref
    assert accepted.client_ref == REF
    request = placed.calls.last.request
    order = recorded.read_order(request)
    assert (order.to, order.from_, order.context, order.ring_s) == (TO, FROM, CONTEXT, 45)
    assert order.media_url == (MEDIA if carrier.traits.per_call_media_url else None)
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(f"{KEY}:{TOKEN}".encode()).decode()


async def test_each_refusal_is_the_outcome_it_means(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    for told, (outcome, breaker) in recorded.refusals:
        on(api, recorded.place).mock(return_value=answer(told, **{"Retry-After": "7"}))
        with pytest.raises(Refused) as refused:
            await carrier.place(dial(carrier), REF)
        assert (refused.value.outcome, refused.value.breaker) == (outcome, breaker), told
        assert refused.value.retry_after == (7 if told[0] == 429 else None)
        assert refused.value.code


async def test_a_not_now_without_a_readable_time_names_none(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    on(api, recorded.place).mock(return_value=httpx.Response(429, text="no", headers={"Retry-After": "soon"}))
    with pytest.raises(Refused) as refused:
        await carrier.place(dial(carrier), REF)
    assert refused.value.retry_after is None


@pytest.mark.parametrize("status", [500, 502, 503, 504, 418])
async def test_an_order_without_an_answer_of_the_carrier_is_unknown(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter, status: int
) -> None:
    on(api, recorded.place).mock(return_value=httpx.Response(status, text="<html>"))
    with pytest.raises(Unsure):
        await carrier.place(dial(carrier), REF)


@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout])
async def test_an_order_that_found_no_connection_rang_nobody_and_speaks_against_the_carrier(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter, error: type[httpx.HTTPError]
) -> None:
    on(api, recorded.place).mock(side_effect=error("refused"))
    with pytest.raises(Refused, match="cannot be reached") as refused:
        await carrier.place(dial(carrier), REF)
    assert (refused.value.outcome, refused.value.code) == ("not_placed", "carrier_unreachable")
    assert refused.value.breaker
    api.route().mock(side_effect=error("refused"))
    with pytest.raises(Refused):
        await carrier.get("c-81")
    assert not await carrier.health()


@pytest.mark.parametrize("error", [httpx.ReadTimeout, httpx.WriteError, httpx.RemoteProtocolError])
async def test_a_cut_connection_is_unknown_whatever_was_asked(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter, error: type[httpx.HTTPError]
) -> None:
    api.route().mock(side_effect=error("cut"))
    for asked in (carrier.place(dial(carrier), REF), carrier.get("c-81"), carrier.find([REF])):
        with pytest.raises(Unsure):
            await asked
    with pytest.raises(Unsure):
        await carrier.hang_up("c-81", "test")
    assert not await carrier.health()


async def test_an_acceptance_that_cannot_be_read_is_unknown(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    for body in recorded.unreadable:
        on(api, recorded.place).mock(return_value=answer((recorded.accepted[0], body)))
        with pytest.raises(Unsure):
            await carrier.place(dial(carrier), REF)


async def test_the_carriers_states_are_read_as_ours(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    ref = recorded.get[1].rsplit("/", 1)[1].removesuffix(".json")
    for body, (status, result) in recorded.states:
        on(api, recorded.get).mock(return_value=answer((200, body)))
        call = await carrier.get(ref)
        assert call is not None
        assert (call.status, call.result, call.to, call.from_) == (status, result, TO, FROM)
    on(api, recorded.get).mock(return_value=httpx.Response(404, json={}))
    assert await carrier.get(ref) is None
    for body in [*recorded.unreadable, {"Call": {"Sid": "x", "Status": "new"}}]:
        on(api, recorded.get).mock(return_value=answer((200, body)))
        with pytest.raises(Unsure):
            await carrier.get(ref)


async def test_a_search_finds_or_says_that_it_cannot(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    assert await carrier.find([]) == []
    assert carrier.traits.lookup_by_ref == bool(recorded.find)
    if recorded.find is None:
        with pytest.raises(Unsure):
            await carrier.find([REF])
        return
    on(api, recorded.find).mock(return_value=answer((200, recorded.found)))
    assert [call.client_ref for call in await carrier.find([REF, "other"])] == [REF]
    with pytest.raises(ValueError, match="100"):
        await carrier.find([str(n) for n in range(101)])


async def test_a_hang_up_may_come_twice_or_says_that_it_cannot(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    assert carrier.traits.hang_up == bool(recorded.hang_up)
    if recorded.hang_up is None:
        with pytest.raises(Unsure):
            await carrier.hang_up("c-81", "test")
        return
    for status in (202, 404):
        on(api, recorded.hang_up).mock(return_value=httpx.Response(status))
        await carrier.hang_up("c-81", "test")
    on(api, recorded.hang_up).mock(return_value=httpx.Response(500))
    with pytest.raises(Unsure):
        await carrier.hang_up("c-81", "test")


async def test_health_is_an_answer_that_lets_us_in(
    recorded: Recorded, carrier: CarrierClient, api: respx.MockRouter
) -> None:
    api.route(path="/health").mock(return_value=httpx.Response(200))
    account = api.route(path__regex=r"^/v1/[Aa]ccounts/a1/[Cc]alls").mock(return_value=httpx.Response(200, json={}))
    assert await carrier.health()
    account.mock(return_value=httpx.Response(401, json={}))
    assert not await carrier.health()


async def test_an_address_that_is_not_allowed_is_refused_before_anything_is_sent(recorded: Recorded) -> None:
    access = recorded.access.model_copy(update={"base_url": "http://127.0.0.1:9"})
    carrier = open_carrier(access, Allowlist())
    with pytest.raises(Refused) as refused:
        await carrier.place(dial(carrier), REF)
    assert (refused.value.outcome, refused.value.breaker) == ("error", True)
    assert refused.value.code == "address_not_allowed"
    assert not await carrier.health()
    await carrier.aclose()


def test_the_traits_are_known_without_opening_anything(recorded: Recorded) -> None:
    access = recorded.access
    assert traits_of(access.adapter, access.flow_url) == open_carrier(access, Allowlist()).traits


def test_secrets_are_not_shown_and_an_unknown_adapter_is_named() -> None:
    shown = repr(ALL[0].access)
    assert KEY not in shown
    assert TOKEN not in shown
    with pytest.raises(NoSuchAdapter, match="'twilio'"):
        open_carrier(CarrierAccess(adapter="twilio", base_url=BASE), Allowlist())
