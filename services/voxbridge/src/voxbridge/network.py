"""Where a request came from and by which address it reached us; forwarded headers count from trusted proxies only."""

from __future__ import annotations

import ipaddress

from fastapi import Request

from voxbridge.context import Context


def _is_trusted(address: str, ctx: Context) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in ctx.settings.proxy_networks if network.version == parsed.version)


def _peer(request: Request) -> str:
    return request.client.host if request.client else ""


def client_address(request: Request, ctx: Context) -> str:
    """The peer; when that is a trusted proxy, the last hop of `X-Forwarded-For` that is none."""
    address = _peer(request)
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    while hops and _is_trusted(address, ctx):
        hop = hops.pop()
        try:
            address = str(ipaddress.ip_address(hop.strip("[]")))
        except ValueError:
            break
    return address


def request_base(request: Request, ctx: Context) -> str:
    """`scheme://host[:port]` that the client used, without a trailing slash."""
    scheme, host = request.url.scheme, request.headers.get("host", request.url.netloc)
    if _is_trusted(_peer(request), ctx):
        forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
        scheme = forwarded if forwarded in ("http", "https") else scheme
    return f"{scheme}://{host}"


def public_base(request: Request, ctx: Context) -> str:
    """Base of links for people and CRMs."""
    return ctx.settings.public_base_url or request_base(request, ctx)


def internal_base(request: Request, ctx: Context) -> str:
    """Base by which workers reach us, when a worker asks."""
    return ctx.settings.internal_base_url or request_base(request, ctx)
