"""Status callbacks: signed, repeated until 204, never to an address that nobody allowed."""

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable

import httpx
from voxkit.carriers import SIGNATURE_HEADER, TIMESTAMP_HEADER, sign_callback
from voxkit.contracts.carrier import CarrierCall
from voxkit.errors import BadRequest, Invalid
from voxkit.log import get_logger
from voxkit.netguard import Allowlist, check_url, guarded_client
from voxkit.tasks import Tasks

from voxphone.carrier.faults import CallbackFault, Faults

REPEATS_S = (1, 2, 4, 8, 16)
ANSWER_WITHIN_S = 1.0
STALE_S = 301
log = get_logger("voxphone.callbacks")
Pause = Callable[[float], Awaitable[None]]


class Callbacks:
    """Sends each change of a call on its own: a lost one must not hold up the next, receivers go by `seq`."""

    def __init__(
        self,
        token: str,
        allow: Allowlist,
        *,
        faults: Faults | None = None,
        pause: Pause = asyncio.sleep,
        client: httpx.AsyncClient | None = None,
        told: Callable[[str], None] = lambda result: None,
    ) -> None:
        self._token = token
        self._allow = allow
        self._faults = faults or Faults()
        self._pause = pause
        self._told = told
        self._client = client or guarded_client(allow, timeout_s=ANSWER_WITHIN_S)
        self._tasks = Tasks()
        self._overtaken: dict[str, asyncio.Event] = {}

    async def check(self, url: str) -> None:
        """Raises BadRequest for a callback address that is none, or is private and not allowed."""
        try:
            await check_url(url, self._allow)
        except Invalid as exc:
            raise BadRequest(f"status_callback: {exc.message}") from exc

    def send(self, url: str, call: CarrierCall) -> None:
        """Begin to deliver; returns at once."""
        fault = self._faults.of_callback(call)
        overtakes = self._overtaken.pop(call.call_ref, None)
        overtaken = asyncio.Event()
        if fault and fault.kind == "reordered" and call.status != "completed":
            self._overtaken[call.call_ref] = overtaken
        self._tasks.start(self._send(url, call, fault, overtaken, overtakes))

    async def _send(
        self,
        url: str,
        call: CarrierCall,
        fault: CallbackFault | None,
        overtaken: asyncio.Event,
        overtakes: asyncio.Event | None,
    ) -> None:
        body = _body(call)
        match fault.kind if fault else None:
            case "lost":
                self._told("lost")
            case "doubled":
                await asyncio.gather(*(self._deliver(url, body, call) for _ in range(2)))
            case "late" if fault:
                await self._pause(fault.delay_s)
                await self._deliver(url, body, call)
            case "reordered" if fault:
                await self._until_overtaken(overtaken, fault.delay_s)
                await self._deliver(url, body, call)
            case "forged":
                await self._forge(url, call)
                await self._deliver(url, body, call)
            case "stale":
                await self._deliver(url, body, call, signed_ago_s=STALE_S)
            case _:
                await self._deliver(url, body, call)
        if overtakes:
            overtakes.set()

    async def _until_overtaken(self, overtaken: asyncio.Event, at_most_s: float) -> None:
        waits = {asyncio.ensure_future(overtaken.wait()), asyncio.ensure_future(self._pause(at_most_s))}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()

    async def _forge(self, url: str, call: CarrierCall) -> None:
        """What an attacker would send who knows the call and not the token: that it is over."""
        lie = {"status": "completed", "result": "hangup", "seq": call.seq + 100, "ended_at": call.created_at}
        body = _body(call.model_copy(update=lie))
        headers = self._headers(body, "not-the-token", 0)
        with contextlib.suppress(httpx.HTTPError, Invalid):
            answer = await self._client.post(url, content=body, headers=headers)
            self._told("forged_refused" if answer.status_code == 403 else "forged_accepted")

    def _headers(self, body: bytes, token: str, signed_ago_s: int) -> dict[str, str]:
        timestamp = str(int(time.time()) - signed_ago_s)
        return {
            "Content-Type": "application/json",
            TIMESTAMP_HEADER: timestamp,
            SIGNATURE_HEADER: sign_callback(token, timestamp, body),
        }

    async def _deliver(self, url: str, body: bytes, call: CarrierCall, signed_ago_s: int = 0) -> None:
        problem = ""
        for wait_s in (0, *REPEATS_S):
            if wait_s:
                await self._pause(wait_s)
            try:
                headers = self._headers(body, self._token, signed_ago_s)
                response = await self._client.post(url, content=body, headers=headers)
                problem = f"answered {response.status_code}"
                if response.status_code == 204:
                    self._told("delivered")
                    return
            except (httpx.HTTPError, Invalid) as exc:
                problem = f"{type(exc).__name__}: {exc}"
            self._told("failed")
        self._told("given_up")
        log.warning("callback.given_up", call_ref=call.call_ref, seq=call.seq, problem=problem)

    async def idle(self) -> None:
        """Until everything under way is delivered or given up."""
        await self._tasks.settle()

    async def close(self) -> None:
        """Drop what is under way."""
        await self._tasks.close()
        await self._client.aclose()


def _body(call: CarrierCall) -> bytes:
    event = call.model_copy(update={"event_id": uuid.uuid4().hex})
    return event.model_dump_json(by_alias=True).encode()
