"""The embedded stores must start, stop and survive a kill without losing a write, and never outlive their parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from pymongo import MongoClient
from voxctl.embedded import EmbeddedServer, EmbeddedServerError, SecantusServer, ValkeyServer

pytestmark = [pytest.mark.integration]

SERVERS = [ValkeyServer, SecantusServer]


def wait_until(true: Callable[[], bool], timeout_s: float = 30) -> None:
    deadline = time.monotonic() + timeout_s
    while not true():
        assert time.monotonic() < deadline, "gave up waiting"
        time.sleep(0.05)


@pytest.mark.parametrize("kind", SERVERS, ids=lambda kind: kind.name)
def test_a_server_answers_after_start_and_is_gone_after_stop(
    kind: type[EmbeddedServer], tmp_path: Path, free_port: Callable[[], int]
) -> None:
    server = kind(free_port(), tmp_path / "data")
    server.start()
    server.wait_ready(60)
    pid = server.pid
    assert pid is not None
    server.stop()
    assert not psutil.pid_exists(pid)
    assert not server.ping()
    assert server.pid is None


def test_an_acknowledged_write_is_there_after_kill_9_and_restart(tmp_path: Path, free_port: Callable[[], int]) -> None:
    server = SecantusServer(free_port(), tmp_path / "data")
    server.start()
    server.wait_ready(60)
    client: MongoClient[dict[str, Any]] = MongoClient(server.uri)
    client.vox.calls.insert_one({"_id": "s1", "status": "completed"})
    server.kill()
    server.start()
    server.wait_ready(60)
    assert client.vox.calls.find_one({"_id": "s1"}) == {"_id": "s1", "status": "completed"}
    client.close()
    server.stop()


def test_the_driver_repeats_no_write_by_itself(tmp_path: Path) -> None:
    """The server would look through the answers of the last 10,000 writes at every write (decision 0001)."""
    client: MongoClient[dict[str, Any]] = MongoClient(SecantusServer(27017, tmp_path / "data").uri, connect=False)
    assert not client.options.retry_writes
    client.close()


@pytest.mark.parametrize("kind", SERVERS, ids=lambda kind: kind.name)
def test_a_taken_port_is_reported_and_not_mistaken_for_the_server(
    kind: type[EmbeddedServer], tmp_path: Path, free_port: Callable[[], int]
) -> None:
    first = kind(free_port(), tmp_path / "one")
    first.start()
    first.wait_ready(60)
    second = kind(first.port, tmp_path / "two")
    second.start()
    wait_until(lambda: not second.running)
    with pytest.raises(EmbeddedServerError, match=r"another program"):
        second.wait_ready(60)
    second.kill()
    first.stop()


def test_a_missing_database_program_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedServerError, match="MONGODB_URI"):
        SecantusServer(1, tmp_path / "data").start()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel kills orphans only on Linux")
def test_a_server_dies_with_a_parent_that_was_killed(tmp_path: Path, free_port: Callable[[], int]) -> None:
    script = textwrap.dedent(
        f"""
        import time
        from pathlib import Path
        from voxctl.embedded import ValkeyServer
        server = ValkeyServer({free_port()}, Path({str(tmp_path / "data")!r}))
        server.start()
        server.wait_ready(60)
        print(server.pid, flush=True)
        time.sleep(600)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert psutil.pid_exists(pid)
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    wait_until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    parent.stdout.close()


def test_the_fixtures_give_a_working_pair_of_stores(mongodb_uri: str, redis_url: str, mongo_db_name: str) -> None:
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb_uri)
    client[mongo_db_name].things.insert_one({"_id": 1})
    assert client[mongo_db_name].things.find_one() == {"_id": 1}
    client.close()
    assert redis_url.startswith("redis://127.0.0.1:")
