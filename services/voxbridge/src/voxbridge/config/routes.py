"""`GET /config/{bot_id}`: one route for every transport."""

from __future__ import annotations

import time
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.errors import VoxError

from voxbridge.config import service
from voxbridge.config.service import ConfigRequest
from voxbridge.context import Context, get_context
from voxbridge.network import internal_base
from voxbridge.openapi import responses
from voxbridge.security import require_secret

router = APIRouter(tags=["config"])


@router.get(
    "/config/{bot_id}",
    operation_id="config_build",
    dependencies=[Depends(require_secret)],
    responses=responses(entity=True),
    response_model=RuntimeConfig,
)
async def build(
    request: Request,
    bot_id: Annotated[str, Path(max_length=64, examples=["demo"])],
    caller_id: Annotated[str, Query(max_length=200, description="Number of the customer.")] = "",
    stream_id: Annotated[str, Query(max_length=256, description="Id of the call at the carrier or the worker.")] = "",
    connected_event: Annotated[str, Query(description="URL-encoded JSON object of at most 16 KiB.")] = "{}",
    ctx: Context = Depends(get_context),
) -> Response:
    """Everything a worker needs for one call.

    503 `outside_active_hours` (its `detail` begins so), `provider_key_missing`, `config_too_large`.
    """
    started = time.perf_counter()
    outcome = "error"
    try:
        base = internal_base(request, ctx)
        body = await service.build(ctx, ConfigRequest(bot_id, caller_id, stream_id, connected_event, base))
        outcome = "ok"
    except VoxError as error:
        outcome = error.wire_code
        raise
    finally:
        ctx.metrics.config_builds.labels(outcome=outcome).inc()
        ctx.metrics.config_build_seconds.observe(time.perf_counter() - started)
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})
