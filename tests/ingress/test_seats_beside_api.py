"""An all-in-one host: one balancer before the API and the seats, E5."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest
from voxctl.balancer.render import Seat
from voxctl.children import free_port

from .harness import running_balancer, short_folder
from .services import api_balancer

pytestmark = [pytest.mark.ingress]


async def test_the_health_of_a_seat_beside_the_api_is_its_own_and_not_that_of_voxbridge(haproxy: list[str]) -> None:
    """E5: what is left of `/seats/one-1/health` is a path of voxbridge too."""

    def says(name: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(name)}\r\nConnection: close\r\n\r\n{name}".encode())
            await writer.drain()
            writer.close()

        return answer

    servers = {name: await asyncio.start_server(says(name), "127.0.0.1", free_port()) for name in ("bridge", "seat")}
    places = {name: f"127.0.0.1:{each.sockets[0].getsockname()[1]}" for name, each in servers.items()}
    with short_folder() as run_dir:
        balancer = api_balancer(
            run_dir,
            host="one",
            bridges=[Seat("voxbridge-a", places["bridge"])],
            registries=[Seat("voxregistry-a", places["bridge"])],
            replicas=[Seat("voxbridge-a", places["bridge"])],
            seats=[Seat("one-1", places["seat"])],
            running=1,
        )
        with running_balancer(haproxy, balancer) as lb:
            async with httpx.AsyncClient(base_url=lb.private, trust_env=False) as client:
                for path, expected in (
                    ("/seats/one-1/health", "seat"),
                    ("/seats/one-1/ready", "seat"),
                    ("/replicas/voxbridge-a/health", "bridge"),
                    ("/health", "bridge"),
                    ("/api/v1/config/demo", "bridge"),
                ):
                    assert (await client.get(path)).text == expected, path
    for server in servers.values():
        server.close()
