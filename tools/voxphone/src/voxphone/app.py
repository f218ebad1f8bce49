"""The service: carrier API, test calls, health and metrics in one application."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI, Request, Response
from voxkit.contracts.carrier import CarrierCall
from voxkit.metrics import metrics_page
from voxkit.netguard import Allowlist
from voxkit.web import BodyLimit, RequestContext, install_errors

from voxphone import testcalls
from voxphone.carrier import routes as carrier_routes
from voxphone.carrier.callbacks import Callbacks
from voxphone.carrier.exchange import Exchange
from voxphone.carrier.faults import Faults
from voxphone.carrier.population import load_population
from voxphone.metrics import Metrics
from voxphone.report import CallReport
from voxphone.settings import ServiceSettings
from voxphone.voice import Voice

BODY_LIMIT_BYTES = 64 * 1024


def create_app(
    settings: ServiceSettings,
    *,
    voice: Voice | None = None,
    callback_client: httpx.AsyncClient | None = None,
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> FastAPI:
    """The whole service.

    `voice`, `callback_client` and `pause` (the passing of ringing time and of callback repeats) are for tests.
    Raises: PhoneError when the numbering plan has faults.
    """
    population = load_population(settings.voxphone_population)
    metrics = Metrics()
    speaker = voice or Voice.from_settings(settings)

    def call_over(report: CallReport | None, call: CarrierCall) -> None:
        metrics.carrier_call(report, call)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        allow = Allowlist.parse(settings.outbound_url_allowlist)
        callbacks = Callbacks(
            settings.voxphone_api_token,
            allow,
            faults=app.state.faults,
            pause=pause,
            client=callback_client,
            told=metrics.callback,
        )
        app.state.exchange = Exchange(settings, population, speaker, callbacks, pause=pause, done=call_over)
        app.state.desk = testcalls.Desk(speaker, Path(settings.vox_data_dir) / "voxphone-calls")
        app.state.callbacks = callbacks
        yield
        await app.state.exchange.close()
        await app.state.desk.close()
        await callbacks.close()
        if voice is None:
            await speaker.close()

    app = FastAPI(title="voxphone", summary="Simulated telephone network", version="1", lifespan=lifespan)
    app.state.settings, app.state.faults = settings, Faults()
    install_errors(app, with_detail=False)
    app.add_middleware(BodyLimit, limit_bytes=lambda scope: BODY_LIMIT_BYTES, with_detail=False)
    app.add_middleware(RequestContext, quiet=("/health", "/metrics"))
    app.include_router(carrier_routes.router)
    app.include_router(testcalls.router)
    app.include_router(testcalls.private)

    @app.get("/health", tags=["service"])
    async def health(request: Request) -> dict[str, str | int]:
        """200 while the network takes orders."""
        active = request.app.state.exchange.active
        return {"status": "ok", "active_calls": active, "image_tag": settings.vox_image_tag}

    @app.get("/metrics", tags=["service"], response_class=Response)
    async def prometheus(request: Request) -> Response:
        metrics.active.set(request.app.state.exchange.active)
        return metrics_page(metrics.registry)

    return app
