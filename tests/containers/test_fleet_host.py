"""A rendered fleet host in real containers: closed as it is, it starts, finds its seats, replaces one, and is full."""

from __future__ import annotations

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import pytest_asyncio
from voxctl.balancer.sockets import Balancer
from voxctl.children import free_port

from ..ingress.bridge import running_bridge
from ..ingress.harness import Start, hung_up, start_by_post, start_by_socket
from ..ingress.workers import SECRET
from .engine import ROOT, docker
from .fleet import FleetHost, running_host

pytestmark = [pytest.mark.containers, pytest.mark.timeout(1800)]

NOWHERE = "http://192.0.2.1/api/v1/config"
SEATS = 8
MIXES = int(os.environ.get("FLEET_MIXES", "10"))
SOCKETS = ("/ws/demo", "/exotel/demo")
QUEUE_S = 0.2
"""`timeout queue` of the balancer."""


@pytest.fixture(scope="module")
def host(images: None, bases: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetHost]:
    """Two seats as they are."""
    bases("haproxy")
    told = {"VOXBRIDGE_CONFIG_URL": NOWHERE}
    with running_host(tmp_path_factory.mktemp("host"), 2, "172.30.91.0/24", SECRET, told) as running:
        yield running


def test_a_rendered_host_starts_closed_and_counts_its_seats(host: FleetHost) -> None:
    """H1 to H3, H7, H10, L1, L2, L15: no root, no capability, nothing to write but its own folders."""
    assert '"fleet_max":2' in host.get("/health/fleet").text
    for number in (1, 2):
        health = host.get(f"/seats/fleet1-{number}/health", private=True).json()
        assert (health["worker_id"], health["state"]) == (f"fleet1-{number}", "idle")
    for service in ("lb", "seat-01"):
        container = host.compose("ps", "-q", service).strip().splitlines()[-1]
        wanted = "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}"
        assert docker("inspect", "--format", wanted, container).split() == ["10001:10001", "true", "[ALL]"]


def test_a_seat_is_replaced_at_its_address_while_the_other_serves(host: FleetHost) -> None:
    """H1, H2: the balancer is not told, and not reloaded."""
    balancer = Balancer(host.run_dir)
    before = balancer.generations()
    old = host.compose("ps", "-q", "seat-01").strip().splitlines()[-1]
    host.compose("up", "--detach", "--no-deps", "--force-recreate", "--timeout", "20", "seat-01")
    assert host.get("/health").status_code == 200
    host.until_free(2)
    new = host.compose("ps", "-q", "seat-01").strip().splitlines()[-1]
    assert new != old
    address = docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", new).strip()
    assert address == "172.30.91.101"
    assert balancer.generations() == before


def test_the_balancer_in_its_container_reloads_and_answers_by_its_sockets_on_the_host(host: FleetHost) -> None:
    """L13, L14: `vox` speaks to the sockets in /var/lib/vox/run, from outside of the container."""
    balancer = Balancer(host.run_dir)
    assert set(balancer.states("calls")) == {"fleet1-1", "fleet1-2"}
    before = balancer.generations().current
    balancer.reload()
    assert balancer.generations().current != before
    host.until_free(2)


