"""An answer that the API's description does not know breaks the clients that are generated from it (T8)."""

from __future__ import annotations

from collections.abc import Iterator

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
)
from voxctl.embedded import ValkeyServer
from voxregistry.api import ROUTES

from .running import SECRET, Api, beat, running

pytestmark = [pytest.mark.contract]

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = {("GET", "/v1/events")}


@pytest.fixture(scope="module")
def api(_product_valkey: ValkeyServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A registry with seats, so that reserves are granted as well as refused."""
    with running(
        _product_valkey.uri, tmp_path_factory.mktemp("openapi"), HEARTBEAT_TTL_MS="600000", REBUILD_MS="0"
    ) as api:
        workers = [beat(f"h1-{n}", seq=1) for n in range(40)]
        httpx.put(
            f"{api.url}/v1/workers", json={"workers": workers}, headers={"X-VoxCore-Secret": SECRET}
        ).raise_for_status()
        yield api


def operations(url: str) -> list[tuple[str, str]]:
    document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
    return [(method.upper(), path) for path, methods in document["paths"].items() for method in methods]


def ask(schema: schemathesis.BaseSchema, method: str, path: str, secret: str) -> None:
    """A few requests, sensible and not, each answer compared with the document."""

    @settings(max_examples=8, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def one(case: schemathesis.Case) -> None:
        own = (case.headers or {}).items()
        case.headers = {key: value for key, value in own if key.lower() != "x-voxcore-secret"}
        if case.query:
            case.query.pop("wait_ms", None)
        case.call_and_validate(headers={"X-VoxCore-Secret": secret}, checks=CHECKS)

    one()


def test_every_answer_is_described(api: Api) -> None:
    schema = schemathesis.openapi.from_url(
        f"{api.url}/openapi.json", config=SchemathesisConfig.from_dict({"generation": {"database": "none"}})
    )
    for method, path in operations(api.url):
        if (method, path) not in ENDLESS:
            for secret in (SECRET, "wrong"):
                ask(schema, method, path, secret)


def test_both_kinds_of_routes_are_in_one_document(api: Api) -> None:
    found = set(operations(api.url))
    assert {(route.method, route.path) for route in ROUTES} <= found
    assert {("GET", "/v1/fleet"), ("GET", "/v1/events"), ("GET", "/v1/reservations/{reservation_id}")} <= found
    document = httpx.get(f"{api.url}/openapi.json", trust_env=False).json()
    reserve = document["paths"]["/v1/reservations/{reservation_id}"]["put"]
    assert " ".join(sorted(reserve["responses"])) == "200 201 202 403 409 410 413 422 429 503"
    ids = [operation["operationId"] for methods in document["paths"].values() for operation in methods.values()]
    assert len(ids) == len(set(ids))
