"""Fixtures of the ingress suite: a HAProxy, a voxbridge that gives every bot a configuration, a host of eight seats."""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from voxctl.balancer.program import haproxy_command
from voxctl.children import free_port
from voxctl.output import CommandError

from .bridge import running_bridge
from .harness import RunningBalancer, fleet_of, running_balancer, short_folder, until_up
from .workers import HERE, Seats, running_seats

LIVE_CALLS = int(os.environ.get("INGRESS_LIVE", "4"))


@pytest.fixture(scope="session")
def haproxy() -> list[str]:
    """The command of a HAProxy that is new enough: this system's, else Debian's, unpacked once below build/."""
    try:
        return haproxy_command()
    except CommandError:
        folder = HERE.parents[1] / "build" / "haproxy"
        script = str(HERE / "debian_haproxy.sh")
        done = subprocess.run(["bash", script, str(folder)], stdout=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            pytest.fail("no HAProxy 3.0.4 or newer: install one, or name it in VOX_HAPROXY")
        return haproxy_command(done.stdout.strip())


@pytest.fixture(scope="session")
def bridge_port() -> Iterator[int]:
    """Port of the stand-in voxbridge, which runs beside all tests."""
    port = free_port()
    with running_bridge("127.0.0.1", port):
        yield port


@dataclass
class Host:
    """A fleet host: seats and the balancer before them."""

    seats: Seats
    lb: RunningBalancer


@pytest.fixture(scope="session")
def eight_seats(bridge_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seats]:
    """Eight workers that all tests of the shape of a host share."""
    with running_seats("fleet1", 8, tmp_path_factory.mktemp("fleet1"), bridge_port) as seats:
        yield seats


@pytest.fixture
def run_dir() -> Iterator[Path]:
    """A folder for the sockets of one balancer."""
    with short_folder() as folder:
        yield folder


@pytest.fixture
async def busy_host(
    haproxy: list[str], eight_seats: Seats, bridge_port: int, run_dir: Path, tmp_path: Path
) -> AsyncIterator[Host]:
    """A host with room for LIVE_CALLS and four more: the eight seats, or a larger one of this test alone."""
    count = LIVE_CALLS + 4
    with ExitStack() as stack:
        seats = eight_seats
        if count != len(eight_seats.ids):
            seats = stack.enter_context(running_seats("fleet1", count, tmp_path, bridge_port))
        await seats.until_idle()
        lb = stack.enter_context(running_balancer(haproxy, fleet_of(seats, run_dir)))
        await until_up(lb, "calls", *seats.ids)
        yield Host(seats, lb)
        await seats.until_idle()
        assert seats.doubled() == [], "a seat had two calls at once"


@pytest.fixture
async def host(haproxy: list[str], eight_seats: Seats, run_dir: Path) -> AsyncIterator[Host]:
    """A fresh balancer before eight idle workers; afterwards all of their calls are over."""
    await eight_seats.until_idle()
    with running_balancer(haproxy, fleet_of(eight_seats, run_dir)) as lb:
        await until_up(lb, "calls", *eight_seats.ids)
        yield Host(eight_seats, lb)
    await eight_seats.end_rooms()
    assert eight_seats.doubled() == [], "a seat had two calls at once"
