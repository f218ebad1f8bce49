"""The one HTTP client for calls between services: secret header, request id, timeouts, bounded retries."""

import asyncio
import random
import ssl
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from typing import Any

import httpx

from voxkit.secrets import SECRET_HEADER

request_id: ContextVar[str] = ContextVar("request_id", default="")
Sleep = Callable[[float], Any]


@cache
def trust() -> ssl.SSLContext:
    """Whom a TLS connection trusts. One for all clients of a process: to read the list takes 30 ms of CPU each time."""
    return httpx.create_ssl_context(trust_env=False)


def internal_client(
    secret: str = "", *, connect_s: float = 2.0, total_s: float = 10.0, max_connections: int | None = 100
) -> httpx.AsyncClient:
    """A shared client that sends `X-VoxCore-Secret` (when given) and the current `X-Request-Id`.

    One a process: it pools connections, at most `max_connections` (None = any number). Redirects are never followed,
    proxies of the environment never used.
    """

    async def add_request_id(request: httpx.Request) -> None:
        if current := request_id.get():
            request.headers.setdefault("X-Request-Id", current)

    return httpx.AsyncClient(
        headers={SECRET_HEADER: secret} if secret else None,
        verify=trust(),
        timeout=httpx.Timeout(total_s, connect=connect_s),
        follow_redirects=False,
        trust_env=False,
        event_hooks={"request": [add_request_id]},
        limits=httpx.Limits(max_connections=max_connections, max_keepalive_connections=20),
    )


def is_transient(status: int) -> bool:
    """Whether a repeat of the same request may succeed soon."""
    return status in (408, 425, 429) or status >= 500


async def get_with_retry(
    client: httpx.AsyncClient,
    url: str,
    *,
    params: dict[str, str] | None = None,
    tries: int = 2,
    pause_s: float = 0.3,
    retry_on: Callable[[int], bool] = is_transient,
    sleep: Sleep = asyncio.sleep,
) -> httpx.Response:
    """GET with repeats on a transport error or a status that `retry_on` names; the last answer or error counts.

    Raises: httpx.TransportError when the last try did not reach the server.
    """
    for attempt in range(1, tries + 1):
        last = attempt == tries
        try:
            response = await client.get(url, params=params)
        except httpx.TransportError:
            if last:
                raise
        else:
            if last or not retry_on(response.status_code):
                return response
        await sleep(pause_s * attempt)
    raise AssertionError("tries must be at least 1")


def backoff_s(attempts: int, *, first_s: float, cap_s: float, jitter: float = 0.2) -> float:
    """Pause before try `attempts` + 1: `first_s` doubled each time up to `cap_s`, ± `jitter`."""
    base = min(cap_s, first_s * 2 ** min(attempts, 30))
    return base * random.uniform(1 - jitter, 1 + jitter)
