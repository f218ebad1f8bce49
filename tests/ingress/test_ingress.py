"""Ingress hosts before fleet hosts: one name, many hosts, no second count that matters (rules G1 to G5, G8)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from .harness import RunningBalancer, Start, fleet_of, hung_up, ingress_of, running_balancer, short_folder, until_up
from .workers import SECRET, Seats, running_seats

pytestmark = [pytest.mark.ingress]


@pytest.fixture(scope="module")
def two_fleets(bridge_port: int, tmp_path_factory: pytest.TempPathFactory):
    """Two hosts of four workers each."""
    with ExitStack() as stack:
        yield [
            stack.enter_context(running_seats(name, 4, tmp_path_factory.mktemp(name), bridge_port))
            for name in ("fleet1", "fleet2")
        ]


@dataclass
class Site:
    """Two fleet hosts and two ingress hosts, all with their own balancer."""

    seats: list[Seats]
    fleets: list[RunningBalancer]
    ingress: list[RunningBalancer]

    @property
    def calls(self) -> int:
        live = sum(1 if each["what"] == "begin" else -1 for seats in self.seats for each in seats.noted())
        return live


@pytest.fixture
async def site(haproxy: list[str], two_fleets: list[Seats]) -> AsyncIterator[Site]:
    """Fresh balancers before idle workers; afterwards no seat ever had two calls."""
    with ExitStack() as stack:

        def folder() -> Path:
            return stack.enter_context(short_folder())

        for seats in two_fleets:
            await seats.until_idle()
        fleets = [stack.enter_context(running_balancer(haproxy, fleet_of(seats, folder()))) for seats in two_fleets]
        known = [("fleet1", fleets[0], 4), ("fleet2", fleets[1], 4)]
        ingress = [stack.enter_context(running_balancer(haproxy, ingress_of(folder(), *known))) for _ in range(2)]
        for lb, seats in zip(fleets, two_fleets, strict=True):
            await until_up(lb, "calls", *seats.ids)
        for lb in ingress:
            await until_up(lb, "main", "fleet1", "fleet2")
        yield Site(two_fleets, fleets, ingress)
    for seats in two_fleets:
        await seats.end_rooms()
        assert seats.doubled() == [], "a seat had two calls at once"


async def end(site: Site, *starts: Start) -> None:
    """Hang up, and wait until every seat is free again."""
    async with hung_up(*starts):
        pass
    for seats in site.seats:
        await seats.end_rooms()
    for lb in site.ingress:
        await until_up(lb, "main", "fleet1", "fleet2")


async def test_two_ingress_hosts_find_every_free_seat_of_two_fleets_and_double_none(site: Site) -> None:
    """Section 7 e, G5, G8: each counts alone, and some seats are held by rooms that neither can see."""
    rng = random.Random(11)
    for _ in range(8):
        rooms = [await rng.choice(site.fleets).post() for _ in range(rng.randint(0, 3))]
        free = 8 - sum(room.taken for room in rooms)
        starts = [await rng.choice(site.ingress).ws("/ws/demo") for _ in range(free)]
        assert [start.status for start in starts] == [101] * free
        await end(site, *starts)


async def test_a_storm_over_two_ingress_hosts_takes_each_seat_once(site: Site) -> None:
    """Section 7 e: twenty at once for eight seats."""
    for _ in range(4):
        starts = await asyncio.gather(*(site.ingress[n % 2].ws("/ws/demo") for n in range(20)))
        taken = [start for start in starts if start.taken]
        refused = [start for start in starts if not start.taken]
        assert len(taken) == 8
        assert {start.error for start in refused} == {"at_capacity"}
        await end(site, *taken)


async def test_all_fleets_full_is_said_within_a_second(site: Site) -> None:
    """G3, G5: first by asking, then by the check that knows already."""
    ingress = site.ingress[0]
    starts = [await ingress.ws("/ws/demo") for _ in range(8)]
    for _ in range(2):
        late = await ingress.ws("/ws/demo")
        assert (late.status, late.error, late.retry_after) == (429, "at_capacity", "1")
        assert late.took_s < 1
        async with asyncio.timeout(10):
            while set(ingress.states("main").values()) != {"DOWN"}:
                await asyncio.sleep(0.05)
    for start in starts:
        assert start.link
        await start.link.send(b"still here")
        assert await asyncio.wait_for(start.link.recv(), 5) == b"still here"
    await end(site, *starts)


async def test_a_draining_host_gets_no_new_socket_and_keeps_its_calls(site: Site) -> None:
    """G3."""
    ingress = site.ingress[0]
    begun = await ingress.ws("/ws/demo", headers={"X-Vox-Worker": "fleet1-1"})
    assert begun.link
    secret = {"X-VoxCore-Secret": SECRET}
    async with httpx.AsyncClient(trust_env=False, base_url=site.fleets[0].private, headers=secret) as client:
        for seat in site.seats[0].ids:
            (await client.post(f"/seats/{seat}/drain")).raise_for_status()
        async with asyncio.timeout(10):
            while ingress.states("main")["fleet1"] != "DOWN":
                await asyncio.sleep(0.05)
        starts = [await ingress.ws("/ws/demo") for _ in range(5)]
        assert [start.status for start in starts] == [101] * 4 + [429]
        await begun.link.send(b"still here")
        assert await asyncio.wait_for(begun.link.recv(), 5) == b"still here"
        for seat in site.seats[0].ids:
            (await client.post(f"/seats/{seat}/undrain")).raise_for_status()
    await end(site, begun, *starts)


async def test_a_socket_with_a_reservation_goes_to_the_host_of_its_seat_though_that_is_down(site: Site) -> None:
    """G4."""
    ingress = site.ingress[1]
    ingress.change("set server main/fleet2 state maint")
    fence = await site.seats[1].fence("fleet2-3")
    begun = await ingress.ws(f"/ws/demo/{fence}")
    async with hung_up(begun):
        assert begun.status == 101
        assert (await site.seats[1].health("fleet2-3"))["worker_calls"] == 1
        busy = await ingress.ws("/ws/demo", headers={"X-Vox-Worker": "fleet2-3"})
        assert (busy.status, busy.error) == (429, "at_capacity")
    for name in ("fleet3-1", "nobody"):
        unknown = await ingress.ws("/ws/demo", headers={"X-Vox-Worker": name})
        assert (unknown.status, unknown.error) == (409, "stale_reservation")


async def test_only_sockets_of_a_known_brand_pass(site: Site) -> None:
    """G1: POST starts are sent to a host by their callers, health is nobody's business here."""
    async with httpx.AsyncClient(trust_env=False, base_url=site.ingress[0].url) as client:
        assert (await client.get("/haproxy-health")).text == "ok"
        for method, path in (
            ("POST", "/attach"),
            ("GET", "/health/fleet"),
            ("GET", "/recordings/x"),
            ("POST", "/ws/demo"),
        ):
            answer = await client.request(method, path)
            assert (answer.status_code, answer.json()["error"]) == (404, "not_found"), path
        stranger = await client.get("/ws/demo", headers={"Host": "other.example.com"})
        assert (stranger.status_code, stranger.json()["error"]) == (404, "not_found")


async def test_a_lost_host_is_left_out(site: Site, haproxy: list[str]) -> None:
    """G2, G5: its own balancer is gone; before the check has seen it, and after."""
    ingress = site.ingress[0]
    site.fleets[1].master.kill()
    site.fleets[1].master.wait(10)
    for pid in site.fleets[1].pids():
        raise AssertionError(f"process {pid} outlived its master")
    starts = [await ingress.ws("/ws/demo") for _ in range(4)]
    assert [start.status for start in starts] == [101] * 4
    gone = await ingress.ws("/ws/demo", headers={"X-Vox-Worker": "fleet2-1"})
    assert (gone.status, gone.error) == (503, "worker_unreachable")
    assert (await ingress.ws("/ws/demo")).status == 429
    async with hung_up(*starts):
        pass
