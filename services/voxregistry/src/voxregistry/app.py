"""One API process: the hot routes in front, FastAPI behind, and what runs beside them."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI
from starlette.types import Receive, Scope, Send
from voxkit.errors import StoreUnavailable
from voxkit.http import internal_client
from voxkit.web import BodyLimit, install_errors

from voxregistry import __version__, openapi, routes
from voxregistry.api import BODY_BYTES, Core, answer, route_of
from voxregistry.metrics import Metrics
from voxregistry.notify import Notifier
from voxregistry.pools import Pools
from voxregistry.settings import Keys, RegistrySettings, read_config
from voxregistry.store import Store, connect


class Registry:
    """Plain ASGI. `running()` must be entered for the time it serves; `http` reaches the workers.

    Raises: ConfigurationError.
    """

    def __init__(self, settings: RegistrySettings, http: httpx.AsyncClient | None = None) -> None:
        self.metrics = Metrics()
        self.store = Store(connect(settings.registry_redis_url), settings.limits())
        self._http = http or internal_client(settings.secrets[0], connect_s=0.3, total_s=0.5)
        self._notifier = None
        if settings.notify_workers:
            self._notifier = Notifier(settings.secrets[0], self._http, self.store, self.metrics)
        self.pools = Pools(self.store, self.metrics, self._notifier)
        self.store.watchers.append(self.pools.watch)
        self.core = Core(self.store, self.pools, Keys.load(settings), settings.secrets[0], settings.heartbeat_ttl_ms)
        self._settings = settings
        self._config = read_config(settings.registry_config)  # a mistake in it stops the start, not the first wipe
        self.app = FastAPI(title="voxregistry", version=__version__, docs_url=None, redoc_url=None)
        install_errors(self.app, with_detail=False, validation_code="invalid_request")
        self.app.add_middleware(BodyLimit, limit_bytes=lambda _: BODY_BYTES, with_detail=False)
        self.app.include_router(routes.router(self.core, self.metrics, settings.vox_image_tag))
        document = openapi.whole(self.app)
        self.app.openapi = lambda: document

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = route_of(scope) if scope["type"] == "http" else None
        if route is None:
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = await answer(self.core, route, scope, receive, send)
        self.metrics.requests.labels(route.path, status).observe(time.perf_counter() - started)

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Everything that runs beside the requests. The store may be away; it is tried until it is there."""
        beside = [asyncio.create_task(self._load()), asyncio.create_task(self.pools.run())]
        try:
            yield
        finally:
            self.stop()
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await self.pools.close()
            if self._notifier:
                await self._notifier.close()
            await self._http.aclose()
            await self.store.close()

    def stop(self) -> None:
        """Long polls are answered with the present state, event streams end, `/ready` says 503."""
        self.core.ready, self.core.stopping = False, True
        self.pools.wake_all()

    def reload(self) -> None:
        """Read `REGISTRY_CONFIG` again. Raises: ConfigurationError, and then nothing has changed."""
        self._config = read_config(self._settings.registry_config)
        self.pools.configure(*self._config)

    async def _load(self) -> None:
        while not self.core.ready:
            try:
                await self.store.load()
            except StoreUnavailable:
                await asyncio.sleep(0.25)
            else:
                self.core.ready = True
                self.pools.configure(*self._config)
