"""Writing the audit log. An entry that cannot be written is logged and undoes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError
from voxkit.http import request_id
from voxkit.log import get_logger

from voxbridge.actors import Actor
from voxbridge.audit import store
from voxbridge.context import Context
from voxbridge.ids import new_id

log = get_logger("voxbridge.audit")


@dataclass(frozen=True)
class Author:
    """Who did it, and the address that the request came from."""

    actor: Actor
    ip: str


async def record(
    ctx: Context,
    author: Author,
    action: str,
    *,
    entity: tuple[str, str],
    changes: Mapping[str, tuple[Any, Any]],
) -> None:
    """One entry, after the deed. `entity`: (type, id); `changes`: field -> (old, new), secrets as `"changed"`."""
    entry = {
        "_id": new_id(),
        "at": ctx.clock(),
        "actor_type": author.actor.kind,
        "actor_id": author.actor.id,
        "actor_name": author.actor.name or author.actor.email,
        "action": action,
        "entity_type": entity[0],
        "entity_id": entity[1],
        "ip": author.ip,
        "request_id": request_id.get(),
        "changes": {field: list(values) for field, values in changes.items()},
    }
    try:
        await store.insert(ctx.db, entry)
    except PyMongoError as error:
        log.error("audit.not_written", action=action, actor_id=author.actor.id, error=type(error).__name__)
