"""What operators ask of the registry: how full it is, who gets how much, and what takes no new calls."""

from abc import ABC, abstractmethod
from urllib.parse import quote

import httpx

from voxkit.contracts.base import WireModel
from voxkit.contracts.registry import (
    ClientQuota,
    DrainReply,
    DrainRequest,
    DrainView,
    FleetView,
    Quotas,
    SeatPage,
    SeatView,
)
from voxkit.registry.answers import read_answer, read_list

SEATS_A_PAGE = 1000


class OperatorCalls(ABC):
    """Mixed into the client. Every method may raise RegistryAway, Forbidden and Invalid."""

    @abstractmethod
    async def _send(
        self,
        method: str,
        path: str,
        *,
        body: WireModel | None = None,
        params: dict[str, str] | None = None,
        wait: float = 0,
    ) -> httpx.Response: ...

    async def drain(self, selector: str, reason: str = "", by: str = "") -> DrainReply:
        """Grant none of these seats from now on: `worker:{id}`, `host:{id}`, `tag:{image_tag}` or `pool`."""
        response = await self._send("POST", "/drain", body=DrainRequest(selector=selector, reason=reason, by=by))
        return read_answer(DrainReply, response)

    async def undrain(self, selector: str) -> DrainReply:
        """Lift exactly this drain; others that match the same seats stay."""
        return read_answer(DrainReply, await self._send("POST", "/undrain", body=DrainRequest(selector=selector)))

    async def drains(self) -> list[DrainView]:
        """Every drain, and how far it is."""
        return read_list(DrainView, await self._send("GET", "/drains"))

    async def fleet(self) -> FleetView:
        """The pool in figures."""
        return read_answer(FleetView, await self._send("GET", "/fleet"))

    async def seats(self, **filters: str) -> list[SeatView]:
        """Every seat, page after page. `filters`: `host_id`, `image_tag`, `state`, `client`."""
        seats: list[SeatView] = []
        params = {**filters, "limit": str(SEATS_A_PAGE)}
        while True:
            page = read_answer(SeatPage, await self._send("GET", "/workers", params=params))
            seats += page.items
            if page.cursor is None:
                return seats
            params["cursor"] = page.cursor

    async def quotas(self) -> Quotas:
        """The limits of each client, and what it uses."""
        return read_answer(Quotas, await self._send("GET", "/quotas"))

    async def put_quota(self, quota: ClientQuota) -> Quotas:
        """Replace the limits of a client, those of its campaigns included."""
        return read_answer(Quotas, await self._send("PUT", "/quotas", body=quota))

    async def delete_quota(self, client: str) -> Quotas:
        """The client has the registry's DEFAULT_CLIENT_QUOTA again, and its campaigns no limits."""
        return read_answer(Quotas, await self._send("DELETE", f"/quotas/{quote(client, safe='')}"))

    async def delete_campaign_quota(self, client: str, campaign: str) -> Quotas:
        """No limits for this campaign any more; nothing, when it had none."""
        path = f"/quotas/{quote(client, safe='')}/campaigns/{quote(campaign, safe='')}"
        return read_answer(Quotas, await self._send("DELETE", path))
