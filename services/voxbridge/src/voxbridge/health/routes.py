"""`/health`, `/health/live`, `/metrics`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from voxkit.errors import Unauthorized
from voxkit.metrics import metrics_page
from voxkit.secrets import matches_any

from voxbridge.context import Context, get_context
from voxbridge.health import service
from voxbridge.health.models import Alive, Health
from voxbridge.openapi import responses

router = APIRouter(tags=["health"])
Ctx = Annotated[Context, Depends(get_context)]
_bearer = HTTPBearer(auto_error=False, scheme_name="MetricsToken", description="`METRICS_TOKEN`, when it is set.")


@router.get("/health", operation_id="health_check", responses={503: {"model": Health, "description": "Degraded"}})
async def health(ctx: Ctx, response: Response) -> Health:
    found = await service.check(ctx)
    response.status_code = 200 if found.status == "ok" else 503
    return found


@router.get("/health/live", operation_id="health_live")
async def live() -> Alive:
    """The process runs; no store is asked."""
    return Alive()


@router.get("/metrics", operation_id="metrics_read", response_class=Response, responses=responses(401, gated=False))
async def metrics(ctx: Ctx, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Response:
    token = ctx.settings.metrics_token
    if token and not matches_any(credentials.credentials if credentials else None, (token,)):
        raise Unauthorized("The header `Authorization: Bearer METRICS_TOKEN` is missing or wrong.")
    return metrics_page(ctx.registry)
