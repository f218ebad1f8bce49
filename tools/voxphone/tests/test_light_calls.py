"""Thousands of calls must not need thousands of voices: a light callee holds the line and says nothing."""

from collections import Counter

import pytest

from .carrier_network import BASE, network, order

pytestmark = [pytest.mark.contract]


async def listen(talk):
    await talk.closed.wait()


async def place(net, worker, key="a1", to="+15550199", **changed):
    media = order(key)["media"] | {"url": worker.target().url}
    return await net.place(key, to=to, media=media, **changed)


async def test_a_light_callee_opens_the_socket_as_a_carrier_does_and_needs_no_speech(net, fake_worker, speech):
    async with fake_worker(listen).running() as worker:
        call = await net.until_over(await place(net, worker))
    first = worker.talks[0].first
    assert (first["callerId"], first["did"], first["_context"]) == ("+15550199", order()["from"], "ctx_a1")
    assert [frame["event"] for frame in worker.talks[0].received] == ["connected", "start", "answer", "hangup-call"]
    assert worker.talks[0].of("hangup-call")[0]["disconnectedBy"] == "customer"
    assert (call["result"], call["seq"]) == ("hangup", 5)
    assert speech.spoken == []


async def test_the_bot_may_end_a_light_call(net, fake_worker):
    async def speak_and_leave(talk):
        await talk.speak(0.1)
        await talk.hang_up("done")

    async with fake_worker(speak_and_leave).running() as worker:
        call = await net.until_over(await place(net, worker))
    assert (call["result"], call["reason"]) == ("hangup", "done")
    assert worker.talks[0].of("hangup-call")[0]["disconnectedBy"] == "bot"


async def test_a_light_call_hears_of_a_refusal_of_a_lost_line_and_of_a_hang_up(net, fake_worker):
    async def crash(talk):
        await talk.socket.close(1011)

    async with fake_worker(listen, refuse=(429, '{"error":"at_capacity"}')).running() as worker:
        refused = await net.until_over(await place(net, worker, "a1"))
    assert (refused["result"], refused["reason"]) == ("media_refused", "HTTP 429")
    async with fake_worker(crash).running() as worker:
        assert (await net.until_over(await place(net, worker, "a2")))["result"] == "media_lost"


async def test_an_order_from_outside_ends_a_light_call(net, fake_worker):
    async with fake_worker(listen).running() as worker:
        placed = await place(net, worker, to="+15550199")
        ref = placed.json()["call_ref"]
        await net.until(ref, "in_progress")
        await net.http.post(f"{BASE}/{ref}/hangup", json={"reason": "stopped"})
        call = await net.until_over(placed)
    assert (call["result"], call["reason"]) == ("hangup", "stopped")


async def test_a_crowd_of_hundreds_is_called_and_the_log_agrees(tmp_path, speech, fake_worker):
    carrier = network(tmp_path, speech, voxphone_cps=1000, voxphone_channels=1000)
    async with fake_worker(listen).running() as worker, carrier as net:
        placed = [await place(net, worker, f"a{i}", f"+1555{1000000 + i}") for i in range(300)]
        assert {answer.status_code for answer in placed} == {201}
        calls = [await net.until_over(answer) for answer in placed]
        counts = (await net.http.get("/v1/accounts/acme/log")).json()
    assert counts["results"] == dict(Counter(call["result"] for call in calls))
    assert {"hangup", "busy", "rejected", "no_answer"} <= set(counts["results"])
    assert len(worker.talks) == counts["results"]["hangup"]
    assert (counts["calls"], counts["active"], counts["overlapping_calls"]) == (300, 0, 0)
    assert speech.spoken == []
