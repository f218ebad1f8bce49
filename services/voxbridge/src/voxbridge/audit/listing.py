"""Reading the audit log: what a person filters by, as pages and as rows of a file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from voxbridge.audit import store
from voxbridge.audit.models import AuditEntry
from voxbridge.audit.service import Author, record
from voxbridge.context import Context
from voxbridge.pages import Page, PageQuery, page, sort_of

EXPORT_PAGE = 500
COLUMNS = (
    "at", "actor_type", "actor_id", "actor_name", "action", "entity_type", "entity_id", "ip", "request_id", "changes",
)  # fmt: skip
_BY_ENTITY = ("entity_type", "entity_id")


@dataclass(frozen=True)
class AuditFilters:
    """None: not asked. The moments bound `at`, both inclusive."""

    actor_id: str | None = None
    action: str | None = None
    entity_type: str | None = None
    entity_id: str | None = None
    date_from: datetime | None = None
    date_to: datetime | None = None

    def equalities(self) -> dict[str, str]:
        asked = {name: getattr(self, name) for name in ("actor_id", "action", *_BY_ENTITY)}
        return {name: value for name, value in asked.items() if value is not None}


async def listed(ctx: Context, filters: AuditFilters, query: PageQuery, *, count: bool = True) -> Page[AuditEntry]:
    """A page by cursor, newest first unless `query` says otherwise."""
    whole = filters.equalities()
    # One index serves the page; the other conditions are judged on the rows that it returns.
    served = _BY_ENTITY if set(_BY_ENTITY) <= whole.keys() else ("actor_id",)
    where = {name: whole[name] for name in served if name in whole}

    def keep(row: dict[str, Any]) -> bool:
        return all(row[name] == value for name, value in whole.items())

    return await page(
        ctx,
        store.collection(ctx.db),
        where,
        query,
        sort=sort_of(query, ("-at", "at"), "-at"),
        shape=AuditEntry.model_validate,
        low=filters.date_from,
        high=filters.date_to,
        keep=keep if whole != where else None,
        count_where=whole,
        count=count,
    )


async def export_rows(ctx: Context, author: Author, filters: AuditFilters) -> AsyncIterator[list[list[Any]]]:
    """All entries that fit, newest first, as rows of cells; `changes` as JSON. The export itself is recorded."""
    await record(ctx, author, "audit.export", entity=("audit", "log"), changes={})
    cursor: str | None = None
    while True:
        found = await listed(ctx, filters, PageQuery(1, EXPORT_PAGE, "", cursor), count=False)
        yield [_cells(entry) for entry in found.items]
        if not (cursor := found.next):
            return


def _cells(entry: AuditEntry) -> list[Any]:
    cells = [getattr(entry, column) for column in COLUMNS[:-1]]
    return [*cells, json.dumps(entry.changes, ensure_ascii=False, default=str)]
