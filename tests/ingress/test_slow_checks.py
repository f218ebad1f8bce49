"""What the edge says of a replica while its next check is under way: a slow check is no failed one."""

from __future__ import annotations

import asyncio

import pytest
from voxctl.balancer.render import Seat
from voxctl.children import free_port
from voxctl.deploy.edge import Edge

from .harness import running_balancer, short_folder
from .services import api_balancer

pytestmark = [pytest.mark.ingress]

SLOW_S = 0.8
LOOKS = 40


async def test_a_replica_whose_checks_are_slow_is_proven_all_the_time_once_one_has_passed(haproxy: list[str]) -> None:
    """On a machine with much to do a check is under way at most looks."""

    async def slowly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(SLOW_S)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(slowly, "127.0.0.1", free_port())
    place = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    with short_folder() as run_dir:
        balancer = api_balancer(
            run_dir,
            bridges=[Seat("voxbridge-a", place)],
            registries=[Seat("voxregistry-a", place)],
            replicas=[Seat("voxbridge-a", place)],
        )
        with running_balancer(haproxy, balancer) as lb:

            async def ask(command: str) -> str:
                return await asyncio.to_thread(lb.admin, command)

            edge = Edge(ask)
            async with asyncio.timeout(20):
                while not (await edge.servers("voxbridge"))["voxbridge-a"].proven:
                    await asyncio.sleep(0.05)
            seen = []
            for _ in range(LOOKS):
                seen.append((await edge.servers("voxbridge"))["voxbridge-a"].proven)
                await asyncio.sleep(0.1)
    server.close()
    assert all(seen), f"{seen.count(False)} of {LOOKS} looks say that it is not there"
