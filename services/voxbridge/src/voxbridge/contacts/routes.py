"""`/campaigns/{campaign_id}/…`: contacts."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from voxkit.errors import Invalid

from voxbridge.actors import Actor
from voxbridge.contacts import upload
from voxbridge.contacts.models import UploadReport
from voxbridge.context import Context, get_context
from voxbridge.openapi import responses
from voxbridge.security import require_admin

router = APIRouter(prefix="/campaigns", tags=["contacts"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
CampaignId = Annotated[str, Path(max_length=64)]
# The form is read in the handler, behind the gate: a caller without a role writes nothing to our disk.
FILE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "description": "CSV"}},
                }
            }
        },
    }
}


async def sent_file(request: Request) -> UploadFile:
    """The field `file` of a form, spooled to disk. Raises: Invalid."""
    try:
        form = await request.form(max_files=1, max_fields=8)
    except HTTPException:
        form = None
    file = form.get("file") if form else None
    if not isinstance(file, UploadFile):
        reason = "Send the CSV as a form (multipart/form-data) with one file in the field `file`."
        raise Invalid(reason, detail=[{"loc": ["body", "file"], "msg": reason, "type": "missing"}])
    return file


@router.post(
    "/{campaign_id}/upload",
    operation_id="contacts_upload",
    responses=responses(409, entity=True, body=True),
    openapi_extra=FILE_BODY,
)
async def upload_file(ctx: Ctx, _: Admin, campaign_id: CampaignId, request: Request) -> UploadReport:
    """Replace the contacts by those of a CSV file with a column `phone_number`; on any refusal they stay.

    409 `identity_locked`, `invalid_state`, `upload_in_progress`; 422 `not_csv`, `missing_phone_number`,
    `duplicate_header`, `too_many_columns`, `invalid_header`, `no_valid_rows` (with `sample_errors`)."""
    file = await sent_file(request)
    try:
        return await upload.replace_contacts(ctx, campaign_id, file.file, file.size or 0, file.filename or "")
    finally:
        await file.close()
