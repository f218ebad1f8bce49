"""Who does something and from where, for the audit log: a route depends on one of these instead of the bare gate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends, Request

from voxbridge.actors import Actor
from voxbridge.audit.service import Author
from voxbridge.context import Context, get_context
from voxbridge.network import client_address
from voxbridge.security import require_admin, require_admin_or_api_key, require_super_admin


def _through(gate: Callable[..., Awaitable[Actor]]) -> Callable[..., Awaitable[Author]]:
    """Whoever the gate lets pass, with the address that the request came from."""

    async def author(request: Request, ctx: Context = Depends(get_context), actor: Actor = Depends(gate)) -> Author:
        return Author(actor, client_address(request, ctx))

    return author


by_admin = _through(require_admin)
by_admin_or_api_key = _through(require_admin_or_api_key)
by_super_admin = _through(require_super_admin)
