"""The balancer of a fleet host: who gets which seat, and how everybody else is refused (rules L1 to L18)."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re

import httpx
import pytest

from .conftest import Host
from .harness import Start, hung_up
from .workers import SECRET

pytestmark = [pytest.mark.ingress]

MIXES = int(os.environ.get("INGRESS_MIXES", "60"))


async def start(host: Host, kind: str) -> Start:
    """One start without a seat, of either kind."""
    return await (host.lb.ws("/ws/demo") if kind == "ws" else host.lb.post())


async def test_eight_mixed_calls_at_once_find_eight_seats_and_the_ninth_is_refused_within_a_second(host: Host) -> None:
    """L6, L10 and I5."""
    kinds = ["ws", "post"] * 4
    starts = await asyncio.gather(*(start(host, kind) for kind in kinds))
    async with hung_up(*starts):
        assert [each.status for each in starts] == [101, 200] * 4
        for kind in ("ws", "post"):
            ninth = await start(host, kind)
            assert (ninth.status, ninth.body) == (429, {"error": "at_capacity", "message": "At capacity"})
            assert ninth.retry_after == "1"
            assert ninth.took_s < 1


async def test_no_start_is_refused_while_a_seat_is_free_in_any_mix_of_sockets_and_posts(host: Host) -> None:
    """L6: some seats are held by sockets, which the balancer sees, some by rooms, which it does not."""
    rng = random.Random(20260401)  # the same mixes on every machine
    false_refusals = surplus_taken = judged = 0
    for _ in range(MIXES):
        held = [await start(host, rng.choice(["ws", "post"])) for _ in range(rng.randint(0, 7))]
        free = 8 - sum(each.taken for each in held)
        starts = await asyncio.gather(*(start(host, rng.choice(["ws", "post"])) for _ in range(free + 2)))
        taken = sum(each.taken for each in starts)
        judged += len(starts)
        false_refusals += max(0, free - taken)
        surplus_taken += max(0, taken - free)
        assert all(each.error == "at_capacity" for each in starts if not each.taken)
        async with hung_up(*held, *starts):
            pass
        await host.seats.end_rooms()
    print(f"{judged} starts in {MIXES} mixes: {false_refusals} false refusals, {surplus_taken} surplus starts taken")
    assert (false_refusals, surplus_taken) == (0, 0)


@pytest.mark.parametrize("kind", ["ws", "post"])
async def test_the_one_free_seat_is_found_every_time(host: Host, kind: str) -> None:
    """L6: seven are held by rooms, so the balancer believes them free."""
    held = [await host.lb.post() for _ in range(7)]
    assert all(each.taken for each in held)
    for _ in range(20):
        last = await start(host, kind)
        assert last.taken
        seat = next(each["seat"] for each in reversed(host.seats.noted()) if each["what"] == "begin")
        async with hung_up(last):
            pass
        await host.seats.end_rooms(seat)


@pytest.mark.parametrize("way", ["header", "fence header", "query", "path"])
async def test_a_start_with_a_reservation_reaches_its_seat_whichever_way_it_is_named(host: Host, way: str) -> None:
    """L3, L5."""
    fence = await host.seats.fence("fleet1-5")
    path, headers = {
        "header": (f"/ws/demo?fence={fence}", {"X-Vox-Worker": "fleet1-5"}),
        "fence header": ("/ws/demo", {"X-Vox-Fence": fence}),
        "query": (f"/ws/demo?fence={fence}", {}),
        "path": (f"/ws/demo/{fence}", {}),
    }[way]
    begun = await host.lb.ws(path, headers=headers)
    async with hung_up(begun):
        assert begun.status == 101
        assert (await host.seats.health("fleet1-5"))["worker_calls"] == 1


async def test_a_reserved_start_never_lands_on_another_seat(host: Host) -> None:
    """L5: its own seat is busy, seven others are free."""
    first = await host.lb.post(headers={"X-Vox-Worker": "fleet1-3"})
    assert first.status == 200
    fenced = await host.lb.post(headers={"X-Vox-Fence": await host.seats.fence("fleet1-3")})
    assert (fenced.status, fenced.error) == (409, "stale_reservation")
    named = await host.lb.ws("/ws/demo", headers={"X-Vox-Worker": "fleet1-3"})
    assert (named.status, named.error) == (429, "at_capacity")
    assert sum([(await host.seats.health(seat))["worker_calls"] for seat in host.seats.ids]) == 1


async def test_a_reserved_start_reaches_its_seat_though_the_balancer_has_it_drained_or_down(host: Host) -> None:
    """L5, L12."""
    host.lb.change("set server calls/fleet1-2 state maint")
    host.lb.change("set server targeted/fleet1-2 state drain")
    begun = await host.lb.ws("/ws/demo", headers={"X-Vox-Fence": await host.seats.fence("fleet1-2")})
    async with hung_up(begun):
        assert begun.status == 101
        assert (await host.seats.health("fleet1-2"))["worker_calls"] == 1


@pytest.mark.parametrize("name", ["fleet2-1", "nobody", "fleet1-9", ""])
async def test_a_seat_of_another_host_is_answered_by_the_balancer(host: Host, name: str) -> None:
    """L4."""
    for refused in (
        await host.lb.ws("/ws/demo", headers={"X-Vox-Worker": name}),
        await host.lb.post(headers={"X-Vox-Worker": name}),
    ):
        assert (refused.status, refused.error) == (409, "stale_reservation")


async def test_health_and_recordings_answer_on_a_full_host(host: Host) -> None:
    """L7: no count, and a check of their own."""
    starts = await asyncio.gather(*(host.lb.ws("/ws/demo") for _ in range(8)))
    async with hung_up(*starts), httpx.AsyncClient(trust_env=False, base_url=host.lb.url) as client:
        answers = await asyncio.gather(*(client.get("/health/fleet") for _ in range(20)))
        assert {answer.status_code for answer in answers} == {200}
        assert '"fleet_available":0' in answers[-1].text
        assert (await client.get("/recordings/nothing.wav", headers={"X-VoxCore-Secret": SECRET})).status_code == 404


async def test_what_is_no_start_and_no_health_is_not_there(host: Host) -> None:
    """L1: seats' own routes are on the private side."""
    async with httpx.AsyncClient(trust_env=False, base_url=host.lb.url) as client:
        assert (await client.get("/haproxy-health")).text == "ok"
        for method, path in (
            ("GET", "/metrics"),
            ("POST", "/drain"),
            ("GET", "/attach"),
            ("GET", "/"),
            ("POST", "/recordings/x.wav"),
            ("GET", "/health/other"),
            ("GET", "/seats/fleet1-1/health"),
        ):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), path


