"""A dialler that counts on seats that are not there rings people into silence; one that sees none stands still."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from voxdialler.capacity import VALID_S, Capacity
from voxdialler.settings import DiallerSettings
from voxkit.contracts.health import FleetHealth
from voxkit.errors import Unavailable

pytestmark = [pytest.mark.unit]

HOSTS = ["http://one.test", "http://two.test", "http://dead.test"]
POLL_S = 3.0


class Registry:
    """Its view of the fleet, or that it is away."""

    def __init__(self, free: int = 8, status: str = "ok") -> None:
        self.free, self.status, self.away = free, status, False

    async def fleet(self) -> Any:
        if self.away:
            raise Unavailable("The registry is away.")
        return SimpleNamespace(seats=10, free=self.free, status=self.status)


class Sky:
    """Hosts that answer `/health/fleet`, and the time."""

    def __init__(self, **free: int) -> None:
        self.free, self.now, self.asked = free, 100.0, list[str]()

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.host.partition(".")[0]
        assert request.url.path == "/health/fleet"
        self.asked.append(name)
        if name not in self.free:
            raise httpx.ConnectError("refused")
        said = FleetHealth(fleet_calls=0, fleet_max=4, fleet_available=self.free[name], workers=[])
        return httpx.Response(200, json=said.model_dump())

    def capacity(self, registry: Any, *, fallback: bool) -> Capacity:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self.answer))
        return Capacity(registry, http, fallback=fallback, poll_s=POLL_S, timeout_s=1, clock=lambda: self.now)


async def test_what_the_registry_says_counts_for_six_seconds() -> None:
    sky, registry = Sky(), Registry()
    capacity = sky.capacity(registry, fallback=False)
    assert capacity.free is None
    assert await capacity.look(HOSTS)
    assert (capacity.free, capacity.by_fallback) == (8, False)
    registry.away = True
    assert not await capacity.look(HOSTS)
    assert capacity.free == 8
    sky.now += VALID_S + 0.1
    assert capacity.free is None
    assert sky.asked == []


async def test_a_registry_that_rebuilds_has_no_free_seat() -> None:
    capacity = Sky().capacity(Registry(status="rebuilding"), fallback=True)
    assert await capacity.look(HOSTS)
    assert (capacity.free, capacity.by_fallback) == (0, False)


async def test_while_the_registry_is_away_half_of_what_the_hosts_say_counts() -> None:
    sky, registry = Sky(one=4, two=3), Registry()
    registry.away = True
    capacity = sky.capacity(registry, fallback=True)
    assert not await capacity.look(HOSTS)
    assert (capacity.free, capacity.by_fallback) == (3, True)
    assert capacity.seats.hosts == (("http://one.test", 4), ("http://two.test", 3))
    registry.away = False
    assert await capacity.look(HOSTS)
    assert (capacity.free, capacity.by_fallback) == (8, False)


async def test_hosts_are_asked_no_more_often_than_told_and_forgotten_when_they_fall_silent() -> None:
    sky = Sky(one=4)
    capacity = sky.capacity(None, fallback=False)  # no registry at all: polling is all there is
    assert await capacity.look(HOSTS)
    asked = len(sky.asked)
    sky.now += POLL_S - 0.1
    await capacity.look(HOSTS)
    assert len(sky.asked) == asked
    sky.now += 0.2
    sky.free.clear()
    await capacity.look(HOSTS)
    assert len(sky.asked) > asked
    assert capacity.free == 2
    sky.now += VALID_S
    assert capacity.free is None


def test_addresses_of_hosts_are_read_with_blanks_and_a_slash_at_the_end() -> None:
    settings = DiallerSettings(
        _env_file=None, voxcore_secret="secret", fleet_urls=" http://one.test/, http://two.test,"
    )
    assert settings.fleet_hosts == ["http://one.test", "http://two.test"]
