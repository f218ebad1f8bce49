"""Requests to a carrier's REST API: HTTP Basic, checked addresses, and what no answer means."""

from __future__ import annotations

from typing import Any

import httpx

from voxkit.carriers.base import UNREACHABLE, CarrierAccess, Refused, Unsure
from voxkit.errors import Invalid
from voxkit.netguard import Allowlist, guarded_client

ANSWER_WITHIN_S = 5.0


class RestApi:
    """One account's API. `http`: for tests; otherwise a client that refuses private addresses that are not allowed."""

    def __init__(self, access: CarrierAccess, allow: Allowlist, http: httpx.AsyncClient | None = None) -> None:
        self._http = http or guarded_client(allow, timeout_s=ANSWER_WITHIN_S)
        self._auth = httpx.BasicAuth(access.api_key, access.api_token)
        self._base = access.base_url.rstrip("/")

    async def send(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Raises: Unsure: no answer, so nobody knows; Refused: no connection, or to no allowed address; nothing was
        sent.
        """
        try:
            return await self._http.request(method, self._base + path, auth=self._auth, **options)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            why = f"The carrier cannot be reached ({type(error).__name__})."
            raise Refused("not_placed", why, code=UNREACHABLE, breaker=True) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unsure(f"The carrier does not answer ({type(error).__name__}).") from error
        except Invalid as error:
            raise Refused("error", error.message, code=error.wire_code, breaker=True) from error

    async def answers(self, path: str, **options: Any) -> bool:
        """Whether a request is answered with 200."""
        try:
            return (await self.send("GET", path, **options)).status_code == 200
        except (Refused, Unsure):
            return False

    async def aclose(self) -> None:
        await self._http.aclose()


def seconds_of(response: httpx.Response) -> float | None:
    """`Retry-After` of a "not now", seconds; null: it names none, or a date."""
    try:
        return float(response.headers["Retry-After"]) if response.status_code == 429 else None
    except (KeyError, ValueError):
        return None
