"""Every answer must carry its request id and one error shape, also for a body too large or an error nobody foresaw."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException, WebSocket
from pydantic import BaseModel
from voxkit.errors import AtCapacity, Conflict
from voxkit.http import request_id
from voxkit.web import BodyLimit, RequestContext, install_errors

pytestmark = [pytest.mark.unit]


class Order(BaseModel):
    number: int
    secret: str = ""


def make_app(*, with_detail: bool = True, seen: list[tuple[str, int]] | None = None) -> FastAPI:
    app = FastAPI()
    install_errors(app, with_detail=with_detail)
    app.add_middleware(BodyLimit, limit_bytes=lambda scope: 100, with_detail=with_detail)
    app.add_middleware(
        RequestContext,
        observe=lambda scope, status, seconds: seen.append((scope["path"], status)) if seen is not None else None,
        quiet=("/health",),
    )

    @app.post("/orders")
    async def order(body: Order) -> dict[str, Any]:
        return {"number": body.number, "id": request_id.get()}

    @app.get("/conflict")
    async def conflict() -> None:
        raise Conflict("Already there.", extra={"holder": "w-1"})

    @app.get("/full")
    async def full() -> None:
        raise AtCapacity(headers={"Retry-After": "1"})

    @app.get("/http")
    async def http_error() -> None:
        raise HTTPException(403, "Not yours.")

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError("planted-internal-text")

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_a_given_request_id_is_kept_and_echoed() -> None:
    async with client(make_app()) as http:
        answer = await http.post("/orders", json={"number": 1}, headers={"X-Request-Id": "abcd-1234"})
    assert answer.headers["x-request-id"] == "abcd-1234"
    assert answer.json()["id"] == "abcd-1234"


@pytest.mark.parametrize("given", ["short", "x" * 65, "bad id!", "a\tb-12345"])
async def test_a_request_id_of_another_form_is_replaced(given: str) -> None:
    async with client(make_app()) as http:
        answer = await http.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["x-request-id"] != given
    assert len(answer.headers["x-request-id"]) == 32


async def test_an_expected_error_has_the_one_shape() -> None:
    async with client(make_app()) as http:
        answer = await http.get("/conflict", headers={"X-Request-Id": "abcd-1234"})
    assert answer.status_code == 409
    assert answer.json() == {
        "error": "conflict",
        "message": "Already there.",
        "holder": "w-1",
        "detail": "Already there.",
        "request_id": "abcd-1234",
    }


async def test_a_workers_refusal_has_exactly_two_keys() -> None:
    async with client(make_app(with_detail=False)) as http:
        answer = await http.get("/full")
    assert (answer.status_code, answer.text) == (429, '{"error":"at_capacity","message":"At capacity"}')
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not_found"),
        ("GET", "/orders", 405, "method_not_allowed"),
        ("GET", "/http", 403, "forbidden"),
    ],
)
async def test_errors_of_the_framework_have_the_same_shape(method: str, path: str, status: int, code: str) -> None:
    async with client(make_app()) as http:
        answer = await http.request(method, path)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


async def test_an_invalid_body_names_its_fields_and_repeats_no_value() -> None:
    async with client(make_app()) as http:
        answer = await http.post("/orders", json={"number": "planted-value", "secret": "planted-secret"})
    assert answer.status_code == 422
    assert answer.json()["error"] == "validation_failed"
    assert answer.json()["detail"][0]["loc"] == ["body", "number"]
    assert "planted" not in answer.text


async def test_an_unforeseen_error_tells_nothing_but_its_request_id_and_is_counted() -> None:
    seen: list[tuple[str, int]] = []
    async with client(make_app(seen=seen)) as http:
        answer = await http.get("/broken", headers={"X-Request-Id": "abcd-1234"})
    assert answer.status_code == 500
    assert answer.json()["error"] == "internal_error"
    assert answer.json()["request_id"] == "abcd-1234"
    assert answer.headers["x-request-id"] == "abcd-1234"
    assert "planted" not in answer.text
    assert seen == [("/broken", 500)]
    assert request_id.get() == ""


async def test_a_declared_body_over_the_limit_is_refused() -> None:
    async with client(make_app()) as http:
        answer = await http.post("/orders", content=b" " * 101)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert "100" in answer.json()["message"]


async def test_a_body_that_comes_in_chunks_is_refused_at_the_limit() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b" " * 10

    async with client(make_app()) as http:
        answer = await http.post("/orders", content=chunks(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


async def test_a_body_of_exactly_the_limit_passes() -> None:
    body = b'{"number": 1}'.ljust(100)
    async with client(make_app()) as http:
        answer = await http.post("/orders", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200


async def test_a_body_that_lies_about_its_length_is_still_counted() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b" " * 500

    async with client(make_app()) as http:
        answer = await http.post("/orders", content=chunks(), headers={"Content-Length": "13"})
    assert answer.status_code == 413


async def test_an_accepted_socket_is_no_failure() -> None:
    seen: list[tuple[str, int]] = []
    app = make_app(seen=seen)

    @app.websocket("/ws")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(request_id.get())
        await websocket.close()

    sent: list[dict[str, Any]] = []
    scope = {"type": "websocket", "path": "/ws", "raw_path": b"/ws", "query_string": b"", "subprotocols": [],
             "headers": [(b"x-request-id", b"abcd-1234")]}  # fmt: skip

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    assert sent[1]["text"] == "abcd-1234"
    assert seen == [("/ws", 0)]


async def test_one_line_a_request_and_none_for_probes(caplog: pytest.LogCaptureFixture) -> None:
    import structlog

    with structlog.testing.capture_logs() as lines, caplog.at_level(logging.INFO):
        async with client(make_app()) as http:
            await http.get("/conflict?token=planted")
            await http.get("/health")
    found = [line for line in lines if line["event"] == "request"]
    assert [(line["path"], line["status"]) for line in found] == [("/conflict", 409)]
    assert "planted" not in str(lines)
