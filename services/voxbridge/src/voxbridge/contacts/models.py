"""Shapes of contacts on the wire."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field

from voxbridge.models import ReplyModel


class RowError(ReplyModel):
    """`row` counts as a spreadsheet does: the header is row 1."""

    row: int
    phone_number: str
    reason: str


class UploadReport(ReplyModel):
    """Every data row counts once: total_rows = inserted + suppressed + invalid + duplicates + over_limit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "total_rows": 5, "inserted": 2, "invalid": 1, "duplicates": 1, "suppressed": 1, "over_limit": 0,
            "columns": ["phone_number", "name"], "ignored_columns": ["_internal"], "encoding": "utf-8",
            "delimiter": ",",
            "sample_errors": [{"row": 4, "phone_number": "12", "reason": "needs 8 to 15 digits"}],
        }]}
    )  # fmt: skip

    total_rows: int
    inserted: int = Field(description="Contacts that will be called.")
    invalid: int
    duplicates: int
    suppressed: int = Field(description="Stored as `excluded`: on the do-not-call list or excluded before.")
    over_limit: int
    columns: list[str]
    ignored_columns: list[str]
    encoding: str
    delimiter: str
    sample_errors: list[RowError]

    @classmethod
    def counts(cls, document: dict[str, Any]) -> dict[str, Any]:
        """What the campaign keeps of it."""
        return {name: value for name, value in document.items() if name != "sample_errors"}