@pytest.fixture(scope="module")
def eight(images: None, bases: Callable[..., None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FleetHost]:
    """Eight seats whose workers are whole but for the talk: media come back as they went, and a call that began by POST
    needs no LiveKit."""
    bases("haproxy")
    folder, port = tmp_path_factory.mktemp("eight"), free_port()
    gateway = "172.30.92.1"
    program = ROOT / "tests" / "ingress" / "seats.py"
    seat = {
        "entrypoint": ["python", "/seats.py"],
        "environment": {"EVENTS": "/tmp/events", "LIVEKIT_URL": "ws://127.0.0.1:9"},
        "volumes": [f"{program}:/seats.py:ro"],
    }
    override = folder / "echo.yaml"
    override.write_text(json.dumps({"services": {f"seat-{n:02d}": seat for n in range(1, SEATS + 1)}}))
    told = {"VOXBRIDGE_CONFIG_URL": f"http://{gateway}:{port}/api/v1/config"}
    # The host's end of the seats' network is there once they are.
    with (
        running_host(folder, SEATS, "172.30.92.0/24", SECRET, told, (override,)) as running,
        running_bridge(gateway, port),
    ):
        yield running


class Callers:
    """Starts calls on the eight seats through the balancer's public side."""

    def __init__(self, host: FleetHost) -> None:
        self.host = host
        self.client = httpx.AsyncClient(verify=host.tls, trust_env=False, timeout=30)

    async def start(self, kind: str) -> Start:
        """`kind` is the path of a socket, or POST."""
        if kind == "POST":
            return await start_by_post(self.client, f"{self.host.url}/attach")
        return await start_by_socket(self.host.url + kind, tls=self.host.tls)

    def calls(self) -> list[int]:
        """How many calls each seat has."""
        numbers = range(1, SEATS + 1)
        return [self.host.get(f"/seats/fleet1-{n}/health", private=True).json()["worker_calls"] for n in numbers]

    def asking_s(self) -> float:
        """How long it takes at this moment to ask each seat once, through the balancer."""
        began = time.monotonic()
        self.calls()
        return time.monotonic() - began

    def end_rooms(self) -> None:
        """End what began by POST, and wait until all seats are idle."""
        for container in self.host.compose("ps", "-q", *(f"seat-{n:02d}" for n in range(1, SEATS + 1))).split():
            docker("kill", "--signal", "USR1", container)
        self.host.until_free(SEATS)


@pytest_asyncio.fixture
async def callers(eight: FleetHost) -> AsyncIterator[Callers]:
    ready = Callers(eight)
    async with ready.client:
        yield ready
    ready.end_rooms()


async def test_eight_mixed_calls_run_at_once_and_the_ninth_is_refused_within_a_second(callers: Callers) -> None:
    """WebSocket, Exotel and POST starts: eight of eight are admitted, each by another seat.

    A refusal asks each seat once. Where that alone takes long, since much else runs, more than a second is allowed for
    it: a few times as long as asking them took, and the longest wait for a seat.
    """
    kinds = [*SOCKETS, "POST", *SOCKETS, "POST", *SOCKETS]
    starts = await asyncio.gather(*(callers.start(kind) for kind in kinds))
    async with hung_up(*starts):
        assert [each.taken for each in starts] == [True] * SEATS, starts
        assert callers.calls() == [1] * SEATS
        for kind in ("POST", *SOCKETS):
            before = callers.asking_s()
            ninth = await callers.start(kind)
            asking_s = max(before, callers.asking_s())
            print(f"refused in {ninth.took_s:.2f} s, while asking each seat takes {asking_s:.2f} s")
            assert (ninth.status, ninth.body) == (429, {"error": "at_capacity", "message": "At capacity"})
            assert ninth.took_s < max(1, QUEUE_S + 3 * asking_s)


async def test_no_start_is_refused_while_a_seat_is_free_and_no_seat_has_two_calls(callers: Callers) -> None:
    """Random mixes, the same on every machine; FLEET_MIXES=300 is the full size."""
    rng = random.Random(20261128)
    kinds = (*SOCKETS, "POST")
    for mix in range(MIXES):
        held = [await callers.start(rng.choice(kinds)) for _ in range(rng.randint(0, SEATS - 1))]
        free = SEATS - len(held)
        assert all(each.taken for each in held), f"mix {mix}: {held}"
        starts = await asyncio.gather(*(callers.start(rng.choice(kinds)) for _ in range(free + 2)))
        async with hung_up(*held, *starts):
            assert sum(each.taken for each in starts) == free, f"mix {mix}: {starts}"
            assert callers.calls() == [1] * SEATS
        callers.end_rooms()
