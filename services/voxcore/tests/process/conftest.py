"""Fixtures of the process around a call."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from registry_plant import RegistryPlant
from voxcore.settings import VoxcoreSettings
from voxcore_children import Spawn, spawner
from voxcore_fakes import SECRET, FakeBridge, served
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer


@pytest.fixture
async def bridge() -> AsyncIterator[FakeBridge]:
    """voxbridge that gives every bot a configuration and takes every result."""
    fake = FakeBridge()
    async with served(fake.app()) as url:
        fake.url = url
        yield fake


@pytest.fixture
def settings_for(tmp_path: Path) -> Callable[..., VoxcoreSettings]:
    """Settings of a worker of this test: own outbox, a port the system chooses, plenty of disk assumed."""

    def make(**more: Any) -> VoxcoreSettings:
        given = {
            "voxbridge_config_url": "http://127.0.0.1:9/api/v1/config",
            "voxcore_secret": SECRET,
            "voxcore_worker_id": "test-1",
            "voxcore_host_id": "test",
            "voxcore_host": "127.0.0.1",
            "voxcore_port": 0,
            "outbox_dir": tmp_path / "outbox",
            "outbox_min_free_mb": 1,
            "livekit_url": "ws://127.0.0.1:9",
            "registry_url": "",
            "_env_file": None,
        }
        return VoxcoreSettings(**(given | more))

    return make


@pytest.fixture
def spawn(bridge: FakeBridge, tmp_path: Path) -> Spawn:
    """Starts workers in processes of their own: `async with spawn("child-1", REGISTRY_URL=…) as child`."""
    return spawner(bridge.config_url, tmp_path)


@pytest.fixture(scope="module")
def seat_valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    server = ValkeyServer(free_port(), tmp_path_factory.mktemp("seat-valkey") / "data")
    server.start()
    server.wait_ready(60)
    yield server
    server.stop()


@pytest.fixture
def plant(seat_valkey: ValkeyServer, tmp_path: Path) -> RegistryPlant:
    """An address for a registry, and an empty store for it; the test starts and stops the registry itself."""
    plant = RegistryPlant(seat_valkey, tmp_path / "registry", free_port(), SECRET)
    plant.wipe()
    return plant
