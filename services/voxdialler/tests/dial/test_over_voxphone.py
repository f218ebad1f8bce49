"""Dials over the simulated network's own carrier API: its book and the store agree about every call.

Callees are light ones, who need no speech; the media socket ends at a bare server that stands for a worker.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import pytest
from voxkit.carriers import CarrierAccess
from voxkit.carriers.voxphone import VoxphoneCarrier
from voxkit.netguard import Allowlist
from voxphone.app import create_app
from voxphone.settings import ServiceSettings
from websockets.asyncio.server import serve

from .world import World

pytestmark = [pytest.mark.contract]
NUMBERS = """
default: {after_s: 0.05, light: {talk_s: 0.3}}
endings:
  "90": {ring: busy, after_s: 0.05}
  "91": {ring: no_answer}
  "92": {ring: reject, after_s: 0.05}
  "93": {ring: invalid}
  "94": {after_s: 0.05, hang_up_before_bot_s: 0, light: {talk_s: 1}}
  "95": {ring: error, after_s: 0.05}
"""
ENDS = {
    "90": ("rejected", "retry_scheduled"), "91": ("no_answer", "retry_scheduled"),
    "92": ("rejected", "retry_scheduled"), "93": ("invalid_number", "exhausted"),
    "94": ("rejected", "retry_scheduled"), "95": ("error", "retry_scheduled"),
}  # fmt: skip
ACCESS = CarrierAccess(
    adapter="voxphone", base_url="http://carrier", account_sid="acme", api_key="key", api_token="token"
)
LOG = "/v1/accounts/acme/log"


async def quick(seconds: float) -> None:
    """Ringing time passes twenty times as fast."""
    await asyncio.sleep(min(seconds / 20, 0.1))


@pytest.fixture
async def network(tmp_path) -> AsyncIterator[httpx.AsyncClient]:
    """The service, and a client with its credentials."""
    numbers = tmp_path / "numbers.yaml"
    numbers.write_text(NUMBERS)
    settings = ServiceSettings(
        _env_file=None, vox_data_dir=str(tmp_path), voxphone_account="acme", voxphone_api_key="key",
        voxphone_api_token="token", voxphone_population=numbers, voxphone_cps=1000,
    )  # fmt: skip
    app = create_app(settings, pause=quick)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://carrier", auth=("key", "token")) as http:
            yield http


@pytest.fixture
async def heard(world: World) -> AsyncIterator[list[dict]]:
    """First frames of the media sockets that arrived at a worker."""
    frames: list[dict] = []

    async def worker(socket) -> None:
        async for raw in socket:
            frame = json.loads(raw)
            if frame.get("event") == "connected":
                frames.append({"path": socket.request.path, **frame})

    async with serve(worker, "127.0.0.1", 0) as server:
        world.seats.address = f"http://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"
        yield frames


@pytest.fixture
def over_voxphone(world: World, network: httpx.AsyncClient) -> World:
    world.carrier = VoxphoneCarrier(ACCESS, Allowlist(), http=network)
    world.restart()
    return world


async def test_a_call_rings_is_answered_and_reaches_the_reserved_seat_with_its_context(over_voxphone, heard):
    world = over_voxphone
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    after = await world.dial(campaign, row)
    (attempt,) = await world.attempts(row)
    assert after["status"] == "in_progress"
    (frame,) = heard
    assert frame["path"] == "/ws/demo/v1.w1.x"
    text = json.dumps(frame)
    assert f"ctx_{attempt['_id']}" in text
    assert "+15550100" in text
    assert "Ana" not in text, "no contact variable travels through the carrier"


async def test_every_end_settles_and_the_carriers_book_names_each_attempt_once(over_voxphone, network, heard):
    world = over_voxphone
    campaign = await world.campaign(redial_rules={"retry_on_system": ["no_answer", "rejected", "error"]})
    rows = [await world.row(campaign, f"+155501{i}{ending}") for i in range(3) for ending in ENDS]
    orders = [await world.lease(campaign, row) for row in rows]
    await asyncio.gather(*(world.run(order) for order in orders))
    for row in rows:
        (attempt,) = await world.attempts(row)
        after = await world.read(row)
        assert (attempt["outcome"], after["status"]) == ENDS[row["phone_number"][-2:]], row["phone_number"]
    book = (await network.get(f"{LOG}/orders")).json()["items"]
    assert max(Counter(order["client_ref"] for order in book).values()) == 1
    assert {order["client_ref"] for order in book} == {order.attempt_id for order in orders}
    assert world.seats.held == {}


async def test_an_order_whose_answer_is_lost_is_found_again(over_voxphone, network, heard):
    world = over_voxphone
    await network.post("/v1/accounts/acme/faults", json={"route": "place", "status": 500, "after_placing": True})
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    assert (await world.dial(campaign, row))["status"] == "in_progress"
    assert len((await network.get(f"{LOG}/orders")).json()["items"]) == 1


async def test_a_network_that_is_full_is_asked_later_and_the_attempt_does_not_count(over_voxphone, network, heard):
    world = over_voxphone
    fault = {"route": "place", "status": 429, "error": "channels_full", "retry_after": 9}
    await network.post("/v1/accounts/acme/faults", json=fault)
    campaign = await world.campaign()
    row = await world.row(campaign, "+15550100")
    after = await world.dial(campaign, row)
    assert (after["status"], after["attempt_count"]) == ("pending", 0)
    assert 8 < world.ctx.buckets.of("k1").paused_s <= 9
