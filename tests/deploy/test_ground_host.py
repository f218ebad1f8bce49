"""The life of a host: from a bare machine to calls, more and fewer seats, one made anew, and its retirement."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.children import free_port
from voxkit.registry import RegistryAway, RegistryClient

from ..containers.fleet import certificate
from ..ingress.bridge import running_bridge
from .callers import Callers
from .hosts import Lab, Machine, lab
from .town import BALANCER_IMAGE, SECRET, Ran, capacity_registry, seat_image

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(900)]

# As a machine comes from its provider: Docker is there, nothing is set up for us.
BARE = (
    "sed -i 's/^docker:.*/docker:x:105:/; s/^vox:x:10001.*/vox:x:10001:/' /etc/group; "
    "rm /srv/vox/.docker/cli-plugins/docker-compose"
)
CURED = (
    "sed -i 's/^docker:.*/docker:x:105:vox/; s/^vox:x:10001.*/vox:x:10001:vox/' /etc/group; "
    "ln -s /var/lib/docker-compose /srv/vox/.docker/cli-plugins/docker-compose; "
    "echo '{\"live-restore\": true}' >/etc/docker/daemon.json; pkill -HUP -x dockerd"
)
READY_FOR_STATE = "install -d -o vox -g vox /var/lib/vox /var/lib/vox/deploy"
PLANTED = "planted-object-key-0123456789abcdef0123456789"


@dataclass
class Place:
    """fleet1, which is to become a host, and ops, where the lock stands."""

    folder: Path
    lab: Lab
    registry_url: str
    deploy_yml: Path

    @property
    def fleet1(self) -> Machine:
        return self.lab["fleet1"]

    def vox(self, *words: str, timeout_s: float = 400) -> Ran:
        argv = [str(Path(sys.executable).parent / "vox"), *words, "--inventory", str(self.deploy_yml), "--json"]
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOX", "REGISTRY"))}
        told = {"VOXCORE_SECRET": SECRET, "VOX_DATA_DIR": str(self.folder / "data"), "VOX_ACTOR": "tests"}
        done = subprocess.run(
            argv, env=kept | told, capture_output=True, text=True, timeout=timeout_s, cwd=self.folder, check=False
        )
        events: list[dict[str, Any]] = []
        for line in done.stdout.splitlines():
            with suppress(ValueError):
                events.append(json.loads(line))
        return Ran(done.returncode, events, done.stdout + done.stderr)

    def containers(self) -> dict[str, str]:
        """Name -> id."""
        lines = self.fleet1.docker("ps", "--format", "{{.Names}} {{.ID}}").splitlines()
        return dict(line.split() for line in lines)

    async def busy(self) -> str:
        """The seat with a call."""
        registry = RegistryClient(self.registry_url, SECRET, client="test")
        try:
            (seat,) = await busy_of(registry)
        finally:
            await registry.aclose()
        return seat

    async def nobody_calls(self) -> None:
        """Every call is over, its result delivered."""
        registry = RegistryClient(self.registry_url, SECRET, client="test")
        async with asyncio.timeout(60):
            while [seat for seat in await registry.seats() if seat.phase in ("reserved", "busy", "wrapping")]:
                await asyncio.sleep(0.2)
        await registry.aclose()

    @asynccontextmanager
    async def call(self, length_s: float, *, whole: bool = True) -> AsyncIterator[asyncio.Task[None]]:
        """A live call to the public address, for as long as it says; it is established when the block begins.

        Without `whole` it must still be there when the block ends, and is over then.
        """
        registry = RegistryClient(self.registry_url, SECRET, client="test")
        try:
            callers = Callers(registry, [self.fleet1.address], most=1)
            task = asyncio.create_task(callers.place(length_s, reserved=False, host=self.fleet1.address))
            async with asyncio.timeout(30):
                while not await busy_of(registry):
                    assert not task.done(), callers.calls
                    await asyncio.sleep(0.1)
            yield task
            if not whole:
                assert not task.done(), callers.calls
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                return
            await task
            (call,) = callers.calls
            self.ended = call.why
        finally:
            await registry.aclose()

    ended: str = ""


async def busy_of(registry: RegistryClient) -> list[str]:
    """Seats with a call; a registry that gives no answer in time is asked again."""
    for _ in range(10):
        with suppress(RegistryAway):
            return [seat.worker_id for seat in await registry.seats() if seat.phase == "busy"]
    return [seat.worker_id for seat in await registry.seats() if seat.phase == "busy"]


@pytest.fixture(scope="module")
def place(docker_engine: None, redis_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    (folder / "lab").mkdir()
    seat_image(folder)
    with ExitStack() as stack:
        machines = stack.enter_context(lab(folder / "lab"))
        registry = stack.enter_context(capacity_registry(folder, redis_url))
        bridge = free_port()
        stack.enter_context(running_bridge(machines.gateway, bridge, []))
        machines.add("ops", setup=READY_FOR_STATE)
        machines.add("fleet1", setup=BARE, daemon="{}")
        machines["fleet1"].load("voxtest-seat:base")
        secrets = folder / "secrets.env"
        secrets.write_text(
            f"VOXCORE_SECRET={SECRET}\nS3_ACCESS_KEY=vox-1\nS3_SECRET_KEY={PLANTED}\nJWT_SECRET={'j' * 40}\n"
        )
        secrets.chmod(0o600)
        fleet = {"roles": ["fleet"], "seats": 2, "surge": 0, "trusted_nets": ["0.0.0.0/0"]}
        env = {
            "VOXBRIDGE_CONFIG_URL": f"http://{machines.gateway}:{bridge}/api/v1/config",
            "REGISTRY_URL": f"http://{machines.gateway}:{registry}",
            "OBJECT_STORE_URL": "s3://recordings?endpoint=http://192.0.2.1:9000",
            "LIVEKIT_URL": "ws://127.0.0.1:9",
            "OUTBOX_MIN_FREE_MB": "1",
        }
        file = machines.inventory(
            folder / "deploy.yml",
            {
                "ops": {"roles": ["ingress"]},
                "fleet1": {**fleet, "public_url": f"https://{machines['fleet1'].address}"},
            },
            image="voxtest-seat:base",
            lock_host="ops",
            rolling={"health_timeout": 120},
            secrets={"source": "env_file", "file": str(secrets)},
            services={"voxcore": {"env": env}},
        )
        yield Place(folder, machines, f"http://127.0.0.1:{registry}", file)


def test_a_bare_machine_is_told_all_that_it_lacks_and_nothing_is_changed(place: Place) -> None:
    before = place.fleet1.sh("ls /opt /etc/vox /var/lib/vox 2>&1 || true")
    ran = place.vox("host", "up", "fleet1")
    assert ran.code == 2, ran.text
    missing = " | ".join(each["missing"] for each in ran.all("host.missing"))
    for part in (
        "vox may not use Docker: usermod -aG docker vox",
        "live-restore is off",
        "install the compose plugin 2.20",
        "vox is not in group vox (10001)",
        "no certificate lies in /etc/vox/tls",
    ):
        assert part in missing
    assert place.fleet1.sh("ls /opt /etc/vox /var/lib/vox 2>&1 || true") == before


def test_a_full_disk_is_said_before_anything_is_sent_and_leaves_no_lock(place: Place) -> None:
    place.fleet1.sh(CURED)
    place.fleet1.fill_disk(300)
    try:
        ran = place.vox("host", "up", "fleet1")
        assert ran.code == 2, ran.text
        (disk,) = [each["missing"] for each in ran.all("host.missing") if "GiB of disk" in each["missing"]]
        assert disk.startswith("0.3 GiB of disk are free, 20 are needed")
    finally:
        place.fleet1.free_disk()
    assert place.vox("lock").all("lock.free")


async def test_one_command_makes_a_host_of_it_and_the_second_changes_nothing(place: Place) -> None:
    """Must hold 6 of the phase. The image of the seats is there already; the balancer's comes from here, over SSH."""
    pem = place.folder / "other.pem"
    certificate(pem)
    ran = place.vox("host", "up", "fleet1", "--certificate", str(pem))
    assert ran.code == 2
    assert f"other.pem is of 127.0.0.1, not of {place.fleet1.address}" in ran.text

    own = place.folder / "fleet1.pem"
    subject = f"subjectAltName=IP:{place.fleet1.address}"
    key = place.folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=fleet1"]
    subprocess.run([*command, "-addext", subject, "-keyout", key, "-out", own], check=True, capture_output=True)
    own.write_text(own.read_text() + key.read_text())

    begun = time.monotonic()
    ran = place.vox("host", "up", "fleet1", "--certificate", str(own))
    assert ran.code == 0, ran.text
    print(f"\nfrom nothing to a running host: {time.monotonic() - begun:.1f} s, by itself {ran.all('host.up')}")
    assert len(place.containers()) == 3
    (half,) = ran.all("host.half_connected")
    assert "vox fleet register fleet1" in half["missing"]
    assert any(each.startswith("vox ingress add-fleet BRAND fleet1") for each in half["missing"])
    async with place.call(2):
        pass
    assert place.ended == ""

    before = place.containers()
    again = place.vox("host", "up", "fleet1")
    assert again.code == 0, again.text
    said = [each["text"] for each in again.all("host.progress")]
    assert "files: nothing changed" in said
    assert "secrets: nothing changed" in said
    assert place.containers() == before


