"""Single numbers of a carrier: added, changed, taken away."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from voxkit.errors import Conflict, Invalid, NotFound

from voxbridge.audit.service import Author
from voxbridge.carriers import numbers, service
from voxbridge.carriers.models import MAX_DIDS, DidFields
from voxbridge.context import Context

Document = dict[str, Any]


async def add(ctx: Context, author: Author, carrier_id: str, body: DidFields) -> Document:
    """The carrier with it. Raises: NotFound; Conflict `number_taken`; Invalid."""

    async def changes(carrier: Document) -> Document:
        [did] = await numbers.made(ctx, [body.model_dump()], [])
        if any(other["phone_key"] == did["phone_key"] for other in carrier["dids"]):
            raise Conflict(f"This carrier has {did['number']} already.", code="number_taken")
        if len(carrier["dids"]) >= MAX_DIDS:
            raise Invalid(f"A carrier has at most {MAX_DIDS} numbers; make a second one.", code="too_many_numbers")
        return _dids(carrier, [*carrier["dids"], did])

    return await service.change(ctx, author, carrier_id, "carrier.did_add", changes)


async def update(ctx: Context, author: Author, carrier_id: str, did_id: str, body: BaseModel) -> Document:
    """Replace each field present. Raises: NotFound; InUse; Conflict `number_taken`; Invalid."""
    written = body.model_dump(exclude_unset=True)

    async def changes(carrier: Document) -> Document:
        old = _find(carrier, did_id)
        [did] = await numbers.made(ctx, [{**numbers.DEFAULTS, **old, **written}], [])
        if any(other["phone_key"] == did["phone_key"] and other is not old for other in carrier["dids"]):
            raise Conflict(f"This carrier has {did['number']} already.", code="number_taken")
        await numbers.refuse_in_use(ctx, numbers.withdrawn([old], [did]), f"The number {old['number']}")
        return _dids(carrier, [did if other is old else other for other in carrier["dids"]])

    return await service.change(ctx, author, carrier_id, "carrier.did_update", changes)


async def delete(ctx: Context, author: Author, carrier_id: str, did_id: str) -> None:
    """Raises: NotFound; InUse."""

    async def changes(carrier: Document) -> Document:
        old = _find(carrier, did_id)
        await numbers.refuse_in_use(ctx, numbers.withdrawn([old], []), f"The number {old['number']}")
        return _dids(carrier, [other for other in carrier["dids"] if other is not old])

    await service.change(ctx, author, carrier_id, "carrier.did_delete", changes)


def _dids(carrier: Document, dids: list[Document]) -> Document:
    return {"dids": dids, "lk_sync_status": service.sync_status(carrier)}


def _find(carrier: Document, did_id: str) -> Document:
    for did in carrier["dids"]:
        if did["did_id"] == did_id:
            return did
    raise NotFound(f"This carrier has no number {did_id!r}.", code="did_not_found")
