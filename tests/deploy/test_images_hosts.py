"""What hosts have of a registry's images: compared, and tidied up without touching what a seat runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from voxctl.hosts.inventory import load_inventory
from voxctl.images.facts import AtRegistry
from voxctl.images.hosts import images_on
from voxctl.images.push import push
from voxctl.images.registry import ImageRegistry
from voxctl.images.verify import verify

from .hosts import Lab, Machine, lab
from .registry import RegistryServer, Shop, image_registry

pytestmark = [pytest.mark.deploy]

VOX = Path(sys.prefix) / "bin" / "vox"
TAGS = [f"2025.01.{day:02d}-1" for day in range(1, 15)]
SETUP = "mkdir -p /opt/vox /var/lib/vox/deploy; chown 10002:10002 /opt/vox /var/lib/vox /var/lib/vox/deploy"


@dataclass
class Site:
    """One host and a registry that it reaches; the engine here speaks to that by loopback."""

    machine: Machine
    inventory: Path
    server: RegistryServer
    shop: Shop
    prefix: str

    async def pushed(self, tag: str) -> str:
        """A release of voxcore in the registry. Returns: its name by digest, as the host pulls it."""
        self.shop.release(tag, ("voxcore",))
        async with ImageRegistry(self.shop.host.partition("/")[0]) as client:
            (done,) = await push(AtRegistry(self.shop.host, client), ("voxcore",), tag, None)
        return f"{self.prefix}/vox/voxcore@{done.digest}"

    def pull(self, ref: str) -> None:
        self.machine.docker("pull", "--quiet", ref)

    def seat(self, name: str, ref: str) -> None:
        """A container from an image, and the line that starts it again."""
        self.machine.docker("create", "--name", name, ref, "/nothing")
        self.machine.sh('echo "$1=$2" >>/opt/vox/seats.env', f"{name.upper().replace('-', '_')}_IMAGE", ref)

    def vox(self, *words: str) -> tuple[int, list[dict[str, Any]]]:
        """Exit code and events of a `vox` command on this inventory."""
        done = subprocess.run(
            [VOX, *words, "--inventory", self.inventory, "--json"],
            env={**os.environ, "VOX_REGISTRY_PLAIN": "1"},
            cwd=self.inventory.parent,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def town(docker_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lab, RegistryServer]]:
    folder = tmp_path_factory.mktemp("images")
    (folder / "lab").mkdir()
    with image_registry(folder, "0.0.0.0") as server, lab(folder / "lab") as machines:
        told = {"live-restore": True, "insecure-registries": [f"{machines.gateway}:{server.port}"]}
        machines.add("fleet1", setup=SETUP, daemon=json.dumps(told))
        yield machines, server


@pytest.fixture
def site(town: tuple[Lab, RegistryServer], tmp_path: Path) -> Iterator[Site]:
    machines, server = town
    # Each test has a folder of its own in the registry.
    team = f"team-{uuid.uuid4().hex[:6]}"
    prefix = f"{machines.gateway}:{server.port}/{team}"
    told = {"roles": ["fleet"], "public_url": "https://fleet1.example.com", "seats": 2, "surge": 0}
    file = machines.inventory(
        tmp_path / "deploy.yml", {"fleet1": told}, registry=prefix, image=f"{prefix}/vox/voxcore:{TAGS[0]}"
    )
    shop = Shop(f"127.0.0.1:{server.port}/{team}")
    yield Site(machines["fleet1"], file, server, shop, prefix)
    shop.drop()
    machines["fleet1"].sh("docker ps -aq | xargs -r docker rm -f; docker images -q | sort -u | xargs -r docker rmi -f")
    machines["fleet1"].sh("rm -f /opt/vox/seats.env")


async def test_a_host_that_runs_what_the_registry_has_is_verified_and_one_that_does_not_is_named(site: Site) -> None:
    first, second = [await site.pushed(tag) for tag in TAGS[:2]]
    for ref in (first, second):
        site.pull(ref)
    site.seat("seat-01", first)
    site.seat("seat-02", second)
    code, events = site.vox("images", "verify")
    assert code == 0, events
    checked = {(each["host"], each["what"], each["tag"]) for each in events}
    assert {("fleet1", "seat-01", TAGS[0]), ("fleet1", "seat-02", TAGS[1])} <= checked

    site.machine.docker("tag", second, f"{site.prefix}/vox/voxcore:{TAGS[1]}")
    site.machine.sh('echo "SEAT_03_IMAGE=$1" >>/opt/vox/seats.env', f"{site.prefix}/vox/voxcore:{TAGS[1]}")
    async with ImageRegistry(site.prefix.partition("/")[0], plain=True) as client:
        at = AtRegistry(site.prefix, client)
        await client.delete(at.ref("voxcore", TAGS[0]).pinned(first.partition("@")[2]))
        inventory = load_inventory(site.inventory)
        findings = await verify(at, inventory.image, await images_on(inventory))
    wrong = {finding.what: finding.wrong for finding in findings if finding.wrong}
    assert f"the registry has no {TAGS[0]} any more" in wrong.pop("seat-01")
    assert "a new host could not start it" in wrong.pop("SEAT_01_IMAGE")
    assert "a tag and no digest" in wrong.pop("SEAT_03_IMAGE")
    assert set(wrong) == {"image"}, "the inventory names the release that is gone"


async def test_what_a_seat_runs_stays_here_and_there_and_the_rest_of_the_old_goes(site: Site) -> None:
    """R4: five on the host, ten in the registry, whatever their age, and the oldest of all because a seat has it."""
    refs = {tag: await site.pushed(tag) for tag in TAGS}
    for ref in refs.values():
        site.pull(ref)
    site.seat("seat-01", refs[TAGS[0]])
    code, events = site.vox("images", "gc")
    would = [each["what"] for each in events if each["event"] == "image.removable" and each["where"] == "fleet1"]
    assert code == 0
    assert would == [f"voxcore:{tag}" for tag in TAGS[1:9]]
    assert len(site.machine.docker("images", "-q").split()) == len(TAGS), "without --yes nothing goes"

    code, events = site.vox("images", "gc", "--yes")
    assert code == 0, events
    (host,) = await images_on(load_inventory(site.inventory))
    assert {image.tag for image in host.images} == {TAGS[0], *TAGS[9:]}
    async with ImageRegistry(site.prefix.partition("/")[0], plain=True) as client:
        assert set(await client.tags(AtRegistry(site.prefix, client).ref("voxcore", "dev"))) - {"incoming"} == {
            TAGS[0],
            *TAGS[4:],
        }
    assert site.vox("images", "gc", "--yes") == (0, []), "a second time there is nothing to do"


async def test_where_a_release_runs_is_listed(site: Site) -> None:
    ref = await site.pushed(TAGS[13])
    site.pull(ref)
    site.seat("seat-01", ref)
    code, events = site.vox("images", "list", "--limit", "1")
    assert code == 0
    (shown,) = [each for each in events if each["event"] == "image.listed"]
    assert (shown["tag"], shown["running"]) == (TAGS[13], {"fleet1": 1})
