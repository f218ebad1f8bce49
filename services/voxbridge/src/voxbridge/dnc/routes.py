"""`/dnc`."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import StreamingResponse

from voxbridge.actors import Actor
from voxbridge.audit.authors import by_admin, by_admin_or_api_key
from voxbridge.audit.service import Author
from voxbridge.context import Context, get_context
from voxbridge.dnc import service
from voxbridge.dnc.models import DncAdd, DncAdded, DncEntry, DncUploadReport, Source
from voxbridge.forms import FILE_BODY, sent_file
from voxbridge.limits import DNC_ADD, EXPORT_USER, hit
from voxbridge.openapi import responses
from voxbridge.pages import Page, PageQuery, page_query
from voxbridge.security import require_admin, require_admin_or_api_key
from voxbridge.sheets import CSV_REPLY, csv_reply

router = APIRouter(prefix="/dnc", tags=["do not call"])
Ctx = Annotated[Context, Depends(get_context)]
ByAdmin = Annotated[Author, Depends(by_admin)]
PhoneNumber = Annotated[str, Path(max_length=64, examples=["+4930123456"])]


@router.get("", operation_id="dnc_list", responses=responses())
async def list_entries(
    ctx: Ctx,
    _: Annotated[Actor, Depends(require_admin)],
    query: Annotated[PageQuery, Depends(page_query)],
    q: Annotated[str, Query(max_length=40, description="The first digits, country code included.")] = "",
    source: Source | None = None,
) -> Page[DncEntry]:
    """Newest first; `sort` = `-created_at` or `created_at`. Goes on by `cursor`. Entries that ended are left out."""
    found = await service.listed(ctx, query, q=q, source=source)
    return Page[DncEntry].model_validate({**vars(found), "items": [DncEntry.of(row) for row in found.items]})


@router.get(
    "/export.csv",
    operation_id="dnc_export_csv",
    response_class=StreamingResponse,
    responses={**CSV_REPLY, **responses(429)},
)
async def export_csv(ctx: Ctx, author: ByAdmin) -> StreamingResponse:
    """The whole list, newest first."""
    await hit(ctx, EXPORT_USER, author.actor.id)
    name = f"dnc-{ctx.clock():%Y%m%d-%H%M%S}.csv"
    return csv_reply(name, service.COLUMNS, ("phone_number",), service.export_rows(ctx, author))


@router.post("", operation_id="dnc_add", responses=responses(429, body=True))
async def add(ctx: Ctx, author: Annotated[Author, Depends(by_admin_or_api_key)], body: DncAdd) -> DncAdded:
    """Nobody of them is called again; contacts that wait become `excluded` within seconds."""
    await hit(ctx, DNC_ADD, author.actor.id)
    return await service.add(ctx, author, body)


@router.post("/upload", operation_id="dnc_upload", responses=responses(body=True), openapi_extra=FILE_BODY)
async def upload(ctx: Ctx, author: ByAdmin, request: Request) -> DncUploadReport:
    """Add the numbers of a CSV file with a column `phone_number`; nothing is replaced.

    422 `not_csv`, `missing_phone_number`, `duplicate_header`, `too_many_columns`, `invalid_header`, `no_valid_rows`."""
    async with sent_file(request) as file:
        return await service.upload(ctx, author, file.file, file.size or 0, file.filename or "")


@router.get("/{phone_number}", operation_id="dnc_get", responses=responses(entity=True))
async def check(ctx: Ctx, _: Annotated[Any, Depends(require_admin_or_api_key)], phone_number: PhoneNumber) -> DncEntry:
    """404 `not_listed`: the number may be called."""
    return await service.find(ctx, phone_number)


@router.delete("/{phone_number}", operation_id="dnc_delete", status_code=204, responses=responses(entity=True))
async def delete(ctx: Ctx, author: ByAdmin, phone_number: PhoneNumber) -> None:
    """The number may be called again; contacts that are `excluded` stay so."""
    await service.delete(ctx, author, phone_number)
