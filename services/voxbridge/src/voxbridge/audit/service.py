"""Writing the audit log. An entry that cannot be written is logged and undoes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from pymongo.errors import PyMongoError
from voxkit.http import request_id
from voxkit.log import get_logger

from voxbridge.actors import Actor
from voxbridge.audit import store
from voxbridge.context import Context
from voxbridge.ids import new_id
from voxbridge.network import client_address

log = get_logger("voxbridge.audit")


async def record(
    ctx: Context,
    request: Request,
    actor: Actor,
    action: str,
    *,
    entity: tuple[str, str],
    changes: Mapping[str, tuple[Any, Any]],
) -> None:
    """One entry, after the deed. `entity`: (type, id); `changes`: field -> (old, new), secrets as `"changed"`."""
    entry = {
        "_id": new_id(),
        "at": ctx.clock(),
        "actor_type": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name or actor.email,
        "action": action,
        "entity_type": entity[0],
        "entity_id": entity[1],
        "ip": client_address(request, ctx),
        "request_id": request_id.get(),
        "changes": {field: list(values) for field, values in changes.items()},
    }
    try:
        await store.insert(ctx.db, entry)
    except PyMongoError as error:
        log.error("audit.not_written", action=action, actor_id=actor.id, error=type(error).__name__)
