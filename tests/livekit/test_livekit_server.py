"""voxdialler's way over LiveKit before the server itself: its rooms, its refusals, and a callee that nobody can ring.

The SIP bridge is not there, so no phone rings: that part has a stand-in (services/voxdialler/tests/dial).
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from livekit import api
from voxctl.children import free_port
from voxdialler.originate.base import CallOrder, CannotTell, Refused
from voxdialler.originate.livekit_sip import LivekitSip, open_server, room_of

from tests.goprograms import go_programs

pytestmark = [pytest.mark.contract]

MODULES = {"livekit-server": "github.com/livekit/livekit-server/cmd/server@v1.11.0"}
KEY, SECRET = "key-of-the-test", "secret-of-the-test-0123456789abcdef"
OURS = "+15550199"
STARTS_WITHIN_S = 30.0


@dataclass
class Server:
    url: str

    def way(self, secret: str = SECRET) -> LivekitSip:
        return LivekitSip(open_server(self.url, KEY, secret), now=lambda: datetime.now(UTC))


@pytest.fixture(scope="module")
def server(redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    program = go_programs("livekit", MODULES)["livekit-server"]
    port, log = free_port(), tmp_path_factory.mktemp("livekit") / "server.log"
    config: dict[str, Any] = {
        "port": port,
        "bind_addresses": ["127.0.0.1"],
        "rtc": {"tcp_port": free_port(), "udp_port": free_port(), "node_ip": "127.0.0.1"},
        "redis": {"address": redis_url.removeprefix("redis://").partition("/")[0]},
        "keys": {KEY: SECRET},
        "logging": {"level": "warn"},
    }
    with log.open("wb") as out:
        process = subprocess.Popen([program, "--config-body", json.dumps(config)], stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not _answers(port):
            assert process.poll() is None, log.read_text()[-2000:]
            assert time.monotonic() < deadline, "LiveKit does not answer"
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/").is_success
    except httpx.TransportError:
        return False


@pytest.fixture
async def client(server: Server) -> AsyncIterator[api.LiveKitAPI]:
    opened = open_server(server.url, KEY, SECRET)()
    yield opened
    await opened.aclose()


def order(attempt_id: str, trunk_id: str) -> CallOrder:
    return CallOrder(attempt_id, "c-1", "row-1", "demo", "k-1", "+15550100", OURS, 45, 180, trunk_id=trunk_id)


async def trunk(client: api.LiveKitAPI) -> str:
    wish = api.SIPOutboundTrunkInfo(name="test", address="127.0.0.1:5999", numbers=[OURS])
    made = await client.sip.create_outbound_trunk(api.CreateSIPOutboundTrunkRequest(trunk=wish))
    return made.sip_trunk_id


async def rooms(client: api.LiveKitAPI) -> dict[str, Any]:
    return {room.name: room for room in (await client.room.list_rooms(api.ListRoomsRequest())).rooms}


async def test_a_dial_makes_its_room_and_ends_as_an_error_when_no_bridge_rings(
    server: Server, client: api.LiveKitAPI
) -> None:
    way = server.way()
    await way.place(order("a-1", await trunk(client)))
    room = (await rooms(client))[room_of("a-1")]
    assert (room.empty_timeout, room.departure_timeout) == (75, 20)
    assert json.loads(room.metadata) == {"campaign_id": "c-1", "campaign_call_id": "row-1", "attempt_id": "a-1"}
    ringing, ended = [view async for view in way.events("a-1")]
    assert (ringing.status, ended.status) == ("ringing", "ended")
    assert ended.end is not None
    assert (ended.end.outcome, ended.end.breaker) == ("error", True)
    with pytest.raises(CannotTell):
        await way.find("a-1")
    for _ in range(2):  # a room that is gone is what was asked for
        await way.hang_up("a-1", "over")
    assert room_of("a-1") not in await rooms(client)
    await way.aclose()


async def test_a_trunk_that_the_server_does_not_know_is_an_error_of_the_carrier(
    server: Server, client: api.LiveKitAPI
) -> None:
    way = server.way()
    await way.place(order("a-2", "ST_unknown"))
    *_, ended = [view async for view in way.events("a-2")]
    assert ended.end is not None
    assert (ended.end.outcome, ended.end.reason, ended.end.breaker) == ("error", "not_found", True)
    await way.aclose()


async def test_a_wrong_secret_is_refused_before_anybody_is_rung(server: Server) -> None:
    way = server.way("another-secret-0123456789abcdef-0123")
    with pytest.raises(Refused, match="LiveKit made no room") as caught:
        await way.place(order("a-3", "ST_1"))
    assert caught.value.breaker
    await way.aclose()
