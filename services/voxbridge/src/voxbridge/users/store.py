"""Collection `users`: `_id` = user_id; `email` lower case and unique."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo import IndexModel
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import DuplicateKeyError
from voxkit.errors import Conflict

Document = dict[str, Any]
Database = AsyncDatabase[Document]
INDEXES = [("users", IndexModel([("email", 1)], name="email", unique=True))]


class EmailTaken(Conflict):
    """Another user has this email address."""

    code = "email_taken"


def collection(db: Database) -> AsyncCollection[Document]:
    return db["users"]


async def by_email(db: Database, email: str) -> Document | None:
    return await collection(db).find_one({"email": email.strip().lower()})


async def by_id(db: Database, user_id: str) -> Document | None:
    return await collection(db).find_one({"_id": user_id})


async def insert(db: Database, user: Document) -> None:
    """Raises: EmailTaken."""
    try:
        await collection(db).insert_one(user)
    except DuplicateKeyError:
        raise EmailTaken from None


async def is_empty(db: Database) -> bool:
    return await collection(db).find_one({}, {"_id": 1}) is None


async def swap(db: Database, seen: Document, changes: Mapping[str, Any]) -> bool:
    """Change a user who is still as `seen`; False when somebody was faster. Raises: EmailTaken."""
    same = {key: seen[key] for key in ("_id", "email", "role", "is_active", "tokens_valid_from")}
    try:
        done = await collection(db).update_one(same, {"$set": dict(changes)})
    except DuplicateKeyError:
        raise EmailTaken from None
    return done.matched_count == 1


async def note_login(db: Database, user_id: str, at: Any) -> None:
    await collection(db).update_one({"_id": user_id}, {"$set": {"last_login_at": at}})


async def delete(db: Database, seen: Document) -> bool:
    same = {key: seen[key] for key in ("_id", "role", "is_active")}
    return (await collection(db).delete_one(same)).deleted_count == 1


async def other_super_admin(db: Database, user_id: str) -> bool:
    """Whether an active super_admin besides this user exists."""
    found = await collection(db).find_one(
        {"role": "super_admin", "is_active": True, "_id": {"$ne": user_id}}, {"_id": 1}
    )
    return found is not None


async def restore(db: Database, user: Document) -> None:
    """Put a user back as it was."""
    await collection(db).replace_one({"_id": user["_id"]}, user, upsert=True)
