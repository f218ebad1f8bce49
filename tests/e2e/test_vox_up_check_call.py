"""The gate of a deploy on a whole stack: a real spoken call to a seat that is closed to everybody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from voxctl.api import Bridge
from voxctl.deploy.canary import SpokenCanary
from voxctl.deploy.world import SeatNow
from voxctl.up.data import DataFolder, read_env_file
from voxkit.errors import AtCapacity
from voxkit.registry import RegistryClient, new_reservation_id

from ..stacks import VoxUp

pytestmark = [pytest.mark.e2e, pytest.mark.embedded("hosts have check calls of their own: tests/deploy")]


@asynccontextmanager
async def canary_of(stack: VoxUp) -> AsyncIterator[SpokenCanary]:
    data = DataFolder(stack.data)
    secrets = read_env_file(data.secrets_file)
    registry = RegistryClient(stack.stack["registry_url"], secrets["VOXCORE_SECRET"], client="vox")

    @asynccontextmanager
    async def phone() -> AsyncIterator[httpx.AsyncClient]:
        async with httpx.AsyncClient(base_url=stack.stack["phone_url"], trust_env=False) as client:
            yield client

    password = data.first_admin_file.read_text().strip()
    async with Bridge(stack.stack["api_url"], "admin@example.com", password) as bridge:
        try:
            yield SpokenCanary(
                registry,
                bridge,
                phone,
                phone_token=secrets["VOXPHONE_API_TOKEN"],
                voice_url=f"{stack.stack['voice_url']}/v1",
            )
        finally:
            await registry.aclose()


async def test_a_closed_seat_carries_its_check_call_and_nobody_else_gets_it(vox_up_stack: VoxUp) -> None:
    async with canary_of(vox_up_stack) as canary:
        (seat,) = await canary.registry.seats()
        await canary.registry.drain(f"worker:{seat.worker_id}", "deploy d-1", "vox deploy")
        with pytest.raises(AtCapacity):
            await canary.registry.reserve(new_reservation_id())
        said = await canary.call(SeatNow(seat.worker_id, seat.host_id, phase="idle"))
        assert said.good, said.why
        assert said.took_s < 60
        await canary.registry.undrain(f"worker:{seat.worker_id}")


async def test_a_seat_that_the_registry_does_not_know_fails_it_and_the_reason_says_so(vox_up_stack: VoxUp) -> None:
    async with canary_of(vox_up_stack) as canary:
        said = await canary.call(SeatNow("nobody-1", "nobody", phase="idle"))
        assert not said.good
        assert "the registry does not give it for a call" in said.why
