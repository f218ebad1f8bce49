"""Fixtures for the whole repository: the embedded stores, one pair per pytest process (so one per xdist worker).

The servers die with their pytest process, even when that is killed. A `MONGODB_URI` in the environment is used instead
of the embedded database, so that the same tests judge a real MongoDB.
"""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache, partial
from itertools import combinations
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import structlog
from _pytest.mark.expression import Expression
from pymongo import MongoClient
from voxctl.children import free_port as find_free_port
from voxctl.embedded import EmbeddedServer, EmbeddedServerError, SecantusServer, ValkeyServer


def _started(make: Callable[[int, Path], EmbeddedServer], folder: Path) -> EmbeddedServer:
    """Start a server; somebody may take the port between our look and its bind, so try three."""
    for attempt in range(3):
        server = make(find_free_port(), folder / f"{attempt}")
        try:
            server.start()
            server.wait_ready(60)
        except EmbeddedServerError:
            server.kill()
            if attempt == 2:
                raise
        else:
            return server
    raise AssertionError("unreachable")


MEMORY_BYTES = 4 * 1024**3
LAYERS = {"unit", "integration", "contract", "e2e", "faults", "containers", "ingress", "browser", "deploy"}
_MARK = re.compile(r"\bmark\.(\w+)")


def pytest_configure() -> None:
    """A library's renderer shows each variable of each frame: eight seconds of CPU for one error that is logged."""
    *before, _ = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Under `-m` a module without a mark that it asks for is not even imported: that would be half the time of `unit`.

    A module that names no layer itself is imported, and then told of below.
    """
    wanted = config.option.markexpr
    if not wanted or not collection_path.name.startswith("test_") or collection_path.suffix != ".py":
        return None
    named = set(_MARK.findall(collection_path.read_text()))
    return True if LAYERS & named and not _may_select(wanted, named) else None


@cache
def _asked(wanted: str) -> tuple[Expression, list[str]]:
    return Expression.compile(wanted), re.findall(r"\w+", wanted)


def _may_select(wanted: str, named: set[str]) -> bool:
    """Whether a test with some of these marks is one that `-m` wants; a mark may be on another test of the module."""
    expression, words = _asked(wanted)
    of_these = sorted(named.intersection(words))
    return any(
        expression.evaluate(partial(_has, some))
        for size in range(len(of_these) + 1)
        for some in combinations(of_these, size)
    )


def _has(marks: tuple[str, ...], name: str, **_: Any) -> bool:
    return name in marks


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test without a layer would run in none of them, and nobody would notice."""
    lost = sorted({item.location[0] for item in items if not LAYERS & {mark.name for mark in item.iter_markers()}})
    if lost:
        raise pytest.UsageError(f"give each module a layer, pytestmark = [pytest.mark.unit]: {', '.join(lost)}")


def _memory() -> Path | None:
    """A folder in memory where there is room. The database syncs each commit, and a voxbridge starts with a hundred."""
    folder = Path("/dev/shm")  # noqa: S108  (folders of our own, with random names)
    usable = folder.is_dir() and os.access(folder, os.W_OK) and disk_usage(folder).free >= MEMORY_BYTES
    return folder if usable else None


@pytest.fixture(scope="session")
def mongodb_uri(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URI of a MongoDB-compatible server that lives as long as this pytest process."""
    if given := os.environ.get("MONGODB_URI"):
        yield given
        return
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("secantus")
        if (memory := _memory()) is not None:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="vox-tests-", dir=memory)))
        server = _started(SecantusServer, folder)
        stack.callback(server.stop)
        yield server.uri


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of database 0 of a Valkey server that lives as long as this pytest process and holds nothing at first."""
    server = _started(ValkeyServer, tmp_path_factory.mktemp("valkey"))
    yield server.uri
    server.stop()


@pytest.fixture
def mongo_db_name(mongodb_uri: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database name of this test alone; the database is dropped afterwards."""
    readable = re.sub(r"[^a-z0-9]+", "_", request.node.name.lower())[:30].strip("_")
    name = f"t_{readable}_{uuid.uuid4().hex[:8]}"
    yield name
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb_uri, serverSelectionTimeoutMS=10_000)
    try:
        client.drop_database(name)
    finally:
        client.close()


@pytest.fixture
def free_port() -> Callable[[], int]:
    """Factory of ports that are free right now: `port = free_port()`."""
    return find_free_port
