"""The hot routes: plain ASGI, a compiled JSON codec, one store call each. Everything else is in `routes.py`."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias
from urllib.parse import parse_qsl

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send
from voxkit.contracts.base import WorkerId
from voxkit.contracts.registry import (
    ConfirmRequest,
    ExtendRequest,
    Heartbeat,
    HeartbeatBatch,
    HeartbeatReply,
    HeartbeatResults,
    Pool,
    ReleaseReply,
    ReplaceRequest,
    ReservationId,
    ReservationView,
    ReserveRequest,
)
from voxkit.errors import AtCapacity, Conflict, Forbidden, Invalid, NotFound, TooLarge, Unavailable, VoxError
from voxkit.registry import QueueFull, QuotaExceeded, ReservationIdReused, ReservationOver
from voxkit.secrets import SECRET_HEADER
from voxkit.web import error_response, field_errors

from voxregistry.notify import fence_of
from voxregistry.pools import Pools
from voxregistry.settings import Identity, Keys, Role
from voxregistry.store import RETRY, Reply, Store

BODY_BYTES, BATCH_BYTES = 64 * 1024, 512 * 1024
SHED_S = 0.2
Answer: TypeAlias = tuple[int, Any]

PARAMETERS: Mapping[str, TypeAdapter[str]] = {
    "pool": TypeAdapter(Pool),
    "reservation_id": TypeAdapter(ReservationId),
    "worker_id": TypeAdapter(WorkerId),
}
"""What a hot route may take beside its body, and the form of each."""

_SECRET = SECRET_HEADER.lower().encode()


class InvalidRequest(Invalid):
    """The request is not valid."""

    code = "invalid_request"


class Superseded(Conflict):
    """A newer process has taken this worker's name."""

    code = "superseded"


class Unknown(NotFound):
    """There is no such reservation, or its record is older than ten minutes."""

    code = "unknown"


class Rebuilding(Unavailable):
    """The store is new or was emptied: no seat is handed out until the workers have told what they carry."""

    code = "rebuilding"


class Overloaded(Unavailable):
    """Too much at once: new reservations wait outside."""

    code = "overloaded"


@dataclass
class Request:
    """One request to a hot route. `name`: the id in its path; `body`: the model that the route names."""

    who: Identity
    pool: str
    name: str
    body: Any


class Core:
    """What a route needs: the store, the pools, the secret that signs fences."""

    def __init__(self, store: Store, pools: Pools, keys: Keys, secret: str, ttl_ms: int) -> None:
        self.store, self.pools, self.keys, self.secret, self.ttl_ms = store, pools, keys, secret, ttl_ms
        self.ready = self.stopping = False

    def admit(self, headers: Mapping[bytes, bytes], *roles: Role) -> Identity:
        """Who asks. Raises: Forbidden."""
        who = self.keys.who(headers.get(_SECRET, b"").decode("latin-1"))
        if who is None:
            raise Forbidden(f"The {SECRET_HEADER} is missing or not one of this registry's.")
        if who.role != "operator" and who.role not in roles:
            raise Forbidden(f"A key for a {who.role} does not open this.")
        return who

    def shed(self) -> None:
        """Raises: Overloaded, while answers queue for more than 200 ms."""
        if max(self.store.behind_s, self.pools.lag_s) > SHED_S:
            raise Overloaded(headers=RETRY)

    def view(self, reply: Reply, pool: str) -> dict[str, Any]:
        """The body of an answer about a reservation: with its fence while it has a seat and no call."""
        view: dict[str, Any] = reply.out["view"]
        view["pool"], view["now_ms"], view["generation"] = pool, reply.now_ms, reply.generation
        if "deadline_ms" in view:
            view["expires_in_ms"] = max(0, view["deadline_ms"] - reply.now_ms)
            if "epoch" in view:
                view["fence"] = fence_of(view, self.secret)
        return view

    def settled(self, reply: Reply, pool: str) -> Answer:
        """The answer to a holder's message. Raises: Unknown, ReservationOver."""
        if reply.result == "unknown":
            raise Unknown()
        view = self.view(reply, pool)
        if reply.result == "over":
            state, reason = view["state"], view.get("reason")
            raise ReservationOver(f"The reservation is {state}.", extra={"state": state, "reason": reason})
        return (202 if view["state"] == "waiting" else 200), view


Handler: TypeAlias = Callable[[Core, Request], Awaitable[Answer]]


