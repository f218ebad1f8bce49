"""Audit entries on the wire."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field
from voxkit.contracts.base import UtcTime

from voxbridge.models import ReplyModel


class AuditEntry(ReplyModel):
    """`changes`: field -> [old, new]."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "audit_id": "0" * 32, "at": "2026-06-05T10:15:00.000Z", "actor_type": "user", "actor_id": "1" * 32,
                    "actor_name": "Ana", "action": "fleet.drain", "entity_type": "fleet", "entity_id": "host:fleet1",
                    "ip": "203.0.113.9", "request_id": "a1b2c3d4", "changes": {"drain": [None, "new image"]},
                }
            ]
        }
    )  # fmt: skip
    audit_id: str = Field(validation_alias="_id")
    at: UtcTime
    actor_type: Literal["user", "api_key", "service", "system"]
    actor_id: str
    actor_name: str
    action: str
    entity_type: str
    entity_id: str
    ip: str
    request_id: str
    changes: dict[str, list[Any]]
