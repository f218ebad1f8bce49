"""Who is asking: people by token and rank, services by the shared secret, CRMs by API key.

Every route has one of these as a dependency, or is named in `OPEN_ROUTES`; a test walks over all routes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from fastapi import Depends, Header
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from voxkit.errors import Forbidden
from voxkit.secrets import SECRET_HEADER, matches_any

from voxbridge.context import Context, get_context

Role = Literal["agent", "supervisor", "admin", "super_admin"]
RANKS: dict[str, int] = {"agent": 0, "supervisor": 1, "admin": 2, "super_admin": 3}

_bearer = HTTPBearer(auto_error=False, description="Token of `POST /api/v1/auth/login`.")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="Key made under `/api/v1/api-keys`.")
_secret = APIKeyHeader(name=SECRET_HEADER, auto_error=False, description="Shared secret between services.")


class RoleTooLow(Forbidden):
    """Your role does not allow this."""

    code = "forbidden"


@dataclass(frozen=True)
class Actor:
    """Who did it. `user`: `user_id`, `email`, `role`; `api_key`: `key_id` and `bot_ids` (empty = all bots)."""

    kind: Literal["user", "api_key", "service"]
    user_id: str = ""
    email: str = ""
    name: str = ""
    role: str = ""
    key_id: str = ""
    bot_ids: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """0 to 3 for people; -1 for keys and services."""
        return RANKS.get(self.role, -1)

    @property
    def id(self) -> str:
        """What `created_by` and `updated_by` keep."""
        return self.user_id or self.key_id or self.kind

    def check_bot(self, bot_id: str) -> None:
        """Raises: Forbidden `bot_not_allowed`: the key does not open this bot."""
        if self.kind == "api_key" and self.bot_ids and bot_id not in self.bot_ids:
            raise Forbidden("This API key does not open this bot.", code="bot_not_allowed")


async def current_user(
    ctx: Context = Depends(get_context), credentials: HTTPAuthorizationCredentials | None = Depends(_bearer)
) -> Actor:
    """The person behind the token, read anew from the store: the stored role counts, never the claim."""
    from voxbridge.auth.tokens import actor_of_token

    return await actor_of_token(ctx, credentials.credentials if credentials else "")


def _require_rank(role: Role) -> Callable[..., Awaitable[Actor]]:
    async def gate(actor: Actor = Depends(current_user)) -> Actor:
        if actor.rank < RANKS[role]:
            raise RoleTooLow(f"This needs the role {role} or higher; yours is {actor.role}.")
        return actor

    gate.gate = role  # type: ignore[attr-defined]  # read by the test that walks over all routes
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
    authorization: str | None = Header(None, include_in_schema=False),
) -> Actor:
    """A CRM by its key; without the header `X-API-Key` an admin by token."""
    from voxbridge.api_keys.service import actor_of_key
    from voxbridge.auth.tokens import actor_of_token

    if key is None and authorization is not None:
        actor = await actor_of_token(ctx, credentials.credentials if credentials else "")
        if actor.rank < RANKS["admin"]:
            raise RoleTooLow(f"This needs the role admin or higher; yours is {actor.role}.")
        return actor
    return await actor_of_key(ctx, key)


require_secret.gate = "secret"  # type: ignore[attr-defined]
require_admin_or_api_key.gate = "admin_or_api_key"  # type: ignore[attr-defined]