def parsed(model: type[BaseModel], body: bytes) -> Any:
    """The body as `model`. Raises: InvalidRequest with `{loc, msg, type}` of each field, never its value."""
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise InvalidRequest(detail=field_errors(error)) from None


def checked(name: str, value: str, what: str) -> str:
    """The value of a parameter. Raises: InvalidRequest."""
    try:
        return PARAMETERS[name].validate_python(value)
    except ValidationError:
        detail = [{"loc": [what], "msg": "not valid", "type": "form"}]
        raise InvalidRequest(f"{what} is not valid.", detail=detail) from None


# --- workers ----------------------------------------------------------------------------------------------------------


def _told(core: Core, reply: Reply) -> dict[str, Any]:
    held = reply.out.get("reservation")
    reservation = held and {
        "reservation_id": held["reservation_id"],
        "fence": fence_of(held, core.secret),
        "deadline_ms": held["deadline_ms"],
    }
    return {"reservation": reservation, "drain": reply.out["drain"]}


async def _beat(core: Core, request: Request, beat: Heartbeat) -> Reply:
    return await core.store.step(
        "heartbeat", beat.pool or request.pool, beat.model_dump_json(exclude_none=True, exclude={"pool"}).encode()
    )


async def heartbeat(core: Core, request: Request) -> Answer:
    """One worker's beat."""
    beat: Heartbeat = request.body
    if beat.worker_id != request.name:
        raise InvalidRequest("worker_id in the body is not the one in the path.")
    reply = await _beat(core, request, beat)
    if reply.result == "superseded":
        raise Superseded()
    return 200, {
        "now_ms": reply.now_ms, "ttl_ms": core.ttl_ms, "generation": reply.generation, **_told(core, reply)
    }  # fmt: skip


async def heartbeats(core: Core, request: Request) -> Answer:
    """The beats of a host, each a step of its own; all leave in one pipeline."""
    batch: HeartbeatBatch = request.body
    replies = await asyncio.gather(*(_beat(core, request, beat) for beat in batch.workers))
    results = [
        {"worker_id": beat.worker_id, "status": 409, "drain": False}
        if reply.result == "superseded"
        else {"worker_id": beat.worker_id, "status": 200, **_told(core, reply)}
        for beat, reply in zip(batch.workers, replies, strict=True)
    ]
    last = replies[-1]
    return 200, {"now_ms": last.now_ms, "ttl_ms": core.ttl_ms, "generation": last.generation, "results": results}


# --- reservations -----------------------------------------------------------------------------------------------------


def fingerprint(body: ReserveRequest, need: str | None) -> str:
    """What must be the same in every repeat of an id."""
    same = to_json([body.client, body.campaign, body.priority, body.hold_ms, body.wait_ms, need])
    return hashlib.blake2b(same, digest_size=8).hexdigest()


async def reserve(core: Core, request: Request) -> Answer:
    """A seat, a place in the queue, or why not."""
    body: ReserveRequest = request.body
    if request.who.client not in (None, body.client):
        raise Forbidden(f"This key reserves for {request.who.client} only.")
    if body.allow_draining and request.who.role != "operator":
        raise Forbidden("allow_draining is for operators.")
    core.shed()
    need = body.need.model_dump_json(exclude_none=True) if body.need else None
    asked = {**vars(body), "reservation_id": request.name, "fp": fingerprint(body, need), "need": need}
    reply = await core.store.step("reserve", request.pool, asked)
    result = reply.result
    if result in ("granted", "waiting"):
        return 201 if result == "granted" else 202, core.view(reply, request.pool)
    if result in ("repeat", "over"):
        return 200, core.settled(reply, request.pool)[1]
    if result == "id_reused":
        raise ReservationIdReused()
    if result == "rebuilding":
        raise Rebuilding(headers=RETRY)
    raise refusal(reply.out)


NO_SEAT = {
    "no_idle_seat": "Every seat that would do is in use.",
    "kept_for_others": "The free seats are kept for clients below their minimum.",
}


def refusal(out: Mapping[str, Any]) -> VoxError:
    """Why there is neither a seat nor a place."""
    result = out["result"]
    if "scope" in out:
        fields = {name: out[name] for name in ("scope", "limit", "used")}
        text = f"The {out['scope']} has as many calls as its quota allows."
        return QuotaExceeded(text, extra=fields, headers=RETRY)
    if result == "queue_full":
        return QueueFull(headers=RETRY)
    return AtCapacity(NO_SEAT[result], extra={"reason": result}, headers=RETRY)


