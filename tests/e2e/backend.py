"""The outside world of the bots under test, on this machine: an order system, and speech that dies in a call."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

ORDER = {"status": "on its way", "eta": "on Thursday"}
BRISK_S = 1.2
SLOW_S = 3.4
HANG_S = 30.0


@dataclass
class Backend:
    """An HTTP server with its record of what was asked.

    `/orders/{id}` answers at once, `/brisk/…` after 1.2 s, `/slow/…` after 3.4 s, `/hang/…` never in time,
    `/broken/…` with 500. `/dying/{name}/{lives}/v1/…` passes the first `lives` POSTs of this name on to the
    real speech server and answers 500 from then on.
    """

    host: str = "127.0.0.1"
    voice_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    _passed: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None
    _http: aiohttp.ClientSession | None = None
    port: int = 0

    async def start(self) -> None:
        app = web.Application()
        app.router.add_route("*", "/dying/{name}/{lives}/v1/{tail:.*}", self._dying)
        app.router.add_route("*", "/{mode}/orders/{order_id}", self._order)
        app.router.add_route("*", "/orders/{order_id}", self._order)
        self._http = aiohttp.ClientSession()
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.host, 0)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()
        if self._http:
            await self._http.close()

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def dying(self, name: str, lives: int) -> str:
        """`base_url` of a stage that answers `lives` times and then no more."""
        return f"{self.url}/dying/{name}/{lives}/v1"

    def asked(self, mode: str) -> list[dict[str, Any]]:
        return [request for request in self.requests if request["mode"] == mode]

    async def _order(self, request: web.Request) -> web.Response:
        mode = request.match_info.get("mode", "")
        self.requests.append(
            {
                "mode": mode,
                "order_id": request.match_info["order_id"],
                "authorization": request.headers.get("Authorization"),
                "query": dict(request.query),
                "method": request.method,
            }
        )
        match mode:
            case "broken":
                return web.json_response({"detail": "the order system is down"}, status=500)
            case "hang":
                await asyncio.sleep(HANG_S)
            case "brisk":
                await asyncio.sleep(BRISK_S)
            case "slow":
                await asyncio.sleep(SLOW_S)
        return web.json_response(ORDER)

    async def _dying(self, request: web.Request) -> web.StreamResponse:
        name, lives, tail = (request.match_info[key] for key in ("name", "lives", "tail"))
        if request.method != "POST":
            return web.json_response({"data": []})
        if self._passed[name] >= int(lives):
            return web.json_response({"error": {"message": "the machine is gone"}}, status=500)
        self._passed[name] += 1
        assert self._http
        body = await request.read()
        headers = {"Content-Type": request.headers["Content-Type"]}
        async with self._http.post(
            f"{self.voice_url}/v1/{tail}", params=request.query, data=body, headers=headers
        ) as real:
            kept = {key: real.headers[key] for key in ("X-Sample-Rate", "Content-Type") if key in real.headers}
            return web.Response(body=await real.read(), status=real.status, headers=kept)
