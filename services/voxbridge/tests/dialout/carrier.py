"""A carrier on a real port that keeps every order; `script` holds its answers to the next ones."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

KEY, TOKEN = "api-key-of-the-account", "api-token-of-the-account"


class Carrier:
    """`orders`: bodies in the order they came; `placed`: those that were taken; `url` is set by who serves it."""

    def __init__(self) -> None:
        self.url = ""
        self.orders: list[dict[str, Any]] = []
        self.placed: dict[str, dict[str, Any]] = {}
        self.script: list[str] = []
        self.states: dict[str, str] = {}
        self.app = self._app()

    def rest(self) -> dict[str, Any]:
        """What opens it."""
        return {"adapter": "voxphone", "base_url": self.url, "account_sid": "a1", "api_key": KEY, "api_token": TOKEN}

    def _shown(self, ref: str) -> dict[str, Any]:
        order = self.placed[ref]
        return {
            "call_ref": f"c-{ref}", "client_ref": ref, "seq": 1,
            "status": self.states.get(order["to"], "ringing"), "to": order["to"],
            "from": order["from"], "created_at": "2026-01-31T09:15:00.000Z",
        }  # fmt: skip

    def _app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/v1/accounts/a1/calls")
        async def place(request: Request) -> Response:
            order = await request.json()
            assert request.headers["idempotency-key"] == order["client_ref"]
            assert request.headers["authorization"].startswith("Basic ")
            self.orders.append(order)
            answer = self.script.pop(0) if self.script else "take"
            if answer in ("take", "take_and_lose"):
                self.placed[order["client_ref"]] = order
            if answer == "take":
                return JSONResponse(self._shown(order["client_ref"]) | {"status": "queued"}, 201)
            if answer == "hang":
                await asyncio.Event().wait()
            if answer in ("lose", "take_and_lose"):
                return JSONResponse({"error": "bad_gateway", "message": "lost"}, 502)
            status, code = answer.split()
            return JSONResponse({"error": code, "message": f"it said {code}"}, int(status), {"Retry-After": "7"})

        @app.get("/v1/accounts/a1/calls")
        async def find(client_ref: str) -> Response:
            refs = [ref for ref in client_ref.split(",") if ref in self.placed]
            return JSONResponse({"items": [self._shown(ref) for ref in refs]})

        @app.get("/v1/accounts/a1/calls/{call_ref}")
        async def get(call_ref: str) -> Response:
            return JSONResponse(self._shown(call_ref.removeprefix("c-")))

        return app
