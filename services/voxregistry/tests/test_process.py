"""A process that does not start with a clear word, does not stop in time, or loses events (sections 15 and 22)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer
from voxkit.registry import RegistryClient

from .running import SECRET, Api, beat, environment, running

pytestmark = [pytest.mark.integration]

Store = tuple[ValkeyServer, redis.Redis]


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "voxregistry.main"], env={**os.environ, **variables}, cwd=folder, capture_output=True,
        text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"VOXCORE_SECRET": ""}, "VOXCORE_SECRET: Field required"),
        ({"PORT": "0"}, "PORT: Input should be greater than or equal to 1"),
        ({"REGISTRY_REDIS_URL": "mongodb://x"}, "REGISTRY_REDIS_URL: unknown scheme"),
        ({"REGISTRY_CONFIG": "nowhere.yaml"}, "REGISTRY_CONFIG nowhere.yaml"),
        ({"REGISTRY_KEYS_FILE": "nowhere"}, "REGISTRY_KEYS_FILE nowhere"),
        ({"DEFAULT_CLIENT_QUOTA": '{"min":1}'}, "DEFAULT_CLIENT_QUOTA"),
        ({"WEB_PROCESSES": "2", "REGISTRY_CONFIG": "nowhere.yaml"}, "REGISTRY_CONFIG nowhere.yaml"),
    ],
)  # fmt: skip
def test_a_mistake_stops_the_start_with_one_line_that_names_it(
    tmp_path: Path, variables: dict[str, str], said: str
) -> None:
    done = run(tmp_path, **{**environment("redis://127.0.0.1:1/0", free_port()), **variables})
    assert done.returncode == 1
    lines = set(done.stderr.strip().splitlines())
    assert len(lines) == 1, done.stderr
    assert said in lines.pop()


def test_a_port_that_is_taken_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(tmp_path, **environment("redis://127.0.0.1:1/0", port))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr
    assert "set HOST and PORT" in done.stderr


@pytest.mark.parametrize("processes", ["1", "3"])
async def test_sigterm_ends_long_polls_and_streams_within_five_seconds(
    own_store: Store, tmp_path: Path, processes: str
) -> None:
    with running(own_store[0].uri, tmp_path, WEB_PROCESSES=processes) as api:
        async with api.client() as http:
            await http.put("/v1/reservations/r-first-1", json={"client": "main", "wait_ms": 60_000})
            poll = asyncio.create_task(http.get("/v1/reservations/r-first-1?wait_ms=30000"))
            async with http.stream("GET", "/v1/events") as stream:
                lines = stream.aiter_lines()
                assert await anext(lines)
                await asyncio.sleep(0.3)
                began = time.monotonic()
                api.process.terminate()
                assert (await poll).json()["state"] == "waiting"
                async for _ in lines:
                    pass
            await asyncio.to_thread(api.process.wait, 10)
            assert time.monotonic() - began < 5
            assert api.process.returncode == 0


async def test_several_processes_share_a_port_and_one_that_dies_is_replaced(own_store: Store, tmp_path: Path) -> None:
    with running(own_store[0].uri, tmp_path, WEB_PROCESSES="2") as api:
        children = Path(f"/proc/{api.process.pid}/task/{api.process.pid}/children")
        before = children.read_text().split()
        assert len(before) == 2
        os.kill(int(before[0]), signal.SIGKILL)
        async with asyncio.timeout(30):
            while len(now := children.read_text().split()) < 2 or before[0] in now:
                await asyncio.sleep(0.05)
        assert "starting another one" in api.said()
        async with api.client() as http:
            assert (await http.put("/v1/workers/h1-1", json=beat("h1-1", seq=1))).status_code == 200
            text = (await http.get("/metrics")).text
            assert "voxregistry_heartbeats_total" in text
            assert 'voxregistry_free_seats{pool="default"} 1.0' in text


async def test_processes_whose_parent_is_killed_end_and_free_the_port(own_store: Store, tmp_path: Path) -> None:
    with running(own_store[0].uri, tmp_path, WEB_PROCESSES="2") as api:
        children = Path(f"/proc/{api.process.pid}/task/{api.process.pid}/children").read_text().split()
        assert len(children) == 2
        api.kill()
        async with asyncio.timeout(10):
            while any(Path(f"/proc/{child}").exists() for child in children):
                await asyncio.sleep(0.05)
        with socket.socket() as again:
            again.bind(("127.0.0.1", api.port))


async def test_sighup_reads_the_file_again_and_a_mistake_in_it_changes_nothing(
    own_store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text("pools: {default: {quotas: {main: {max: 4}}}}")

    async def limit(http: httpx.AsyncClient, wanted: int) -> None:
        async with asyncio.timeout(20):
            while [item["max"] for item in (await http.get("/v1/quotas")).json()["items"]] != [wanted]:
                await asyncio.sleep(0.05)

    with running(own_store[0].uri, tmp_path, WEB_PROCESSES="2", REGISTRY_CONFIG=str(path)) as api:
        async with api.client() as http:
            await limit(http, 4)
            path.write_text("pools: [")
            api.process.send_signal(signal.SIGHUP)
            async with asyncio.timeout(20):
                while "config.not_read" not in api.said():
                    await asyncio.sleep(0.05)
            path.write_text("pools: {default: {quotas: {main: {max: 9}}}}")
            os.utime(path, (time.time() + 5, time.time() + 5))
            api.process.send_signal(signal.SIGHUP)
            await limit(http, 9)


# --- events ----------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def client_of(api: Api) -> AsyncIterator[RegistryClient]:
    registry = RegistryClient(api.url, SECRET, client="main")
    yield registry
    await registry.aclose()


async def story(api: Api) -> None:
    """What the readers below must hear of."""
    async with api.client() as http:
        await http.put("/v1/workers/h1-1", json=beat("h1-1", seq=1))
        await http.put("/v1/reservations/r-first-1", json={"client": "main"})
        await http.put("/v1/workers/h2-1", json=beat("h2-1", seq=1))
        await http.put("/v1/reservations/r-second1", json={"client": "other"})
        await http.delete("/v1/reservations/r-first-1")


async def heard(registry: RegistryClient, until: str, **filters: Any) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    async with asyncio.timeout(30):
        async for event in registry.events(**filters):
            if event.event not in ("hello", "reset", "generation"):
                found.append((event.event, event.data.get("reservation_id") or event.data.get("worker_id") or ""))
            if event.event == until:
                return found
    raise AssertionError("the stream ended")


async def test_events_are_told_in_order_and_filtered(own_store: Store, tmp_path: Path) -> None:
    with running(own_store[0].uri, tmp_path) as api:
        async with client_of(api) as registry:
            everything = asyncio.create_task(heard(registry, "reservation.released"))
            ours = asyncio.create_task(heard(registry, "reservation.released", client="main"))
            grants = asyncio.create_task(
                heard(registry, "reservation.released", types="reservation.held,reservation.released")
            )
            host = asyncio.create_task(heard(registry, "reservation.held", host_id="h2"))
            await asyncio.sleep(1)
            await story(api)
            assert await everything == [
                ("worker.state", "h1-1"), ("worker.state", "h1-1"), ("reservation.held", "r-first-1"),
                ("worker.state", "h2-1"), ("worker.state", "h2-1"), ("reservation.held", "r-second1"),
                ("worker.state", "h1-1"), ("reservation.released", "r-first-1"),
            ]  # fmt: skip
            assert [event for event in await ours if event[0].startswith("reservation")] == [
                ("reservation.held", "r-first-1"), ("reservation.released", "r-first-1"),
            ]  # fmt: skip
            assert [event[1] for event in await grants] == ["r-first-1", "r-second1", "r-first-1"]
            assert (await host)[-1] == ("reservation.held", "r-second1")


async def test_a_reader_takes_up_where_it_was_across_a_restart_and_hears_when_it_missed_something(
    own_store: Store, tmp_path: Path
) -> None:
    port = free_port()
    with running(own_store[0].uri, tmp_path, port=port) as api:
        await story(api)
    entries = own_store[1].xrange("vox1:{default}:events")
    first = next(entry_id.decode() for entry_id, fields in entries if b"r-first-1" in fields[b"e"])
    with running(own_store[0].uri, tmp_path, port=port) as api:
        async with client_of(api) as registry:
            found = await heard(registry, "reservation.released", last_event_id=first)
            assert found[0] == ("worker.state", "h2-1")
            own_store[1].xtrim("vox1:{default}:events", maxlen=1)
            names: list[str] = []
            async with asyncio.timeout(20):
                async for event in registry.events(last_event_id="1-1"):
                    names.append(event.event)
                    if event.event == "reset":
                        break
            assert names == ["hello", "reset"]
            assert json.loads(httpx.get(f"{api.url}/health", trust_env=False).text)["status"] == "ok"


async def test_one_process_reads_its_file_again_too(own_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "registry.yaml"
    path.write_text("pools: {}")
    with running(own_store[0].uri, tmp_path, REGISTRY_CONFIG=str(path)) as api:
        path.write_text("pools: [")
        api.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(20):
            while "config.not_read" not in api.said():
                await asyncio.sleep(0.05)
