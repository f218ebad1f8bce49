"""`POST /call-results`."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import ConfigDict
from voxkit.contracts.results import CallResult

from voxbridge.context import Context, get_context
from voxbridge.models import ReplyModel
from voxbridge.openapi import responses
from voxbridge.results import service
from voxbridge.results.payload import NotAResult
from voxbridge.security import require_secret

router = APIRouter(tags=["results"])
_EXAMPLE = {
    "session_id": "0d7cbe38-5f6f-4d6a-9d2c-1d1a0f6a9f11",
    "result_id": "6b1f6f0e-51a7-4c52-9a52-1f2f4b1f0a77",
    "disconnected_by": "customer",
    "call_duration_seconds": 41.2,
    "post_call_analysis": {"DISPOSITION": "Order Status"},
}
# What a worker sends; the route itself takes every object with a session_id, so no result is lost over its shape.
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["session_id"],
                    "properties": {
                        "session_id": {"type": "string", "minLength": 1, "maxLength": 128},
                        "result_id": {"type": ["string", "null"]},
                    },
                    "description": f"Fields of a call result: {', '.join(CallResult.model_fields)}.",
                },
                "example": _EXAMPLE,
            }
        },
    }
}


class ResultReply(ReplyModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"status": "ok", "session_id": _EXAMPLE["session_id"], "duplicate": False}]}
    )
    status: Literal["ok"] = "ok"
    session_id: str
    duplicate: bool


@router.post(
    "/call-results",
    operation_id="results_receive",
    dependencies=[Depends(require_secret)],
    responses=responses(body=True),
    openapi_extra=_BODY,
)
async def receive(request: Request, ctx: Context = Depends(get_context)) -> ResultReply:
    """The result of a call. 200 also for a repeat; 422 and 413 are final for the sender, everything else is not."""
    outcome = "failed"  # whatever it was, the sender keeps the result and tries again
    try:
        stored = await service.receive(ctx, await request.body())
        outcome = "duplicate" if stored.duplicate else "stored"
    except NotAResult:
        outcome = "refused"
        raise
    finally:
        ctx.metrics.results.labels(outcome=outcome).inc()
    return ResultReply(session_id=stored.session_id, duplicate=stored.duplicate)
