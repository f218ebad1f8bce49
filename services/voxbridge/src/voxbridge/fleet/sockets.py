"""Addresses of media sockets, for those who connect by themselves: browsers and carriers."""

from __future__ import annotations

from voxbridge.context import Context
from voxbridge.fleet.starts import SocketSeat


def as_socket_url(url: str) -> str:
    """`https` -> `wss`, `http` -> `ws`."""
    return "ws" + url[len("http") :] if url.startswith("http") else url


def token_query(ctx: Context) -> str:
    first = next((part.strip() for part in ctx.settings.ws_media_tokens.split(",") if part.strip()), "")
    return f"?token={first}" if first else ""


def socket_address(ctx: Context, seat: SocketSeat, path: str, *, base: str = "") -> str:
    """`wss://host/{path}/{fence}` of a reserved seat; without one `wss://host/{path}?token=…`, open to any free worker.

    `base`: socket base URL in the place of the seat's own host.
    """
    address = f"{base or as_socket_url(seat.base)}/{path}"
    return f"{address}/{seat.fence}" if seat.fence else address + token_query(ctx)
