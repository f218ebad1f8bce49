"""HTTP of the carrier API. Rules live in `exchange`; here are paths, credentials and the form of bodies."""

import base64
import binascii
import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, Field, ValidationError
from voxkit.contracts.base import WireModel
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierDial
from voxkit.contracts.errors import ErrorBody
from voxkit.errors import BadRequest, Forbidden, NotFound
from voxkit.secrets import matches_any

from voxphone.carrier.exchange import Exchange
from voxphone.carrier.faults import WAITING_LIMIT, AnyFault, Faults
from voxphone.carrier.ledger import Counts, Order
from voxphone.settings import ServiceSettings

LOOKUP_LIMIT = 100


class NoAccount(NotFound):
    """There is no such account."""

    code = "no_account"


class HangUpOrder(WireModel):
    reason: str = Field(default="", max_length=200)


class CallPage(BaseModel):
    items: list[CarrierCall]


class OrderPage(BaseModel):
    """`next_after`: give it as `after` for the following lines; null when these were the last."""

    items: list[Order]
    next_after: int | None


class FaultPage(BaseModel):
    items: list[AnyFault]


def settings_of(request: Request) -> ServiceSettings:
    return request.app.state.settings


def exchange_of(request: Request) -> Exchange:
    return request.app.state.exchange


def faults_of(request: Request) -> Faults:
    return request.app.state.faults


def authorised(
    settings: Annotated[ServiceSettings, Depends(settings_of)],
    authorization: Annotated[str | None, Header()] = None,
) -> None:
    """HTTP Basic `api_key:api_token`.  Raises: Forbidden, with 401 when no credentials came at all."""
    scheme, _, encoded = (authorization or "").partition(" ")
    try:
        user, colon, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        user, colon, password = "", "", ""
    if scheme.lower() != "basic" or not colon:
        challenge = {"WWW-Authenticate": 'Basic realm="voxphone"'}
        raise Forbidden("Send api_key and api_token as HTTP Basic.", status=401, headers=challenge)
    key_fits = matches_any(user, (settings.voxphone_api_key,))
    if not matches_any(password, (settings.voxphone_api_token,)) or not key_fits:
        raise Forbidden("api_key or api_token is wrong.")


def account(account_sid: str, settings: Annotated[ServiceSettings, Depends(settings_of)]) -> None:
    if account_sid != settings.voxphone_account:
        raise NoAccount(f"There is no account {account_sid[:64]!r}.")


ERRORS: dict[int | str, dict[str, Any]] = {status: {"model": ErrorBody} for status in (400, 401, 403, 404)}
PLACE_ERRORS = ERRORS | {status: {"model": ErrorBody} for status in (409, 410, 413, 422, 429)}
router = APIRouter(
    prefix="/v1/accounts/{account_sid}", dependencies=[Depends(authorised), Depends(account)], tags=["carrier"]
)
Switch = Annotated[Exchange, Depends(exchange_of)]
Injected = Annotated[Faults, Depends(faults_of)]


@router.post("/calls", status_code=201, responses=PLACE_ERRORS | {200: {"model": CarrierAccepted}})
async def place(
    request: Request,
    response: Response,
    exchange: Switch,
    faults: Injected,
    idempotency_key: Annotated[str | None, Header()] = None,
) -> CarrierAccepted:
    """Ring a number and, on answer, connect its media socket to `media.url`."""
    if not idempotency_key or len(idempotency_key) > 128:
        raise BadRequest("The header Idempotency-Key is missing, or longer than 128 characters.")
    try:
        body = json.loads(await request.body())
        dial = CarrierDial.model_validate(body)
    except ValidationError as exc:
        faulty = "; ".join(f"{'.'.join(map(str, error['loc']))}: {error['msg']}" for error in exc.errors())
        raise BadRequest(f"The body is not valid: {faulty}") from exc
    except (ValueError, RecursionError) as exc:
        raise BadRequest("The body is not JSON.") from exc
    await faults.strike("place", to=dial.to)
    accepted, repeated = await exchange.place(idempotency_key, body, dial)
    await faults.strike("place", to=dial.to, after_placing=True)
    if repeated:
        response.status_code = 200
    return accepted


@router.get("/calls", responses=ERRORS)
async def find(exchange: Switch, faults: Injected, client_ref: Annotated[str, Query()] = "") -> CallPage:
    """The calls of up to 100 references; a missing one was never placed."""
    await faults.strike("find")
    return CallPage(items=exchange.find(_references(client_ref)))


@router.get("/calls/{call_ref}", responses=ERRORS)
async def read(call_ref: str, exchange: Switch, faults: Injected) -> CarrierCall:
    """One call; readable for 24 hours after its end."""
    await faults.strike("read")
    return exchange.get(call_ref)


@router.post("/calls/{call_ref}/hangup", status_code=202, responses=ERRORS)
async def hang_up(call_ref: str, request: Request, exchange: Switch, faults: Injected) -> CarrierCall:
    """End a call; 202 also when it is already over."""
    await faults.strike("hang_up")
    raw = await request.body()
    try:
        order = HangUpOrder.model_validate_json(raw) if raw.strip() else HangUpOrder()
    except ValidationError as exc:
        raise BadRequest('The body is {"reason": "..."} with at most 200 characters.') from exc
    return exchange.hang_up(call_ref, order.reason)


@router.get("/log", responses=ERRORS, tags=["test switch"])
async def counts(exchange: Switch) -> Counts:
    """What the carrier has counted itself, to compare a dialler's own books with."""
    return exchange.ledger.counts()


@router.get("/log/orders", responses=ERRORS, tags=["test switch"])
async def orders(
    exchange: Switch,
    client_ref: Annotated[str, Query(description="Of these references alone; up to 100 with commas.")] = "",
    after: Annotated[int, Query(ge=0)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> OrderPage:
    """Every order that came, refused ones and repeats included, in the order they came; the last 200,000."""
    refs = set(_references(client_ref)) if client_ref else set[str]()
    items = exchange.ledger.orders(refs, after, limit)
    return OrderPage(items=items, next_after=items[-1].no if len(items) == limit else None)


@router.post("/faults", status_code=201, tags=["test switch"], responses=ERRORS)
async def inject(fault: AnyFault, faults: Injected) -> AnyFault:
    """Make answers of a route, or status callbacks, fail. A test switch that a real carrier does not have."""
    if len(faults.waiting) >= WAITING_LIMIT:
        raise BadRequest(f"{WAITING_LIMIT} faults wait already; DELETE them first.")
    faults.waiting.append(fault)
    return fault.model_copy()


@router.get("/faults", tags=["test switch"], responses=ERRORS)
async def waiting_faults(faults: Injected) -> FaultPage:
    """What has been ordered and not struck yet."""
    return FaultPage(items=list(faults.waiting))


@router.delete("/faults", status_code=204, tags=["test switch"])
async def clear_faults(faults: Injected) -> None:
    """Forget every fault that has not struck yet."""
    faults.waiting.clear()


def _references(text: str) -> list[str]:
    """Raises: BadRequest."""
    refs = [ref.strip() for ref in text.split(",") if ref.strip()]
    if not refs or len(refs) > LOOKUP_LIMIT:
        raise BadRequest(f"client_ref: give 1 to {LOOKUP_LIMIT} references, separated by commas.")
    return refs
