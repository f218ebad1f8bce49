"""A host that answers nonsense and gets the call, or one call started on two hosts."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx
import pytest
import respx
from voxbridge.fleet import errors, figures, polling
from voxbridge.fleet.probe import read_answer
from voxkit.errors import VoxError

pytestmark = [pytest.mark.integration]
A, B, C, D = (f"http://core-{name}:8000" for name in "abcd")
GOOD = {
    "status": "ok",
    "fleet_calls": 1,
    "fleet_max": 4,
    "fleet_available": 3,
    "workers": [{"id": "w1", "state": "idle"}],
}


def answer(**changes) -> httpx.Response:
    return httpx.Response(200, json=GOOD | changes)


@pytest.fixture
def net():
    with respx.mock(assert_all_called=False) as router:
        yield router


async def fleet(bridge, *urls: str) -> None:
    told = await bridge.admin.put("/api/v1/settings/fleet", json={"core_fleet": list(urls)})
    assert told.status_code == 200


def forget(bridge) -> None:
    """As if the second for which an answer is kept had passed."""
    bridge.ctx.caches.pop("fleet", None)


MALFORMED = [
    ("not 2xx", 500, GOOD),
    ("a redirect", 302, GOOD),
    ("no object", 200, [GOOD]),
    ("null", 200, None),
    ("status away", 200, GOOD | {"status": "draining"}),
    ("no status", 200, {k: v for k, v in GOOD.items() if k != "status"}),
    ("max as text", 200, GOOD | {"fleet_max": "4"}),
    ("max as float", 200, GOOD | {"fleet_max": 4.0}),
    ("max as bool", 200, GOOD | {"fleet_max": True, "fleet_available": 1}),
    ("max negative", 200, GOOD | {"fleet_max": -1, "fleet_available": -1}),
    ("more free than there are", 200, GOOD | {"fleet_available": 5}),
    ("free negative", 200, GOOD | {"fleet_available": -1}),
    ("free missing", 200, {k: v for k, v in GOOD.items() if k != "fleet_available"}),
    ("calls negative", 200, GOOD | {"fleet_calls": -1}),
    ("calls null", 200, GOOD | {"fleet_calls": None}),
    ("workers an object", 200, GOOD | {"workers": {}}),
    ("workers missing", 200, {k: v for k, v in GOOD.items() if k != "workers"}),
]


@pytest.mark.parametrize(("status", "body"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_a_malformed_answer_is_unreachable(status: int, body: object) -> None:
    assert read_answer(A, status, json.dumps(body).encode()).status == "unreachable"


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b"<html>"])
def test_bytes_that_are_no_json_are_unreachable(body: bytes) -> None:
    assert read_answer(A, 200, body).status == "unreachable"


def test_the_good_answer_is_healthy() -> None:
    host = read_answer(A, 200, json.dumps(GOOD).encode())
    assert (host.status, host.total_capacity, host.total_available, host.worker_calls) == ("healthy", 4, 3, 1)
    assert (host.workers, host.draining) == (1, False)


async def test_no_fleet_no_healthy_fleet_and_no_capacity_are_told_apart(bridge, net) -> None:
    async def refusal() -> tuple[int, str]:
        forget(bridge)
        with pytest.raises(VoxError) as caught:
            await polling.pick_worker(bridge.ctx)
        return caught.value.http_status, caught.value.wire_code

    assert await refusal() == (503, "no_fleet")
    await fleet(bridge, A, B)
    net.get(f"{A}/health/fleet").mock(side_effect=httpx.ConnectError("refused"))
    net.get(f"{B}/health/fleet").mock(return_value=answer(fleet_available=99))
    assert await refusal() == (503, "no_healthy_fleet")
    net.get(f"{B}/health/fleet").mock(return_value=answer(fleet_available=0))
    assert await refusal() == (503, "no_capacity")


async def test_the_host_with_most_free_workers_is_chosen_and_each_start_takes_one(bridge, net) -> None:
    await fleet(bridge, A, B)
    net.get(f"{A}/health/fleet").mock(return_value=answer(fleet_available=1))
    route = net.get(f"{B}/health/fleet").mock(return_value=answer(fleet_available=3))
    picks = Counter([await polling.pick_worker(bridge.ctx) for _ in range(4)])
    assert picks == {B: 3, A: 1}
    assert route.call_count == 1


async def test_starts_of_our_own_are_no_reason_to_refuse_until_a_probe_says_full(bridge, net) -> None:
    """Calls end within the second for which an answer is kept; the count of what we sent does not know."""
    await fleet(bridge, A)
    route = net.get(f"{A}/health/fleet")
    route.side_effect = [answer(fleet_available=1), answer(fleet_available=1), answer(fleet_available=0)]
    for looks in (1, 2):
        assert await polling.pick_worker(bridge.ctx) == A
        assert route.call_count == looks
    with pytest.raises(errors.NoCapacity):
        await polling.pick_worker(bridge.ctx)
    assert route.call_count == 3
    with pytest.raises(errors.NoCapacity):  # and this one is told at once, from the answer kept
        await polling.pick_worker(bridge.ctx)
    assert route.call_count == 3


async def test_ties_are_broken_at_random(bridge, net) -> None:
    await fleet(bridge, A, B)
    for url in (A, B):
        net.get(f"{url}/health/fleet").mock(return_value=answer())
    seen = set()
    for _ in range(40):
        forget(bridge)
        seen.add(await polling.pick_worker(bridge.ctx))
    assert seen == {A, B}


async def test_many_askers_share_one_probe_a_host(bridge, net) -> None:
    await fleet(bridge, A)
    open_gate = asyncio.Event()

    async def slow(_: httpx.Request) -> httpx.Response:
        await open_gate.wait()
        return answer()

    route = net.get(f"{A}/health/fleet").mock(side_effect=slow)
    askers = [asyncio.create_task(figures.status(bridge.ctx)) for _ in range(10)]
    await asyncio.sleep(0.05)
    askers[0].cancel()  # one that goes away takes nothing from the others
    open_gate.set()
    answers = await asyncio.gather(*askers[1:])
    assert route.call_count == 1
    assert {told.available for told in answers} == {3}


async def test_a_host_that_never_answers_is_given_up(make_bridge, net) -> None:
    async with make_bridge(fleet_health_timeout_seconds=0.1) as bridge:
        await fleet(bridge, A)

        async def never(_: httpx.Request) -> httpx.Response:
            await asyncio.Event().wait()
            raise AssertionError

        net.get(f"{A}/health/fleet").mock(side_effect=never)
        assert (await figures.status(bridge.ctx)).workers[0].status == "unreachable"


async def test_the_status_sums_what_healthy_hosts_say(bridge, net) -> None:
    await fleet(bridge, A, B, C)
    net.get(f"{A}/health/fleet").mock(return_value=answer())
    draining = [{"id": "w1", "state": "draining"}, {"id": "w2", "status": "unreachable"}]
    net.get(f"{B}/health/fleet").mock(
        return_value=answer(fleet_max=2, fleet_available=0, fleet_calls=2, workers=draining)
    )
    net.get(f"{C}/health/fleet").mock(return_value=httpx.Response(503))
    admin = await bridge.as_role("admin")
    told = (await admin.get("/api/v1/fleet/status")).json()
    assert {key: told[key] for key in ("total_capacity", "active_calls", "available", "source", "seats", "fleet")} == {
        "total_capacity": 6, "active_calls": 3, "available": 3, "source": "poll", "seats": [], "fleet": None,
    }  # fmt: skip
    assert [host["status"] for host in told["workers"]] == ["healthy", "healthy", "unreachable"]
    assert [host["draining"] for host in told["workers"]] == [False, True, False]
    assert told["workers"][0] == {
        "url": A, "status": "healthy", "total_capacity": 4, "total_available": 3, "worker_calls": 1, "workers": 1,
        "draining": False,
    }  # fmt: skip


async def start(bridge) -> tuple[str, dict]:
    return await polling.start_call(bridge.ctx, "/livekit/dialout", {"bot_id": "demo"}, timeout_s=5)


async def test_a_start_moves_on_after_429_and_a_refused_connection(bridge, net) -> None:
    await fleet(bridge, A, B, C)
    for url, free in ((A, 3), (B, 2), (C, 1)):
        net.get(f"{url}/health/fleet").mock(return_value=answer(fleet_available=free))
    net.post(f"{A}/livekit/dialout").mock(return_value=httpx.Response(429, json={"error": "at_capacity"}))
    net.post(f"{B}/livekit/dialout").mock(side_effect=httpx.ConnectError("refused"))
    taken = net.post(f"{C}/livekit/dialout").mock(
        return_value=httpx.Response(200, json={"status": "accepted", "call_id": "c"})
    )
    assert await start(bridge) == (C, {"status": "accepted", "call_id": "c"})
    assert taken.calls[0].request.headers["X-VoxCore-Secret"] == "first-service-secret"


async def test_a_start_tries_three_hosts_and_no_more(bridge, net) -> None:
    await fleet(bridge, A, B, C, D)
    starts = []
    for url in (A, B, C, D):
        net.get(f"{url}/health/fleet").mock(return_value=answer())
        starts.append(net.post(f"{url}/livekit/dialout").mock(return_value=httpx.Response(429)))
    with pytest.raises(errors.NoCapacity):
        await start(bridge)
    assert sum(route.call_count for route in starts) == 3


UNKNOWN = [
    ("timeout after sending", httpx.ReadTimeout("slow")),
    ("connection lost", httpx.ReadError("reset")),
    ("a balancer's 502", httpx.Response(502, text="<html>Bad Gateway</html>")),
    ("a balancer's 504", httpx.Response(504)),
    ("outcome_unknown", httpx.Response(504, json={"error": "outcome_unknown", "message": "?"})),
    ("200 that is no object", httpx.Response(200, json=["accepted"])),
    ("204", httpx.Response(204)),
]


@pytest.mark.parametrize("outcome", [case[1] for case in UNKNOWN], ids=[case[0] for case in UNKNOWN])
async def test_an_unknown_outcome_starts_no_second_worker(bridge, net, outcome) -> None:
    await fleet(bridge, A, B)
    starts = []
    for url in (A, B):
        net.get(f"{url}/health/fleet").mock(return_value=answer())
        kind = "side_effect" if isinstance(outcome, Exception) else "return_value"
        starts.append(net.post(f"{url}/livekit/dialout").mock(**{kind: outcome}))
    with pytest.raises(errors.StartUnknown) as caught:
        await start(bridge)
    assert (caught.value.http_status, caught.value.wire_code) == (502, "start_unknown")
    assert sum(route.call_count for route in starts) == 1


async def test_a_refusal_of_the_worker_itself_is_relayed(bridge, net) -> None:
    await fleet(bridge, A)
    net.get(f"{A}/health/fleet").mock(return_value=answer())
    told = {"error": "livekit_failed", "message": "No trunk."}
    net.post(f"{A}/livekit/dialout").mock(return_value=httpx.Response(502, json=told))
    with pytest.raises(VoxError) as caught:
        await start(bridge)
    assert (caught.value.http_status, caught.value.wire_code, caught.value.message) == (
        502,
        "livekit_failed",
        "No trunk.",
    )
