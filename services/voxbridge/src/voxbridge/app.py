"""The application: middlewares, features, and the order in which a process starts and stops."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse, Response
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from voxkit.errors import Invalid, StoreUnavailable, VoxError
from voxkit.http import internal_client
from voxkit.log import get_logger
from voxkit.metrics import new_registry
from voxkit.netguard import Allowlist
from voxkit.registry import RegistryClient, RegistryPools
from voxkit.secrets import split_secrets
from voxkit.web import BodyLimit, RequestContext, error_response, install_errors

import voxbridge
from voxbridge import idempotency, stores
from voxbridge.console import console_app
from voxbridge.contacts.sheet import FILE_BYTES
from voxbridge.context import Context
from voxbridge.crypto import Cipher
from voxbridge.features import FEATURES, routes
from voxbridge.jobs import Scheduler
from voxbridge.metrics import Metrics
from voxbridge.settings import BridgeSettings

MIB = 1024 * 1024
# Path as its route writes it -> bytes. A form has boundaries and headers around its file.
BODY_LIMITS = {
    "/api/v1/call-results": 64 * MIB,
    "/api/v1/campaigns/{campaign_id}/upload": FILE_BYTES + MIB,
    "/api/v1/dnc/upload": FILE_BYTES + MIB,
}
_LIMITS = [(compile_path(path)[0], limit) for path, limit in BODY_LIMITS.items()]
log = get_logger("voxbridge.app")


class _TrailingSlash:
    """A trailing slash is ignored: the path is cut before routing."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope["path"] = scope["path"].rstrip("/") or "/"
        await self._app(scope, receive, send)


class _Contain:
    """An unexpected error becomes the error body here, inside the request's id and log line."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            log.error("request.failed", path=scope.get("path"), exc_info=error)
            if begun or scope["type"] != "http":
                raise
            plain = VoxError("Something went wrong here. The log has the details under this request_id.")
            await error_response(plain, with_detail=True)(scope, receive, send)


async def _on_store_error(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, PyMongoError)
    if stores.is_store_away(error):
        log.warning("store.away", error=type(error).__name__)
        return error_response(StoreUnavailable(), with_detail=True)
    raise error


def _answer_unreadable_bodies(app: FastAPI) -> None:
    """A body that is no UTF-8 is a 400 of the framework; here it is 422 like every other body that is not valid."""
    others: Any = app.exception_handlers[HTTPException]

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code != 400:
            answer: Response = await others(request, error)
            return answer
        reason = "The body cannot be read; send JSON in UTF-8."
        detail = [{"loc": ["body"], "msg": reason, "type": "body_unreadable"}]
        return error_response(Invalid(reason, detail=detail), with_detail=True)

    app.add_exception_handler(HTTPException, on_http)


def body_limit(scope: Scope) -> int:
    """Bytes that a body may have; 1 MiB where nothing else is said."""
    return next((limit for form, limit in _LIMITS if form.match(scope["path"])), MIB)


def _open_pools(settings: BridgeSettings) -> RegistryPools | None:
    clients = {
        pool: RegistryClient(url, settings.secrets[0], client=settings.deployment_name, pool=pool)
        for pool, url in settings.pools.items()
    }
    return RegistryPools(clients) if clients else None


def create_app(settings: BridgeSettings) -> FastAPI:
    """An application whose lifespan connects, prepares and starts everything, and undoes it in reverse.

    Entering the lifespan raises ConfigurationError with one line for the operator.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
        async with opened(settings, ctx):
            yield

    registry = new_registry()
    ctx = Context(
        settings=settings,
        mongo=(mongo := stores.open_mongo(settings)),
        db=mongo[settings.mongodb_db],
        redis=stores.open_redis(settings),
        http=internal_client(settings.secrets[0]),
        cipher=Cipher(settings.settings_encryption_key),
        allow=Allowlist.parse(settings.outbound_url_allowlist),
        registry=registry,
        metrics=Metrics(registry),
        pools=_open_pools(settings),
    )
    app = FastAPI(
        title="Vox",
        version=voxbridge.__version__,
        description="Control plane of Vox.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.ctx = ctx
    install_errors(app)
    app.add_exception_handler(PyMongoError, _on_store_error)
    _answer_unreadable_bodies(app)
    app.router.routes.extend(routes())
    app.router.default = console_app(ctx, app.router.default)

    # FastAPI leaves the router's own route in the scope, without the prefix it was included under.
    paths = {
        id(route): feature.prefix + getattr(route, "path", "")
        for feature in FEATURES
        for route in feature.router.routes
    }

    def observe(scope: Any, status: int, seconds: float) -> None:
        route = paths.get(id(scope.get("route")), "unmatched")
        ctx.metrics.http_request_seconds.labels(route, scope.get("method", ""), str(status)).observe(seconds)

    app.add_middleware(_Contain)
    app.add_middleware(BodyLimit, limit_bytes=body_limit)
    app.add_middleware(_TrailingSlash)
    if origins := split_secrets(settings.cors_origins):
        app.add_middleware(
            CORSMiddleware, allow_origins=list(origins), allow_methods=["*"], allow_headers=["*"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )  # fmt: skip
    app.add_middleware(RequestContext, observe=observe, quiet=("/health", "/metrics"))
    return app


def description() -> dict[str, Any]:
    """The OpenAPI document. Nothing is connected: it needs no store, and its secret opens nothing."""
    secrets = dict.fromkeys(("jwt_secret", "settings_encryption_key", "voxcore_secret"), "0" * 40)
    settings = BridgeSettings.load(_env_file=None, **secrets)
    return create_app(settings).openapi()


@asynccontextmanager
async def opened(settings: BridgeSettings, ctx: Context) -> AsyncGenerator[None]:
    """Stores, indexes, schema, what each feature needs at start, jobs; and all of it back in reverse."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(ctx.mongo.close)
        stack.push_async_callback(ctx.redis.aclose)
        stack.push_async_callback(ctx.http.aclose)
        if ctx.pools is not None:
            stack.push_async_callback(ctx.pools.aclose)
        await stores.wait_for("MongoDB", "MONGODB_URI", lambda: ctx.mongo.admin.command("ping"), wait_s=stores.WAIT_S)
        await stores.wait_for("Redis", "REDIS_URL", ctx.redis.ping, wait_s=stores.WAIT_S)
        own = [index for feature in FEATURES for index in feature.indexes]
        await stores.make_indexes(ctx.db, [*own, *idempotency.INDEXES])
        await stores.check_schema(ctx.db)
        for feature in FEATURES:
            if feature.on_start:
                await feature.on_start(ctx)
        stack.push_async_callback(ctx.background.settle, 3.0)
        scheduler = Scheduler(ctx, [job for feature in FEATURES for job in feature.jobs(ctx)])
        scheduler.start()
        stack.push_async_callback(scheduler.stop)
        log.info("voxbridge.ready", version=voxbridge.__version__, image_tag=settings.vox_image_tag)
        yield
