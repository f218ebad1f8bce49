"""Credentials of carriers, as voxbridge hands them out: kept a minute, and longer while voxbridge is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from pydantic import ValidationError
from voxkit.carriers import CarrierAccess, CarrierClient, open_carrier
from voxkit.errors import NotFound, Unavailable
from voxkit.log import get_logger
from voxkit.netguard import Allowlist

log = get_logger("voxdialler.accounts")
FRESH_S = 60.0
ANSWER_WITHIN_S = 3.0


@dataclass
class _Known:
    access: CarrierAccess
    client: CarrierClient
    read_at: float


class Accounts:
    """REST access of every `websocket_carrier`. `http`: the internal client, which sends the secret."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        voxbridge_url: str,
        allow: Allowlist,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        open_client: Callable[[CarrierAccess, Allowlist], CarrierClient] = open_carrier,
    ) -> None:
        self._http, self._base, self._allow = http, voxbridge_url.rstrip("/"), allow
        self._monotonic, self._open_client = monotonic, open_client
        self._known: dict[str, _Known] = {}

    async def access(self, carrier_id: str) -> CarrierAccess:
        """Raises: NotFound: voxbridge knows no such carrier; Unavailable: it is away and nothing is known."""
        return (await self._current(carrier_id)).access

    async def client(self, carrier_id: str) -> CarrierClient:
        """A client with the present credentials. Raises: as `access`."""
        return (await self._current(carrier_id)).client

    async def aclose(self) -> None:
        for known in self._known.values():
            await known.client.aclose()
        self._known.clear()

    async def _current(self, carrier_id: str) -> _Known:
        known = self._known.get(carrier_id)
        if known and self._monotonic() - known.read_at < FRESH_S:
            return known
        try:
            access = await self._read(carrier_id)
        except Unavailable as error:
            if known is None:
                raise
            log.warning("carrier.credentials_old", carrier_id=carrier_id, error=str(error))
            known.read_at = self._monotonic() - FRESH_S / 2  # asked again soon, not at every request
            return known
        if known and known.access == access:
            known.read_at = self._monotonic()
            return known
        self._known[carrier_id] = fresh = _Known(access, self._open_client(access, self._allow), self._monotonic())
        if known:
            await known.client.aclose()
        return fresh

    async def _read(self, carrier_id: str) -> CarrierAccess:
        url = f"{self._base}/api/v1/internal/carriers/{carrier_id}/credentials"
        try:
            response = await self._http.get(url, timeout=ANSWER_WITHIN_S)
        except httpx.HTTPError as error:
            raise Unavailable(f"voxbridge does not answer ({type(error).__name__}).") from error
        if response.status_code == 404:
            raise NotFound("voxbridge knows no such carrier.")
        if response.status_code != 200:
            raise Unavailable(f"voxbridge answered {response.status_code} for the carrier's credentials.")
        try:
            return CarrierAccess.model_validate_json(response.content)
        except ValidationError as error:
            raise Unavailable("voxbridge's answer for the carrier's credentials is not valid.") from error
