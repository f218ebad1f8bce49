"""Bases of the shapes on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from voxbridge.plain import check_plain


class StrictModel(BaseModel):
    """A body that people or scripts send: an unknown field is a mistake (422), never silently dropped."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), str_strip_whitespace=False)

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        check_plain(value)
        return value


class ReplyModel(BaseModel):
    """A reply; made from stored documents, whose further fields are left out."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
