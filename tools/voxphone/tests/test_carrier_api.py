"""A carrier that answers one status wrongly makes a dialler dial twice, or not at all."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from voxkit.clock import iso, utc_now

from .carrier_network import BASE, network, order

pytestmark = [pytest.mark.contract]


async def hold(talk):
    """A worker that speaks a moment and then hangs up."""
    await talk.speak(0.3)
    await asyncio.sleep(0.25)
    await talk.hang_up()


# --- accepting ----------------------------------------------------------------------------------------------------


async def test_201_an_order_is_accepted_and_queued(net):
    response = await net.place()
    assert response.status_code == 201
    body = response.json()
    assert set(body) == {"call_ref", "client_ref", "status", "created_at"}
    assert (body["client_ref"], body["status"]) == ("a1", "queued")


async def test_200_a_repeat_of_the_key_places_nothing_and_answers_the_same(net):
    body = order()
    first = await net.http.post(BASE, json=body, headers={"Idempotency-Key": "a1"})
    second = await net.http.post(BASE, json=body, headers={"Idempotency-Key": "a1"})
    assert (second.status_code, second.json()) == (200, first.json())
    assert len((await net.http.get(BASE, params={"client_ref": "a1"})).json()["items"]) == 1


async def test_200_a_repeat_that_comes_after_its_deadline_still_learns_of_its_call(net):
    body = order() | {"not_after": iso(utc_now() + timedelta(seconds=0.4))}
    first = await net.http.post(BASE, json=body, headers={"Idempotency-Key": "a1"})
    assert first.status_code == 201
    await asyncio.sleep(0.5)
    assert (await net.http.post(BASE, json=body, headers={"Idempotency-Key": "a1"})).status_code == 200


async def test_the_same_order_twice_at_once_is_one_call(net):
    body = order()
    answers = await asyncio.gather(
        *(net.http.post(BASE, json=body, headers={"Idempotency-Key": "a1"}) for _ in range(5))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 201]
    assert len({answer.json()["call_ref"] for answer in answers}) == 1


async def test_409_the_same_key_with_another_body(net):
    await net.place()
    response = await net.place(to="+15550101")
    assert (response.status_code, response.json()["error"]) == (409, "idempotency_conflict")


async def test_409_a_reference_that_belongs_to_another_key(net):
    await net.place()
    response = await net.place("a2", client_ref="a1")
    assert (response.status_code, response.json()["error"]) == (409, "idempotency_conflict")


@pytest.mark.parametrize(
    "changed",
    [
        {"to": None}, {"client_ref": ""}, {"media": {}}, {"media": {"url": "http://x/ws/demo"}},
        {"amd": {"max_words": "many"}}, {"amd": "on"},
        {"media": {"url": "ws://host/ws/demo", "protocol": "twilio"}}, {"ring_timeout_seconds": 0},
        {"status_callback": "ftp://x/y"}, {"not_after": "soon"}, {"media": {"url": "ws://"}},
    ],
)  # fmt: skip
async def test_400_a_body_of_the_wrong_form(net, changed):
    response = await net.place(**changed)
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")
    assert response.json()["message"]
    assert (await net.http.get(BASE, params={"client_ref": "a1"})).json()["items"] == []


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"\xff\xfe", b"[" * 60_000])
async def test_400_a_body_that_is_no_order_at_all(net, content):
    response = await net.http.post(BASE, content=content, headers={"Idempotency-Key": "a1"})
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")


async def test_400_without_an_idempotency_key(net):
    response = await net.http.post(BASE, json=order())
    assert (response.status_code, response.json()["error"]) == (400, "bad_request")


async def test_401_without_credentials_and_403_with_wrong_ones(net):
    for auth, status in ((None, 401), (("key", "wrong"), 403), (("wrong", "token"), 403), (("key", ""), 403)):
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app=net.app), base_url="http://carrier", auth=auth
        ) as other:
            for response in (
                await other.post(BASE, json=order(), headers={"Idempotency-Key": "a1"}),
                await other.get(f"{BASE}/c-1"),
                await other.post("/calls", json={"url": "ws://x/ws/demo"}),
            ):
                assert (response.status_code, response.json()["error"]) == (status, "forbidden")


async def test_404_an_account_that_does_not_exist(net):
    response = await net.http.post("/v1/accounts/other/calls", json=order(), headers={"Idempotency-Key": "a1"})
    assert (response.status_code, response.json()["error"]) == (404, "no_account")


async def test_410_an_order_that_arrives_too_late_is_not_placed(net):
    response = await net.place(not_after=iso(utc_now() - timedelta(seconds=1)))
    assert (response.status_code, response.json()["error"]) == (410, "expired")
    assert (await net.http.get(BASE, params={"client_ref": "a1"})).json()["items"] == []


@pytest.mark.parametrize("number", ["+15550193", "15550100", "+1", "+1555010x", "+" + "1" * 16, ""])
async def test_422_a_number_that_cannot_be_dialled(net, number):
    response = await net.place(to=number)
    assert (response.status_code, response.json()["error"]) == (422, "invalid_number")


async def test_429_more_calls_a_second_than_the_carrier_takes(tmp_path, speech):
    async with network(tmp_path, speech, voxphone_cps=1) as net:
        answers = [await net.place(f"a{i}", to=f"+1555010{i}96") for i in range(3)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert refused[0].json()["error"] == "rate_limited"
    assert int(refused[0].headers["Retry-After"]) >= 1


async def test_429_more_calls_at_once_than_channels(tmp_path, speech):
    async with network(tmp_path, speech, voxphone_channels=1) as net:
        first = await net.place("a1", to="+15550196")
        second = await net.place("a2", to="+15550296")
        assert (second.status_code, second.json()["error"]) == (429, "channels_full")
        assert second.headers["Retry-After"]
        await net.http.post(f"{BASE}/{first.json()['call_ref']}/hangup", json={"reason": "done"})
        await net.until_over(first)
        assert (await net.place("a2", to="+15550296")).status_code == 201


async def test_413_a_body_that_is_too_large(net):
    response = await net.http.post(BASE, content=b"x" * 70_000, headers={"Idempotency-Key": "a1"})
    assert (response.status_code, response.json()["error"]) == (413, "too_large")


async def test_5xx_can_be_ordered_before_and_after_the_call_is_placed(net):
    await net.http.post("/v1/accounts/acme/faults", json={"status": 503, "error": "overloaded"})
    assert (await net.place("a1")).status_code == 503
    assert (await net.http.get(BASE, params={"client_ref": "a1"})).json()["items"] == []
    await net.http.post("/v1/accounts/acme/faults", json={"status": 500, "after_placing": True})
    assert (await net.place("a2", to="+15550296")).status_code == 500
    assert len((await net.http.get(BASE, params={"client_ref": "a2"})).json()["items"]) == 1


# --- ringing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "result", "sip"),
    [("90", "busy", 486), ("91", "no_answer", 480), ("92", "rejected", 603), ("95", "error", 503)],
)  # fmt: skip
async def test_a_callee_who_does_not_answer_has_its_result_and_sip_status(net, ending, result, sip):
    call = await net.until_over(await net.place(to=f"+155501{ending}"))
    assert (call["result"], call["sip_status"], call["answered_at"]) == (result, sip, None)
    assert call["ringing_at"]
    assert call["ended_at"]
    assert call["seq"] == 3


async def test_a_callee_who_hangs_up_before_the_bot_is_there(net):
    call = await net.until_over(await net.place(to="+15550194"))
    assert (call["result"], call["reason"]) == ("hangup", "hung_up_before_bot")
    assert call["answered_at"]
    assert call["media_connected_at"] is None


async def test_an_answered_call_without_a_worker_is_media_refused(net, fake_worker):
    async with fake_worker(hold, refuse=(429, '{"error":"at_capacity"}')).running() as worker:
        url = worker.target().url
        call = await net.until_over(await net.place(media=order()["media"] | {"url": url}))
    assert (call["result"], call["reason"]) == ("media_refused", "HTTP 429 at_capacity")
    assert (await net.until_over(await net.place("a2")))["result"] == "media_refused", "nobody listens there"


async def test_an_answered_call_talks_to_the_bot_with_the_customer_as_caller(net, fake_worker):
    async with fake_worker(hold).running() as worker:
        media = order()["media"] | {"url": worker.target().url}
        call = await net.until_over(await net.place(media=media))
    first = worker.talks[0].first
    assert (first["callerId"], first["did"]) == ("+15550100", "+15550199")
    assert (first["_context"], first["callDirection"]) == ("ctx_a1", "outgoing")
    assert (call["status"], call["result"], call["seq"]) == ("completed", "hangup", 5)
    stamps = [call[name] for name in ("created_at", "ringing_at", "answered_at", "media_connected_at", "ended_at")]
    assert stamps == sorted(stamps)


async def test_a_lost_socket_is_media_lost(net, fake_worker):
    async def crash(talk):
        await talk.speak(0.1)
        await talk.socket.close(1011)

    async with fake_worker(crash).running() as worker:
        call = await net.until_over(await net.place(media=order()["media"] | {"url": worker.target().url}))
    assert call["result"] == "media_lost"


async def test_the_exotel_protocol_carries_the_same_facts(net, fake_worker):
    async with fake_worker(hold).running() as worker:
        url = worker.target(protocol="exotel").url
        call = await net.until_over(await net.place(media=order()["media"] | {"url": url, "protocol": "exotel"}))
    start = worker.talks[0].of("start")[0]["start"]
    assert (start["from"], start["to"], start["custom_parameters"]["_context"]) == ("+15550100", "+15550199", "ctx_a1")
    assert call["result"] == "hangup"


async def test_a_number_is_never_in_two_calls_at_a_time(net):
    first = await net.place("a1", to="+15550196")
    await net.until(first.json()["call_ref"], "ringing")
    assert (await net.until_over(await net.place("a2", to="+15550196")))["result"] == "busy"


# --- hang-up and reading ------------------------------------------------------------------------------------------


async def test_a_hang_up_while_it_rings_cancels_and_can_be_repeated(net):
    placed = await net.place(to="+15550196")
    ref = placed.json()["call_ref"]
    await net.until(ref, "ringing")
    for _ in range(2):
        assert (await net.http.post(f"{BASE}/{ref}/hangup", json={"reason": "stopped"})).status_code == 202
    call = await net.until_over(placed)
    assert (call["result"], call["reason"], call["sip_status"]) == ("cancelled", "stopped", 487)
    assert (await net.http.post(f"{BASE}/{ref}/hangup")).status_code == 202, "202 also when it is over"


async def test_a_hang_up_in_the_conversation_ends_it_on_the_line(net, fake_worker):
    async def wait_for_end(talk):
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    async with fake_worker(wait_for_end).running() as worker:
        placed = await net.place(media=order()["media"] | {"url": worker.target().url})
        ref = placed.json()["call_ref"]
        await net.until(ref, "in_progress")
        await net.http.post(f"{BASE}/{ref}/hangup", json={"reason": "stopped"})
        call = await net.until_over(placed)
    assert worker.talks[0].of("hangup-call") == [{"event": "hangup-call", "disconnectedBy": "customer"}]
    assert (call["result"], call["reason"]) == ("hangup", "stopped")


async def test_404_a_call_that_was_never_placed(net):
    assert (await net.http.get(f"{BASE}/c-nothing")).json()["error"] == "not_found"
    assert (await net.http.post(f"{BASE}/c-nothing/hangup", json={})).status_code == 404


async def test_a_batch_lookup_leaves_out_what_was_never_placed(net):
    for key in ("a1", "a2"):
        await net.place(key, to=f"+1555{key[1]}0196")
    items = (await net.http.get(BASE, params={"client_ref": "a2,nothing,a1,a1"})).json()["items"]
    assert [item["client_ref"] for item in items] == ["a2", "a1"]
    assert items[0]["from"] == "+15550199"
    many = ",".join(f"r{i}" for i in range(101))
    for refs in (many, "", ","):
        assert (await net.http.get(BASE, params={"client_ref": refs})).status_code == 400