def test_secrets_are_for_their_owner_alone_and_stand_in_no_other_place(place: Place) -> None:
    """A9, S1."""
    stat = place.fleet1.sh("stat -c '%a %U' /etc/vox/secrets.env; stat -c '%a %u' /var/lib/vox/outbox").split()
    assert stat == ["600", "vox", "700", "10001"]
    assert "JWT_SECRET" not in place.fleet1.sh("cat /etc/vox/secrets.env"), "no seat of it needs that one"
    secrets = place.folder / "secrets.env"
    secrets.write_text(secrets.read_text().replace(PLANTED, PLANTED[::-1]))
    ran = place.vox("secrets", "push", "fleet1", "--why", "rotated")
    assert ran.code == 0, ran.text
    (pushed,) = ran.all("secrets.pushed")
    assert (pushed["changed"], pushed["added"], pushed["removed"]) == (["S3_SECRET_KEY"], [], [])
    assert PLANTED[::-1] in place.fleet1.sh("cat /etc/vox/secrets.env")
    audit = place.vox("audit", "--last", "100").text
    assert "changed S3_SECRET_KEY; rotated" in audit
    everywhere = audit + ran.text + place.fleet1.sh("cat /opt/vox/*; cat /var/lib/vox/audit.jsonl; ps axww -o args")
    assert not re.search(f"{PLANTED}|{PLANTED[::-1]}|{SECRET}", everywhere)


