"""Files that people send as a form."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from voxkit.errors import Invalid

# `openapi_extra=` of a route that reads such a form itself, behind its gate: whoever does not get in writes nothing to
# our disk. (A parameter of the framework would be read before the gate is asked.)
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@asynccontextmanager
async def sent_file(request: Request) -> AsyncGenerator[UploadFile]:
    """The field `file` of the form, spooled to disk and gone at the end. Raises: Invalid."""
    reason = "Send one file in the field `file` of a form (multipart/form-data)."
    refusal = Invalid(reason, detail=[{"loc": ["body", "file"], "msg": reason, "type": "missing"}])
    try:
        form = await request.form(max_files=1, max_fields=8)
    except HTTPException:
        raise refusal from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise refusal
        yield file
    finally:
        await form.close()
