"""Recordings that are on this machine, in parts where a player asks for them."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from voxkit.errors import NotFound, VoxError

from voxcore.routes.docs import SECRET, refusals
from voxcore.worker import Worker

KEY = re.compile(r"[A-Za-z0-9_-]{1,128}\.wav")
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
BLOCK = 64 * 1024
WAV = "audio/wav"


class BadKey(VoxError):
    """A recording key looks like session-1.wav."""

    code, status = "bad_key", 400


class RangeOutside(VoxError):
    """The range lies outside the recording."""

    code, status = "range_not_satisfiable", 416


def wanted_range(header: str | None, size: int) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole (no range, several, or one we do not understand).

    Raises: RangeOutside.
    """
    match = RANGE.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    start = max(0, size - int(last)) if first == "" else int(first)
    end = size - 1 if first == "" or last == "" else min(int(last), size - 1)
    if first and last and int(last) < int(first):
        return None
    if start >= size or end < start:
        message = f"The recording has {size} bytes."
        raise RangeOutside(message, headers={"Content-Range": f"bytes */{size}", "Accept-Ranges": "bytes"})
    return start, end


def router(worker: Worker) -> APIRouter:
    """`/recordings/{key}`."""
    routes = APIRouter(tags=["recordings"], dependencies=[SECRET])

    @routes.get(
        "/recordings/{key}",
        operation_id="get_recording",
        response_class=StreamingResponse,
        responses={
            200: {"content": {WAV: {"schema": {"type": "string", "format": "binary"}}}},
            206: {"description": "a part", "content": {WAV: {"schema": {"type": "string", "format": "binary"}}}},
            **refusals(400, 403, 404, 413, 416),
        },
    )
    async def recording(key: str, request: Request) -> StreamingResponse:
        if not KEY.fullmatch(key):
            raise BadKey()
        path = await asyncio.to_thread(worker.spool.find, key)
        try:
            size = (await asyncio.to_thread(path.stat)).st_size if path else None
        except FileNotFoundError:
            size = None
        if path is None or size is None:
            raise NotFound("There is no such recording here.")
        part = wanted_range(request.headers.get("range"), size)
        start, end = part or (0, size - 1)
        headers = {"Accept-Ranges": "bytes", "Content-Length": str(end - start + 1)}
        if part:
            headers["Content-Range"] = f"bytes {start}-{end}/{size}"
        return StreamingResponse(
            _blocks(path, start, end), status_code=206 if part else 200, headers=headers, media_type=WAV
        )

    return routes


async def _blocks(path: Path, start: int, end: int) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(path.open, "rb")
    try:
        await asyncio.to_thread(file.seek, start)
        left = end - start + 1
        while left > 0:
            block = await asyncio.to_thread(file.read, min(BLOCK, left))
            if not block:
                return
            left -= len(block)
            yield block
    finally:
        file.close()
