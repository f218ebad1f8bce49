"""A route that fails on odd input, answers with an undocumented code, or in another shape than it documents.

Every operation of the OpenAPI document is called with generated requests against a voxbridge of its own process; where
a path names an entity, once as generated and once with one that exists.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import schemathesis
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import one_of
from schemathesis.checks import CheckContext
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from voxbridge.app import description
from voxbridge.features import FEATURES
from voxkit.secrets import SECRET_HEADER

from .registries import FUZZED_SECRET as SECRET
from .registries import Registry

pytestmark = [pytest.mark.contract]
EMAIL, PASSWORD = "root@example.com", "correct horse battery"


def not_an_unexpected_error(ctx: CheckContext, response: Response, case: schemathesis.Case) -> None:
    """Every route documents the 500, and it is never right; a 503 may be: no worker is free here."""
    assert response.status_code != 500, response.text


CHECKS = [
    not_an_unexpected_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# These settings would send the process to hosts that a generator made up; the stream never ends, and has its own tests.
LEFT_OUT = {"settings_update_fleet", "settings_update_minio", "events_stream"}
OPERATIONS = sorted(
    {
        route.operation_id
        for feature in FEATURES
        for route in feature.router.routes
        if isinstance(route, APIRoute) and route.include_in_schema and route.operation_id
    }
    - LEFT_OUT
)


@dataclass
class Target:
    """A running voxbridge: credentials of a super_admin and of a service, and an id of each kind of entity."""

    base: str
    headers: dict[str, str]
    known: dict[str, str]


def _wait_ready(process: subprocess.Popen[bytes], base: str, log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()[-2_000:]
        try:
            if httpx.get(f"{base}/health/live", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError(f"no answer: {log.read_text()[-2_000:]}")


def _seed(base: str) -> tuple[dict[str, str], dict[str, str]]:
    with httpx.Client(base_url=f"{base}/api/v1", timeout=60) as http:
        login = http.post("/auth/login", json={"email": EMAIL, "password": PASSWORD})
        login.raise_for_status()
        headers = {"Authorization": f"Bearer {login.json()['access_token']}", SECRET_HEADER: SECRET}
        http.headers.update(headers)
        session = http.get("/config/demo", params={"stream_id": "st-1"}).json()["session_id"]
        result = {"session_id": session, "disconnected_by": "bot", "recording_key": "a.wav", "call_duration_seconds": 3}
        http.post(
            "/call-results", json={**result, "transcript": [{"role": "user", "content": "hi"}]}
        ).raise_for_status()
        other = {"email": "other@example.com", "name": "Other", "password": PASSWORD, "role": "agent"}
        token = http.get(f"/calls/{session}").json()["recording_access_token"]
        return headers, {
            "bot_id": "demo",
            "session_id": session,
            "token": token,
            "user_id": http.post("/auth/register", json=other).json()["user_id"],
            "key_id": http.post("/api-keys", json={"name": "CRM"}).json()["key_id"],
            "id": "recording_delete:none",
        }


@pytest.fixture(scope="module")
def target(
    mongodb_uri: str, redis_url: str, registry_process: Registry, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    from voxctl.children import free_port

    registry_process.start()
    folder, port = tmp_path_factory.mktemp("fuzzed"), free_port()
    (folder / "store").mkdir()
    (folder / "store" / "a.wav").write_bytes(b"RIFF" + bytes(1_000))
    base, log = f"http://127.0.0.1:{port}", folder / "voxbridge.log"
    environment = {
        **os.environ,
        "MONGODB_URI": mongodb_uri, "MONGODB_DB": f"fuzzed_{port}", "REDIS_URL": redis_url, "HOST": "127.0.0.1",
        "PORT": str(port), "JWT_SECRET": "j" * 40, "SETTINGS_ENCRYPTION_KEY": "k", "VOXCORE_SECRET": SECRET,
        "FIRST_ADMIN_EMAIL": EMAIL, "FIRST_ADMIN_PASSWORD": PASSWORD, "SEED_DEMO": "true",
        "REGISTRY_URL": registry_process.url, "VOX_DATA_DIR": str(folder), "OBJECT_STORE_URL": f"file://{folder}/store",
        "VOXUI_DIST": "", "METRICS_TOKEN": "", "LOG_LEVEL": "ERROR",
    }  # fmt: skip
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "voxbridge.main"], env=environment, cwd=folder, stdout=output, stderr=output
        )
        try:
            _wait_ready(process, base, log)
            headers, known = _seed(base)
            yield Target(base, headers, known)
            assert process.poll() is None, f"voxbridge died: {log.read_text()[-2_000:]}"
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(40)
            except subprocess.TimeoutExpired:
                process.kill()
    assert "request.failed" not in log.read_text()


@pytest.fixture(scope="module")
def schema() -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_dict(description())


def _places(schema: schemathesis.BaseSchema) -> dict[str, list[tuple[str, str]]]:
    """Operation -> path and method of each route that is it."""
    found: dict[str, list[tuple[str, str]]] = {}
    for path, methods in schema.raw_schema["paths"].items():
        for method, operation in methods.items():
            found.setdefault(operation["operationId"], []).append((path, method))
    return found


def test_every_documented_operation_is_asked_here(schema: schemathesis.BaseSchema) -> None:
    assert _places(schema).keys() == {*OPERATIONS, *LEFT_OUT}


def test_every_refusal_is_described_as_json_also_of_a_stream() -> None:
    described = {
        (path, method, status): set(reply.get("content", {}))
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
        for status, reply in operation["responses"].items()
        if int(status) >= 400
    }
    assert len(described) > 500
    assert {place: types for place, types in described.items() if types != {"application/json"}} == {}


# Each one is a test under a name of its own: of several with one name pytest-xdist runs the first alone.
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_route_answers_as_it_documents(name: str, schema: schemathesis.BaseSchema, target: Target) -> None:
    for path, method in _places(schema)[name]:
        _ask(schema[path][method], target)


def _ask(operation: schemathesis.APIOperation, target: Target) -> None:
    def send(case: schemathesis.Case) -> None:
        case.call_and_validate(base_url=target.base, headers=target.headers, checks=CHECKS, timeout=60)

    @settings(
        max_examples=12, deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=one_of(*(operation.as_strategy(mode) for mode in GenerationMode)))
    def one(case: schemathesis.Case) -> None:
        send(case)
        named = {place: target.known[place] for place in case.path_parameters or {} if place in target.known}
        if named:  # once more, with ids that exist
            case.path_parameters = {**(case.path_parameters or {}), **named}
            send(case)

    one()
