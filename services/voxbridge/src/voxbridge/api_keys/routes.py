"""`/api-keys`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from voxbridge.actors import Actor
from voxbridge.api_keys import service
from voxbridge.api_keys.models import ApiKey, ApiKeyChanges, CreatedApiKey, NewApiKey
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.security import require_admin

router = APIRouter(prefix="/api-keys", tags=["api keys"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
KeyId = Annotated[str, Path(max_length=64)]


@router.post("", operation_id="api_keys_create", status_code=201, responses=responses(body=True))
async def create_key(ctx: Ctx, actor: Admin, body: NewApiKey) -> CreatedApiKey:
    return await service.create(ctx, actor, body)


@router.get("", operation_id="api_keys_list", responses=responses())
async def list_keys(ctx: Ctx, _: Admin, query: Annotated[PageQuery, Depends(page_query)]) -> Page[ApiKey]:
    return await service.listed(ctx, query)


@router.patch("/{key_id}", operation_id="api_keys_update", responses=responses(entity=True, body=True))
async def change_key(ctx: Ctx, _: Admin, key_id: KeyId, body: ApiKeyChanges) -> ApiKey:
    return await service.change(ctx, key_id, body)


@router.delete("/{key_id}", operation_id="api_keys_delete", status_code=204, responses=responses(entity=True))
async def delete_key(ctx: Ctx, _: Admin, key_id: KeyId) -> None:
    await service.delete(ctx, key_id)
