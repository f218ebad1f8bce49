"""Status callbacks: signed, repeated until 204, never to an address that nobody allowed."""

import asyncio
import hashlib
import hmac
import time
import uuid
from collections.abc import Awaitable, Callable

import httpx
from voxkit.contracts.carrier import CarrierCall
from voxkit.errors import BadRequest, Invalid
from voxkit.log import get_logger
from voxkit.netguard import Allowlist, check_url, guarded_client

REPEATS_S = (1, 2, 4, 8, 16)
ANSWER_WITHIN_S = 1.0
log = get_logger("voxphone.callbacks")
Pause = Callable[[float], Awaitable[None]]


def signature(token: str, timestamp: str, body: bytes) -> str:
    """`sha256=` + hex HMAC-SHA256 of `{timestamp}.{raw body}`."""
    digest = hmac.new(token.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


class Callbacks:
    """Sends each change of a call on its own: a lost one must not hold up the next, receivers go by `seq`."""

    def __init__(
        self,
        token: str,
        allow: Allowlist,
        *,
        pause: Pause = asyncio.sleep,
        client: httpx.AsyncClient | None = None,
        told: Callable[[str], None] = lambda result: None,
    ) -> None:
        self._token = token
        self._allow = allow
        self._pause = pause
        self._told = told
        self._client = client or guarded_client(allow, timeout_s=ANSWER_WITHIN_S)
        self._tasks: set[asyncio.Task[None]] = set()

    async def check(self, url: str) -> None:
        """Raises BadRequest for a callback address that is none, or is private and not allowed."""
        try:
            await check_url(url, self._allow)
        except Invalid as exc:
            raise BadRequest(f"status_callback: {exc.message}") from exc

    def send(self, url: str, call: CarrierCall) -> None:
        """Begin to deliver; returns at once."""
        event = call.model_copy(update={"event_id": uuid.uuid4().hex})
        body = event.model_dump_json(by_alias=True).encode()
        task = asyncio.create_task(self._deliver(url, body, call.call_ref, call.seq))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, url: str, body: bytes, call_ref: str, seq: int) -> None:
        problem = ""
        for wait_s in (0, *REPEATS_S):
            if wait_s:
                await self._pause(wait_s)
            timestamp = str(int(time.time()))
            headers = {
                "Content-Type": "application/json",
                "X-Carrier-Timestamp": timestamp,
                "X-Carrier-Signature": signature(self._token, timestamp, body),
            }
            try:
                response = await self._client.post(url, content=body, headers=headers)
                problem = f"answered {response.status_code}"
                if response.status_code == 204:
                    self._told("delivered")
                    return
            except (httpx.HTTPError, Invalid) as exc:
                problem = f"{type(exc).__name__}: {exc}"
            self._told("failed")
        self._told("given_up")
        log.warning("callback.given_up", call_ref=call_ref, seq=seq, problem=problem)

    async def idle(self) -> None:
        """Until everything under way is delivered or given up."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._client.aclose()
