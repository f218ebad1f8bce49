"""The edge of an API host before real voxbridge, voxregistry and voxdialler processes: E1, E2, E3, and section 12.

Two replicas are replaced one after the other while people work, files are sent and a page listens to events.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.balancer.render import Seat
from voxctl.children import free_port
from voxctl.commands.host import check_balancer
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.rendering import render_host

from .harness import short_folder
from .services import API, CONSOLE, SECRET, ControlPlane, control_plane

pytestmark = [pytest.mark.ingress]

ROLLS = int(os.environ.get("EDGE_ROLLS", "1"))
BACK_WITHIN_S = 3.0
MIB = 1024 * 1024


@pytest.fixture
def stores(mongodb_uri: str, mongo_db_name: str, redis_url: str) -> dict[str, str]:
    """A database of this test, and two of Valkey."""
    base = redis_url.rsplit("/", 1)[0]
    return {
        "MONGODB_URI": mongodb_uri,
        "MONGODB_DB": mongo_db_name,
        "REDIS_URL": f"{base}/0",
        "REGISTRY_REDIS_URL": f"{base}/1",
    }


@pytest.fixture(scope="module")
def bridges(
    haproxy: list[str], mongodb_uri: str, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ControlPlane]:
    """Two voxbridge and two voxregistry that serve; tests that replace or end one have a plane of their own."""
    base, database = redis_url.rsplit("/", 1)[0], f"t_edge_{os.getpid()}"
    known = {"MONGODB_URI": mongodb_uri, "MONGODB_DB": database, "REDIS_URL": f"{base}/2"}
    known["REGISTRY_REDIS_URL"] = f"{base}/3"
    with short_folder() as run_dir, control_plane(haproxy, run_dir, tmp_path_factory.mktemp("edge"), known) as made:
        asyncio.run(made.start(made.places.release("2026.02.03-1"), "voxregistry", "voxbridge"))
        yield made


@pytest.fixture
def plane(haproxy: list[str], stores: dict[str, str], tmp_path: Path) -> Iterator[ControlPlane]:
    with short_folder() as run_dir, control_plane(haproxy, run_dir, tmp_path, stores) as made:
        yield made


@dataclass
class Load:
    """What callers see: every answer that was not a success, and every gap of an event stream."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    events: int = 0
    slowest_s: float = 0.0
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, client: httpx.AsyncClient, what: str, **request: Any) -> None:
        began = time.monotonic()
        try:
            answer = await client.request(**request)
            said = f"{answer.status_code} {answer.text[:200]}" if answer.status_code >= 400 else ""
        except httpx.HTTPError as error:
            said = repr(error)
        self.answers[what] += 1
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        if said:
            self.wrong.append(f"{what}: {said}")

    async def browse(self, plane: ControlPlane, token: str) -> None:
        """People at work: a connection that is kept, one request after another."""
        async with plane.client(Authorization=f"Bearer {token}") as client:
            while not self.over.is_set():
                await self.ask(client, "read", method="GET", url="/api/v1/bots")
                await asyncio.sleep(0.02)

    async def send_results(self, plane: ControlPlane) -> None:
        """Workers that deliver: bodies of 300 kB that arrive slowly, so that replicas leave in the middle of one."""
        number = 0
        async with plane.client(**{"X-VoxCore-Secret": SECRET}) as client:
            while not self.over.is_set():
                number += 1
                transcript = [{"role": "user", "text": "x" * 1000, "at": 0}] * 300
                body = json.dumps({"session_id": f"s-{id(self)}-{number}", "transcript": transcript}).encode()
                head = {"Content-Type": "application/json", "Content-Length": str(len(body))}
                request = {"method": "POST", "url": "/api/v1/call-results", "headers": head}
                await self.ask(client, "upload", content=slowly(body), **request)

    async def listen(self, plane: ControlPlane, url: str, headers: dict[str, str]) -> None:
        """A page with an event stream: it connects again when the stream ends, as browsers do."""
        lost_at: float | None = None
        async with httpx.AsyncClient(trust_env=False, timeout=httpx.Timeout(30, read=40)) as client:
            while not self.over.is_set():
                try:
                    async with client.stream("GET", url, headers=headers) as answer:
                        if answer.status_code != 200:
                            self.wrong.append(f"stream: {answer.status_code}")
                        async for line in answer.aiter_lines():
                            if line.startswith("event: hello") and lost_at is not None:
                                self.gaps.append(time.monotonic() - lost_at)
                                lost_at = None
                            self.events += bool(line)
                            if self.over.is_set():
                                return
                except httpx.HTTPError:
                    pass
                lost_at = lost_at or time.monotonic()
                await asyncio.sleep(0.2)