def _asked(request: Request) -> dict[str, Any]:
    return {"reservation_id": request.name, "only": request.who.client}


def _message(step: str) -> Handler:
    async def handle(core: Core, request: Request) -> Answer:
        reply = await core.store.step(step, request.pool, {**_asked(request), **vars(request.body)})
        return core.settled(reply, request.pool)

    return handle


async def release(core: Core, request: Request) -> Answer:
    """Give it back; says what it is from now on."""
    reply = await core.store.step("release", request.pool, _asked(request))
    state = reply.out["view"]["state"] if reply.result in ("active", "over") else reply.result
    return 200, {"state": state}


# --- dispatch ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Route:
    """One hot route; dispatch and OpenAPI document are made from these rows."""

    method: str
    path: str
    role: Role
    handle: Handler
    body: type[BaseModel] | None
    answers: Mapping[int, type[BaseModel] | None]
    summary: str
    limit: int = BODY_BYTES

    @cached_property
    def id_name(self) -> str | None:
        """What the id in the path is called, if there is one."""
        return next((part[1:-1] for part in self.path.split("/") if part.startswith("{")), None)


_VIEW = ReservationView
_ABOUT: Mapping[int, type[BaseModel] | None] = {200: _VIEW, 404: None, 410: None}
ROUTES = (
    Route("PUT", "/v1/workers/{worker_id}", "worker", heartbeat, Heartbeat, {200: HeartbeatReply, 409: None},
          "One worker's heartbeat"),
    Route("PUT", "/v1/workers", "worker", heartbeats, HeartbeatBatch, {200: HeartbeatResults},
          "The heartbeats of a host", BATCH_BYTES),
    Route("PUT", "/v1/reservations/{reservation_id}", "caller", reserve, ReserveRequest,
          {200: _VIEW, 201: _VIEW, 202: _VIEW, 409: None, 410: None, 429: None}, "Reserve a seat"),
    Route("DELETE", "/v1/reservations/{reservation_id}", "caller", release, None, {200: ReleaseReply},
          "Give a seat back"),
    Route("POST", "/v1/reservations/{reservation_id}/confirm", "caller", _message("confirm"), ConfirmRequest,
          _ABOUT, "The seat took the start"),
    Route("POST", "/v1/reservations/{reservation_id}/extend", "caller", _message("extend"), ExtendRequest,
          _ABOUT, "Hold the seat longer"),
    Route("POST", "/v1/reservations/{reservation_id}/replace", "caller", _message("replace"), ReplaceRequest,
          {**_ABOUT, 202: _VIEW}, "Another seat for the same reservation"),
)  # fmt: skip


def _key(method: str, path: str) -> tuple[str, ...]:
    """What tells one hot route from another: the method, how deep it is, and every part but the id."""
    parts = path.split("/")
    return method, str(len(parts)), *parts[:3], *parts[4:]


_BY_KEY = {_key(route.method, route.path): route for route in ROUTES}


def route_of(scope: Scope) -> Route | None:
    """The hot route that a request asks for."""
    return _BY_KEY.get(_key(scope["method"], scope["path"]))


async def answer(core: Core, route: Route, scope: Scope, receive: Receive, send: Send) -> int:
    """Run a hot route; every expected failure becomes its error body. Returns the status."""
    headers: dict[bytes, bytes] = dict(scope["headers"])
    try:
        who = core.admit(headers, route.role)
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"))) if scope["query_string"] else {}
        pool = checked("pool", query["pool"], "pool") if "pool" in query else "default"
        name = checked(route.id_name, scope["path"].split("/")[3], "id") if route.id_name else ""
        raw = await _body(receive, route.limit)
        body = parsed(route.body, raw) if route.body else None
        status, content = await route.handle(core, Request(who, pool, name, body))
    except VoxError as error:
        await error_response(error, with_detail=False)(scope, receive, send)
        return error.http_status
    raw = to_json(content)
    head = [(b"content-type", b"application/json"), (b"content-length", str(len(raw)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": raw})
    return status


async def _body(receive: Receive, limit: int) -> bytes:
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body") and len(body) <= limit:
        message = await receive()
        body += message.get("body", b"")
    if len(body) > limit:
        raise TooLarge(f"The body is larger than {limit} bytes.")
    return body
