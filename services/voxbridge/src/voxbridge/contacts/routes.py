"""`/campaigns/{campaign_id}/…`: contacts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from voxbridge.actors import Actor
from voxbridge.audit.authors import by_admin, by_admin_or_api_key
from voxbridge.audit.service import Author
from voxbridge.contacts import additions, exclusions, listing, upload
from voxbridge.contacts.models import (
    Contact,
    ContactsAdded,
    Exclude,
    Excluded,
    Exclusion,
    NewContacts,
    UploadReport,
)
from voxbridge.context import Context, get_context
from voxbridge.forms import FILE_BODY, sent_file
from voxbridge.idempotency import Once, once
from voxbridge.limits import CONTACTS_ADD, CONTACTS_EXCLUDE, EXPORT_USER, hit
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.queries import Day, Words, moment, words
from voxbridge.security import require_admin
from voxbridge.sheets import CSV_REPLY, csv_reply

router = APIRouter(prefix="/campaigns", tags=["contacts"])
Ctx = Annotated[Context, Depends(get_context)]
Admin = Annotated[Actor, Depends(require_admin)]
ByAdmin = Annotated[Author, Depends(by_admin)]
ByAdminOrKey = Annotated[Author, Depends(by_admin_or_api_key)]
CampaignId = Annotated[str, Path(max_length=64)]
Paging = Annotated[PageQuery, Depends(page_query)]


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


@router.get(
    "/{campaign_id}/upload-report.csv",
    operation_id="contacts_upload_report",
    response_class=StreamingResponse,
    responses={**CSV_REPLY, **responses(429, entity=True)},
)
async def upload_report(ctx: Ctx, actor: Admin, campaign_id: CampaignId) -> StreamingResponse:
    """The rows of the last upload that were not taken in, with the reason of each."""
    await hit(ctx, EXPORT_USER, actor.id)
    rows = await listing.reject_rows(ctx, campaign_id)
    return csv_reply("upload-report.csv", listing.COLUMNS, ("phone_number",), rows)


@router.get("/{campaign_id}/calls", operation_id="contacts_list", responses=responses(entity=True))
async def list_contacts(
    ctx: Ctx,
    _: Admin,
    campaign_id: CampaignId,
    query: Paging,
    status: Words = "",
    callback: listing.Callback = "all",
    phone: Annotated[str, Query(max_length=40, description="The whole number.")] = "",
    date_from: Day = "",
    date_to: Day = "",
) -> Page[Contact]:
    """In the order of the list; `sort` = `row_no` or `-last_attempt_at`. Dates are those of the last attempt; the
    status `scheduled` means `retry_scheduled`. Goes on by `cursor`."""
    filters = listing.ContactFilters(
        statuses=listing.statuses_of(words(status)),
        callback=callback,
        phone=phone.strip(),
        date_from=moment("date_from", date_from),
        date_to=moment("date_to", date_to, end=True),
    )
    return await listing.listed(ctx, campaign_id, filters, query)


@router.post(
    "/{campaign_id}/contacts", operation_id="contacts_add", responses=responses(409, 429, entity=True, body=True)
)
async def add_contacts(
    ctx: Ctx, author: ByAdminOrKey, campaign_id: CampaignId, body: NewContacts, once: Annotated[Once, Depends(once)]
) -> ContactsAdded:
    """Add contacts to a draft or to a campaign that runs. 409 `invalid_state`, `upload_in_progress`, `in_progress`;
    403 `bot_not_allowed`; 422 `idempotency_mismatch`."""
    await hit(ctx, CONTACTS_ADD, author.actor.id)
    return await once.run(
        author.actor, body, ContactsAdded, lambda: additions.add(ctx, author, campaign_id, body), repeatable=True
    )


@router.post(
    "/{campaign_id}/exclude", operation_id="contacts_exclude", responses=responses(409, 429, entity=True, body=True)
)
async def exclude(
    ctx: Ctx, author: ByAdminOrKey, campaign_id: CampaignId, body: Exclude, once: Annotated[Once, Depends(once)]
) -> Excluded:
    """This campaign calls none of them (again), also when they are added later. 403 `bot_not_allowed`;
    409 `in_progress`; 422 `idempotency_mismatch`."""
    await hit(ctx, CONTACTS_EXCLUDE, author.actor.id)
    return await once.run(
        author.actor, body, Excluded, lambda: exclusions.exclude(ctx, author, campaign_id, body), repeatable=True
    )


@router.get("/{campaign_id}/exclude", operation_id="contacts_excluded", responses=responses(entity=True))
async def list_excluded(ctx: Ctx, _: Admin, campaign_id: CampaignId, query: Paging) -> Page[Exclusion]:
    """Newest first; `sort` = `-at` or `at`. Goes on by `cursor`."""
    return await exclusions.listed(ctx, campaign_id, query)


@router.delete(
    "/{campaign_id}/exclude/{phone_number}",
    operation_id="contacts_include",
    status_code=204,
    responses=responses(entity=True),
)
async def include(
    ctx: Ctx, author: ByAdmin, campaign_id: CampaignId, phone_number: Annotated[str, Path(max_length=64)]
) -> None:
    """A contact with this number that is added later is called; contacts that are `excluded` stay so."""
    await exclusions.remove(ctx, author, campaign_id, phone_number)
