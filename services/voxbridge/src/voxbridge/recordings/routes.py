"""Recordings, for people with a log-in and for links that hold a token."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from voxbridge.context import Context, get_context
from voxbridge.limits import PUBLIC_RECORDING_ADDRESS, PUBLIC_RECORDING_TOKEN, hit
from voxbridge.network import client_address
from voxbridge.openapi import responses
from voxbridge.recordings import service
from voxbridge.recordings.source import Found, Wanted
from voxbridge.security import require_admin

router = APIRouter(tags=["recordings"])
_PUBLIC = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_AUDIO: dict[str, Any] = {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}


def _documented(*further: int, gated: bool) -> dict[int | str, Any]:
    audio = {
        200: {"description": "The whole recording", "content": _AUDIO},
        206: {"description": "The part of it that was asked for", "content": _AUDIO},
    }
    return {**audio, **responses(416, *further, gated=gated, entity=True)}


class _Relay(StreamingResponse):
    """Frees its source however it ends, also when the client is gone before the first byte."""

    def __init__(self, found: Found, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._found = found

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._found.close()


def _reply(key: str, found: Found, wanted: Wanted, extra: dict[str, str]) -> _Relay:
    part = found.part
    headers = {
        "Content-Type": service.content_type(key),
        "Content-Disposition": "inline",
        "Accept-Ranges": "bytes",
        "Content-Length": str(part.length if part else found.size),
        **extra,
    }
    if found.etag:
        headers["ETag"] = found.etag
    if found.last_modified:
        headers["Last-Modified"] = found.last_modified
    if part:
        headers["Content-Range"] = part.content_range
    chunks = _empty() if wanted.head else found.chunks
    return _Relay(found, chunks, status_code=206 if part else 200, headers=headers)


async def _empty() -> Any:
    return
    yield b""


def wanted_of(
    request: Request,
    range: Annotated[str | None, Header(max_length=200, examples=["bytes=0-1023"])] = None,
    if_range: Annotated[str | None, Header(max_length=200)] = None,
) -> Wanted:
    return Wanted(range, if_range, request.method == "HEAD")


Asked = Annotated[Wanted, Depends(wanted_of)]
Ctx = Annotated[Context, Depends(get_context)]


async def _admin(ctx: Ctx, session_id: Annotated[str, Path(max_length=128)], wanted: Asked) -> StreamingResponse:
    """The recording of a call. 404 `recording_not_found`."""
    key, found = await service.of_call(ctx, session_id, wanted)
    return _reply(key, found, wanted, {})


async def _public(
    request: Request, ctx: Ctx, token: Annotated[str, Path(max_length=128)], wanted: Asked
) -> StreamingResponse:
    """The recording that a token stands for; needs no log-in. 404 `recording_not_found`, whatever the reason."""
    await hit(ctx, PUBLIC_RECORDING_ADDRESS, client_address(request, ctx))
    await hit(ctx, PUBLIC_RECORDING_TOKEN, token)
    key, found = await service.of_token(ctx, token, wanted)
    return _reply(key, found, wanted, _PUBLIC)


for method in ("GET", "HEAD"):
    suffix = "" if method == "GET" else "_head"
    router.add_api_route(
        "/recordings/{session_id}",
        _admin,
        methods=[method],
        operation_id=f"recordings_get{suffix}",
        dependencies=[Depends(require_admin)],
        response_class=StreamingResponse,
        responses=_documented(gated=True),
    )
    router.add_api_route(
        "/public/recordings/{token}",
        _public,
        methods=[method],
        operation_id=f"recordings_public{suffix}",
        response_class=StreamingResponse,
        responses=_documented(429, gated=False),
    )
