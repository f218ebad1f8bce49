"""The client itself: one request and at most one repeat with the same id, two seconds in all, else `RegistryAway`."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Unpack, cast

import httpx

from voxkit.contracts.base import WireModel
from voxkit.contracts.registry import (
    ConfirmRequest,
    ExtendRequest,
    RegistryEvent,
    ReplaceReason,
    ReplaceRequest,
    ReservationView,
    ReserveRequest,
)
from voxkit.errors import VoxError
from voxkit.http import internal_client
from voxkit.log import get_logger
from voxkit.registry.answers import failure_of, read_answer
from voxkit.registry.errors import QueueTimeout, RegistryAway, ReservationOver
from voxkit.registry.grant import Grant, Waiting, Wish, grant_of, new_reservation_id, request_of, waiting_of
from voxkit.registry.operators import OperatorCalls
from voxkit.registry.slot import Slot
from voxkit.registry.sse import read_events
from voxkit.tasks import Tasks

log = get_logger("voxkit.registry")

CONNECT_S = 0.3
ANSWER_S = 1.0
IN_ALL_S = 2.0
PAUSE_S = 0.2
LONGEST_POLL_S = 30.0
KEEP_TRYING_S = 10.0


class RegistryClient(OperatorCalls):
    """One per process. `secret` is sent as `X-VoxCore-Secret`; `client` is this deployment's name in quotas.

    All times are seconds. Every method may raise RegistryAway (no answer, `retryable`), Forbidden (wrong secret) and
    Invalid (a value the registry does not take), `release` excepted.
    """

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        client: str,
        pool: str = "default",
        http: httpx.AsyncClient | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.client = client
        self._base = f"{url.rstrip('/')}/v1"
        self._pool = pool
        # Every caller that waits has a long poll out; none of them may keep a release from being sent.
        self._http = http or internal_client(secret, connect_s=CONNECT_S, total_s=ANSWER_S, max_connections=None)
        self._monotonic = monotonic
        self._generation = ""
        self._open: dict[str, ReserveRequest] = {}
        self._tasks = Tasks()

    async def aclose(self) -> None:
        """End what runs in the background and close the connections."""
        await self._tasks.close()
        await self._http.aclose()

    @property
    def http(self) -> httpx.AsyncClient:
        """The shared connections, for starts at workers."""
        return self._http

    # --- reserve -----------------------------------------------------------------------------------------------------

    async def ask(self, reservation_id: str, **wish: Unpack[Wish]) -> Grant | Waiting:
        """A seat, or with `wait` > 0 a place in the queue, at once. The same id asked again gets the same answer.

        Raises: AtCapacity, QuotaExceeded, QueueFull, ReservationOver, ReservationIdReused.
        """
        body = self._open[reservation_id] = request_of(self.client, wish)
        try:
            return await self._put(reservation_id, body)
        except RegistryAway:
            # The request may have arrived: give back what it may have taken. The id is spent.
            self._tasks.start(self._release_until_heard(reservation_id))
            raise
        except VoxError:
            self._open.pop(reservation_id, None)
            raise

    async def reserve(
        self, reservation_id: str, *, on_waiting: Callable[[Waiting], None] | None = None, **wish: Unpack[Wish]
    ) -> Grant:
        """A seat, after at most `wait` seconds in the queue; `on_waiting` hears each new position.

        Raises: what `ask` raises, and QueueTimeout. A cancelled wait gives the reservation back.
        """
        try:
            got = await self.ask(reservation_id, **wish)
            if isinstance(got, Waiting):
                if on_waiting:
                    on_waiting(got)
                # A second more than the queue's own deadline, so that the registry says the last word.
                up_to = wish.get("wait", 0) + 1
                got = await self.wait(reservation_id, up_to=up_to, known=got, on_waiting=on_waiting)
        except asyncio.CancelledError:
            self._tasks.start(self._release_until_heard(reservation_id))
            raise
        if isinstance(got, Waiting):
            await self.release(reservation_id)
            raise QueueTimeout()
        return got

    async def wait(
        self,
        reservation_id: str,
        *,
        up_to: float,
        known: Waiting | None = None,
        on_waiting: Callable[[Waiting], None] | None = None,
    ) -> Grant | Waiting:
        """A waiting reservation's seat as soon as it has one, else its place in the queue after `up_to` seconds.

        Raises: QueueTimeout, ReservationOver, NotFound.
        """
        until = self._monotonic() + up_to
        while True:
            left = max(0.0, until - self._monotonic())
            params = {"state": "waiting", "position": str(known.position)} if known else {"state": "waiting"}
            view, asked_at = await self._look(reservation_id, min(left, LONGEST_POLL_S), params)
            if view.state != "waiting":
                return self._granted(view, asked_at)
            now = waiting_of(view)
            if self._monotonic() >= until:
                return now
            if now == known:
                await asyncio.sleep(PAUSE_S)  # a process that stops answers a long poll at once
            elif on_waiting:
                on_waiting(now)
            known = now

    async def read(self, reservation_id: str, *, wait: float = 0, state: str | None = None) -> ReservationView:
        """The reservation in whatever state; with `wait`, as soon as it is no longer `state`. Raises: NotFound."""
        view, _ = await self._look(reservation_id, wait, {"state": state} if state else {})
        return view

    # --- with a seat in hand -----------------------------------------------------------------------------------------

    async def confirm(self, grant: Grant, call_id: str | None = None) -> None:
        """The seat of `grant` answered 200 to the start. Raises: ReservationOver, NotFound."""
        body = ConfirmRequest(worker_id=grant.worker_id, epoch=grant.epoch, call_id=call_id)
        await self._view("POST", f"/reservations/{grant.reservation_id}/confirm", body)
        self._open.pop(grant.reservation_id, None)

    async def extend(self, grant: Grant, *, hold: float) -> Grant:
        """Hold the seat for `hold` seconds from now, with a new fence. Raises: ReservationOver, NotFound."""
        view, asked_at = await self._view(
            "POST", f"/reservations/{grant.reservation_id}/extend", ExtendRequest(hold_ms=round(hold * 1000))
        )
        return grant_of(view, asked_at)

    async def replace(self, grant: Grant, reason: ReplaceReason, *, up_to: float = 3) -> Grant:
        """Another seat for the same reservation, or the one it already has been moved to.

        Waits up to `up_to` seconds when none is free. Raises: QueueTimeout, ReservationOver, NotFound.
        """
        body = ReplaceRequest(worker_id=grant.worker_id, epoch=grant.epoch, reason=reason)
        view, asked_at = await self._view("POST", f"/reservations/{grant.reservation_id}/replace", body)
        if view.state != "waiting":
            return grant_of(view, asked_at)
        got = await self.wait(grant.reservation_id, up_to=up_to, known=waiting_of(view))
        if isinstance(got, Waiting):
            raise QueueTimeout("No other seat became free.")
        return got

    async def release(self, grant: Grant | str) -> None:
        """Give the seat back. Never raises: repeats for 10 s in the background and leaves the rest to the deadline."""
        reservation_id = grant if isinstance(grant, str) else grant.reservation_id
        first = self._tasks.start(self._release_until_heard(reservation_id))
        with suppress(TimeoutError):
            async with asyncio.timeout(ANSWER_S):
                await asyncio.shield(first)

    @asynccontextmanager
    async def slot(
        self,
        *,
        reservation_id: str | None = None,
        on_waiting: Callable[[Waiting], None] | None = None,
        **wish: Unpack[Wish],
    ) -> AsyncGenerator[Slot]:
        """A seat for the length of the block; left released unless a start was made. Raises: what `reserve` raises."""
        grant = await self.reserve(reservation_id or new_reservation_id(), on_waiting=on_waiting, **wish)
        async with self.using(grant) as slot:
            yield slot

    @asynccontextmanager
    async def using(self, grant: Grant) -> AsyncGenerator[Slot]:
        """The seat of a grant for the length of the block; left released unless a start was made."""
        slot = Slot(self, grant, monotonic=self._monotonic)
        try:
            yield slot
        finally:
            if not slot.begun:
                await self.release(slot.grant)

    # --- events ------------------------------------------------------------------------------------------------------

    def events(self, *, last_event_id: str | None = None, **filters: str) -> AsyncIterator[RegistryEvent]:
        """What happens in the pool, for ever, across restarts of the registry. `filters`: `types`, `client`, `host_id`.

        After an event `reset` some were missed: read `fleet` again.
        """
        params = {"pool": self._pool, **filters}
        return read_events(self._http, f"{self._base}/events", params, last_event_id)

    # --- below -------------------------------------------------------------------------------------------------------

    async def _put(self, reservation_id: str, body: ReserveRequest) -> Grant | Waiting:
        view, asked_at = await self._view("PUT", f"/reservations/{reservation_id}", body)
        return waiting_of(view) if view.state == "waiting" else self._granted(view, asked_at)

    async def _look(self, reservation_id: str, wait: float, params: dict[str, str]) -> tuple[ReservationView, float]:
        asked_at = self._monotonic()
        params = {**params, "wait_ms": str(round(wait * 1000))}
        response = await self._send("GET", f"/reservations/{reservation_id}", params=params, wait=wait)
        return read_answer(ReservationView, response), asked_at

    async def _view(self, method: str, path: str, body: WireModel) -> tuple[ReservationView, float]:
        asked_at = self._monotonic()
        return read_answer(ReservationView, await self._send(method, path, body=body)), asked_at

    def _granted(self, view: ReservationView, asked_at: float) -> Grant:
        if view.state in ("held", "confirmed", "active"):
            return grant_of(view, asked_at)
        self._open.pop(view.reservation_id, None)
        if view.reason == "queue_timeout":
            raise QueueTimeout()
        raise ReservationOver(f"The reservation is {view.state} ({view.reason}); reserve again under a new id.")

    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: WireModel | None = None,
        params: dict[str, str] | None = None,
        wait: float = 0,
    ) -> httpx.Response:
        """The answer below 400. Raises: RegistryAway after one repeat, and the type that an error code stands for."""
        content = body.model_dump_json(exclude_none=True).encode() if body else None
        headers = {"Content-Type": "application/json"} if content else None
        until = self._monotonic() + IN_ALL_S + wait
        why = ""
        for _ in range(2):
            if (left := until - self._monotonic()) <= 0:
                break
            try:
                async with asyncio.timeout(min(ANSWER_S + wait, left)):
                    response = await self._http.request(
                        method,
                        self._base + path,
                        params={"pool": self._pool, **(params or {})},
                        content=content,
                        headers=headers,
                        timeout=httpx.Timeout(None, connect=CONNECT_S),
                    )
            except (httpx.TransportError, TimeoutError) as error:
                why = type(error).__name__
            else:
                if response.status_code < 400:
                    self._note_generation(response)
                    return response
                failure = failure_of(response)
                if response.status_code < 500:
                    raise failure
                why = failure.wire_code
            await asyncio.sleep(PAUSE_S)
        raise RegistryAway(
            f"The capacity registry gave no answer ({why}); no seat was reserved.",
            extra={"why": why, "pool": self._pool},
        )

    def _note_generation(self, response: httpx.Response) -> None:
        if b'"generation"' not in response.content:
            return
        said = cast("dict[str, Any]", response.json()).get("generation")
        if isinstance(said, str) and said != self._generation:
            if self._generation and self._open:
                self._tasks.start(self._repeat_all())
            self._generation = said

    async def _repeat_all(self) -> None:
        """The registry was emptied: tell it again what is held, so that quotas are right and nobody else gets it."""
        until = self._monotonic() + KEEP_TRYING_S
        for reservation_id, body in list(self._open.items()):
            while self._monotonic() < until and reservation_id in self._open:
                try:
                    await self._put(reservation_id, body)
                except RegistryAway:
                    await asyncio.sleep(PAUSE_S)
                    continue
                except VoxError as error:
                    log.info("registry.repeat_refused", reservation_id=reservation_id, code=error.wire_code)
                break
            if reservation_id not in self._open:  # released meanwhile: the repeat may have brought it back
                await self._release_until_heard(reservation_id)

    async def _release_until_heard(self, reservation_id: str) -> None:
        self._open.pop(reservation_id, None)
        until = self._monotonic() + KEEP_TRYING_S
        while True:
            try:
                await self._send("DELETE", f"/reservations/{reservation_id}")
            except VoxError as error:
                if error.retryable and self._monotonic() < until:
                    continue
                log.warning("registry.release_not_heard", reservation_id=reservation_id, code=error.wire_code)
            return
