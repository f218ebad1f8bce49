"""`/settings`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from voxbridge.actors import Actor
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.security import require_any_role, require_super_admin
from voxbridge.settings import models, service
from voxbridge.settings.models import DisplaySettings, SettingsView

router = APIRouter(prefix="/settings", tags=["settings"])
Ctx = Annotated[Context, Depends(get_context)]
SuperAdmin = Annotated[Actor, Depends(require_super_admin)]
_WRITE = responses(409, body=True)


@router.get("", operation_id="settings_get", responses=responses())
async def get_all(ctx: Ctx, _: SuperAdmin) -> SettingsView:
    return await service.view(ctx)


@router.get("/display", operation_id="settings_display", responses=responses(), response_model_exclude_none=True)
async def get_display(ctx: Ctx, actor: Annotated[Actor, Depends(require_any_role)]) -> DisplaySettings:
    return await service.display(ctx, actor)


@router.put("/api-keys", operation_id="settings_update_api_keys", responses=_WRITE)
async def put_api_keys(ctx: Ctx, actor: SuperAdmin, body: models.ApiKeysUpdate) -> SettingsView:
    return await service.update(ctx, actor, "api_keys", body)


@router.put("/providers", operation_id="settings_update_providers", responses=_WRITE)
async def put_providers(ctx: Ctx, actor: SuperAdmin, body: models.ProvidersUpdate) -> SettingsView:
    return await service.update(ctx, actor, "openai_compatible", body)


@router.put("/minio", operation_id="settings_update_minio", responses=_WRITE)
async def put_minio(ctx: Ctx, actor: SuperAdmin, body: models.MinioUpdate) -> SettingsView:
    return await service.update(ctx, actor, "minio", body)


@router.put("/agent-assist", operation_id="settings_update_agent_assist", responses=_WRITE)
async def put_agent_assist(ctx: Ctx, actor: SuperAdmin, body: models.AgentAssistUpdate) -> SettingsView:
    return await service.update(ctx, actor, "agent_assist", body)


@router.put("/knowledge", operation_id="settings_update_knowledge", responses=_WRITE)
async def put_knowledge(ctx: Ctx, actor: SuperAdmin, body: models.KnowledgeUpdate) -> SettingsView:
    return await service.update(ctx, actor, "knowledge", body)


@router.put("/dialler", operation_id="settings_update_dialler", responses=_WRITE)
async def put_dialler(ctx: Ctx, actor: SuperAdmin, body: models.DiallerUpdate) -> SettingsView:
    return await service.update(ctx, actor, "dialler.amd", body)


@router.put("/timezone", operation_id="settings_update_timezone", responses=_WRITE)
async def put_timezone(ctx: Ctx, actor: SuperAdmin, body: models.TimezoneUpdate) -> SettingsView:
    return await service.update(ctx, actor, "", body)


@router.put("/fleet", operation_id="settings_update_fleet", responses=_WRITE)
async def put_fleet(ctx: Ctx, actor: SuperAdmin, body: models.FleetUpdate) -> SettingsView:
    return await service.update(ctx, actor, "", body)


@router.put("/general", operation_id="settings_update_general", responses=_WRITE)
async def put_general(ctx: Ctx, actor: SuperAdmin, body: models.GeneralUpdate) -> SettingsView:
    return await service.update(ctx, actor, "", body)
