"""Exotel's Voice v1 API: `Calls/connect` rings the callee, then opens a media stream or runs a flow of the account.

Without a `flow_url` the answered call is streamed to the socket of this very call (`StreamUrl`); with one, to whatever
socket that flow names, so such calls cannot be sent to a reserved seat. The API has no idempotency key and no search by
our id: an order without an answer stays unknown. Source: developer.exotel.com, Voice v1 and AgentStream;
docs/carriers.md lists what was not confirmed against the service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import httpx

from voxkit.carriers.base import CarrierAccess, CarrierTraits, Refused, Unsure
from voxkit.carriers.rest import RestApi, seconds_of
from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.contracts.carrier import (
    CarrierAccepted,
    CarrierCall,
    CarrierCallResult,
    CarrierCallStatus,
    CarrierDial,
    CarrierMedia,
)
from voxkit.netguard import Allowlist

STREAMED = CarrierTraits(
    media_route="exotel",
    idempotency=False,
    lookup_by_ref=False,
    status_callback=False,
    amd=False,
    not_after=False,
    hang_up=False,
)
FLOW = CarrierTraits(
    media_route="exotel",
    per_call_media_url=False,
    idempotency=False,
    lookup_by_ref=False,
    status_callback=False,
    amd=False,
    not_after=False,
    hang_up=False,
)
LONGEST_CALL_S = 14_400
CUSTOM_FIELD = "custom_field"
"""Under this name the worker's socket finds the context, whichever way it came."""
ACCOUNT_ZONE = ZoneInfo("Asia/Kolkata")
"""Times in answers have no zone; the service shows them in India's."""

_REFUSALS: dict[int, tuple[AttemptOutcome, bool]] = {
    400: ("error", False),  # a parameter, perhaps only this number: many of them open the campaign's breaker
    401: ("error", True),
    402: ("error", True),
    403: ("error", True),
    404: ("error", True),
    409: ("error", True),
    429: ("not_placed", False),
}
_STATES: dict[str, tuple[int, CarrierCallStatus, CarrierCallResult | None]] = {
    "queued": (1, "queued", None),
    "ringing": (2, "ringing", None),
    "in-progress": (2, "ringing", None),  # also the state of a call that nobody has answered yet
    "completed": (3, "completed", "hangup"),
    "busy": (3, "completed", "busy"),
    "no-answer": (3, "completed", "no_answer"),
    "failed": (3, "completed", "error"),
    "canceled": (3, "completed", "cancelled"),
}
"""By status: how far the call is, its status and its result here."""


def traits_with(flow_url: str) -> CarrierTraits:
    return FLOW if flow_url else STREAMED


class ExotelCarrier:
    """One account. `http`: for tests, as in `RestApi`."""

    def __init__(self, access: CarrierAccess, allow: Allowlist, http: httpx.AsyncClient | None = None) -> None:
        self._api = RestApi(access, allow, http)
        self._calls = f"/v1/Accounts/{access.account_sid}/Calls"
        self._flow_url = access.flow_url
        self.traits = traits_with(access.flow_url)

    async def place(self, dial: CarrierDial, key: str) -> CarrierAccepted:
        form = {
            "From": dial.to,  # who is rung first, and here alone
            "CallerId": dial.from_,
            "CallType": "trans",
            "TimeOut": str(dial.ring_timeout_seconds),
            "TimeLimit": str(min(dial.max_call_seconds, LONGEST_CALL_S)),
            "CustomField": _context(dial.media),
            **self._where(dial.media),
        }
        response = await self._api.send("POST", f"{self._calls}/connect.json", data=form)
        if response.is_success:
            call = _call(response)
            return CarrierAccepted(call_ref=call["sid"], client_ref=dial.client_ref, created_at=datetime.now(UTC))
        if response.status_code not in _REFUSALS:
            raise Unsure(f"The carrier answered {response.status_code}.")
        outcome, breaker = _REFUSALS[response.status_code]
        code, message = _told(response)
        raise Refused(outcome, message, code=code, breaker=breaker, retry_after=seconds_of(response))

    async def get(self, call_ref: str) -> CarrierCall | None:
        response = await self._api.send("GET", f"{self._calls}/{call_ref}.json")
        if response.status_code == 404:
            return None
        if response.status_code != 200:
            raise Unsure(f"The carrier answered {response.status_code}.")
        call = _call(response)
        state = _STATES.get(str(call.get("status")))
        if state is None:
            raise Unsure("The carrier's answer cannot be read: it names no state that is known.")
        seq, status, result = state
        return CarrierCall.model_validate(
            {
                "call_ref": call["sid"], "client_ref": "", "seq": seq, "status": status, "result": result,
                "to": str(call.get("from") or ""), "from": str(call.get("phonenumbersid") or ""),
                "created_at": _time(call.get("datecreated")), "ended_at": _ended(call) if result else None,
            }
        )  # fmt: skip

    async def find(self, client_refs: Sequence[str]) -> list[CarrierCall]:
        if not client_refs:
            return []
        raise Unsure("Exotel has no search by our id for a call.")

    async def hang_up(self, call_ref: str, reason: str) -> None:
        raise Unsure("Exotel's API has no way to end a call; it ends when the worker closes its socket.")

    async def health(self) -> bool:
        return await self._api.answers(f"{self._calls}.json", params={"PageSize": "1"})

    async def aclose(self) -> None:
        await self._api.aclose()

    def _where(self, media: CarrierMedia) -> dict[str, str]:
        """What the answered call is connected to."""
        if self._flow_url:
            return {"Url": self._flow_url}
        others = {name: value for name, value in media.custom.items() if name != "_context"}
        url = httpx.URL(media.url).copy_merge_params({CUSTOM_FIELD: _context(media), **others})
        return {"StreamUrl": str(url), "StreamType": "bidirectional"}


def _context(media: CarrierMedia) -> str:
    return media.custom.get("_context", "")


def _call(response: httpx.Response) -> dict[str, Any]:
    """`Call` of an answer, its names in lower case: both spellings are documented. Raises: Unsure."""
    call = _lower(_lower(_json(response)).get("call"))
    if not isinstance(call.get("sid"), str) or not call["sid"]:
        raise Unsure("The carrier's answer cannot be read: it names no call.")
    return call


def _told(response: httpx.Response) -> tuple[str, str]:
    """Code and sentence of a refusal; the status where the body has none."""
    error = _lower(_lower(_json(response)).get("restexception"))
    code, message = error.get("code") or response.status_code, error.get("message")
    return str(code)[:64], str(message or f"The carrier answered {response.status_code}.")[:200]


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _lower(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {}
    return {str(name).lower(): item for name, item in cast("Mapping[Any, Any]", value).items()}


def _time(text: Any) -> datetime:
    """Raises: Unsure."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=ACCOUNT_ZONE)
    except ValueError as error:
        raise Unsure("The carrier's answer cannot be read: a time has another form.") from error


def _ended(call: Mapping[str, Any]) -> datetime | None:
    """Null until the carrier has counted the call up, minutes after its end."""
    return _time(call["endtime"]) if call.get("endtime") else None
