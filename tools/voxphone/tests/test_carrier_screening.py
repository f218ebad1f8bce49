"""Without a carrier that hears machines, a dialler cannot be shown that it spends no bot on them."""

import pytest
from voxkit.amd import AmdSettings

from .carrier_network import order

pytestmark = [pytest.mark.contract]
AMD = AmdSettings(enabled=True).model_dump()


async def hang_up(talk):
    await talk.hang_up()


async def test_a_person_who_says_hello_is_human_and_talks_to_the_bot(net, fake_worker):
    async with fake_worker(hang_up).running() as worker:
        media = order()["media"] | {"url": worker.target().url}
        call = await net.until_over(await net.place(media=media, amd=AMD))
    assert (call["amd"]["decision"], call["amd"]["cause"], call["result"]) == ("human", "greeting", "hangup")
    assert len(worker.talks) == 1
    assert call["seq"] == 6, (
        "the verdict is a change of its own: queued, ringing, answered, amd, in_progress, completed"
    )


@pytest.mark.parametrize("ending", ["97", "98"])
async def test_a_machine_is_hung_up_on_and_no_bot_is_asked(net, fake_worker, ending):
    async with fake_worker(hang_up).running() as worker:
        media = order()["media"] | {"url": worker.target().url}
        amd = AMD | ({"total_analysis_ms": 5000, "greeting_ms": 1000} if ending == "97" else {})
        call = await net.until_over(await net.place(to=f"+155501{ending}", media=media, amd=amd))
    assert (call["amd"]["decision"], call["result"]) == ("machine", "machine")
    assert call["answered_at"]
    assert call["media_connected_at"] is None
    assert worker.talks == []
    assert call["amd"]["cause"] == ("initial_silence" if ending == "98" else "long_greeting")


async def test_an_order_may_ask_for_the_verdict_and_the_call(net, fake_worker):
    async with fake_worker(hang_up).running() as worker:
        media = order()["media"] | {"url": worker.target().url}
        call = await net.until_over(
            await net.place(to="+15550198", media=media, amd=AMD | {"action_on_machine": "continue"})
        )
    assert (call["amd"]["decision"], call["result"]) == ("machine", "hangup")
    assert len(worker.talks) == 1


async def test_an_unsure_verdict_ends_the_call_only_where_the_order_says_so(net):
    amd = AMD | {"total_analysis_ms": 250, "action_on_unknown": "teardown"}
    call = await net.until_over(await net.place(amd=amd))
    assert (call["amd"]["decision"], call["result"]) == ("unknown", "machine")


async def test_a_hang_up_while_the_carrier_listens_cancels(net):
    placed = await net.place(to="+15550198", amd=AMD)
    ref = placed.json()["call_ref"]
    await net.until(ref, "answered")
    await net.http.post(f"/v1/accounts/acme/calls/{ref}/hangup", json={"reason": "stopped"})
    call = await net.until_over(placed)
    assert call["result"] == "cancelled"
