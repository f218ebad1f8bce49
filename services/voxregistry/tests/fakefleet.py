"""Workers that keep their own rules (one call, fence, epoch), and a wire that delays, drops and doubles."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from voxkit.errors import StaleReservation
from voxkit.fence import check_fence

from .running import EPOCH, HEADERS, SECRET

BEAT_S = 0.5


class Wire(httpx.AsyncBaseTransport):
    """To the registry over HTTP, to workers in this process. `bad`: how much of it goes wrong, 0 to 1."""

    def __init__(self, fleet: dict[str, FakeWorker], draw: random.Random, bad: float = 0.0) -> None:
        self._net = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_connections=200))
        self._fleet, self._draw, self.bad = fleet, draw, bad

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        if request.url.host == "fleet":
            return await self._to_worker(request, body)
        draw, again = self._draw, [1]
        if draw.random() < self.bad:
            await asyncio.sleep(draw.random() * 0.4)  # late, and so behind what was sent after it
        if draw.random() < self.bad / 2:
            raise httpx.ConnectError("cut before it arrived")
        if draw.random() < self.bad:
            again = [1, 2]
        answers = [await self._net.handle_async_request(self._copy(request, body)) for _ in again]
        for answer in answers:
            await answer.aread()
        if draw.random() < self.bad / 2:
            raise httpx.ReadError("cut before the answer arrived")
        return answers[0]

    @staticmethod
    def _copy(request: httpx.Request, body: bytes) -> httpx.Request:
        return httpx.Request(
            request.method, request.url, headers=request.headers, content=body, extensions=request.extensions
        )

    async def _to_worker(self, request: httpx.Request, body: bytes) -> httpx.Response:
        worker = self._fleet[request.headers["X-Vox-Worker"]]
        if worker.cut:
            raise httpx.ConnectError("nobody there")
        status, said = worker.start(request.headers["X-Vox-Fence"], json.loads(body)["name"])
        if self._draw.random() < self.bad / 3:
            raise httpx.ReadTimeout("the answer of the worker was lost")
        return httpx.Response(status, json=said)

    async def aclose(self) -> None:
        await self._net.aclose()


class FakeWorker:
    """One seat. `skew_ms`: how wrong its own clock is; `cut`: neither callers nor the registry reach it."""

    def __init__(self, worker_id: str, url: str, *, skew_ms: int = 0) -> None:
        self.worker_id, self._url, self._skew_ms = worker_id, url, skew_ms
        self.life, self.seq = 1, 0
        self.epoch = self.floor = EPOCH
        self.phase, self.call, self.reservation = "idle", None, None
        self.offset_ms = 0
        self.cut = self.frozen = False
        self.carried: list[tuple[str, str]] = []  # (reservation, call) of every start it took
        self.refused: list[str] = []
        self._changed = asyncio.Event()

    def now_ms(self) -> int:
        """Its own clock, however wrong."""
        return round(asyncio.get_running_loop().time() * 1000) + self._skew_ms

    def start(self, fence: str, name: str) -> tuple[int, dict[str, Any]]:
        """A start with a fence, in one synchronous step."""
        try:
            token = check_fence(
                fence, [SECRET], worker_id=self.worker_id, floor=self.floor, epoch=self.epoch,
                now_ms=self.now_ms() + self.offset_ms,
            )  # fmt: skip
        except StaleReservation as error:
            self.refused.append(str(error))
            return 409, error.body()
        if self.call:
            if self.carried[-1] == (token.reservation_id, name):
                return 200, {"status": "accepted", "call_id": self.call}
            self.refused.append("a call is there")
            return 409, StaleReservation().body()
        self.call, self.reservation, self.phase = f"call-{name}", token.reservation_id, "busy"
        self.carried.append((token.reservation_id, name))
        self._changed.set()
        return 200, {"status": "accepted", "call_id": self.call}

    def hang_up(self) -> None:
        """The call is over, and its result on disk."""
        self.call, self.reservation, self.phase = None, None, "idle"
        self.epoch += 1
        self.floor = self.epoch
        self._changed.set()

    def reboot(self) -> None:
        """kill -9 and a new life; the call is gone."""
        self.life, self.seq = self.life + 1, 0
        self.hang_up()

    def beat(self) -> dict[str, Any]:
        self.seq += 1
        own = {"call_id": self.call, "reservation_id": self.reservation} if self.call else {}
        host = self.worker_id.partition("-")[0]
        return {
            "worker_id": self.worker_id,
            "instance_id": f"{self.worker_id}-{self.life}",
            "seq": self.seq,
            "host_id": host,
            "lb_url": "http://fleet",
            "direct_url": "",
            "phase": self.phase,
            "epoch": self.epoch,
            "protocols": ["ws"],
            **own,
        }

    async def run(self, http: httpx.AsyncClient) -> None:
        """Beats every half second and on every change."""
        while True:
            self._changed.clear()
            if not (self.cut or self.frozen):
                asked = self.now_ms()
                try:
                    answer = await http.put(f"{self._url}/v1/workers/{self.worker_id}", json=self.beat())
                    if answer.status_code == 200:
                        self.offset_ms = answer.json()["now_ms"] - (asked + self.now_ms()) // 2
                except httpx.TransportError:
                    pass
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._changed.wait()
            except TimeoutError:
                pass


@asynccontextmanager
async def fleet(
    url: str, count: int, draw: random.Random, *, bad: float = 0.0, skew_ms: int = 0
) -> AsyncIterator[tuple[dict[str, FakeWorker], httpx.AsyncClient]]:
    """Workers that beat, and connections for their callers over the same wire."""
    workers: dict[str, FakeWorker] = {}
    for n in range(count):
        name = f"h{n // 4}-{n}"
        workers[name] = FakeWorker(name, url, skew_ms=skew_ms * (1 if n % 2 else -1))
    http = httpx.AsyncClient(transport=Wire(workers, draw, bad), headers=HEADERS, timeout=5)
    tasks = [asyncio.create_task(worker.run(http)) for worker in workers.values()]
    try:
        yield workers, http
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await http.aclose()