def test_logs_are_read_by_host_seat_and_session(place: Place) -> None:
    lines = place.vox("logs", "fleet1", "1").all("log")
    assert lines
    assert {line["service"] for line in lines} == {"seat-01"}
    both = place.vox("logs", "fleet1").all("log")
    assert {"seat-01", "seat-02", "lb"} >= {line["service"] for line in both} > {"seat-01"}
    assert [line["ts"] for line in both] == sorted(line["ts"] for line in both)
    ran = place.vox("logs", "--session", "no-such-session")
    assert ran.all("logs.none")
    assert [each["host"] for each in ran.all("logs.missing")] == ["ops"], "nothing runs there yet, and that is said"
    assert "fleet1 has no seat 9: fleet1-1, fleet1-2" in place.vox("logs", "fleet1", "9").text


def test_a_command_runs_there_and_its_code_is_ours(place: Place) -> None:
    vox = [str(Path(sys.executable).parent / "vox"), "exec", "fleet1", "--inventory", str(place.deploy_yml), "--"]
    done = subprocess.run(
        [*vox, "sh", "-c", 'echo "$1"; exit 7', "sh", "a  b"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (7, "a  b\n")


async def test_a_seat_is_made_anew_and_one_with_a_call_is_left_alone(place: Place) -> None:
    """H6."""
    before = place.containers()
    ran = await asyncio.to_thread(place.vox, "seat", "restart", "fleet1-1")
    assert ran.code == 0, ran.text
    after = place.containers()
    assert [name for name in before if before[name] != after[name]] == ["vox-fleet1-seat-01-1"]

    async with place.call(200, whole=False):
        busy = await place.busy()
        ran = await asyncio.to_thread(place.vox, "seat", "restart", busy)
        assert ran.code == 1
        assert f"{busy} carries call " in ran.text
    await place.nobody_calls()


@pytest.mark.full
async def test_a_seat_with_a_call_is_made_anew_by_order(place: Place) -> None:
    """The recording of the call that is cut cannot be stored here, and its seat is given two minutes for that."""
    async with place.call(300):
        busy = await place.busy()
        ran = await asyncio.to_thread(place.vox, "seat", "restart", busy, "--kill", "--why", "it is stuck")
        assert ran.code == 0, ran.text
    assert place.ended, "it was cut"
    lines = place.vox("audit", "--action", "seat.restart").events
    assert (lines[-1]["seat"], lines[-1]["calls_live"], lines[-1]["reason"]) == (busy, 1, "it is stuck")
    assert lines[-1]["session_id"]


async def test_more_and_fewer_seats_and_a_call_lasts_through_both(place: Place) -> None:
    """H11."""
    async with place.call(40):
        ran = await asyncio.to_thread(place.vox, "host", "seats", "fleet1", "3")
        assert ran.code == 0, ran.text
        assert "seats: 3" in place.deploy_yml.read_text()
        assert "vox-fleet1-seat-03-1" in place.containers()
    assert place.ended == ""
    told = place.fleet1.docker("inspect", "--format", "{{.Config.Env}}", "vox-fleet1-seat-01-1")
    assert "VOXCORE_WORKERS=3" in told
    before = place.containers()
    ran = await asyncio.to_thread(place.vox, "host", "seats", "fleet1", "3")
    assert ran.code == 0, ran.text
    assert place.containers() == before, "nothing was left to do"
    ran = await asyncio.to_thread(place.vox, "host", "seats", "fleet1", "2")
    assert ran.code == 0, ran.text
    assert len(place.containers()) == 3
    registry = RegistryClient(place.registry_url, SECRET, client="test")
    assert await registry.drains() == []
    await registry.aclose()


def test_a_host_leaves_when_nothing_is_left_there(place: Place) -> None:
    """Section 24."""
    ran = place.vox("host", "retire", "fleet1")
    assert ran.code == 1
    assert [each["left"] for each in ran.all("host.left")][:1] == ["fleet1-1 takes calls: vox fleet drain fleet1"]

    async def drain() -> None:
        registry = RegistryClient(place.registry_url, SECRET, client="test")
        await registry.drain("host:fleet1", reason="retired", by="tests")
        await registry.aclose()
        # The registry says so at once; each seat has to hear of it.
        base = f"http://{place.fleet1.address}:8088/seats"
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as client:
            for seat in ("fleet1-1", "fleet1-2"):
                while not (await client.get(f"{base}/{seat}/health")).json()["draining"]:
                    await asyncio.sleep(0.2)

    asyncio.run(drain())
    place.fleet1.sh("echo '{}' >/var/lib/vox/outbox/dead/results/left.json")
    ran = place.vox("host", "retire", "fleet1")
    assert ran.code == 1
    assert [each["left"] for each in ran.all("host.left")] == ["outbox/dead still holds 1: vox outbox list"]
    assert len(place.containers()) == 3
    place.fleet1.sh("rm /var/lib/vox/outbox/dead/results/left.json")
    ran = place.vox("host", "retire", "fleet1")
    assert ran.code == 0, ran.text
    assert place.containers() == {}
    assert place.fleet1.sh("ls /var/lib/vox/outbox | wc -l").strip() != "0", "nothing of Vox deletes an outbox"
    assert place.vox("audit", "verify").code == 0
    assert BALANCER_IMAGE in place.fleet1.docker("images", "--format", "{{.Repository}}:{{.Tag}}")
