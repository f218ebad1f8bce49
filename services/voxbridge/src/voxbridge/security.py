"""Gates: people by token and rank, services by the shared secret, CRMs by API key.

Every route depends on one of these; the few open ones are named in the test that walks over all routes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import Depends
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from voxkit.errors import Forbidden
from voxkit.secrets import SECRET_HEADER, matches_any

from voxbridge.actors import RANKS, Actor, Role
from voxbridge.api_keys.service import actor_of_key
from voxbridge.auth.tokens import actor_of_token
from voxbridge.context import Context, get_context

__all__ = [
    "Actor",
    "require_admin",
    "require_admin_or_api_key",
    "require_agent_assist_manager",
    "require_agent_or_supervisor",
    "require_any_role",
    "require_secret",
    "require_super_admin",
    "require_supervisor",
]

# Who passes which dependency: the test that walks over all routes reads it.
GATES: dict[Callable[..., Awaitable[Actor]], str] = {}

_bearer = HTTPBearer(auto_error=False, description="Token of `POST /api/v1/auth/login`.")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="Key made under `/api/v1/api-keys`.")
_secret = APIKeyHeader(name=SECRET_HEADER, auto_error=False, description="Shared secret between services.")


def _check_rank(actor: Actor, role: Role) -> Actor:
    if actor.rank < RANKS[role]:
        raise Forbidden(f"This needs the role {role} or higher; yours is {actor.role}.")
    return actor


def _require_rank(role: Role) -> Callable[..., Awaitable[Actor]]:
    async def gate(
        ctx: Context = Depends(get_context), credentials: HTTPAuthorizationCredentials | None = Depends(_bearer)
    ) -> Actor:
        return _check_rank(await actor_of_token(ctx, credentials.credentials if credentials else ""), role)

    GATES[gate] = role
    return gate


require_any_role = _require_rank("agent")
require_agent_or_supervisor = require_any_role
require_supervisor = _require_rank("supervisor")
require_agent_assist_manager = require_supervisor
require_admin = _require_rank("admin")
require_super_admin = _require_rank("super_admin")


async def require_secret(ctx: Context = Depends(get_context), given: str | None = Depends(_secret)) -> Actor:
    """A service of this deployment."""
    if not matches_any(given, ctx.settings.secrets):
        raise Forbidden(f"The header {SECRET_HEADER} is missing or wrong.")
    return Actor("service")


async def require_admin_or_api_key(
    ctx: Context = Depends(get_context),
    key: str | None = Depends(_api_key),
    credentials: HTTPAuthorizationCredentials | None = Depends(_bearer),
) -> Actor:
    """A CRM by its key; without the header `X-API-Key` an admin by token."""
    if key is None and credentials is not None:
        return _check_rank(await actor_of_token(ctx, credentials.credentials), "admin")
    return await actor_of_key(ctx, key)


GATES |= {require_secret: "secret", require_admin_or_api_key: "admin_or_api_key"}
