"""`voxregistry relay`: takes the heartbeats of one host's workers and sends them on as batches (HB5).

A fleet of 10,000 seats sends 3,300 heartbeats a second; through one relay a host they are some hundred requests. Each
worker is answered with the registry's own word on its beat, at most 1 s after it came, else 503: the relay knows
nothing and decides nothing. Every other route passes through as it is.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import uvicorn
from fastapi import FastAPI
from starlette.background import BackgroundTask
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from voxkit.contracts.registry import Heartbeat, HeartbeatReply, HeartbeatResult, HeartbeatResults
from voxkit.errors import Forbidden
from voxkit.http import internal_client
from voxkit.log import get_logger
from voxkit.registry import RegistryAway
from voxkit.secrets import SECRET_HEADER, matches_any, split_secrets
from voxkit.serve import Server
from voxkit.tasks import Tasks
from voxkit.web import BodyLimit, install_errors

from voxregistry import __version__
from voxregistry.api import BATCH_BYTES, InvalidRequest, Superseded, parsed
from voxregistry.settings import RelaySettings
from voxregistry.store import tell

EVERY_S = 0.25
FRESH_S = 1.0
AT_MOST = 64
"""Beats in one batch, a limit of the registry."""
UNHEARD = "The registry behind the relay did not answer within a second; the beat comes again."
HOP_BY_HOP = {
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
    "upgrade", "host", "content-length",
}  # fmt: skip
log = get_logger("voxregistry.relay")


class Batches:
    """The beats that wait for the next batch. Raises of `answer_to`: RegistryAway, Superseded."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self._http, self._url = http, f"{url}/v1/workers"
        self._waiting: dict[tuple[str, ...], tuple[Heartbeat, asyncio.Future[HeartbeatReply]]] = {}
        self._sending = Tasks()

    async def answer_to(self, beat: Heartbeat) -> HeartbeatReply:
        """What the registry says to this beat. A newer beat of the same process takes the place of one that waits:
        it is the full truth, and its answer serves both."""
        key = (beat.pool or "default", beat.worker_id, beat.instance_id)
        earlier = self._waiting.get(key)
        answer = earlier[1] if earlier else asyncio.get_running_loop().create_future()
        if not earlier or beat.seq > earlier[0].seq:
            self._waiting[key] = beat, answer
        try:
            return await asyncio.wait_for(asyncio.shield(answer), FRESH_S)
        except TimeoutError:
            raise RegistryAway(UNHEARD) from None

    async def run(self) -> None:
        """Send what waits, every quarter of a second, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            waiting, self._waiting = list(self._waiting.values()), {}
            for first in range(0, len(waiting), AT_MOST):
                self._sending.start(self._send(waiting[first : first + AT_MOST]))

    async def _send(self, batch: Sequence[tuple[Heartbeat, asyncio.Future[HeartbeatReply]]]) -> None:
        body = {"workers": [beat.model_dump(mode="json", exclude_none=True) for beat, _ in batch]}
        try:
            response = await self._http.put(self._url, json=body)
            response.raise_for_status()
            said = HeartbeatResults.model_validate_json(response.content)
            for (_, answer), result in zip(batch, said.results, strict=True):
                tell(answer, reply_of(said, result))
        except (httpx.HTTPError, ValueError) as error:
            log.warning("registry.unheard", beats=len(batch), error=type(error).__name__)
            for _, answer in batch:
                tell(answer, RegistryAway(UNHEARD))


def reply_of(said: HeartbeatResults, result: HeartbeatResult) -> HeartbeatReply | Superseded:
    """One worker's part of the answer to a batch, as the registry would have given it to that worker alone."""
    if result.status == 409:
        return Superseded()
    return HeartbeatReply(
        now_ms=said.now_ms, ttl_ms=said.ttl_ms, generation=said.generation, reservation=result.reservation,
        drain=result.drain,
    )  # fmt: skip


def create_relay(settings: RelaySettings, http: httpx.AsyncClient | None = None) -> FastAPI:
    """The application; `http` reaches the registry."""
    secrets = split_secrets(settings.voxcore_secret)
    upstream = settings.registry_url.rstrip("/")
    own = http or internal_client(secrets[0], connect_s=FRESH_S, total_s=FRESH_S)
    through = http or httpx.AsyncClient(timeout=httpx.Timeout(None, connect=2.0), trust_env=False)
    batches = Batches(own, upstream)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        sending = asyncio.create_task(batches.run())
        try:
            yield
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await own.aclose()
            await through.aclose()

    app = FastAPI(title="voxregistry relay", version=__version__, docs_url=None, redoc_url=None, lifespan=lifespan)
    install_errors(app, with_detail=False, validation_code="invalid_request")
    app.add_middleware(BodyLimit, limit_bytes=lambda _: BATCH_BYTES, with_detail=False)

    @app.put("/v1/workers/{worker_id}", response_model=HeartbeatReply)
    async def beat(worker_id: str, request: HttpRequest) -> Response:
        """One worker's heartbeat, answered from the next batch."""
        if not matches_any(request.headers.get(SECRET_HEADER, ""), secrets):
            raise Forbidden(f"The {SECRET_HEADER} is missing or not one of this relay's.")
        said: Heartbeat = parsed(Heartbeat, await request.body())
        if said.worker_id != worker_id:
            raise InvalidRequest("worker_id in the body is not the one in the path.")
        said.pool = said.pool or request.query_params.get("pool")
        return JSONResponse((await batches.answer_to(said)).model_dump(mode="json"))

    @app.api_route("/{path:path}", methods=["GET", "PUT", "POST", "DELETE", "PATCH"], include_in_schema=False)
    async def pass_on(request: HttpRequest) -> Response:
        """Everything else: request and answer go through unread, event streams too."""
        headers = [(name, value) for name, value in request.headers.items() if name not in HOP_BY_HOP]
        url = httpx.URL(upstream + request.url.path, query=request.url.query.encode())
        asked = through.build_request(request.method, url, headers=headers, content=await request.body())
        try:
            answer = await through.send(asked, stream=True)
        except httpx.HTTPError as error:
            raise RegistryAway(f"The registry behind the relay does not answer ({type(error).__name__}).") from None
        kept = {name: value for name, value in answer.headers.items() if name not in HOP_BY_HOP}
        return StreamingResponse(_until_cut(answer), answer.status_code, kept, background=BackgroundTask(answer.aclose))

    return app


async def _until_cut(answer: httpx.Response) -> AsyncIterator[bytes]:
    """The body as it comes; a registry that goes away ends it."""
    try:
        async for part in answer.aiter_raw():
            yield part
    except httpx.HTTPError as error:
        log.warning("registry.cut", error=type(error).__name__)


async def serve_relay(settings: RelaySettings, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        create_relay(settings), log_config=None, access_log=False, server_header=False, proxy_headers=False,
        ws="none", timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = Server(config)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, setattr, server, "should_exit", True)
    await server.serve(sockets=[listener])
