"""A voxbridge with a real registry, a worker host, and a carrier that has a number of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from ..fleet.conftest import make_world  # noqa: F401  (a fixture)
from ..fleet.hosts import serving
from .carrier import Carrier

NUMBER, OTHER = "+15550199", "+15550198"


async def add_carrier(bridge: Any, carrier: Carrier, **fields: Any) -> dict[str, Any]:
    body = {"name": "Voxphone", "originate": "websocket_carrier", "rest": carrier.rest(),
            "dids": [{"number": NUMBER, "bot_id": "demo"}]} | fields  # fmt: skip
    answer = await bridge.admin.post("/api/v1/carriers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
async def carrier() -> AsyncIterator[Carrier]:
    async with AsyncExitStack() as stack:
        yield await stack.enter_async_context(serving(Carrier()))


@pytest.fixture
async def world(make_world: Any, carrier: Carrier) -> AsyncIterator[Any]:  # noqa: F811  (that fixture)
    """One host with two seats."""
    async with make_world(outbound_url_allowlist="127.0.0.1", ws_media_tokens="media-token") as running:
        await add_carrier(running.bridge, carrier)
        yield running
