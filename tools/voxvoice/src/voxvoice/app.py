"""The application: routes, health, metrics, and loading the models beside them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from voxkit.log import get_logger
from voxkit.metrics import metrics_page
from voxkit.web import RequestContext

from voxvoice.dialogue.files import Dialogues
from voxvoice.errors import install_errors
from voxvoice.gguf import GgufModel
from voxvoice.limits import BodyLimit, check_key
from voxvoice.models import ModelError
from voxvoice.routes import audio, chat, stream
from voxvoice.server import Server, server_of
from voxvoice.settings import VoxvoiceSettings

log = get_logger("voxvoice")
probes = APIRouter()


def _authorized(request: Request, server: Annotated[Server, Depends(server_of)]) -> None:
    check_key(request, server.settings.voxvoice_api_key)


@probes.get("/health")
async def health(server: Annotated[Server, Depends(server_of)]) -> Response:
    """200 once the models are loaded, 503 before."""
    if server.speech is None:
        return JSONResponse({"status": "loading"}, status_code=503)
    waiting = {lane: server.lanes.depth(lane) for lane in server.lanes.NAMES}
    return JSONResponse({"status": "ok", "queue": waiting, "models": server.dialogues.names})


@probes.get("/metrics")
async def metrics(server: Annotated[Server, Depends(server_of)]) -> Response:
    """Prometheus text."""
    for lane in server.lanes.NAMES:
        server.metrics.depth.labels(lane).set(server.lanes.depth(lane))
    if server.speech:
        server.metrics.cache.set(server.speech.remembered_bytes)
    return metrics_page(server.metrics.registry)


def build_app(settings: VoxvoiceSettings, *, on_fatal: asyncio.Event | None = None) -> FastAPI:
    """The ASGI application. Raises: DialogueError, ModelError.

    The models load after the start. When that fails, `app.state.failure` holds the reason and `on_fatal` is set.
    """
    server = Server(settings, Dialogues.load(settings.voxvoice_dialogues))
    if settings.voxvoice_gguf:
        server.gguf = GgufModel(settings.voxvoice_gguf, settings.voxvoice_threads)

    async def load() -> None:
        # Here, not above: the import of the native libraries takes longer than binding the port.
        from voxvoice.speech import Speech

        try:
            server.speech = await Speech.load(server.lanes, server.metrics, settings.voxvoice_threads)
        except ModelError as error:
            app.state.failure = str(error)
            if on_fatal:
                on_fatal.set()
            return
        log.info("models.loaded", dialogues=server.dialogues.names)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(load())
        yield
        loading.cancel()
        server.lanes.close()

    app = FastAPI(title="voxvoice", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.server = server
    app.state.failure = None
    install_errors(app)
    keyed = [Depends(_authorized)]
    app.include_router(audio.router, prefix="/v1", dependencies=keyed)
    app.include_router(chat.router, prefix="/v1", dependencies=keyed)
    app.include_router(stream.router, prefix="/v1")
    app.include_router(probes)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestContext, quiet=("/health", "/metrics"))
    return app
