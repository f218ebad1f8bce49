"""Worker hosts that serve on real ports: seats that beat, check fences and carry one call each, behind one balancer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from voxkit.errors import AtCapacity, StaleReservation
from voxkit.fence import FENCE_HEADER, WORKER_HEADER, check_fence
from voxkit.secrets import SECRET_HEADER

EPOCH = 1_769_850_000_123
BEAT_S = 0.3
Answer = Callable[["Seat | None", str | None], Response | Awaitable[Response]]


class Seat:
    """One worker. `carried`: (reservation, call) of every start it took."""

    def __init__(self, worker_id: str, secret: str) -> None:
        self.worker_id, self._secret = worker_id, secret
        self.seq, self.epoch, self.floor, self.offset_ms = 0, EPOCH, EPOCH, 0
        self.call: str | None = None
        self.reservation: str | None = None
        self.carried: list[tuple[str | None, str]] = []
        self.changed = asyncio.Event()

    @staticmethod
    def now_ms() -> int:
        return round(asyncio.get_running_loop().time() * 1000)

    def start(self, fence: str | None) -> Response:
        """A start that reached this seat, in one synchronous step."""
        reservation = None
        if fence is not None:
            try:
                token = check_fence(
                    fence, [self._secret], worker_id=self.worker_id, floor=self.floor, epoch=self.epoch,
                    now_ms=self.now_ms() + self.offset_ms,
                )  # fmt: skip
            except StaleReservation as error:
                return JSONResponse(error.body(), 409)
            reservation = token.reservation_id
            if self.call and self.reservation == reservation:
                return JSONResponse({"status": "accepted", "call_id": self.call})
        if self.call:
            return JSONResponse((StaleReservation() if fence else AtCapacity()).body(), 409 if fence else 429)
        self.call, self.reservation = f"call-{self.worker_id}-{len(self.carried)}", reservation
        self.carried.append((reservation, self.call))
        self.changed.set()
        return JSONResponse({"status": "accepted", "call_id": self.call})

    def hang_up(self) -> None:
        """The call is over, and its result on disk."""
        self.call = self.reservation = None
        self.epoch += 1
        self.floor = self.epoch
        self.changed.set()


class Host:
    """Seats behind one address. `script`: answers to the next starts instead of the seats' own."""

    def __init__(self, name: str, count: int, secret: str) -> None:
        self.name, self.secret, self.url = name, secret, ""
        self.seats = {f"{name}-{n}": Seat(f"{name}-{n}", secret) for n in range(1, count + 1)}
        self.script: list[Answer] = []
        self.starts = 0
        self.app = self._app()

    @property
    def calls(self) -> list[tuple[str | None, str]]:
        return [call for seat in self.seats.values() for call in seat.carried]

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/health/fleet")
        async def health() -> dict[str, Any]:
            busy = sum(bool(seat.call) for seat in self.seats.values())
            workers = [{"id": seat.worker_id, "state": "busy" if seat.call else "idle"} for seat in self.seats.values()]
            return {
                "status": "ok", "fleet_calls": busy, "fleet_max": len(self.seats),
                "fleet_available": len(self.seats) - busy, "workers": workers,
            }  # fmt: skip

        @app.post("/livekit/{kind}", response_model=None)
        async def start(request: Request, kind: str) -> Response:
            assert request.headers[SECRET_HEADER] == self.secret
            self.starts += 1
            named = request.headers.get(WORKER_HEADER)
            free = next((seat for seat in self.seats.values() if not seat.call), None)
            seat = self.seats[named] if named else free
            fence = request.headers.get(FENCE_HEADER)
            if self.script:
                answer = self.script.pop(0)(seat, fence)
                return await answer if isinstance(answer, Awaitable) else answer
            return seat.start(fence) if seat else JSONResponse(AtCapacity().body(), 429)

        return app

    async def beat(self, seat: Seat, http: httpx.AsyncClient, url: str, pool: str) -> None:
        """Beats every 0.3 s and on every change, for ever."""
        while True:
            seat.changed.clear()
            seat.seq += 1
            own = {"call_id": seat.call, "reservation_id": seat.reservation} if seat.call else {}
            body = {
                "worker_id": seat.worker_id, "instance_id": f"{seat.worker_id}-life", "seq": seat.seq, "direct_url": "",
                "host_id": self.name, "lb_url": self.url, "phase": "busy" if seat.call else "idle", "pool": pool,
                "epoch": seat.epoch, "protocols": ["ws"], **own,
            }  # fmt: skip
            asked = seat.now_ms()
            with suppress(httpx.TransportError):
                answer = await http.put(f"{url}/v1/workers/{seat.worker_id}", json=body)
                if answer.status_code == 200:
                    seat.offset_ms = answer.json()["now_ms"] - (asked + seat.now_ms()) // 2
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await seat.changed.wait()


@asynccontextmanager
async def serving(host: Host) -> AsyncIterator[Host]:
    """The host on a free port of loopback, in this event loop."""
    config = uvicorn.Config(
        host.app,
        host="127.0.0.1",
        port=0,
        log_config=None,
        lifespan="off",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve())
    async with asyncio.timeout(30):
        while not server.started:
            await asyncio.sleep(0.01)
    host.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield host
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def beating(host: Host, url: str, pool: str) -> AsyncIterator[None]:
    """Its seats tell the registry at `url` how they are."""
    async with httpx.AsyncClient(headers={SECRET_HEADER: host.secret}, timeout=2, trust_env=False) as http:
        tasks = [asyncio.create_task(host.beat(seat, http, url, pool)) for seat in host.seats.values()]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def refuse(status: int, code: str, message: str = "no") -> Answer:
    """The worker's own refusal."""
    return lambda seat, fence: JSONResponse({"error": code, "message": message}, status)


def lose_answer(seat: Seat | None, fence: str | None) -> Response:
    """The seat does what it does, and the balancer loses the answer."""
    assert seat is not None
    seat.start(fence)
    return PlainTextResponse("Bad Gateway", 502)


def balancer_error(seat: Seat | None, fence: str | None) -> Response:
    """Nothing reaches the seat."""
    return PlainTextResponse("Bad Gateway", 502)


async def hang(seat: Seat | None, fence: str | None) -> Response:
    """Never answers."""
    await asyncio.Event().wait()
    raise AssertionError
