"""How every call begins: reserve a seat at the registry, start on it, confirm; without a registry, by polling.

A start never takes a second seat after an unknown outcome: the same seat is asked again and the reservation is read.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from voxkit.contracts.registry import Priority
from voxkit.errors import AtCapacity, NotFound, StaleReservation, VoxError
from voxkit.registry import QueueFull, QueueTimeout, QuotaExceeded, RegistryAway, Slot, StartFailed, StartUnknown

from voxbridge.context import Context
from voxbridge.fleet import fallback, polling
from voxbridge.fleet.errors import NoCapacity
from voxbridge.fleet.operators import registry_errors

RETRY = {"Retry-After": "1"}
Result = TypeVar("Result")


@dataclass(frozen=True)
class StartKind:
    """A way in which calls begin. Seconds: `hold_s` from the grant to the start, `wait_s` in the queue, `timeout_s` for
    the worker's answer. `path`: the worker's route; empty where a socket is opened by somebody else."""

    path: str
    priority: Priority
    hold_s: float
    wait_s: float
    timeout_s: float = 0.0
    unknown_status: int = 502


DISPATCH = StartKind("/livekit/dispatch", "inbound", hold_s=15, wait_s=5, timeout_s=10)
WIDGET = StartKind("/livekit/widget", "inbound", hold_s=15, wait_s=3, timeout_s=10, unknown_status=503)
DIALOUT = StartKind("/livekit/dialout", "outbound", hold_s=75, wait_s=0, timeout_s=20)
CARRIER_DIALOUT = StartKind("", "outbound", hold_s=75, wait_s=0)
BROWSER = StartKind("", "test", hold_s=30, wait_s=3)


@dataclass(frozen=True)
class Started:
    """A call that began: base URL of its host, its id if the worker said one, and the worker's own answer."""

    host: str
    call_id: str | None
    body: dict[str, Any]


@dataclass(frozen=True)
class SocketSeat:
    """Where a media socket may be opened: `base` (http) of the host; with a reservation its `fence`, how long it
    holds, seconds, and how it is given back when nobody comes. Without one the fence is empty: the host's balancer
    finds a free worker."""

    base: str
    fence: str = ""
    seconds_left: float = 0.0
    give_back: Callable[[], Awaitable[None]] | None = None


async def start_call(
    ctx: Context,
    kind: StartKind,
    body: dict[str, Any],
    *,
    wait_s: float | None = None,
    reservation_id: str | None = None,
) -> Started:
    """POST a start to one worker. `wait_s`: instead of the kind's own; `reservation_id`: to repeat a lost answer.

    Raises: NoCapacity, NoFleet, NoHealthyFleet, RegistryUnavailable (503); QuotaExceeded (429); StartUnknown: it may
    have started, nobody else was asked; another refusal of the worker with its own code.
    """

    async def by_registry() -> Started:
        async with _slot(ctx, kind, wait_s, reservation_id) as slot:
            reply = await slot.start(kind.path, json=body, timeout=kind.timeout_s)
            return Started(reply.grant.lb_url, reply.call_id, reply.body)

    async def by_polling() -> Started:
        host, told = await polling.start_call(ctx, kind.path, body, timeout_s=kind.timeout_s)
        return Started(host, told.get("call_id"), told)

    try:
        return await _choose(ctx, by_registry, by_polling)
    except StartUnknown as unknown:
        raise StartUnknown(unknown.message, status=kind.unknown_status) from None


@asynccontextmanager
async def socket_seat(ctx: Context, kind: StartKind, *, wait_s: float | None = None) -> AsyncGenerator[SocketSeat]:
    """A seat for a socket that a browser or a carrier opens; given back when the block fails, else left to the socket.

    `wait_s`: instead of the kind's own. Raises: what `start_call` raises.
    """
    async with AsyncExitStack() as stack:

        async def by_registry() -> tuple[Slot | None, SocketSeat]:
            slot = await stack.enter_async_context(_slot(ctx, kind, wait_s))
            grant = slot.grant
            return slot, SocketSeat(grant.lb_url.rstrip("/"), grant.fence, grant.seconds_left(), slot.give_back)

        async def by_polling() -> tuple[Slot | None, SocketSeat]:
            return None, SocketSeat(await polling.pick_worker(ctx))

        slot, seat = await _choose(ctx, by_registry, by_polling)
        yield seat
        if slot is not None:
            slot.hand_over()


