"""`/campaigns/{campaign_id}/…`: contacts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from voxbridge.audit.authors import by_admin
from voxbridge.audit.service import Author
from voxbridge.contacts import upload
from voxbridge.contacts.models import UploadReport
from voxbridge.context import Context, get_context
from voxbridge.forms import FILE_BODY, sent_file
from voxbridge.openapi import responses

router = APIRouter(prefix="/campaigns", tags=["contacts"])
Ctx = Annotated[Context, Depends(get_context)]
ByAdmin = Annotated[Author, Depends(by_admin)]
CampaignId = Annotated[str, Path(max_length=64)]


@router.post(
    "/{campaign_id}/upload",
    operation_id="contacts_upload",
    responses=responses(409, entity=True, body=True),
    openapi_extra=FILE_BODY,
)
async def upload_file(ctx: Ctx, author: ByAdmin, campaign_id: CampaignId, request: Request) -> UploadReport:
    """Replace the contacts by those of a CSV file with a column `phone_number`; on any refusal they stay.

    409 `identity_locked`, `invalid_state`, `upload_in_progress`; 422 `not_csv`, `missing_phone_number`,
    `duplicate_header`, `too_many_columns`, `invalid_header`, `no_valid_rows` (with `sample_errors`)."""
    async with sent_file(request) as file:
        return await upload.replace_contacts(ctx, author, campaign_id, file.file, file.size or 0, file.filename or "")