async def test_the_private_side_reaches_each_seat_by_name_whatever_its_check_says(host: Host) -> None:
    """L2."""
    host.lb.change("set server calls/fleet1-4 state maint")
    secret = {"X-VoxCore-Secret": SECRET}
    async with httpx.AsyncClient(trust_env=False, base_url=host.lb.private, headers=secret) as client:
        assert (await client.get("/seats/fleet1-4/health")).json()["worker_id"] == "fleet1-4"
        assert (await client.post("/seats/fleet1-4/drain", json={"reason": "test"})).json()["phase"] == "idle"
        assert (await client.get("/seats/fleet1-4/ready")).status_code == 503
        assert (await client.post("/seats/fleet1-4/undrain")).status_code == 200
        for path in ("/seats/fleet1-9/health", "/seats/fleet1-4/attach", "/seats/fleet1-4", "/health"):
            assert (await client.get(path)).status_code == 404, path
        figures = (await client.get("/metrics")).text
        for name in ("http_responses_total", "current_sessions", "retry_warnings_total"):  # used by alerts, dashboards
            assert f'haproxy_backend_{name}{{proxy="calls"' in figures
    async with httpx.AsyncClient(trust_env=False, base_url=host.lb.private) as stranger:
        assert (await stranger.post("/seats/fleet1-4/drain")).status_code == 403


async def test_a_large_start_still_finds_the_last_free_seat_and_a_larger_one_is_told_why_not(host: Host) -> None:
    """L8: a body that does not fit the buffer would silently lose its way to the next seat."""
    held = [await host.lb.post() for _ in range(7)]
    assert all(each.taken for each in held)
    event = {"note": "x" * 15_000}
    assert (await host.lb.post(connected_event=event, padding="x" * 45_000)).status == 200
    refused = await host.lb.post(padding="x" * 66_000)
    assert (refused.status, refused.error) == (413, "too_large")


async def test_a_draining_seat_gets_no_new_call_and_keeps_the_one_it_has(host: Host) -> None:
    """L11, L12."""
    begun = await host.lb.ws("/ws/demo", headers={"X-Vox-Worker": "fleet1-1"})
    async with hung_up(begun):
        assert begun.link
        await _private(host, "POST", "/seats/fleet1-1/drain")
        async with asyncio.timeout(5):
            while host.lb.states("calls")["fleet1-1"] != "DOWN":
                await asyncio.sleep(0.05)
        await begun.link.send(b"still here")
        assert await asyncio.wait_for(begun.link.recv(), 5) == b"still here"
        others = [await host.lb.post() for _ in range(8)]
        assert [each.status for each in others] == [200] * 7 + [429]


async def test_strangers_are_limited_and_trusted_networks_are_not(host: Host) -> None:
    """L17: every test above starts more sockets from one trusted address than a stranger may."""
    text = host.lb.config.read_text()
    host.lb.config.write_text(text.replace("acl trusted    src 127.0.0.0/8", "acl trusted    src 192.0.2.1"))
    host.lb.reload()
    answers = await asyncio.gather(*(host.lb.ws("/ws/demo") for _ in range(40)))
    async with hung_up(*answers):
        assert sum(each.error == "rate_limited" for each in answers) >= 10  # 20 in one second
        assert all(each.status == 429 for each in answers if not each.taken)


async def test_the_access_log_is_json_and_holds_no_query_and_no_whole_fence(host: Host) -> None:
    """L16."""
    fence = await host.seats.fence("fleet1-6")
    begun = await host.lb.ws(f"/ws/demo/{fence}?token=planted-token")
    async with hung_up(begun):
        assert begun.taken
    async with asyncio.timeout(5):
        while "/ws/demo/" not in host.lb.log:
            await asyncio.sleep(0.05)
    line = next(line for line in host.lb.log.splitlines() if "/ws/demo/" in line)
    entry = json.loads(line)
    assert entry["path"] == "/ws/demo/" + ".".join(fence.split(".")[:3]) + ".*"
    assert (entry["seat"], entry["status"], entry["retries"]) == ("fleet1-6", 101, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["ts"])
    assert "planted-token" not in host.lb.log
    assert fence not in host.lb.log


async def _private(host: Host, method: str, path: str) -> None:
    async with httpx.AsyncClient(trust_env=False, base_url=host.lb.private) as client:
        (await client.request(method, path, headers={"X-VoxCore-Secret": SECRET})).raise_for_status()