async def free_host(ctx: Context, kind: StartKind, *, wait_s: float | None = None) -> SocketSeat:
    """A host that has a free seat now, for a carrier that cannot be sent to one: nothing is held for the call.

    Raises: what `start_call` raises.
    """

    async def by_registry() -> str:
        async with _slot(ctx, kind, wait_s) as slot:  # given back at once: it shows that seat and quota are there
            return slot.grant.lb_url.rstrip("/")

    return SocketSeat(await _choose(ctx, by_registry, lambda: polling.pick_worker(ctx)))


def _slot(
    ctx: Context, kind: StartKind, wait_s: float | None = None, reservation_id: str | None = None
) -> AbstractAsyncContextManager[Slot]:
    assert ctx.pools is not None
    wait = kind.wait_s if wait_s is None else wait_s
    return ctx.pools.slot(reservation_id, priority=kind.priority, hold=kind.hold_s, wait=wait)


async def _choose(
    ctx: Context, by_registry: Callable[[], Awaitable[Result]], by_polling: Callable[[], Awaitable[Result]]
) -> Result:
    if fallback.registry_in_use(ctx):
        try:
            with _told_apart():
                result = await by_registry()
        except RegistryAway as away:
            # Nothing runs: the seat, if one was held, refused before the registry went away.
            if not fallback.leave_registry(ctx, away):
                ctx.metrics.fleet_picks.labels("registry", away.wire_code).inc()
                with registry_errors():
                    raise
        except VoxError as refusal:
            ctx.metrics.fleet_picks.labels("registry", refusal.wire_code).inc()
            raise
        else:
            ctx.metrics.fleet_picks.labels("registry", "picked").inc()
            return result
    async with fallback.counted(ctx):
        return await by_polling()


@contextmanager
def _told_apart() -> Generator[None]:
    """What the registry or a worker refused, as this API tells it; RegistryAway and StartUnknown stay."""
    try:
        yield
    except (RegistryAway, StartUnknown):
        raise
    except QuotaExceeded as quota:
        raise QuotaExceeded(_why_quota(quota.extra), extra=quota.extra, headers=RETRY) from None
    except StartFailed as refused:
        if refused.http_status in (409, 429):
            raise NoCapacity("Every worker that was tried is on a call; try again.", headers=RETRY) from None
        raise VoxError(refused.message, code=refused.wire_code, status=refused.http_status) from None
    except AtCapacity as full:
        raise NoCapacity(_why_full(full), headers=RETRY) from None
    except (StaleReservation, NotFound):
        raise NoCapacity("The reserved worker was lost before the call began; try again.", headers=RETRY) from None
    except VoxError:
        with registry_errors():
            raise


def _why_quota(told: dict[str, Any]) -> str:
    whose = "The campaign" if told.get("scope") == "campaign" else "This deployment"
    return (
        f"{whose} uses {told.get('used')} of the {told.get('limit')} calls that its quota allows. Wait for one to end, "
        "or raise the quota."
    )


def _why_full(full: AtCapacity) -> str:
    if full.extra.get("reason") == "kept_for_others":
        return "Every free worker is kept for somebody's minimum. Try again, lower a minimum, or add workers."
    if full.wire_code == QueueFull.code:
        return "Too many calls wait for a worker already. Try again later, or add workers."
    if full.wire_code == QueueTimeout.code:
        return "Every worker is on a call, and none became free in time. Try again, or add workers."
    return "Every worker is on a call. Try again, or add workers."