async def slowly(body: bytes) -> AsyncIterator[bytes]:
    part = len(body) // 8 + 1
    for start in range(0, len(body), part):
        yield body[start : start + part]
        await asyncio.sleep(0.1)


async def test_two_replicas_are_replaced_under_load_and_no_request_is_refused(bridges: ControlPlane) -> None:
    """Section 12: reads, uploads and an event stream go on; a stream is back within three seconds."""
    load, token = Load(), await bridges.token()
    ended = len(bridges.places.ended)
    headers = {"Authorization": f"Bearer {token}", "Host": API}
    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(load.browse(bridges, token))
        for _ in range(2):
            tasks.create_task(load.send_results(bridges))
        url = f"{bridges.lb.url}/api/v1/events/stream?topics=settings"
        listening = [tasks.create_task(load.listen(bridges, url, headers)) for _ in range(2)]
        await asyncio.sleep(1)
        try:
            for number in range(ROLLS):
                outcome = await bridges.roll("voxbridge", bridges.places.release(f"2026.02.05-{number}"))
                assert outcome.ending == "done", outcome
            await asyncio.sleep(1)
        finally:
            load.over.set()
            for each in listening:
                each.cancel()
    print(f"{sum(load.answers.values())} requests {dict(load.answers)}, slowest {load.slowest_s:.2f} s, "
          f"streams back after {[round(gap, 2) for gap in load.gaps]} s")  # fmt: skip
    assert load.wrong == []
    assert load.answers["read"] > 50
    assert load.answers["upload"] > 5
    assert len(load.gaps) >= 2 * ROLLS
    assert max(load.gaps) <= BACK_WITHIN_S
    assert [code for _, code in bridges.places.ended[ended:]] == [0] * 2 * ROLLS
    assert {await image_tag(bridges, "voxbridge", letter) for letter in "ab"} == {f"2026.02.05-{ROLLS - 1}"}


