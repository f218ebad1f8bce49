"""Guard for URLs that users set: no loopback, private or otherwise special address, unless it is allowed by name.

The address that was checked is the address that is connected to: `GuardedTransport` resolves, checks and then dials the
address itself with the right Host and SNI, so a name cannot rebind between check and use.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from voxkit.errors import Invalid
from voxkit.http import trust

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[Address]]]
# What `is_global` lets pass in some Python versions: carrier-grade NAT, 6to4 relays, site-local, documentation.
_SPECIAL = tuple(map(ipaddress.ip_network, ("100.64.0.0/10", "192.88.99.0/24", "fec0::/10", "3fff::/20")))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_6TO4 = ipaddress.ip_network("2002::/16")


class BlockedAddress(Invalid):
    """The address is not allowed: loopback, private, link-local or otherwise special."""

    code = "address_not_allowed"


def _unmapped(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address in _6TO4:
            return ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address


def is_public(address: Address) -> bool:
    """Whether an address may be reached on a user's word; mapped, NAT64 and 6to4 forms are judged by what they hold."""
    plain = _unmapped(address)
    if any(plain.version == network.version and plain in network for network in _SPECIAL):
        return False
    return plain.is_global and not plain.is_multicast and not plain.is_reserved and not plain.is_unspecified


@dataclass(frozen=True)
class Allowlist:
    """`OUTBOUND_URL_ALLOWLIST`: hosts, `host:port` and networks that may be reached although private."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = field(default=())

    @classmethod
    def parse(cls, text: str) -> "Allowlist":
        """Read a comma list. An entry with a `/` is a network. Raises ValueError for a network that is none."""
        hosts: set[str] = set()
        networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        for entry in (part.strip().lower() for part in text.split(",")):
            if "/" in entry:
                networks.append(ipaddress.ip_network(entry, strict=False))
            elif entry:
                hosts.add(entry)
        return cls(frozenset(hosts), tuple(networks))

    def allows_host(self, host: str, port: int) -> bool:
        name = host.lower()
        shown = f"[{name}]" if ":" in name else name
        return not self.hosts.isdisjoint({name, shown, f"{shown}:{port}"})

    def allows_address(self, address: Address) -> bool:
        plain = _unmapped(address)
        return any(plain.version == network.version and plain in network for network in self.networks)


def split_url(url: str) -> tuple[str, str, int]:
    """(scheme, host, port) of an http or https URL. Raises Invalid: other scheme, no host, credentials inside."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Invalid("The URL is not valid.", code="url_not_allowed") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("Only http and https URLs with a host are allowed.", code="url_not_allowed")
    if parts.username is not None or parts.password is not None:
        raise Invalid("Credentials must not stand in the URL; use a header.", code="url_not_allowed")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


async def resolve(host: str, port: int) -> list[Address]:
    """Every address of a host. Raises OSError when the name cannot be resolved."""
    try:
        return [ipaddress.ip_address(host)]
    except ValueError:
        infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ipaddress.ip_address(info[4][0]) for info in infos))


async def allowed_addresses(url: str, allow: Allowlist, resolver: Resolver = resolve) -> list[Address]:
    """The addresses of a URL's host after the check of every one of them.

    Raises: BlockedAddress when one is special and not allowed; Invalid for the URL's form; OSError when unresolvable.
    """
    _, host, port = split_url(url)
    addresses = await resolver(host, port)
    if not allow.allows_host(host, port):
        for address in addresses:
            if not is_public(address) and not allow.allows_address(address):
                raise BlockedAddress(f"{host} resolves to an address that is not allowed; see OUTBOUND_URL_ALLOWLIST.")
    return addresses


async def check_url(url: str, allow: Allowlist) -> None:
    """Refuse a URL at save time. A name that does not resolve now is accepted: it is checked again when it is used."""
    try:
        await allowed_addresses(url, allow)
    except OSError:
        return


class GuardedTransport(httpx.AsyncBaseTransport):
    """httpx transport that connects only to addresses it has checked; redirects are the client's affair.

    Addresses are tried in the resolver's order until one accepts. Connections are not kept: a pool keyed by address
    would send a request for one name over a connection whose certificate was checked for another.
    """

    def __init__(self, allow: Allowlist, *, max_connections: int = 20, resolver: Resolver = resolve) -> None:
        self._allow = allow
        self._resolver = resolver
        limits = httpx.Limits(max_connections=max_connections, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=trust(), retries=0, limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        addresses = await self._checked(request)
        for left, address in zip(range(len(addresses) - 1, -1, -1), addresses, strict=True):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=str(address)),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": request.url.host},
            )
            try:
                return await self._inner.handle_async_request(pinned)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not left:
                    raise
        raise httpx.ConnectError(f"{request.url.host} has no address", request=request)

    async def _checked(self, request: httpx.Request) -> list[Address]:
        host = request.url.host
        timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
        try:
            async with asyncio.timeout(timeouts.get("connect")):
                return await allowed_addresses(str(request.url), self._allow, self._resolver)
        except TimeoutError as error:
            raise httpx.ConnectTimeout(f"{host} could not be resolved in time", request=request) from error
        except OSError as error:
            raise httpx.ConnectError(f"{host} cannot be resolved: {error}", request=request) from error

    async def aclose(self) -> None:
        await self._inner.aclose()


def guarded_client(allow: Allowlist, *, timeout_s: float, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    """An httpx client for URLs that users set: addresses checked, no redirects, no proxies from the environment."""
    return httpx.AsyncClient(
        transport=GuardedTransport(allow), timeout=timeout_s, follow_redirects=False, trust_env=False, headers=headers
    )


def hosts_of(urls: Iterable[str]) -> list[str]:
    """`host:port` of each URL, for an allow list."""
    return [f"{host}:{port}" for _, host, port in map(split_url, urls)]
