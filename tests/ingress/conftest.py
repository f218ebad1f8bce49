"""Fixtures of the ingress suite: a HAProxy, a voxbridge that gives every bot a configuration, a host of eight seats."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI, Request
from voxctl.balancer.program import haproxy_command
from voxctl.children import free_port
from voxctl.output import CommandError

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


def stand_in_bridge(port: int) -> FastAPI:
    """voxbridge as seats meet it: one configuration for every bot, every result taken."""
    app = FastAPI()

    @app.get("/api/v1/config/{bot_id}")
    async def config(bot_id: str) -> dict[str, object]:
        local = {"provider": "openai_compatible", "base_url": "http://localhost:1/v1"}
        return {
            "session_id": f"s-{free_port()}-{bot_id}",
            "webhook_url": f"http://127.0.0.1:{port}/api/v1/call-results",
            "system_prompt": "You are a test.",
            "opening_message": "Hello.",
            "stt": local,
            "llm": local | {"model": "demo"},
            "tts": local,
        }

    @app.post("/api/v1/call-results")
    async def results(request: Request) -> dict[str, str]:
        await request.body()
        return {"status": "ok"}

    return app


@pytest.fixture(scope="session")
def bridge_port() -> Iterator[int]:
    """Port of the stand-in voxbridge, which runs in a thread of its own beside all tests."""
    port = free_port()
    config = uvicorn.Config(stand_in_bridge(port), host="127.0.0.1", port=port, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    yield port
    server.should_exit = True
    thread.join(10)


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
