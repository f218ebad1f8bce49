"""Answers that a client cannot read: another error shape, no request id, a redirect for a slash, an unlimited body."""

from __future__ import annotations

import json

import pytest
from voxbridge.app import MIB

pytestmark = [pytest.mark.integration]
ERROR_KEYS = {"error", "message", "detail", "request_id"}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/knowledge-bases", 404, "not_found"),  # a route of a later stage
        ("GET", "/nothing.js", 404, "not_found"),
        ("PATCH", "/api/v1/auth/login", 405, "method_not_allowed"),
        ("GET", "/api/v1/auth/login", 405, "method_not_allowed"),
        ("GET", "/api/v1/auth/me", 401, "unauthorized"),
        ("POST", "/api/v1/auth/login", 422, "validation_failed"),
    ],
)
async def test_every_error_has_one_shape_and_the_request_id(
    bridge, method: str, path: str, status: int, code: str
) -> None:
    answer = await bridge.nobody.request(method, path, headers={"X-Request-Id": "abc-DEF_123"})
    body = answer.json()
    assert (answer.status_code, body["error"]) == (status, code)
    assert set(body) == ERROR_KEYS
    assert body["request_id"] == answer.headers["X-Request-Id"] == "abc-DEF_123"
    assert body["detail"] == body["message"] or status == 422


async def test_field_errors_name_the_place_and_never_the_value(bridge) -> None:
    answer = await bridge.nobody.post("/api/v1/auth/login", json={"email": "a@b", "password": "", "extra": "S3CRET"})
    assert answer.status_code == 422
    assert {tuple(item["loc"]) for item in answer.json()["detail"]} == {("body", "password"), ("body", "extra")}
    assert all(set(item) == {"loc", "msg", "type"} for item in answer.json()["detail"])
    assert "S3CRET" not in answer.text


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "with;semicolon"])
async def test_an_unfit_request_id_is_replaced(bridge, given: str) -> None:
    answer = await bridge.nobody.get("/health/live", headers={"X-Request-Id": given})
    assert len(answer.headers["X-Request-Id"]) == 32


async def test_a_trailing_slash_is_ignored(bridge) -> None:
    assert (await bridge.admin.get("/api/v1/users/")).status_code == 200
    assert (await bridge.admin.get("/api/v1/auth/me///")).status_code == 200


UNFIT_BODIES = [
    *(b"not json", b"[]", b"{", b"", b'{"email": 1, "password": []}'),
    *(b"\xff\xfe", b"Z\xe0p\xff", b'{"email": "\xff"}'),
]


@pytest.mark.parametrize("content", UNFIT_BODIES, ids=repr)
async def test_a_body_that_is_no_such_object_is_422(bridge, content: bytes) -> None:
    answer = await bridge.nobody.post(
        "/api/v1/auth/login", content=content, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")


async def test_a_body_over_a_mebibyte_is_413_whether_declared_or_not(bridge) -> None:
    big = json.dumps({"email": "a@b.example", "password": "p" * MIB}).encode()

    async def chunks():
        for start in range(0, len(big), 100_000):
            yield big[start : start + 100_000]

    declared = await bridge.nobody.post("/api/v1/auth/login", content=big)
    chunked = await bridge.nobody.post(
        "/api/v1/auth/login", content=chunks(), headers={"Content-Type": "application/json"}
    )
    for answer in (declared, chunked):
        assert (answer.status_code, answer.json()["error"]) == (413, "too_large"), answer.text
        assert set(answer.json()) == ERROR_KEYS


async def test_an_unexpected_error_is_told_without_its_text(bridge) -> None:
    async def broken() -> None:
        raise RuntimeError("the driver said mongodb://user:hunter2@db")

    bridge.app.add_api_route("/api/v1/broken", broken)
    answer = await bridge.nobody.get("/api/v1/broken", headers={"X-Request-Id": "broken-12345"})
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal_error"
    assert answer.json()["request_id"] == answer.headers["X-Request-Id"] == "broken-12345"
    assert "hunter2" not in answer.text


async def test_requests_are_measured_by_route_and_never_by_id(bridge) -> None:
    await bridge.admin.get("/api/v1/users/0123456789abcdef0123456789abcdef")
    page = (await bridge.nobody.get("/metrics")).text
    assert 'route="/api/v1/users/{user_id}"' in page
    assert "0123456789abcdef0123456789abcdef" not in page


async def test_pages_of_allowed_origins_may_call_and_others_may_not(make_bridge) -> None:
    async with make_bridge(cors_origins="https://console.example") as bridge:
        ask = {"Access-Control-Request-Method": "GET", "Origin": "https://console.example"}
        answer = await bridge.nobody.options("/api/v1/users", headers=ask)
        assert answer.headers["access-control-allow-origin"] == "https://console.example"
        other = await bridge.nobody.options("/api/v1/users", headers=ask | {"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("page=0", "page"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("sort=password_hash", "sort"),
        ("page=x", "page"),
    ],
)
async def test_unfit_list_parameters_are_422(bridge, query: str, place: str) -> None:
    answer = await bridge.admin.get(f"/api/v1/users?{query}")
    assert (answer.status_code, answer.json()["error"]) == (422, "validation_failed")
    assert answer.json()["detail"][0]["loc"] == ["query", place]
