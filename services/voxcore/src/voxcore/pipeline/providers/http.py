"""HTTP for provider adapters: one shared session, and one that checks every address a user's URL leads to."""

import asyncio
import ipaddress
import socket
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from voxkit.netguard import Allowlist, BlockedAddress, is_public, resolve, split_url

from voxcore.conversation import Services

MESSAGE_CHARS = 300
KEEP_ALIVE_S = 75


class ProviderError(Exception):
    """A provider's answer that is none. `status` is its HTTP status, None for a failure below HTTP."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message[:MESSAGE_CHARS])
        self.status = status


class Stalled(ProviderError):
    """Nothing came in time."""


class CheckingResolver(AbstractResolver):
    """Resolves a name and refuses it when one of its addresses may not be reached; the session connects to what was
    checked."""

    def __init__(self, allow: Allowlist) -> None:
        self._allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = await resolve(host, port)
        refuse_special(host, port, addresses, self._allow)
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        return


def refuse_special(host: str, port: int, addresses: list[Any], allow: Allowlist) -> None:
    """Raises: BlockedAddress when an address is special and not allowed."""
    if allow.allows_host(host, port):
        return
    for address in addresses:
        if not is_public(address) and not allow.allows_address(address):
            raise BlockedAddress(f"{host} leads to an address that is not allowed; see OUTBOUND_URL_ALLOWLIST.")


def check_literal(base_url: str, allow: Allowlist) -> None:
    """Refuse a special address written as such: a session resolves names only. Raises: BlockedAddress, Invalid."""
    _, host, port = split_url(base_url)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    refuse_special(host, port, [address], allow)


async def session_for(base_url: str, trusted: bool, services: Services) -> aiohttp.ClientSession:
    """The session for a base URL. Raises: BlockedAddress, Invalid for a URL that must not be reached."""
    if trusted:
        return _session(services, "provider_http", None)
    check_literal(base_url, services.allowlist)
    return _session(services, "guarded_http", CheckingResolver(services.allowlist))


def _session(services: Services, name: str, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """Made once a process. Connections outlive the pauses of a conversation."""
    session = services.shared.get(name)
    if session is None or session.closed:
        connector = aiohttp.TCPConnector(
            resolver=resolver, use_dns_cache=resolver is None, limit=0, keepalive_timeout=KEEP_ALIVE_S
        )
        session = services.shared[name] = aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(total=None, connect=3), trust_env=False
        )
    return session


def headers(api_key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {api_key}"} if api_key else {}


async def refused(response: aiohttp.ClientResponse) -> ProviderError:
    """The error of an answer that is not 2xx."""
    try:
        text = (await response.content.read(2_000)).decode("utf-8", "replace")
    except aiohttp.ClientError:
        text = ""
    return ProviderError(f"HTTP {response.status}: {' '.join(text.split())}", response.status)


async def warm(http: aiohttp.ClientSession, base_url: str, api_key: str, count: int = 1) -> None:
    """Open connections to a provider before they are needed; a failure shows when they are used."""

    async def open_one() -> None:
        try:
            async with http.get(
                f"{base_url}/models",
                headers=headers(api_key),
                timeout=aiohttp.ClientTimeout(total=3),
                allow_redirects=False,
            ) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            return

    await asyncio.gather(*(open_one() for _ in range(count)))


async def post(http: aiohttp.ClientSession, url: str, **request: Any) -> aiohttp.ClientResponse:
    """POST; once more when a pooled connection turns out to be dead before anything was answered."""
    try:
        return await http.post(url, allow_redirects=False, **request)
    except (aiohttp.ServerDisconnectedError, ConnectionResetError):
        return await http.post(url, allow_redirects=False, **request)
