"""Who does something and from where, for the audit log: a route depends on one of these instead of the bare gate."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from voxbridge.actors import Actor
from voxbridge.audit.service import Author
from voxbridge.context import Context, get_context
from voxbridge.network import client_address
from voxbridge.security import require_admin, require_admin_or_api_key, require_super_admin


async def by_admin(
    request: Request,
    ctx: Annotated[Context, Depends(get_context)],
    actor: Annotated[Actor, Depends(require_admin)],
) -> Author:
    """An admin, with the address that the request came from."""
    return Author(actor, client_address(request, ctx))


async def by_admin_or_api_key(
    request: Request,
    ctx: Annotated[Context, Depends(get_context)],
    actor: Annotated[Actor, Depends(require_admin_or_api_key)],
) -> Author:
    """An admin or a CRM by its key, with the address that the request came from."""
    return Author(actor, client_address(request, ctx))


async def by_super_admin(
    request: Request,
    ctx: Annotated[Context, Depends(get_context)],
    actor: Annotated[Actor, Depends(require_super_admin)],
) -> Author:
    """A super admin, with the address that the request came from."""
    return Author(actor, client_address(request, ctx))
