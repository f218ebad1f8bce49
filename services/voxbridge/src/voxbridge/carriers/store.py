"""Carriers and the claims on their numbers in MongoDB, and what else points to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from voxbridge import bulk
from voxbridge.context import Context

Document = dict[str, Any]
INDEXES = [
    ("carriers", IndexModel([("name", ASCENDING)], name="name", unique=True)),
    ("carriers", IndexModel([("dids.phone_key", ASCENDING)], name="dids_phone_key")),
    ("carriers", IndexModel([("lk_inbound_trunk_id", ASCENDING)], name="lk_inbound_trunk_id")),
]
UNFINISHED = timedelta(minutes=2)  # longer than a write of a carrier takes: an unused claim of then was left by a crash


async def find(ctx: Context, carrier_id: str) -> Document | None:
    return await ctx.db["carriers"].find_one({"_id": carrier_id})


async def by_number(ctx: Context, key: str) -> Document | None:
    """The carrier that has a number."""
    return await ctx.db["carriers"].find_one({"dids.phone_key": key})


async def everything(ctx: Context) -> AsyncIterator[Document]:
    async for carrier in ctx.db["carriers"].find({}):
        yield carrier


async def insert(ctx: Context, carrier: Document) -> bool:
    """False: the name, or the id, is taken."""
    try:
        await ctx.db["carriers"].insert_one(carrier)
    except DuplicateKeyError:
        return await _is_ours(ctx, carrier["_id"], carrier["write_id"])
    return True


async def update(ctx: Context, carrier: Document, changes: Document) -> bool:
    """Compare-and-set on the revision. False: somebody was faster. Raises: DuplicateKeyError: the name is taken."""
    where = {"_id": carrier["_id"], "revision": carrier["revision"]}
    result = await ctx.db["carriers"].update_one(where, {"$set": {**changes, "revision": carrier["revision"] + 1}})
    return bool(result.matched_count) or await _is_ours(ctx, carrier["_id"], changes["write_id"])


async def delete(ctx: Context, carrier_id: str) -> None:
    await ctx.db["carriers"].delete_one({"_id": carrier_id})


async def _is_ours(ctx: Context, carrier_id: str, write_id: str) -> bool:
    """The driver repeats a write whose answer was lost: then what is found there is ours."""
    return await ctx.db["carriers"].find_one({"_id": carrier_id, "write_id": write_id}, {"_id": 1}) is not None


async def claim(ctx: Context, key: str, carrier_id: str, write_id: str, now: datetime) -> str | None:
    """Take a number for one write of a carrier. Returns: the id of the carrier that has it, None: it is ours now.

    Of several writes of one carrier the last one to ask holds the claim.
    """
    ours = {"carrier_id": carrier_id, "write_id": write_id, "at": now}
    try:
        await ctx.db["number_claims"].insert_one({"_id": key, **ours})
        return None
    except DuplicateKeyError:
        held = await ctx.db["number_claims"].find_one({"_id": key})
    if held is None:  # given back this moment
        return await claim(ctx, key, carrier_id, write_id, now)
    if held["carrier_id"] == carrier_id:
        await ctx.db["number_claims"].update_one({"_id": key, "carrier_id": carrier_id}, {"$set": ours})
        return None
    if held["at"] > now - UNFINISHED or await has_number(ctx, held["carrier_id"], key):
        return str(held["carrier_id"])
    taken = await ctx.db["number_claims"].update_one({"_id": key, "at": held["at"]}, {"$set": ours})
    return None if taken.matched_count else str(held["carrier_id"])


async def has_number(ctx: Context, carrier_id: str, key: str) -> bool:
    carrier = await ctx.db["carriers"].find_one({"_id": carrier_id}, {"dids.phone_key": 1})
    return any(did["phone_key"] == key for did in (carrier or {}).get("dids") or [])


async def keep(ctx: Context, keys: Collection[str], carrier_id: str, write_id: str, now: datetime) -> None:
    """The carrier was written with these numbers: claims that a failed write beside it gave back are made again."""
    for key in keys:
        await claim(ctx, key, carrier_id, write_id, now)


async def give_up(ctx: Context, keys: Collection[str], carrier_id: str, write_id: str) -> None:
    """This write failed: its claims go, but not those of numbers that another write of the carrier has saved."""
    for key in keys:
        if not await has_number(ctx, carrier_id, key):
            await ctx.db["number_claims"].delete_one({"_id": key, "carrier_id": carrier_id, "write_id": write_id})


async def release(ctx: Context, keys: Collection[str], carrier_id: str) -> None:
    """Give numbers back; one that another carrier has taken meanwhile stays its own."""
    for key in keys:
        await ctx.db["number_claims"].delete_one({"_id": key, "carrier_id": carrier_id})


async def busy_campaigns(ctx: Context) -> list[Document]:
    """Running and paused campaigns: name and numbers."""
    where = {"status": {"$in": ["running", "paused"]}}
    return await ctx.db["campaigns"].find(where, {"name": 1, "number_pool": 1}).to_list()


async def bots_known(ctx: Context, bot_ids: Collection[str]) -> set[str]:
    rows = await ctx.db["bots"].find({"_id": {"$in": sorted(bot_ids)}}, {"_id": 1}).to_list()
    return {row["_id"] for row in rows}


async def breakers(ctx: Context, carrier_ids: Sequence[str]) -> dict[str, Document]:
    """By carrier, what voxdialler keeps about it."""
    keys = [f"carrier:{carrier_id}" for carrier_id in carrier_ids]
    rows = await ctx.db["breakers"].find({"_id": {"$in": keys}}, {"evidence": 0}).to_list()
    return {row["_id"].partition(":")[2]: row for row in rows}


async def last_used(ctx: Context, keys: Sequence[str]) -> dict[str, datetime]:
    """When a call was placed from each number; those never used are left out."""
    found: dict[str, datetime] = {}
    for part in bulk.parts(keys):
        rows = ctx.db["number_usage"].find({"_id": {"$in": part}})
        found |= {row["_id"]: row["last_used_at"] async for row in rows if row.get("last_used_at")}
    return found


async def used(ctx: Context, key: str, at: datetime) -> None:
    """A call was placed from this number. Never moves backwards."""
    await ctx.db["number_usage"].update_one({"_id": key}, {"$max": {"last_used_at": at}}, upsert=True)
