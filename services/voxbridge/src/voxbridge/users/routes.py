"""`/users`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from voxbridge.actors import Actor, Role
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.security import require_admin, require_super_admin
from voxbridge.users import service
from voxbridge.users.models import NewPassword, User, UserChanges

router = APIRouter(prefix="/users", tags=["users"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
UserId = Annotated[str, Path(max_length=64)]


@router.get("", operation_id="users_list", responses=responses())
async def list_users(
    ctx: Ctx,
    _: Admin,
    query: Annotated[PageQuery, Depends(page_query)],
    role: Role | None = None,
    is_active: bool | None = None,
    q: Annotated[str | None, Query(max_length=120, description="Part of the name or the email.")] = None,
) -> Page[User]:
    return await service.listed(ctx, query, role=role, is_active=is_active, text=q)


@router.get("/{user_id}", operation_id="users_get", responses=responses(entity=True))
async def get_user(ctx: Ctx, _: Admin, user_id: UserId) -> User:
    return User.of(await service.existing(ctx, user_id))


@router.put("/{user_id}", operation_id="users_update", responses=responses(409, entity=True, body=True))
async def update_user(ctx: Ctx, actor: Admin, user_id: UserId, body: UserChanges) -> User:
    return await service.change(ctx, actor, user_id, body)


@router.post("/{user_id}/deactivate", operation_id="users_toggle_active", responses=responses(409, entity=True))
async def toggle_active(ctx: Ctx, actor: Admin, user_id: UserId) -> User:
    """Switches a user off, or on again."""
    return await service.toggle_active(ctx, actor, user_id)


@router.post(
    "/{user_id}/reset-password",
    operation_id="users_reset_password",
    status_code=204,
    responses=responses(409, entity=True, body=True),
)
async def reset_password(ctx: Ctx, actor: Admin, user_id: UserId, body: NewPassword) -> None:
    await service.reset_password(ctx, actor, user_id, body.new_password)


@router.delete("/{user_id}", operation_id="users_delete", status_code=204, responses=responses(409, entity=True))
async def delete_user(ctx: Ctx, actor: Annotated[Actor, Depends(require_super_admin)], user_id: UserId) -> None:
    await service.delete(ctx, actor, user_id)
