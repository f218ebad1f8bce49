"""A route without a gate, a gate with the wrong rank, or a status code that no client was told about."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from voxbridge.actors import RANKS
from voxbridge.app import create_app
from voxbridge.security import GATES

pytestmark = [pytest.mark.integration]

# Routes that need no credentials, or judge them by themselves. Everything else must depend on a gate.
OPEN = {
    ("GET", "/health"),
    ("GET", "/health/live"),
    ("GET", "/metrics"),
    ("POST", "/api/v1/auth/login"),
    ("GET", "/api/v1/public/recordings/{token}"),
    ("HEAD", "/api/v1/public/recordings/{token}"),
}
KNOWN = {*RANKS, "secret", "admin_or_api_key"}


def _gates(dependant: Any) -> Iterator[str]:
    for dependency in dependant.dependencies:
        if gate := GATES.get(dependency.call):
            yield gate
        yield from _gates(dependency)


def _routes(app: FastAPI) -> list[tuple[str, str, str | None]]:
    """(method, path, gate) of every route of the features."""
    found = []
    for feature in _features():
        for route in feature.router.routes:
            gates = set(_gates(route.dependant))
            assert len(gates) <= 1, f"{route.path} has several gates: {gates}"
            for method in sorted(route.methods):
                found.append((method, feature.prefix + route.path, next(iter(gates), None)))
    return found


def _features() -> Any:
    from voxbridge.features import FEATURES

    return FEATURES


@pytest.fixture
def app(bridge_settings) -> FastAPI:
    return create_app(bridge_settings())


def test_every_route_has_exactly_one_gate_or_is_named_as_open(app: FastAPI) -> None:
    ungated = {(method, path) for method, path, gate in _routes(app) if gate is None}
    assert ungated <= OPEN, f"add a gate of voxbridge.security to {sorted(ungated - OPEN)}"
    assert {gate for _, _, gate in _routes(app) if gate} <= KNOWN


def test_the_documented_paths_are_the_routes_that_exist(app: FastAPI) -> None:
    """Else the walk over the features would miss a route that was added in another way."""
    documented = {(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods}
    assert documented <= {(method, path) for method, path, _ in _routes(app)}


def test_every_operation_is_named_by_area_and_action_and_documents_its_codes(app: FastAPI) -> None:
    schema = app.openapi()
    names: list[str] = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            name = operation["operationId"]
            names.append(name)
            assert re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)+", name), f"{method} {path}: operationId {name}"
            if path.startswith("/health"):
                continue
            codes = set(operation["responses"])
            assert {"422", "500", "503"} <= codes, f"{name} documents {sorted(codes)}"
            if (method.upper(), path) not in OPEN:
                gate = next(g for m, p, g in _routes(app) if (m, p) == (method.upper(), path))
                assert "403" in codes, name
                assert gate == "secret" or "401" in codes, name
            if "{" in path:
                assert "404" in codes or ("404" not in codes and "cdr" in path), (
                    f"{name}: a path with an id may answer 404"
                )
            if "requestBody" in operation:
                assert "413" in codes, f"{name} takes a body"
    assert len(names) == len(set(names))


def test_every_model_of_the_api_has_an_example(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    bodies = set()
    for methods in app.openapi()["paths"].values():
        for operation in methods.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                bodies.add(content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1])
    missing = [name for name in sorted(bodies - {""}) if not _has_example(schemas[name])]
    assert not missing, f"give these an example: {missing}"


def _has_example(schema: dict[str, Any]) -> bool:
    own = bool(schema.get("examples") or schema.get("example"))
    return own or any(field.get("examples") for field in schema.get("properties", {}).values())


def _filled(path: str) -> str:
    return re.sub(r"\{[^}]+\}", "0" * 32, path)


async def test_every_route_refuses_every_caller_below_its_gate(bridge) -> None:
    """The whole matrix: no credentials, a forged token, each role, a service, an API key, against each route."""
    created = await bridge.admin.post("/api/v1/api-keys", json={"name": "matrix"})
    callers: dict[str, Any] = {role: await bridge.as_role(role) for role in RANKS if role != "super_admin"}
    callers |= {
        "super_admin": bridge.admin,
        "nobody": bridge.nobody,
        "forged": bridge.client({"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290QGV4YW1wbGUuY29tIn0."}),
        "secret": bridge.service,
        "wrong secret": bridge.client({"X-VoxCore-Secret": "first-service-secre"}),
        "api key": bridge.client({"X-API-Key": created.json()["api_key"]}),
        "wrong api key": bridge.client({"X-API-Key": "vx_nothing"}),
    }
    wrong: list[str] = []
    for method, path, gate in _routes(bridge.app):
        if gate is None:
            continue
        for name, client in callers.items():
            expected = _refusal(gate, name)
            if expected is None:
                continue  # it gets in; what it may do there is for the tests of the feature
            answer = await client.request(method, _filled(path))
            if answer.status_code != expected:
                wrong.append(f"{method} {path} as {name}: {answer.status_code}, not {expected}")
    assert not wrong, "\n".join(wrong)


def _refusal(gate: str, caller: str) -> int | None:
    """The status a caller gets at a gate; None when it passes."""
    if gate == "secret":
        return None if caller == "secret" else 403
    if gate == "admin_or_api_key":
        if caller == "api key":
            return None
        gate = "admin"
    if caller not in RANKS:
        return 401
    return None if RANKS[caller] >= RANKS[gate] else 403


async def test_callers_at_their_gate_get_in(bridge) -> None:
    for path, role in [
        ("/api/v1/auth/me", "agent"),
        ("/api/v1/settings/display", "agent"),
        ("/api/v1/users", "admin"),
        ("/api/v1/api-keys", "admin"),
        ("/api/v1/fleet/status", "admin"),
    ]:
        client = await bridge.as_role(role)
        assert (await client.get(path)).status_code == 200, path
    assert (await bridge.admin.get("/api/v1/settings")).status_code == 200
