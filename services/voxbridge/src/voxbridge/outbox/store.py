"""Jobs in MongoDB. A claim is a compare-and-set on status and lease owner; nothing else takes a job."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from voxbridge.context import Context
from voxbridge.ids import new_id

Document = dict[str, Any]
INDEXES = [
    ("outbox", IndexModel([("status", ASCENDING), ("next_attempt_at", ASCENDING), ("_id", ASCENDING)], name="due")),
    ("outbox", IndexModel([("status", ASCENDING), ("lease_expires_at", ASCENDING)], name="lapsed")),
]
STATUSES = ("pending", "leased", "done", "dead")


async def insert(ctx: Context, kind: str, key: str, payload: Document, now: datetime) -> bool:
    """False: the job exists already, done or not."""
    job = {
        "_id": f"{kind}:{key}", "kind": kind, "key": key, "payload": payload, "status": "pending", "attempts": 0,
        "next_attempt_at": now, "lease_owner": None, "lease_expires_at": None, "last_error": None, "created_at": now,
        "done_at": None,
    }  # fmt: skip
    try:
        await ctx.db["outbox"].insert_one(job)
    except DuplicateKeyError:
        return False
    return True


async def find(ctx: Context, job_id: str) -> Document | None:
    return await ctx.db["outbox"].find_one({"_id": job_id})


async def candidates(ctx: Context, since: datetime, until: datetime, limit: int) -> list[Document]:
    """Jobs that are due in `[since, until)`, then jobs whose lease lapsed in it."""
    due = {"status": "pending", "next_attempt_at": {"$gte": since, "$lt": until}}
    rows = await ctx.db["outbox"].find(due).sort([("next_attempt_at", 1)]).limit(limit).to_list()
    if len(rows) < limit:
        lapsed = {"status": "leased", "lease_expires_at": {"$gte": since, "$lt": until}}
        rows += await ctx.db["outbox"].find(lapsed).sort([("lease_expires_at", 1)]).limit(limit - len(rows)).to_list()
    return rows


async def claim(ctx: Context, job: Document, until: datetime) -> str | None:
    """A new lease owner, or None when somebody was faster."""
    owner = new_id()
    result = await ctx.db["outbox"].update_one(
        {"_id": job["_id"], "status": job["status"], "lease_owner": job["lease_owner"]},
        {"$set": {"status": "leased", "lease_owner": owner, "lease_expires_at": until}, "$inc": {"attempts": 1}},
    )
    if result.modified_count or await ctx.db["outbox"].find_one({"_id": job["_id"], "lease_owner": owner}, {"_id": 1}):
        return owner
    return None


async def renew(ctx: Context, job_id: str, owner: str, until: datetime) -> bool:
    """False: the lease is another one's now."""
    result = await ctx.db["outbox"].update_one(
        {"_id": job_id, "status": "leased", "lease_owner": owner}, {"$set": {"lease_expires_at": until}}
    )
    return bool(result.matched_count)


async def finish(ctx: Context, job_id: str, owner: str, changes: Document) -> bool:
    """Leave the lease with a new status. False: the lease was another one's by then."""
    result = await ctx.db["outbox"].update_one(
        {"_id": job_id, "status": "leased", "lease_owner": owner},
        {"$set": {"lease_owner": None, "lease_expires_at": None, **changes}},
    )
    return bool(result.matched_count)


async def give_back(ctx: Context, job_id: str, owner: str, now: datetime) -> None:
    """A job that was claimed and not begun, when the process stops."""
    await ctx.db["outbox"].update_one(
        {"_id": job_id, "status": "leased", "lease_owner": owner},
        {
            "$set": {"status": "pending", "lease_owner": None, "lease_expires_at": None, "next_attempt_at": now},
            "$inc": {"attempts": -1},
        },
    )


async def revive(ctx: Context, job_id: str, now: datetime, *, ended: str = "dead") -> bool:
    """A job that ended (`dead` or `done`) begins again. False: it did not end so."""
    fresh = {"status": "pending", "attempts": 0, "next_attempt_at": now, "lease_owner": None, "last_error": None}
    result = await ctx.db["outbox"].update_one({"_id": job_id, "status": ended}, {"$set": fresh})
    return bool(result.modified_count)


async def figures(ctx: Context) -> list[Document]:
    """Open and dead jobs: `{kind, status, count, oldest}`."""
    found = await ctx.db["outbox"].aggregate(
        [
            {"$match": {"status": {"$in": ["pending", "leased", "dead"]}}},
            {
                "$group": {
                    "_id": {"kind": "$kind", "status": "$status"},
                    "count": {"$sum": 1},
                    "oldest": {"$min": "$created_at"},
                }
            },
        ]
    )
    rows = await found.to_list()
    return [{**row["_id"], "count": row["count"], "oldest": row["oldest"]} for row in rows]


async def finished_before(ctx: Context, status: str, since: datetime, before: datetime, limit: int) -> list[str]:
    """Ids of done or dead jobs that ended in `[since, before)`."""
    where = {"status": status, "next_attempt_at": {"$gte": since, "$lt": before}}
    rows = await ctx.db["outbox"].find(where, {"_id": 1}).limit(limit).to_list()
    return [row["_id"] for row in rows]


async def delete_many(ctx: Context, ids: list[str]) -> None:
    await ctx.db["outbox"].delete_many({"_id": {"$in": ids}})
