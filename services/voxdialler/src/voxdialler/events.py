"""Status callbacks of carriers: `POST /carrier-events/{carrier_id}` (O1). Hints only; polling is the truth."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from voxkit.carriers import verify_callback
from voxkit.contracts.carrier import CarrierCall
from voxkit.errors import BadRequest, Forbidden, TooLarge, VoxError
from voxkit.log import get_logger

from voxdialler.context import Context

log = get_logger("voxdialler.events")
BODY_LIMIT_BYTES = 16 * 1024
NO_CONTENT = 204


def router(ctx: Context) -> APIRouter:
    """The route. On a standby it answers 204 without effect."""
    routes = APIRouter(tags=["carrier"])

    @routes.post("/carrier-events/{carrier_id}", status_code=NO_CONTENT, operation_id="carrier_event")
    async def carrier_event(carrier_id: str, request: Request) -> Response:
        """A step of a call, signed with the carrier's own token."""
        if not ctx.leader.is_leader:
            ctx.metrics.callbacks.labels(result="standby").inc()
            return Response(status_code=NO_CONTENT)
        body = await _body(request)
        try:
            access = await ctx.accounts.access(carrier_id)
        except VoxError as error:
            ctx.metrics.callbacks.labels(result="unknown_carrier").inc()
            raise Forbidden("The callback is not from a carrier that is known here.") from error
        if not verify_callback(request.headers, body, access.api_token, ctx.now()):
            ctx.metrics.callbacks.labels(result="forged").inc()
            raise Forbidden("The signature does not fit, or it is older than five minutes.")
        try:
            call = CarrierCall.model_validate_json(body)
        except ValidationError as error:
            ctx.metrics.callbacks.labels(result="malformed").inc()
            raise BadRequest("The body is not a call object.") from error
        news = ctx.originators.take(carrier_id, call)
        ctx.metrics.callbacks.labels(result="news" if news else "old").inc()
        return Response(status_code=NO_CONTENT)

    return routes


async def _body(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > BODY_LIMIT_BYTES:
            raise TooLarge(f"A callback has at most {BODY_LIMIT_BYTES} bytes.")
    return body
