"""Deploys of the services on real processes behind a real HAProxy: voxbridge, voxregistry, and the dialler's hand-over.

Processes stand where containers do on a host; the edge, the services and the code that replaces them are the real ones.
"""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from voxctl.deploy.service_work import ServiceWork
from voxctl.deploy.services import ServiceRoll, ServiceWorld

from tests.ingress.conftest import haproxy  # noqa: F401  (a fixture)
from tests.ingress.harness import short_folder
from tests.ingress.services import RULES, ControlPlane, control_plane

pytestmark = [pytest.mark.deploy]

LEADS_WITHIN_S = 4.0
QUICK = RULES.model_copy(update={"health_timeout": 5})
"""For images that never become healthy: nobody waits a minute for them here."""


@pytest.fixture
def stores(mongodb_uri: str, mongo_db_name: str, redis_url: str) -> dict[str, str]:
    base = redis_url.rsplit("/", 1)[0]
    return {
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DB": mongo_db_name,
        "REDIS_URL": f"{base}/4",
        "REGISTRY_REDIS_URL": f"{base}/5",
    }


@pytest.fixture
def plane(haproxy: list[str], stores: dict[str, str], tmp_path: Path) -> Iterator[ControlPlane]:  # noqa: F811  (that fixture)
    single = ("voxbridge", "voxregistry")
    with short_folder() as run_dir, control_plane(haproxy, run_dir, tmp_path, stores, single=single) as made:
        yield made


@dataclass
class Readings:
    """`/ready` of both diallers every 50 ms: (time, those that lead)."""

    plane: ControlPlane
    seen: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)

    async def watch(self) -> None:
        ports = {each.id: self.plane.places.ports[each.id] for each in self.plane.replicas["voxdialler"]}
        async with httpx.AsyncClient(trust_env=False, timeout=2) as client:

            async def leads(port: int) -> bool:
                with suppress(httpx.HTTPError):
                    return (await client.get(f"http://127.0.0.1:{port}/ready")).status_code == 200
                return False

            while True:
                answers = await asyncio.gather(*map(leads, ports.values()))
                led = tuple(id for id, answer in zip(ports, answers, strict=True) if answer)
                self.seen.append((time.monotonic(), led))
                await asyncio.sleep(0.05)

    @property
    def dark_s(self) -> float:
        """The longest time in which nobody may have led: from a look that found a leader to the next one that did."""
        led = [at for at, leaders in self.seen if leaders]
        return max((after - before for before, after in pairwise(led)), default=0.0)

    @property
    def doubled(self) -> list[tuple[str, ...]]:
        return [led for _, led in self.seen if len(led) > 1]


async def test_the_dialler_hands_over_and_exactly_one_leads(plane: ControlPlane) -> None:
    """Section 12: the new one leads within four seconds of the signal, the old one ends with 0; three times."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge", "voxdialler")
    readings = Readings(plane)
    watching = asyncio.create_task(readings.watch())
    for number, expected in enumerate(["voxdialler-b", "voxdialler-a", "voxdialler-b"], 1):
        outcome = await plane.roll("voxdialler", plane.places.release(f"2026.02.05-{number}"))
        assert outcome.ending == "done", outcome
        assert readings.seen[-1][1] == (expected,)
        assert plane.places.preferred == expected
        assert [id for id in plane.places.running if id.startswith("voxdialler")] == [expected]
    watching.cancel()
    print(f"nobody led for {readings.dark_s:.2f} s at most; {len(readings.seen)} looks")
    assert readings.doubled == []
    assert readings.dark_s <= LEADS_WITHIN_S
    assert [code for id, code in plane.places.ended if id.startswith("voxdialler")] == [0, 0, 0]
    signals = [line for line in plane.trail if line["action"] == "service.handover"]
    assert [line["seat"] for line in signals] == ["voxdialler-a", "voxdialler-b", "voxdialler-a"]


@pytest.mark.full
async def test_a_standby_that_cannot_start_leaves_the_leader_alone(plane: ControlPlane) -> None:
    """No program, no health, another release than it was started as: found before anybody is told to hand over."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge", "voxdialler")
    readings = Readings(plane)
    watching = asyncio.create_task(readings.watch())
    places = plane.places
    for image, rules, said in (
        (places.release("no-program", program=["/nowhere/voxdialler"]), RULES, "does not start"),
        (places.release("ends-at-once", program=["false"]), RULES, "does not start"),
        (places.release("never-healthy", program=["sleep", "600"]), QUICK, "health check does not pass"),
        (places.release("another-one", VOX_IMAGE_TAG="2020.01.01-1"), RULES, "it says that it is 2020.01.01-1"),
    ):
        outcome = await plane.roll("voxdialler", image, rules)
        assert outcome.ending == "reverted", outcome
        assert said in outcome.reason
        assert list(filter(lambda id: id.startswith("voxdialler"), places.running)) == ["voxdialler-a"]
    watching.cancel()
    assert readings.dark_s < LEADS_WITHIN_S
    assert {led for _, led in readings.seen} <= {("voxdialler-a",), ()}


