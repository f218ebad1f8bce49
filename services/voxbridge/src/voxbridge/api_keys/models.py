"""Shapes of API keys on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator
from voxkit.contracts.base import BotId, UtcTime

from voxbridge.models import ReplyModel, StrictModel
from voxbridge.users.models import Name

Status = Literal["active", "inactive", "expired"]
BotIds = Annotated[list[BotId], Field(max_length=500, description="The bots it opens; empty: all.")]


def status_of(key: dict[str, Any], now: datetime) -> Status:
    """`inactive` before `expired` before `active`; an expiry that is no date counts as passed."""
    if not key.get("is_active"):
        return "inactive"
    expires = key.get("expires_at")
    if expires is not None and (not isinstance(expires, datetime) or expires <= now):
        return "expired"
    return "active"


class ApiKey(ReplyModel):
    """A key without its secret."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "key_id": "7d444840c0a946f1b2fd2b3bd0d2f4bb", "name": "CRM", "key_prefix": "vx_Ab3d", "bot_ids": [],
            "is_active": True, "status": "active", "expires_at": None, "last_used_at": None,
            "created_by": "0f8fad5bd9cb469fa16570867728950e", "created_at": "2026-06-01T08:00:00.000Z",
            "updated_at": "2026-06-01T08:00:00.000Z",
        }]}
    )  # fmt: skip

    key_id: str
    name: str
    key_prefix: str
    bot_ids: list[str]
    is_active: bool
    status: Status
    expires_at: UtcTime | None = None
    last_used_at: UtcTime | None = None
    created_by: str | None = None
    created_at: UtcTime
    updated_at: UtcTime

    @classmethod
    def of(cls, document: dict[str, Any], now: datetime, **more: Any) -> ApiKey:
        expires = document.get("expires_at")
        shown = {**document, "expires_at": expires if isinstance(expires, datetime) else None}
        return cls.model_validate({**shown, "key_id": document["_id"], "status": status_of(document, now), **more})


class CreatedApiKey(ApiKey):
    api_key: str = Field(description="The key itself; it is shown this once.", examples=["vx_Ab3dEf…"])


class NewApiKey(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "CRM", "bot_ids": []}]})

    name: Name
    expires_at: UtcTime | None = None
    bot_ids: BotIds = Field(default_factory=list)


class ApiKeyChanges(StrictModel):
    """Absent fields stay; `expires_at: null` means that it never expires."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"is_active": False}]})

    name: Name | None = None
    is_active: bool | None = None
    expires_at: UtcTime | None = None
    bot_ids: BotIds | None = None

    @model_validator(mode="after")
    def _only_the_expiry_may_be_null(self) -> ApiKeyChanges:
        for name in self.model_fields_set - {"expires_at"}:
            if getattr(self, name) is None:
                raise ValueError(f"{name} must not be null; leave it out to keep it")
        return self
