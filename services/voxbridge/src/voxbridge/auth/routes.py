"""`/auth`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from voxbridge.actors import Actor
from voxbridge.auth import service
from voxbridge.auth.models import LoggedIn, Login, OwnChanges, PasswordChange
from voxbridge.context import Context, get_context
from voxbridge.network import client_address
from voxbridge.openapi import responses
from voxbridge.security import require_admin, require_any_role
from voxbridge.users import service as users
from voxbridge.users.models import NewUser, User

router = APIRouter(prefix="/auth", tags=["auth"])
Ctx = Annotated[Context, Depends(get_context)]
Anyone = Annotated[Actor, Depends(require_any_role)]


@router.post("/login", operation_id="auth_login", responses=responses(401, 429, gated=False, body=True))
async def log_in(ctx: Ctx, request: Request, body: Login) -> LoggedIn:
    return await service.log_in(ctx, body.email, body.password, client_address(request, ctx))


@router.post("/register", operation_id="auth_register", status_code=201, responses=responses(409, body=True))
async def register(ctx: Ctx, actor: Annotated[Actor, Depends(require_admin)], body: NewUser) -> User:
    return await users.create(ctx, actor, body)


@router.get("/me", operation_id="auth_me", responses=responses())
async def me(ctx: Ctx, actor: Anyone) -> User:
    return User.of(await users.existing(ctx, actor.user_id))


@router.put("/me", operation_id="auth_update_me", responses=responses(409, body=True))
async def update_me(ctx: Ctx, actor: Anyone, body: OwnChanges) -> User:
    return await service.rename(ctx, actor, body.name)


@router.put("/me/password", operation_id="auth_change_password", status_code=204,
            responses=responses(409, 429, body=True))  # fmt: skip
async def change_password(ctx: Ctx, actor: Anyone, body: PasswordChange) -> None:
    await service.change_password(ctx, actor, body.current_password, body.new_password)
