"""Many documents at once, in the sizes that every store takes well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pymongo
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

Document = dict[str, Any]
LOOKUP = 200  # ids a query: the embedded server takes longer for each hit the longer the list is
WRITE_S = 120.0  # a batch that takes longer is given up
_DUPLICATE = 11_000


def parts(values: Sequence[str]) -> Iterable[list[str]]:
    """Ids for one query each."""
    return (list(values[at : at + LOOKUP]) for at in range(0, len(values), LOOKUP))


async def insert_missing(collection: AsyncCollection[Document], rows: Sequence[Document]) -> list[Document]:
    """Insert those whose `_id` does not stand there; returns the others, which are left alone."""
    if not rows:
        return []
    with pymongo.timeout(WRITE_S):
        try:
            await collection.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            failed = error.details.get("writeErrors", [])
            if any(each.get("code") != _DUPLICATE for each in failed) or error.details.get("writeConcernErrors"):
                raise
            return [rows[each["index"]] for each in failed]
    return []
