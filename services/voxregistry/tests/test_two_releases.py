"""A deploy replaces the processes one by one: for a while two releases share a store and answer for each other.

`VOXREGISTRY_FORMER` names the folder that holds the package `voxregistry` of the former release. Without it the former
release is this code with a library number that is one lower, so loading, answers and restarts are tested all the same.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import voxregistry
from voxctl.embedded import ValkeyServer
from voxkit.registry import RegistryClient, new_reservation_id
from voxregistry.store import VERSION

from .fakefleet import fleet
from .running import SECRET, Api, running

pytestmark = [pytest.mark.integration]

Store = tuple[ValkeyServer, redis.Redis]
BUSY, FREE = 2, 4


@pytest.fixture
def former(tmp_path: Path) -> Iterator[str]:
    """What goes into PYTHONPATH for a process of the former release."""
    given = os.environ.get("VOXREGISTRY_FORMER")
    if given:
        yield given
        return
    package = tmp_path / "former" / "voxregistry"
    shutil.copytree(Path(voxregistry.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    store = package / "store.py"
    text = store.read_text("utf-8")
    assert text.count(f"VERSION = {VERSION}\n") == 1
    store.write_text(text.replace(f"VERSION = {VERSION}\n", f"VERSION = {VERSION - 1}\n"), "utf-8")
    yield str(package.parent)


def loaded(store: Store) -> int:
    return int(store[1].execute_command("FCALL_RO", "vox1_version", 0))


async def counted(api: Api) -> tuple[int, int]:
    """(busy, free) as this process tells them."""
    async with api.client() as http:
        view = (await http.get("/v1/fleet")).json()
        assert (await http.get("/v1/check")).json() == {"ok": True, "findings": []}
        return view["busy"], view["free"]


async def becomes(api: Api, busy: int, free: int) -> None:
    async with asyncio.timeout(30):
        while await counted(api) != (busy, free):
            await asyncio.sleep(0.05)


async def test_two_releases_answer_for_each_other_while_one_replaces_the_other(
    own_store: Store, tmp_path: Path, former: str
) -> None:
    """T11."""
    with running(own_store[0].uri, tmp_path, PYTHONPATH=former) as old:
        before = loaded(own_store)
        assert before < VERSION
        async with fleet(old.url, BUSY + FREE, random.Random(11)) as (workers, http):
            first = RegistryClient(old.url, SECRET, client="main", http=http)
            await becomes(old, 0, BUSY + FREE)
            for name in ("one", "two"):
                async with first.slot() as slot:
                    await slot.start("/start", json={"name": name})
            held = await first.reserve(new_reservation_id(), hold=60)
            with running(own_store[0].uri, tmp_path) as new:
                second = RegistryClient(new.url, SECRET, client="main", http=http)
                assert loaded(own_store) == VERSION
                await becomes(new, BUSY, FREE - 1)
                # What one has given, the other repeats, prolongs, confirms and takes back.
                again = await second.reserve(held.reservation_id, hold=60)
                assert (again.worker_id, again.epoch, again.fence) == (held.worker_id, held.epoch, held.fence)
                held = await second.extend(held, hold=90)
                await first.release(held)
                await becomes(old, BUSY, FREE)
                for giver, taker in ((first, second), (second, first)):
                    grant = await giver.reserve(new_reservation_id(), hold=60)
                    status, _ = workers[grant.worker_id].start(grant.fence, grant.reservation_id)
                    assert status == 200
                    await taker.confirm(grant)
                await becomes(old, BUSY + 2, FREE - 2)
                # A process of the former release that starts late puts nothing back.
                with running(own_store[0].uri, tmp_path, PYTHONPATH=former) as late:
                    assert loaded(own_store) == VERSION
                    await becomes(late, BUSY + 2, FREE - 2)
                for worker in workers.values():
                    if worker.call:
                        worker.hang_up()
                await becomes(new, 0, BUSY + FREE)
                assert sorted(len(worker.carried) for worker in workers.values()) == [0, 0, 1, 1, 1, 1]
