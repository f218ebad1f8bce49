"""Shapes of the do-not-call list on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints
from voxkit.contracts.base import UtcTime

from voxbridge.contacts.models import RowError
from voxbridge.models import ReplyModel, StrictModel

Source = Literal["manual", "upload", "api", "call"]
Reason = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
PhoneNumbers = Annotated[
    list[Annotated[str, StringConstraints(max_length=64)]],
    Field(min_length=1, max_length=1_000, description="As people write them; separators are dropped."),
]


class DncEntry(ReplyModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "phone_number": "+4930123456", "reason": "asked in a call", "source": "call", "added_by": "service",
            "session_id": "3f6b1c1e-7a55-4c1f-9d0b-0d6f2b7f3a10", "expires_at": None,
            "created_at": "2026-06-05T10:15:00.000Z",
        }]}
    )  # fmt: skip

    phone_number: str
    reason: str
    source: Source
    added_by: str
    session_id: str | None = None
    expires_at: UtcTime | None = None
    created_at: UtcTime

    @classmethod
    def of(cls, document: dict[str, Any]) -> DncEntry:
        return cls.model_validate(document)


class DncAdd(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phone_numbers": ["+49 30 123456"], "reason": "asked by letter"}]}
    )

    phone_numbers: PhoneNumbers
    reason: Reason = ""
    expires_at: UtcTime | None = Field(
        default=None, description="From then on the number may be called again; null: never."
    )


class DncAdded(ReplyModel):
    """Every number counts once; a number that is sent twice is `existing` the second time."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"added": 1, "existing": 0, "invalid": 0}]})

    added: int
    existing: int = Field(description="Stood on the list; its end is moved back where this one is later.")
    invalid: int


class DncUploadReport(ReplyModel):
    """Every data row counts once: total_rows = added + existing + invalid + over_limit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "total_rows": 3, "added": 1, "existing": 1, "invalid": 1, "over_limit": 0,
            "sample_errors": [{"row": 4, "phone_number": "12", "reason": "needs 8 to 15 digits"}],
        }]}
    )  # fmt: skip

    total_rows: int
    added: int
    existing: int
    invalid: int
    over_limit: int
    sample_errors: list[RowError]
