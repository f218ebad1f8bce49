"""The simulated network's carrier API, which is also the form that other carriers are mapped to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import httpx
from pydantic import ValidationError

from voxkit.carriers.base import CarrierAccess, CarrierTraits, Refused, Unsure
from voxkit.carriers.rest import RestApi, seconds_of
from voxkit.contracts.base import WireModel
from voxkit.contracts.campaigns import AttemptOutcome
from voxkit.contracts.carrier import CarrierAccepted, CarrierCall, CarrierDial
from voxkit.contracts.errors import ErrorBody
from voxkit.netguard import Allowlist

Answer = TypeVar("Answer", bound=WireModel)
TRAITS = CarrierTraits()
AT_ONCE = 100

_REFUSALS: dict[int, tuple[AttemptOutcome, bool]] = {
    400: ("error", True),
    401: ("error", True),
    403: ("error", True),
    404: ("error", True),
    409: ("error", True),
    410: ("not_placed", True),
    422: ("invalid_number", False),
    429: ("not_placed", False),
}
"""By status: the outcome of the attempt, and whether it speaks against the carrier (section 11.2)."""


class VoxphoneCarrier:
    """One account. `http`: for tests, as in `RestApi`."""

    traits = TRAITS

    def __init__(self, access: CarrierAccess, allow: Allowlist, http: httpx.AsyncClient | None = None) -> None:
        self._api = RestApi(access, allow, http)
        self._account = f"/v1/accounts/{access.account_sid}"

    async def place(self, dial: CarrierDial, key: str) -> CarrierAccepted:
        body = dial.model_dump(mode="json", by_alias=True)
        response = await self._send("POST", "/calls", json=body, headers={"Idempotency-Key": key})
        if response.status_code in (200, 201):
            try:
                return CarrierAccepted.model_validate_json(response.content)
            except ValidationError as error:
                raise Unsure("The carrier's acceptance cannot be read.") from error
        if response.status_code not in _REFUSALS:
            raise Unsure(f"The carrier answered {response.status_code}.")
        outcome, breaker = _REFUSALS[response.status_code]
        code, message = _told(response)
        raise Refused(outcome, message, code=code, breaker=breaker, retry_after=seconds_of(response))

    async def get(self, call_ref: str) -> CarrierCall | None:
        response = await self._send("GET", f"/calls/{call_ref}")
        if response.status_code == 404:
            return None
        return _read(response, CarrierCall)

    async def find(self, client_refs: Sequence[str]) -> list[CarrierCall]:
        if not client_refs:
            return []
        if len(client_refs) > AT_ONCE:
            raise ValueError(f"at most {AT_ONCE} calls are looked up at once, not {len(client_refs)}")
        response = await self._send("GET", "/calls", params={"client_ref": ",".join(client_refs)})
        return _read(response, _Page).items

    async def hang_up(self, call_ref: str, reason: str) -> None:
        response = await self._send("POST", f"/calls/{call_ref}/hangup", json={"reason": reason[:200]})
        if response.status_code not in (202, 404):
            raise Unsure(f"The carrier answered {response.status_code} to a hang-up.")

    async def health(self) -> bool:
        return await self._api.answers("/health") and await self._api.answers(
            f"{self._account}/calls", params={"client_ref": "none"}
        )

    async def aclose(self) -> None:
        await self._api.aclose()

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        return await self._api.send(method, self._account + path, **options)


class _Page(WireModel):
    items: list[CarrierCall]


def _read(response: httpx.Response, model: type[Answer]) -> Answer:
    if response.status_code != 200:
        raise Unsure(f"The carrier answered {response.status_code}.")
    try:
        return model.model_validate_json(response.content)
    except ValidationError as error:
        raise Unsure("The carrier's answer cannot be read.") from error


def _told(response: httpx.Response) -> tuple[str, str]:
    """Code and sentence of a refusal; the status where the body has none."""
    try:
        told = ErrorBody.model_validate_json(response.content)
    except ValidationError:
        return str(response.status_code), f"The carrier answered {response.status_code}."
    return told.error[:64], told.message[:200]
