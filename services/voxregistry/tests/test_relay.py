"""The relay of a host: beats leave as batches, answers are the registry's own, everything else passes (HB5)."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxctl.children import free_port, spawn
from voxregistry.relay import create_relay
from voxregistry.settings import RelaySettings

from .running import HEADERS, SECRET, beat
from .served import Served, Start

pytestmark = [pytest.mark.integration, pytest.mark.asyncio]


@asynccontextmanager
async def relay(transport: httpx.AsyncBaseTransport) -> AsyncIterator[httpx.AsyncClient]:
    """A relay in this process whose registry is reached by `transport`."""
    settings = RelaySettings(_env_file=None, voxcore_secret=SECRET, registry_url="http://registry")
    http = httpx.AsyncClient(transport=transport, headers=HEADERS)
    app = create_relay(settings, http)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay", headers=HEADERS) as client,
    ):
        yield client


class Counting(httpx.AsyncBaseTransport):
    """Reaches the registry, and remembers what was asked of it."""

    def __init__(self, served: Served) -> None:
        self._inner = httpx.ASGITransport(served.registry, raise_app_exceptions=False)
        self.asked: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.method, request.url.path))
        return await self._inner.handle_async_request(request)


async def put(client: httpx.AsyncClient, worker: str, seq: int, phase: str = "idle", **said: Any) -> httpx.Response:
    return await client.put(f"/v1/workers/{worker}", json=beat(worker, phase, seq=seq, **said))


async def test_a_hundred_workers_are_answered_each_and_the_registry_hears_two_requests(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("voxregistry.relay.EVERY_S", 2.0)  # time enough for all to come, on a busy machine too
    monkeypatch.setattr("voxregistry.relay.FRESH_S", 30.0)
    served: Served = await start()
    through = Counting(served)
    async with relay(through) as client:
        answers = await asyncio.gather(*(put(client, f"host1-{n}", 1) for n in range(100)))
    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["ttl_ms"] == 9000 and answer.json()["drain"] is False for answer in answers)
    assert through.asked == [("PUT", "/v1/workers")] * 2
    status, seats = await served.ask("GET", "/v1/workers?limit=200")
    assert (status, len(seats["items"])) == (200, 100)


async def test_a_worker_learns_of_its_reservation_and_of_a_drain_as_if_there_were_no_relay(start: Start) -> None:
    served: Served = await start()
    async with relay(Counting(served)) as client:
        await put(client, "host1-1", 1)
        granted = await served.grant("r" * 32)
        told = (await put(client, "host1-1", 2)).json()
        assert told["reservation"]["fence"] == granted["fence"]
        assert (await served.ask("POST", "/v1/drain", {"selector": "host:host1"}))[0] == 200
        assert (await put(client, "host1-1", 3)).json()["drain"] is True


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_the_newest_beat_of_a_process_is_the_one_that_is_sent(start: Start, order: tuple[int, int]) -> None:
    said: dict[int, dict[str, Any]] = {1: {"phase": "idle"}, 2: {"phase": "busy", "call_id": "c-1"}}
    served: Served = await start()
    async with relay(Counting(served)) as client:
        await asyncio.gather(*(put(client, "host1-1", seq, **said[seq]) for seq in order))
    _, seats = await served.ask("GET", "/v1/workers")
    assert [(seat["state"], seat["call_id"]) for seat in seats["items"]] == [("busy", "c-1")]


async def test_a_process_whose_name_was_taken_is_told_so(start: Start) -> None:
    served: Served = await start()
    async with relay(Counting(served)) as client:
        await put(client, "host1-1", 1, instance_id="life-1-of-host1-1")
        await put(client, "host1-1", 1, instance_id="life-2-of-host1-1")
        late = await put(client, "host1-1", 2, instance_id="life-1-of-host1-1")
    assert (late.status_code, late.json()["error"]) == (409, "superseded")


async def test_without_the_registry_a_beat_is_refused_within_its_second(start: Start) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    def broken(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, json={"error": "store_unavailable", "message": "away"})

    handlers: list[Callable[[httpx.Request], httpx.Response]] = [away, broken]
    for handler in handlers:
        async with relay(httpx.MockTransport(handler)) as client:
            answer = await put(client, "host1-1", 1)
            assert (answer.status_code, answer.json()["error"]) == (503, "registry_unavailable")
    async with relay(httpx.MockTransport(away)) as client:
        answer = await client.get("/v1/fleet")
        assert (answer.status_code, answer.json()["error"]) == (503, "registry_unavailable")


async def test_a_registry_that_says_nothing_is_waited_for_a_second_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voxregistry.relay.EVERY_S", 0.01)
    monkeypatch.setattr("voxregistry.relay.FRESH_S", 0.1)

    async def silent(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(60)
        return httpx.Response(200)

    async with relay(httpx.MockTransport(silent)) as client:
        async with asyncio.timeout(20):
            answer = await put(client, "host1-1", 1)
    assert (answer.status_code, answer.json()["error"]) == (503, "registry_unavailable")


async def test_a_stream_whose_registry_goes_away_ends_with_what_had_come() -> None:
    class Cut(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield b"event: hello\n\n"
            raise httpx.ReadError("reset")

    async with relay(httpx.MockTransport(lambda _: httpx.Response(200, stream=Cut()))) as client:
        answer = await client.get("/v1/events")
    assert (answer.status_code, answer.text) == (200, "event: hello\n\n")


async def test_a_stranger_and_a_wrong_body_are_refused_here_and_hurt_no_batch(start: Start) -> None:
    served: Served = await start()
    through = Counting(served)
    async with relay(through) as client:
        stranger = await client.put(
            "/v1/workers/host1-1", json=beat("host1-1", seq=1), headers={"X-VoxCore-Secret": "wrong"}
        )
        assert (stranger.status_code, stranger.json()["error"]) == (403, "forbidden")
        assert (await client.put("/v1/workers/host1-1", json={"worker_id": "host1-1"})).status_code == 422
        assert (await client.put("/v1/workers/host1-2", json=beat("host1-1", seq=1))).status_code == 422
        assert through.asked == []


async def test_every_other_route_passes_through_with_its_status_and_words(start: Start) -> None:
    served: Served = await start()
    async with relay(Counting(served)) as client:
        await put(client, "host1-1", 1)
        body = {"client": "main", "hold_ms": 5000}
        granted = await client.put(f"/v1/reservations/{'r' * 32}", json=body)
        assert (granted.status_code, granted.json()["worker_id"]) == (201, "host1-1")
        again = await client.put(f"/v1/reservations/{'s' * 32}", json=body)
        assert (again.status_code, again.json()["error"]) == (429, "at_capacity")
        assert again.headers["retry-after"]
        assert (await client.delete(f"/v1/reservations/{'r' * 32}")).json() == {"state": "released"}
        refused = await client.get("/v1/fleet", headers={"X-VoxCore-Secret": "wrong"})
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("arguments", "said"), [(["relais"], "there is no 'relais'"), (["relay"], "VOXCORE_SECRET: Field required")]
)
async def test_a_mistake_at_its_start_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "voxregistry.main", *arguments], env={**os.environ, "VOXCORE_SECRET": ""}, cwd=tmp_path,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert said in done.stderr


async def test_the_program_relays_and_stops_when_told(start: Start, tmp_path: Path) -> None:
    port = free_port()
    env = {**os.environ, "VOXCORE_SECRET": SECRET, "HOST": "127.0.0.1", "PORT": str(port),
           "REGISTRY_URL": f"http://127.0.0.1:{free_port()}"}  # fmt: skip
    argv = [sys.executable, "-m", "voxregistry.main", "relay"]
    process = spawn(argv, log_path=tmp_path / "relay.log", env=env, cwd=tmp_path)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=HEADERS, trust_env=False) as client:
            async with asyncio.timeout(30):
                while True:
                    try:
                        answer = await put(client, "host1-1", 1)
                        break
                    except httpx.ConnectError:
                        await asyncio.sleep(0.05)
            assert answer.status_code == 503
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        if process.poll() is None:
            process.kill()