async def test_when_the_new_dialler_does_not_lead_the_old_image_returns(plane: ControlPlane) -> None:
    """It looks at another database, so it is healthy and has nothing to lead: known four seconds after the signal."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge", "voxdialler")
    readings = Readings(plane)
    watching = asyncio.create_task(readings.watch())
    mute = plane.places.release("2026.02.05-1", program=["python3", "-c", MUTE])
    outcome = await plane.roll("voxdialler", mute)
    watching.cancel()
    assert outcome.ending == "reverted", outcome
    assert "did not lead within 4 s" in outcome.reason
    left = {id: each.ref for id, each in plane.places.running.items() if id.startswith("voxdialler")}
    assert list(left.values()) == ["vox@2026.02.03-1"]
    assert readings.seen[-1][1] == tuple(left)
    assert readings.doubled == []
    print(f"nobody led for {readings.dark_s:.1f} s")


MUTE = """
import http.server, json, os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"status": "ok", "image_tag": os.environ["VOX_IMAGE_TAG"]}).encode()
        self.send_response(503 if self.path == "/ready" else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *_):
        pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["HEALTH_PORT"])), Page).serve_forever()
"""
"""A dialler that is well and never leads."""


@dataclass
class Knocking:
    """Requests without a pause, and what was not answered with success."""

    wrong: list[str] = field(default_factory=list)
    count: int = 0

    async def at(self, base: str, path: str, headers: dict[str, str]) -> None:
        async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=20) as client:
            while True:
                try:
                    answer = await client.get(path)
                    if answer.status_code != 200:
                        self.wrong.append(f"{answer.status_code} {answer.text[:200]}")
                except httpx.HTTPError as error:
                    self.wrong.append(repr(error))
                self.count += 1
                await asyncio.sleep(0.02)


async def test_a_single_voxbridge_and_a_single_registry_are_replaced_and_nobody_is_refused(plane: ControlPlane) -> None:
    """With one replica the new one starts first beside it; at the end one runs, in the first place."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge")
    knocking, token = Knocking(), await plane.token()
    bridge = {"Host": "api.example.com", "Authorization": f"Bearer {token}"}
    tasks = [asyncio.create_task(knocking.at(plane.lb.url, "/api/v1/bots", bridge)) for _ in range(3)]
    registry = {"X-VoxCore-Secret": plane.places.told["voxregistry"]["VOXCORE_SECRET"]}
    tasks += [asyncio.create_task(knocking.at(plane.registry, "/v1/fleet", registry))]
    await asyncio.sleep(0.5)
    for service in ("voxregistry", "voxbridge"):
        outcome = await plane.roll(service, plane.places.release("2026.02.05-1"))
        assert outcome.ending == "done", outcome
    for task in tasks:
        task.cancel()
    print(f"{knocking.count} requests")
    assert knocking.wrong == []
    assert knocking.count > 50
    assert sorted(plane.places.running) == ["voxbridge-a", "voxregistry-a"]
    assert {each.ref for each in plane.places.running.values()} == {"vox@2026.02.05-1"}


async def test_a_bad_voxbridge_never_answers_anybody(plane: ControlPlane) -> None:
    """It stops beside the one that serves, what it said is the reason, and it is gone again."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge")
    knocking, token = Knocking(), await plane.token()
    headers = {"Host": "api.example.com", "Authorization": f"Bearer {token}"}
    task = asyncio.create_task(knocking.at(plane.lb.url, "/api/v1/bots", headers))
    bad = plane.places.release("2026.02.05-1", JWT_SECRET="short")
    outcome = await plane.roll("voxbridge", bad)
    task.cancel()
    assert outcome.ending == "reverted", outcome
    assert "JWT_SECRET" in outcome.reason
    assert knocking.wrong == []
    assert {id: each.ref for id, each in plane.places.running.items() if id.startswith("voxbridge")} == {
        "voxbridge-a": "vox@2026.02.03-1"
    }
    assert [line["result"] for line in plane.trail if line["action"] == "service.stop"] == ["failed"]


class Killed(BaseException):
    """The tool is gone; the processes are not."""


@pytest.mark.full
async def test_a_hand_over_whose_tool_was_killed_is_finished_by_the_next_one(plane: ControlPlane) -> None:
    """Right after the signal was sent: the note says who was told to leave."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge", "voxdialler")
    image = plane.places.release("2026.02.05-1")
    send = plane.places.signal

    async def killed(replica: object) -> None:
        await send(replica)
        raise Killed

    plane.places.signal = killed
    with pytest.raises(Killed):
        await plane.roll("voxdialler", image)
    plane.places.signal = send
    written = json.loads(plane.saved[-1].model_dump_json())
    assert written["in_hand"] == {"voxdialler-b": "checking", "voxdialler-a": "leaving"}
    work = ServiceWork.model_validate(written)
    world = ServiceWorld(plane.write, plane, plane)
    outcome = await ServiceRoll(work, plane.of("voxdialler"), world, RULES).run()
    assert outcome.ending == "done", outcome
    assert [id for id in plane.places.running if id.startswith("voxdialler")] == ["voxdialler-b"]


@pytest.mark.full
async def test_a_leader_that_is_killed_is_followed_by_the_next_deploy_too(plane: ControlPlane) -> None:
    """Nobody leads when the deploy begins: the new one takes over by itself."""
    await plane.start(plane.places.release("2026.02.03-1"), "voxregistry", "voxbridge", "voxdialler")
    plane.places.running["voxdialler-a"].process.send_signal(signal.SIGKILL)
    plane.places.running["voxdialler-a"].process.wait(10)
    outcome = await plane.roll("voxdialler", plane.places.release("2026.02.05-1"))
    assert outcome.ending == "done", outcome
    running = [each.id for each in await plane.of("voxdialler").now() if each.ready]
    assert len(running) == 1
