"""An answer that the API's description does not know breaks the clients that are generated from it."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)
from voxcore_fakes import SECRET, FakeRooms, running_worker

pytestmark = [pytest.mark.contract]

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A worker in a thread: schemathesis asks from the outside, as everybody does."""
    from voxcore.settings import VoxcoreSettings

    folder: Path = tmp_path_factory.mktemp("openapi")
    started, leave, found = threading.Event(), threading.Event(), list[str]()

    async def hold() -> None:
        own = VoxcoreSettings(
            voxbridge_config_url="http://127.0.0.1:9/api/v1/config", voxcore_secret=SECRET, voxcore_worker_id="test-1",
            voxcore_host="127.0.0.1", voxcore_port=0, outbox_dir=folder / "outbox", outbox_min_free_mb=1,
            livekit_url="ws://127.0.0.1:9", registry_url="", _env_file=None,
        )  # fmt: skip
        async with running_worker(own, rooms=FakeRooms()) as run:
            found.append(run.url)
            started.set()
            await asyncio.to_thread(leave.wait)

    thread = threading.Thread(target=lambda: asyncio.run(hold()))
    thread.start()
    assert started.wait(60)
    yield found[0]
    leave.set()
    thread.join(60)


def schema_of(url: str) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_url(
        f"{url}/openapi.json", config=SchemathesisConfig.from_dict({"generation": {"database": "none"}})
    )


OPERATIONS = [
    ("GET", "/health"), ("GET", "/health/fleet"), ("GET", "/ready"), ("GET", "/metrics"), ("GET", "/outbox"),
    ("POST", "/outbox/replay"), ("GET", "/recordings/{key}"), ("POST", "/attach"), ("POST", "/livekit/dispatch"),
    ("POST", "/livekit/dialout"), ("POST", "/livekit/widget"), ("POST", "/reserve"), ("POST", "/unreserve"),
    ("POST", "/drain"), ("POST", "/undrain"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@pytest.mark.parametrize("secret", [SECRET, "wrong"])
def test_every_answer_is_described(method: str, path: str, secret: str, url: str) -> None:
    operation = schema_of(url)[path][method]

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        case.headers = {key: value for key, value in (case.headers or {}).items() if key.lower() != "x-voxcore-secret"}
        case.call_and_validate(headers={"X-VoxCore-Secret": secret}, checks=CHECKS)

    ask()


def test_every_operation_has_an_id_and_is_asked_here(url: str) -> None:
    document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
    described = {
        (method.upper(), path): operation["operationId"]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    assert set(described) == set(OPERATIONS)
    assert len(set(described.values())) == len(OPERATIONS)
    for method, path in OPERATIONS:
        if method == "POST" and "requestBody" in document["paths"][path]["post"]:
            body = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
            assert "example" in str(body) or "example" in str(document["components"]["schemas"])
