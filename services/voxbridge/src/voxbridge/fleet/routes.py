"""`/fleet`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends

from voxbridge.actors import Actor
from voxbridge.context import Context, get_context
from voxbridge.fleet import service
from voxbridge.fleet.models import FleetStatus
from voxbridge.openapi import responses
from voxbridge.security import require_admin

router = APIRouter(prefix="/fleet", tags=["fleet"])


@router.get("/status", operation_id="fleet_status", responses=responses())
async def status(
    ctx: Annotated[Context, Depends(get_context)], _: Annotated[Actor, Depends(require_admin)]
) -> FleetStatus:
    return await service.status(ctx)
