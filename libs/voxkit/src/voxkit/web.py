"""What every HTTP service of Vox does alike: request ids, error bodies, body limits, one log line a request."""

import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from voxkit.errors import TooLarge, VoxError
from voxkit.http import request_id
from voxkit.log import get_logger

REQUEST_ID_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SCOPE_ID = "vox.request_id"
log = get_logger("voxkit.web")
Observe = Callable[[Request | Scope, int, float], None]

_CODES: Mapping[int, str] = {
    400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed",
    413: "too_large", 415: "unsupported_media_type", 422: "validation_failed", 429: "rate_limited",
    503: "unavailable",
}  # fmt: skip


def error_response(error: VoxError, *, with_detail: bool) -> JSONResponse:
    """The JSON body of an error; `with_detail` adds `detail` and `request_id` (workers keep it to two keys)."""
    body = error.body()
    if with_detail:
        body |= {"detail": error.detail if error.detail is not None else error.message, "request_id": request_id.get()}
    elif error.detail is not None:
        body["detail"] = error.detail
    return JSONResponse(body, status_code=error.http_status, headers=error.headers)


def field_errors(error: RequestValidationError | ValidationError) -> list[dict[str, Any]]:
    """`{loc, msg, type}` of each invalid field; never the value that was sent, it may be a secret."""
    return [{"loc": list(item["loc"]), "msg": item["msg"], "type": item["type"]} for item in error.errors()]


def install_errors(app: FastAPI, *, with_detail: bool = True, validation_code: str = "validation_failed") -> None:
    """Answer every error of the app in one shape; an unexpected one is logged and told as `internal_error`."""

    async def on_vox_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, VoxError)
        return error_response(error, with_detail=with_detail)

    async def on_validation(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        invalid = VoxError("The request is not valid.", code=validation_code, status=422, detail=field_errors(error))
        return error_response(invalid, with_detail=with_detail)

    async def on_http(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODES.get(error.status_code, "error")
        plain = VoxError(str(error.detail), code=code, status=error.status_code, headers=dict(error.headers or {}))
        return error_response(plain, with_detail=with_detail)

    async def on_unexpected(request: Request, error: Exception) -> JSONResponse:
        # Starlette answers these outside of every middleware, so the id of `RequestContext` is gone from the context.
        current = str(request.scope.get(_SCOPE_ID, ""))
        token = request_id.set(current)
        try:
            log.error("request.failed", path=request.url.path, request_id=current, exc_info=error)
            plain = VoxError("Something went wrong here. The log has the details.", headers={"X-Request-Id": current})
            return error_response(plain, with_detail=with_detail)
        finally:
            request_id.reset(token)

    app.add_exception_handler(VoxError, on_vox_error)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(Exception, on_unexpected)


class RequestContext:
    """Pure ASGI middleware: takes or makes `X-Request-Id`, binds it to logs, echoes it, logs one line a request."""

    def __init__(self, app: ASGIApp, *, observe: Observe | None = None, quiet: tuple[str, ...] = ()) -> None:
        self._app = app
        self._observe = observe
        self._quiet = quiet  # paths of probes: measured, not logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        current = given if REQUEST_ID_FORM.fullmatch(given) else uuid.uuid4().hex
        scope[_SCOPE_ID] = current
        token = request_id.set(current)
        started = time.perf_counter()
        status = 500 if scope["type"] == "http" else 0  # what an error that nobody answered becomes

        async def tagged(message: Message) -> None:
            nonlocal status
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", current.encode())]}
            await send(message)

        try:
            with structlog.contextvars.bound_contextvars(request_id=current):
                try:
                    await self._app(scope, receive, tagged)
                finally:
                    self._account(scope, status, time.perf_counter() - started)
        finally:
            request_id.reset(token)

    def _account(self, scope: Scope, status: int, seconds: float) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(self._quiet or ("\0",)):
            ms = round(seconds * 1000, 1)
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=ms)
        if self._observe:
            self._observe(scope, status, seconds)


class BodyLimit:
    """Pure ASGI middleware: answers 413 for a body over the limit of its path, also when it comes in chunks."""

    def __init__(self, app: ASGIApp, *, limit_bytes: Callable[[Scope], int], with_detail: bool = True) -> None:
        self._app = app
        self._limit_bytes = limit_bytes
        self._with_detail = with_detail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit_bytes(scope)
        headers: dict[bytes, bytes] = dict(scope["headers"])
        declared = headers.get(b"content-length", b"0")
        refusal = error_response(TooLarge(f"The body is larger than {limit} bytes."), with_detail=self._with_detail)
        if declared.isdigit() and int(declared) > limit:
            await refusal(scope, receive, send)
            return
        seen = 0
        over = refused = started = False

        async def counted() -> Message:
            nonlocal seen, over
            message = await receive()
            if message["type"] == "http.request":
                seen += len(message.get("body", b""))
                over = over or seen > limit
            return {"type": "http.disconnect"} if over else message

        async def guarded(message: Message) -> None:
            # The app below sees a caller who left in the middle of a body; the caller gets the reason.
            nonlocal refused, started
            if over and not started:
                if not refused:
                    refused = True
                    await refusal(scope, receive, send)
                return
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, counted, guarded)
        except Exception:
            if not over or started:
                raise
            if not refused:
                await refusal(scope, receive, send)
