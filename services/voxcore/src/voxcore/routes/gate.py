"""What stands before every route: the shared secret first, then the size of the body."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from voxkit.errors import Forbidden, TooLarge
from voxkit.log import get_logger
from voxkit.secrets import SECRET_HEADER, matches_any
from voxkit.web import error_response

from voxcore import metrics

log = get_logger("voxcore.gate")

MAX_BODY_BYTES = 64 * 1024
OPEN_PATHS = frozenset({"/health", "/health/fleet", "/ready", "/metrics", "/openapi.json"})
_HEADER = SECRET_HEADER.lower().encode()


class Gate:
    """Pure ASGI: 403 without the secret before a byte of the body is read, 413 before any of it is parsed."""

    def __init__(self, app: ASGIApp, *, secrets: tuple[str, ...], starts: frozenset[str]) -> None:
        self._app = app
        self._secrets = secrets
        self._starts = starts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        given = headers.get(_HEADER, b"").decode("latin-1")
        if not matches_any(given, self._secrets):
            await self._refuse(Forbidden(f"The header {SECRET_HEADER} is missing or wrong."), scope, receive, send)
            return
        body = await self._body(headers, receive)
        if body is None:
            error = TooLarge(f"The body is larger than {MAX_BODY_BYTES} bytes.")
            await self._refuse(error, scope, receive, send)
            return
        sent = False

        async def replay() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _body(self, headers: dict[bytes, bytes], receive: Receive) -> bytes | None:
        declared = headers.get(b"content-length", b"")
        if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
            return None
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return bytes(body)
            body += message.get("body", b"")
            if len(body) > MAX_BODY_BYTES:
                return None
            if not message.get("more_body", False):
                return bytes(body)

    async def _refuse(self, error: Forbidden | TooLarge, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] in self._starts:
            metrics.starts_refused.labels(scope["path"], error.wire_code).inc()
            log.info("start.refused", route=scope["path"], error=error.wire_code)
        await error_response(error, with_detail=False)(scope, receive, send)
