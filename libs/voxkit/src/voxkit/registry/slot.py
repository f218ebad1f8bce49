"""A start on a reserved seat: which answers mean another seat, which mean that nobody may try again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import httpx

from voxkit.contracts.registry import ReplaceReason
from voxkit.errors import AtCapacity, VoxError
from voxkit.log import get_logger
from voxkit.registry.answers import fields_of
from voxkit.registry.errors import StartFailed, StartUnknown
from voxkit.registry.grant import Grant

if TYPE_CHECKING:
    from voxkit.registry.client import RegistryClient

log = get_logger("voxkit.registry")

MAX_SEATS = 3
REPLACE_WITHIN_S = 3.0
WORD_OF_WORKER_S = 3.0
CONNECT_S = 2.0

Verdict = Literal["started", "elsewhere", "unknown", "failed"]


@dataclass(frozen=True)
class StartReply:
    """A call that began. `body` is the worker's answer; empty when only the registry knew of it."""

    call_id: str | None
    body: dict[str, Any]
    grant: Grant


class Slot:
    """A seat in hand. `begun` is true once a call runs or may run on it: then nobody else may get it."""

    def __init__(
        self, registry: "RegistryClient", grant: Grant, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.grant = grant
        self.begun = False
        self._registry = registry
        self._monotonic = monotonic

    async def start(self, path: str, *, json: dict[str, Any], timeout: float = 10) -> StartReply:
        """POST the start to the seat, and confirm it. At most 3 seats and 3 s of looking for another one.

        Raises: AtCapacity: no seat took it. StartFailed: the worker's own refusal. StartUnknown: a call may have begun.
        RegistryAway, QueueTimeout, ReservationOver: no other seat was to be had.
        """
        if self.grant.state == "active":  # a repeat under the same id: the call of this reservation runs
            self.begun = True
            view = await self._registry.read(self.grant.reservation_id)
            return StartReply(view.call_id, {}, self.grant)
        until = self._monotonic() + REPLACE_WITHIN_S
        seat = 0
        while True:
            seat += 1
            verdict, reason, body = await self._post(path, json, timeout)
            if verdict == "started":
                return await self._started(body)
            if verdict == "unknown":
                return await self._find_out(path, json, timeout)
            if verdict == "failed":
                raise StartFailed(body.pop("_status"), body)
            left = until - self._monotonic()
            log.info("registry.start_elsewhere", worker_id=self.grant.worker_id, reason=reason, seat=seat)
            if seat == MAX_SEATS or left <= 0:
                raise AtCapacity("No seat took the start.")
            self.grant = await self._registry.replace(self.grant, reason, up_to=left)

    def hand_over(self) -> Grant:
        """The grant, for one who starts by himself at the seat's socket. A call may begin there from now on, so the
        seat is left to its deadline; the worker's own word makes it `active`."""
        self.begun = True
        return self.grant

    async def give_back(self) -> None:
        """Free a seat that was handed over, when nobody will come for it. A call that runs there is not touched."""
        await self._registry.release(self.grant)

    async def _post(
        self, path: str, json: dict[str, Any], timeout: float
    ) -> tuple[Verdict, ReplaceReason, dict[str, Any]]:
        try:
            response = await self._registry.http.post(
                self.grant.lb_url.rstrip("/") + path,
                json=json,
                headers=self.grant.headers,
                timeout=httpx.Timeout(timeout, connect=min(CONNECT_S, timeout)),
            )
        except (httpx.ConnectError, httpx.ConnectTimeout):
            return "elsewhere", "unreachable", {}  # nothing was sent
        except httpx.TransportError:
            return "unknown", "timeout", {}
        return judge(response)

    async def _started(self, body: dict[str, Any]) -> StartReply:
        self.begun = True
        call_id = body.get("call_id")
        call_id = call_id if isinstance(call_id, str) else None
        try:
            await self._registry.confirm(self.grant, call_id)
        except VoxError as error:
            # The call runs, and the worker's next heartbeat says so itself.
            log.info("registry.confirm_not_heard", worker_id=self.grant.worker_id, code=error.wire_code)
        return StartReply(call_id, body, self.grant)

    async def _find_out(self, path: str, json: dict[str, Any], timeout: float) -> StartReply:
        """The same start at the same seat is answered with the same call; failing that, the worker's word counts."""
        self.begun = True
        verdict, _, body = await self._post(path, json, timeout)
        if verdict == "started":
            return await self._started(body)
        try:
            view = await self._registry.read(self.grant.reservation_id, wait=WORD_OF_WORKER_S, state=self.grant.state)
        except VoxError:
            view = None
        if view is not None and view.state == "active":
            return StartReply(view.call_id, {}, self.grant)
        raise StartUnknown()


def judge(response: httpx.Response) -> tuple[Verdict, ReplaceReason, dict[str, Any]]:
    """What an answer to a start means. A body without an `error` of the worker's own came from something between."""
    body = fields_of(response)
    code, status = body.get("error"), response.status_code
    if 200 <= status < 300:
        return "started", "refused", body
    if status == 409 and code == "stale_reservation":
        return "elsewhere", "refused", body
    if status == 503 and code == "worker_unreachable":
        return "elsewhere", "unreachable", body
    if status in (502, 504) and (code is None or code == "outcome_unknown"):
        return "unknown", "timeout", body
    return "failed", "refused", {**body, "_status": status}
