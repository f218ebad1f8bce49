"""`POST /cdr`."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict, Field
from voxkit.errors import Invalid

from voxbridge.cdr import service
from voxbridge.context import Context, get_context
from voxbridge.models import ReplyModel
from voxbridge.openapi import responses
from voxbridge.plain import storable
from voxbridge.security import require_secret

router = APIRouter(tags=["cdr"])
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"type": "object"},
                "example": {"streamId": "st-81", "talktime": 42, "call_status": "ANSWERED"},
            }
        },
    }
}


class CdrReply(ReplyModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "stream_id": "st-81"}]})
    status: Literal["ok", "ignored", "not_found"]
    stream_id: str | None = None
    reason: str | None = Field(default=None, description="Why it was ignored.")


@router.post(
    "/cdr",
    operation_id="cdr_receive",
    dependencies=[Depends(require_secret)],
    responses=responses(body=True),
    response_model=CdrReply,
    response_model_exclude_none=True,
    openapi_extra=_BODY,
)
async def receive(request: Request, ctx: Context = Depends(get_context)) -> dict[str, Any]:
    """A carrier's record of a call. Adds its own fields only, never status or analysis."""
    try:
        cdr = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise Invalid("The body is not JSON.") from None
    if not isinstance(cdr, dict):
        raise Invalid("The body is not a JSON object.")
    return await service.receive(ctx, storable(cdr))
