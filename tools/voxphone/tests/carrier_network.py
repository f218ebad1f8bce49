"""The carrier's side of voxphone as its callers see it, with a receiver of callbacks and a clock that only counts."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import httpx
from fastapi import FastAPI
from voxkit.clock import iso, utc_now
from voxphone.app import create_app
from voxphone.settings import ServiceSettings

AUTH = ("key", "token")
BASE = "/v1/accounts/acme/calls"
NUMBERS = """
default: {persona: goodbye_quick, after_s: 0.05}
endings:
  "90": {ring: busy, after_s: 0.05}
  "91": {ring: no_answer}
  "92": {ring: reject, after_s: 0.05}
  "93": {ring: invalid}
  "94": {after_s: 0.05, hang_up_before_bot_s: 0}
  "95": {ring: error, after_s: 0.05}
  "96": {after_s: 40}
  "97": {persona: voicemail, after_s: 0.05}
  "98": {after_s: 0.05, answers_with: null}
  "99": {after_s: 0.05, light: {talk_s: 0.2}}
crowds:
  - {first: "+15551000000", count: 2000, seed: 3, after_s: [0.01, 0.05], talk_s: {median_s: 0.2, max_s: 0.4}}
"""


class Receiver:
    """Where callbacks go: refuses the first `refusals` of them."""

    def __init__(self) -> None:
        self.refusals = 0
        self.requests: list[httpx.Request] = []

    def take(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.refusals:
            self.refusals -= 1
            return httpx.Response(500)
        return httpx.Response(204)

    @property
    def bodies(self) -> list[dict]:
        return [json.loads(request.content) for request in self.requests]


class Network:
    """The service under test, and a client with its credentials."""

    def __init__(self, app: FastAPI, http: httpx.AsyncClient, receiver: Receiver, pauses: list[float]) -> None:
        self.app, self.http, self.receiver, self.pauses = app, http, receiver, pauses

    async def place(self, key: str = "a1", **changed) -> httpx.Response:
        body = order(key) | changed
        return await self.http.post(BASE, json=body, headers={"Idempotency-Key": key})

    async def until_over(self, response: httpx.Response) -> dict:
        assert response.status_code == 201, response.text
        for _ in range(2000):
            call = (await self.http.get(f"{BASE}/{response.json()['call_ref']}")).json()
            if call["status"] == "completed":
                return call
            await asyncio.sleep(0.01)
        raise AssertionError(f"still {call['status']}")

    async def until(self, ref: str, status: str) -> None:
        for _ in range(2000):
            if (await self.http.get(f"{BASE}/{ref}")).json()["status"] == status:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"never {status}")


def order(key: str = "a1") -> dict:
    return {
        "client_ref": key, "to": "+15550100", "from": "+15550199", "ring_timeout_seconds": 45, "max_call_seconds": 30,
        "not_after": iso(utc_now() + timedelta(seconds=10)), "amd": None, "status_callback": None,
        "media": {"url": "ws://127.0.0.1:9/ws/demo", "protocol": "vox",
                  "custom": {"_context": f"ctx_{key}", "callDirection": "outgoing"}},
    }  # fmt: skip


@asynccontextmanager
async def network(tmp_path: Path, speech, *, guarded: bool = False, **changed) -> AsyncIterator[Network]:
    numbers = tmp_path / "numbers.yaml"
    numbers.write_text(NUMBERS)
    settings = ServiceSettings(
        _env_file=None, vox_data_dir=str(tmp_path), voxphone_account="acme", voxphone_api_key="key",
        voxphone_api_token="token", voxphone_population=numbers, **changed,
    )  # fmt: skip
    receiver, pauses = Receiver(), []

    async def short_pause(seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(seconds if seconds == 40 else min(seconds, 0.05))

    client = None if guarded else httpx.AsyncClient(transport=httpx.MockTransport(receiver.take))
    app = create_app(settings, voice=speech.voice(tmp_path / "cache"), callback_client=client, pause=short_pause)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://carrier", auth=AUTH) as http:
            yield Network(app, http, receiver, pauses)