async def image_tag(plane: ControlPlane, service: str, letter: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{plane.lb.private}/replicas/{service}-{letter}/health")
    return str(answer.json()["image_tag"])


async def test_the_registry_is_replaced_under_load_and_gives_no_wrong_answer(bridges: ControlPlane) -> None:
    """Section 9: restart of voxregistry. Views through the edge go on, and its event stream is back."""
    load = Load()
    headers = {"X-VoxCore-Secret": SECRET}

    async def look() -> None:
        async with httpx.AsyncClient(base_url=bridges.registry, headers=headers, trust_env=False) as client:
            while not load.over.is_set():
                await load.ask(client, "view", method="GET", url="/v1/fleet")
                await asyncio.sleep(0.02)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(4):
            tasks.create_task(look())
        listening = tasks.create_task(load.listen(bridges, f"{bridges.registry}/v1/events", headers))
        await asyncio.sleep(1)
        try:
            outcome = await bridges.roll("voxregistry", bridges.places.release("2026.02.05-1"))
            await asyncio.sleep(1)
        finally:
            load.over.set()
            listening.cancel()
    print(f"{dict(load.answers)}, slowest {load.slowest_s:.2f} s, stream back after {load.gaps}")
    assert outcome.ending == "done", outcome
    assert load.wrong == []
    assert load.answers["view"] > 50
    assert load.gaps
    assert max(load.gaps) <= BACK_WITHIN_S


async def test_a_replica_that_dies_costs_nobody_a_request_that_had_not_begun(bridges: ControlPlane) -> None:
    """E3: `retry-on conn-failure`; until the edge has seen it, requests find the other one."""
    token = await bridges.token()
    dead = bridges.places.running["voxbridge-a"]
    dead.process.kill()
    dead.process.wait()
    async with bridges.client(Authorization=f"Bearer {token}") as client:
        answers = [(await client.get("/api/v1/bots")).status_code for _ in range(40)]
    assert answers == [200] * 40
    bridges.places.start(dead.replica, bridges.places.releases[dead.ref].image)
    await bridges.until_serving("voxbridge")


async def test_without_a_replica_the_answer_says_so(plane: ControlPlane) -> None:
    """Each error text is provoked once (L19): a 503 in JSON, at once."""
    await asyncio.sleep(2.5)  # two checks that find nobody
    async with plane.client() as client:
        answer = await client.get("/api/v1/bots")
        callback = await client.post("/carrier-events/c1", json={})
    assert (answer.status_code, answer.json()["error"]) == (503, "service_unavailable")
    assert (callback.status_code, callback.json()["error"]) == (503, "no_dialler")
    assert callback.headers["Retry-After"] == "2"
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{plane.lb.private}/replicas/voxbridge-a/health")
        assert (answer.status_code, answer.json()["error"]) == (503, "replica_unreachable")
        assert (await client.get(f"{plane.lb.private}/replicas/voxbridge-x/health")).status_code == 404
        assert (await client.get(f"{plane.lb.private}/replicas/voxbridge-a/api/v1/bots")).status_code == 404
        assert (await client.get(f"{plane.lb.private}/metrics")).status_code == 200


async def test_figures_are_refused_from_outside_however_they_are_spelled(bridges: ControlPlane) -> None:
    """E1: voxbridge reads a path decoded and without its last slash, so the edge does, too. Loopback is not trusted."""
    for path in ("/metrics", "/metrics/", "/%6Detrics", "//metrics", "/metrics?x=1"):
        said = await raw(bridges, f"GET {path} HTTP/1.1\r\nHost: {API}\r\nConnection: close\r\n\r\n")
        assert " 404 " in said.splitlines()[0], path
        assert "voxbridge_" not in said, path


async def test_figures_are_given_to_a_trusted_network(bridges: ControlPlane, haproxy: list[str], run_dir: Path) -> None:
    """E1, the other half."""
    with bridges.another_edge(haproxy, run_dir, trusted_nets=["127.0.0.0/8"]) as plane:
        await plane.until_serving("voxbridge")
        async with plane.client() as client:
            answer = await client.get("/metrics")
        assert answer.status_code == 200
        assert "voxbridge_" in answer.text


async def raw(plane: ControlPlane, request: str) -> str:
    """One request as it is: no client may tidy its path."""
    host, _, port = plane.lb.url.removeprefix("http://").partition(":")

    def talk() -> str:
        with socket.create_connection((host, int(port)), timeout=10) as link:
            link.sendall(request.encode())
            answer = link.makefile("rb")
            head = b"".join(iter(answer.readline, b"\r\n")).decode()
            # An answer to a body that was not sent ends before the connection does: the edge still listens for it.
            length = re.search(r"(?i)content-length: (\d+)", head)
            return head + answer.read(int(length[1]) if length else -1).decode(errors="replace")

    return await asyncio.to_thread(talk)


LIMITS = {
    "/api/v1/call-results": 64 * MIB,
    "/api/v1/campaigns/c1/upload": 51_048_576,
    "/api/v1/dnc/upload": 51_048_576,
    "/api/v1/knowledge-bases/kb_1/documents": 33 * MIB,
    "/api/v1/bots": MIB,
    "/api/v1/call-results-of-mine": MIB,
    "/carrier-events/c1": MIB,
}


async def test_a_body_over_its_limit_is_refused_before_it_is_sent(bridges: ControlPlane) -> None:
    """E2. At the limit it is voxbridge's to judge: no word of the edge."""
    for path, limit in LIMITS.items():
        head = f"POST {path} HTTP/1.1\r\nHost: {API}\r\nContent-Type: application/json\r\nConnection: close\r\n"
        over = await raw(bridges, f"{head}Content-Length: {limit + 1}\r\n\r\n")
        assert " 413 " in over.splitlines()[0], path
        assert '"error":"too_large"' in over, path
        fits = await raw(bridges, f"{head}Content-Length: 2\r\n\r\n{{}}")
        assert " 413 " not in fits.splitlines()[0], path


async def test_callbacks_of_carriers_reach_the_dialler_that_leads_and_no_other(bridges: ControlPlane) -> None:
    """E1: on a standby they would be taken without effect. They follow the lead to the other place."""
    both = bridges.replicas["voxdialler"]
    release = bridges.places.release("2026.02.03-1")
    bridges.places.start(both[0], release)
    await bridges.until_serving("voxdialler")
    bridges.places.start(both[1], release)
    await until_two_are_healthy(bridges)
    assert await leader(bridges) == ["voxdialler-a"]
    assert await taken_by(bridges, 20) == {"voxdialler-a": 20}
    # By way of the private side it also finds voxbridge well; else it would dial nobody.
    async with httpx.AsyncClient(trust_env=False) as client, asyncio.timeout(30):
        while (await client.get(f"{bridges.lb.private}/replicas/voxdialler-a/health")).json()["voxbridge"] != "ok":
            await asyncio.sleep(0.2)
    await bridges.places.signal(both[0])
    async with asyncio.timeout(10):
        while await leader(bridges) != ["voxdialler-b"] or "voxdialler-b" not in await taken_by(bridges, 1):
            await asyncio.sleep(0.1)
    assert await taken_by(bridges, 20) == {"voxdialler-b": 20}


async def until_two_are_healthy(plane: ControlPlane) -> None:
    async with asyncio.timeout(60):
        while sum(each.healthy for each in await plane.of("voxdialler").now()) < 2:
            await asyncio.sleep(0.1)
    await asyncio.sleep(1.2)  # two checks of the edge


async def leader(plane: ControlPlane) -> list[str]:
    return [each.id for each in await plane.of("voxdialler").now() if each.ready]


async def taken_by(plane: ControlPlane, count: int) -> Counter[str]:
    """Which server each of these callbacks reached, from the edge's own log."""
    before = len(plane.lb.log.splitlines())
    async with plane.client() as client:
        for _ in range(count):
            await client.post("/carrier-events/none", json={"event": "ringing"})
    await asyncio.sleep(0.1)
    lines = [json.loads(line) for line in plane.lb.log.splitlines()[before:] if line.startswith("{")]
    return Counter(line["seat"] for line in lines if line["path"].startswith("/carrier-events/"))


async def test_names_decide_who_answers(bridges: ControlPlane, haproxy: list[str], run_dir: Path) -> None:
    """E1: the console's name gives files of voxui and passes /api on; another name gives nothing."""
    port = free_port()
    pages = await asyncio.start_server(answer_as_console, "127.0.0.1", port)
    how = {"consoles": [Seat("voxui-a", f"127.0.0.1:{port}")], "console_names": [CONSOLE]}
    with bridges.another_edge(haproxy, run_dir, **how) as plane:
        await plane.until_serving("voxbridge")
        async with plane.client(CONSOLE) as client:
            assert (await client.get("/bots/1")).text == "console"
            assert (await client.get("/health/live")).json()["status"] == "ok"
            assert (await client.get("/api/v1/bots")).status_code == 401
        async with plane.client(API) as client:
            assert (await client.get("/api/v1/bots")).status_code == 401
        async with plane.client("other.example.com") as client:
            assert (await client.get("/api/v1/bots")).status_code == 404
    pages.close()


async def answer_as_console(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Any page of voxui."""
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\nconsole")
    await writer.drain()
    writer.close()


async def test_links_in_answers_and_the_address_of_the_caller_are_those_of_the_public_side(
    bridges: ControlPlane,
) -> None:
    """E3: `Host` passes through, `X-Forwarded-For` of an untrusted caller is replaced."""
    async with bridges.client(**{"X-Forwarded-For": "6.6.6.6", "X-Request-Id": "edge-test-1"}) as client:
        answer = await client.post("/api/v1/auth/login", json={"email": "nobody@example.com", "password": "x" * 12})
    assert answer.status_code == 401
    assert answer.headers["X-Request-Id"] == "edge-test-1"
    said = bridges.places.logs("voxbridge")
    assert "edge-test-1" in said
    assert "6.6.6.6" not in said


@pytest.mark.parametrize("roles", [["api"], ["api", "data", "dialler", "check"], ["api", "data", "dialler", "fleet"]])
def test_haproxy_takes_the_rendered_edge_of_a_host(haproxy: list[str], roles: list[str], tmp_path: Path) -> None:
    """`vox host check`: with and without seats beside the API, with and without a dialler."""
    host = {"address": "10.0.0.5", "roles": roles, "seats": 4, "public_url": "https://fleet1.example.com"}
    known = Inventory.model_validate(
        {
            "image": "vox/voxcore:2026.02.03-1",
            "balancer_image": "haproxy:3.0",
            "hosts": {"host1": host},
            "services": {"voxbridge": {"env": {"PUBLIC_BASE_URL": f"https://{API}"}}},
        }
    )
    (tmp_path / "haproxy.cfg").write_text(render_host(known, "host1")["haproxy.cfg"])
    check_balancer(haproxy, tmp_path / "haproxy.cfg")
