"""Bases of the shapes on the wire."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class StrictModel(BaseModel):
    """A body that people or scripts send: an unknown field is a mistake (422), never silently dropped."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=(), str_strip_whitespace=False)


class ReplyModel(BaseModel):
    """A reply; made from stored documents, whose further fields are left out."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())
