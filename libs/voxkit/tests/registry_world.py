"""A registry and workers that answer what a test told them to, and nothing else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

SECRET = "test-secret"
Answer = httpx.Response | Exception
REGISTRY, SEAT = "registry", "h1"


def view(state: str = "held", **said: Any) -> dict[str, Any]:
    """An answer of the registry."""
    body: dict[str, Any] = {"reservation_id": "r-first-1", "state": state, "now_ms": 1_000, "generation": "g1"}
    if state in ("held", "confirmed"):
        body |= {
            "worker_id": "h1-1", "host_id": "h1", "lb_url": "http://h1", "direct_url": "http://h1/1", "image_tag": "v1",
            "epoch": 7, "fence": "v1.h1-1.7.r-first-1.9.x", "deadline_ms": 16_000, "expires_in_ms": 15_000,
        }  # fmt: skip
    if state == "waiting":
        body |= {"position": 2, "waiting": 3, "eta_ms": 500}
    return {**body, **said}


def seat(worker: str) -> dict[str, Any]:
    return {"worker_id": worker, "epoch": 8, "fence": f"fence-of-{worker}"}


def answer(status: int, body: Any) -> httpx.Response:
    return httpx.Response(status, json=body)


def refused(status: int, code: str, **said: Any) -> httpx.Response:
    return answer(status, {"error": code, "message": "no", **said})


class World:
    """A registry and a host of workers that answer what they were told to, in order; anything else fails the test."""

    def __init__(self) -> None:
        self.script: list[tuple[str, str, str, Answer | Callable[[httpx.Request], httpx.Response]]] = []
        self.always: dict[tuple[str, str], Answer] = {}
        self.seen: list[httpx.Request] = []

    def on(self, method: str, path: str, *answers: Any, host: str = REGISTRY) -> None:
        self.script += [(host, method, path, each) for each in answers]

    async def handle(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        for index, (*wanted, _) in enumerate(self.script):
            if wanted == [request.url.host, request.method, request.url.path]:
                said = self.script.pop(index)[-1]
                break
        else:
            key = (request.method, request.url.path)
            if key not in self.always:
                raise AssertionError(f"nobody told me about {request.method} {request.url}")
            said = self.always[key]
        if isinstance(said, Exception):
            raise said
        return said(request) if callable(said) else said

    def asked(self, method: str, path: str, host: str = REGISTRY) -> list[Any]:
        """Bodies of these requests."""
        return [
            json.loads(request.content or b"null")
            for request in self.seen
            if (request.url.host, request.method, request.url.path) == (host, method, path)
        ]


R = "/v1/reservations/r-first-1"


class Clock:
    """A monotonic clock that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def later(self, seconds: float, said: httpx.Response) -> Callable[[httpx.Request], httpx.Response]:
        """An answer that takes so long."""

        def give(_: httpx.Request) -> httpx.Response:
            self.now += seconds
            return said

        return give


async def heard(world: World, method: str, path: str = R, times: int = 1) -> list[Any]:
    """What was asked, once it was asked so often."""
    async with asyncio.timeout(5):
        while len(asked := world.asked(method, path)) < times:
            await asyncio.sleep(0)
    return asked
