"""Every error text that the balancer makes itself, provoked once: `haproxy -c` does not find one that kills (L19)."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from voxctl.balancer.render import FleetBalancer, Seat
from voxctl.children import free_port

from .harness import RunningBalancer, running_balancer, until_up

pytestmark = [pytest.mark.ingress]


@dataclass
class BrokenSeat:
    """A named stand-in of a worker that is alive by its checks, and takes a start without ever answering it.

    `way`: `dies` closes the connection, `hangs` keeps it open, `refuses` answers 503 of its own.
    """

    way: str
    port: int = 0
    starts: list[bytes] = field(default_factory=list)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            if b"/ready" in request or b"GET /health" in request:
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok")
            else:
                self.starts.append(request.split(b"\r\n", 1)[0])
                if self.way == "hangs":
                    await reader.read()
                if self.way == "refuses":
                    text = b'{"error":"livekit_not_configured","message":"x"}'
                    head = f"HTTP/1.1 503 Service Unavailable\r\ncontent-length: {len(text)}\r\n\r\n"
                    writer.write(head.encode() + text)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def before(haproxy: list[str], folder: Path, *seats: BrokenSeat) -> AsyncIterator[RunningBalancer]:
    """A balancer before these seats, whose timers of seconds are tenths here."""
    servers = [await asyncio.start_server(seat, "127.0.0.1", 0) for seat in seats]
    for seat, server in zip(seats, servers, strict=True):
        seat.port = server.sockets[0].getsockname()[1]
    given = [Seat(f"fleet1-{n}", f"127.0.0.1:{seat.port}") for n, seat in enumerate(seats, 1)]
    balancer = FleetBalancer(
        host="fleet1",
        seats=[*given, Seat("fleet1-9", f"127.0.0.1:{free_port()}")],
        running=len(seats),
        public_binds=[f"127.0.0.1:{free_port()}"],
        private_bind=f"127.0.0.1:{free_port()}",
        run_dir=folder,
        trusted_nets=["127.0.0.0/8"],
    )
    with running_balancer(haproxy, balancer) as lb:
        faster = lb.config.read_text().replace("timeout server 18s", "timeout server 500ms")
        lb.config.write_text(faster.replace("timeout http-request 10s", "timeout http-request 500ms"))
        lb.reload()
        await until_up(lb, "calls", *(seat.id for seat in given))
        yield lb
        assert lb.master.poll() is None
        assert (await raw(lb, b"GET /haproxy-health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))[0] == 200
    for server in servers:
        server.close()


async def raw(lb: RunningBalancer, request: bytes, *, private: bool = False) -> tuple[int, dict[str, str]]:
    """Status and JSON body of a request written byte by byte."""
    host, port = (lb.private if private else lb.url).removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request)
    async with asyncio.timeout(20):
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].split("\r\n")[0])
        body = await reader.readexactly(length)
    writer.close()
    return int(head.split()[1]), json.loads(body) if body.startswith(b"{") else {"error": body.decode()}


@pytest.mark.parametrize(("way", "status"), [("dies", 502), ("hangs", 504)])
async def test_a_start_without_a_whole_answer_is_never_tried_elsewhere(
    haproxy: list[str], run_dir: Path, way: str, status: int
) -> None:
    """L6, L18: the worker may have begun a call, so the caller is told that nobody knows."""
    seats = [BrokenSeat(way) for _ in range(3)]
    async with before(haproxy, run_dir, *seats) as lb:
        for headers in ({}, {"X-Vox-Worker": "fleet1-2"}):
            for start in (await lb.post(headers=headers), await lb.ws("/ws/demo", headers=headers)):
                assert (start.status, start.error) == (status, "outcome_unknown")
    assert sum(len(seat.starts) for seat in seats) == 4
    assert len(seats[1].starts) >= 2


async def test_a_workers_own_503_is_passed_on_as_it_is(haproxy: list[str], run_dir: Path) -> None:
    """L10: only what the balancer says itself becomes 429."""
    async with before(haproxy, run_dir, BrokenSeat("refuses")) as lb:
        start = await lb.post()
        assert (start.status, start.error) == (503, "livekit_not_configured")


async def test_each_further_text_is_json_and_the_process_lives(haproxy: list[str], run_dir: Path) -> None:
    """L4, L5, L8, L10, L18, L19."""
    async with before(haproxy, run_dir, BrokenSeat("dies")) as lb:
        nobody = await lb.post(headers={"X-Vox-Worker": "fleet1-9"})
        assert (nobody.status, nobody.error) == (503, "worker_unreachable")
        private = await raw(
            lb, b"GET /seats/fleet1-9/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", private=True
        )
        assert (private[0], private[1]["error"]) == (503, "worker_unreachable")
        late = await raw(lb, b"POST /attach HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nconnection: close\r\n\r\n123")
        assert (late[0], late[1]["error"]) == (408, "request_timeout")
        recording = await raw(lb, b"GET /recordings/x HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert (recording[0], recording[1]["error"]) == (502, "no_worker")


async def test_the_seats_are_asked_on_their_address_alone(haproxy: list[str], run_dir: Path) -> None:
    """H2: names in a configuration would need a resolver on the path of a call."""
    async with before(haproxy, run_dir, BrokenSeat("dies")) as lb:
        for line in lb.config.read_text().splitlines():
            if line.strip().startswith("server fleet1-"):
                socket.inet_aton(line.split()[2].rpartition(":")[0])
