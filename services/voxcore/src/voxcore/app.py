"""The HTTP side of a worker."""

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from voxkit.errors import NotFound
from voxkit.web import RequestContext, error_response, install_errors

from voxcore.routes import health, outbox, recordings, seat, sockets, starts
from voxcore.routes.gate import Gate
from voxcore.worker import VERSION, Worker

QUIET = ("/health", "/ready", "/metrics")
STARTS = frozenset({"/livekit/dispatch", "/livekit/dialout", "/livekit/widget", "/attach"})


def create_app(worker: Worker) -> FastAPI:
    """All routes of a worker."""
    app = FastAPI(title="voxcore", version=VERSION, docs_url=None, redoc_url=None)
    install_errors(app, with_detail=False, validation_code="invalid_request")
    for part in (sockets, starts, seat, health, recordings, outbox):
        app.include_router(part.router(worker))
    app.router.default = _nothing_here
    app.add_middleware(Gate, secrets=worker.settings.secrets, starts=STARTS)
    app.add_middleware(RequestContext, quiet=QUIET)
    return app


async def _nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
    """404 in our own form, for sockets too."""
    missing = NotFound("There is nothing here.")
    if scope["type"] == "websocket":
        await sockets.refuse(WebSocket(scope, receive, send), missing)
    elif scope["type"] == "http":
        await error_response(missing, with_detail=False)(scope, receive, send)
