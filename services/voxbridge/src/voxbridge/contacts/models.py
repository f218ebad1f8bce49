"""Shapes of contacts on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from voxkit.contracts.base import UtcTime
from voxkit.contracts.campaigns import ContactState
from voxkit.templates import to_text

from voxbridge.contacts.sheet import MAX_CELL, MAX_COLUMNS
from voxbridge.models import ReplyModel, StrictModel

Written = Annotated[str, StringConstraints(max_length=64)]
Reason = Annotated[str, StringConstraints(max_length=300, strip_whitespace=True)]
Variable = str | int | float | bool | None


def _variables(given: dict[str, Variable]) -> dict[str, str]:
    """As a row of a file would have them: text, no empty ones. Raises: ValueError."""
    if len(given) > MAX_COLUMNS:
        raise ValueError(f"at most {MAX_COLUMNS} variables")
    texts = {name.strip(): to_text(value) for name, value in given.items()}
    for name, text in texts.items():
        if not name or name.startswith("_") or len(name) > 200:
            raise ValueError("the name of a variable has 1 to 200 characters and does not begin with _")
        if len(text) > MAX_CELL:
            raise ValueError(f"a variable has at most {MAX_CELL} characters")
    return {name: text for name, text in texts.items() if text.strip()}


class NewContact(StrictModel):
    phone_number: Written
    variables: Annotated[dict[str, Variable], AfterValidator(_variables)] | None = Field(
        default=None, description="Stored as text; null leaves those of a contact that is queued again as they are."
    )


class NewContacts(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "contacts": [{"phone_number": "+49 30 123456", "variables": {"name": "Ana"}}], "on_duplicate": "skip",
        }]}
    )  # fmt: skip

    contacts: list[NewContact] = Field(min_length=1, max_length=1_000)
    on_duplicate: Literal["skip", "requeue"] = Field(
        default="skip", description="`requeue`: a contact that is done with, and not excluded, is called again."
    )


class NumberError(ReplyModel):
    """`row`: its place in the list that was sent, from 1."""

    row: int
    phone_number: str
    reason: str


class ContactsAdded(ReplyModel):
    """Every contact counts once."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "added": 1, "requeued": 0, "duplicates": 0, "invalid": 0, "suppressed": 0, "errors": [],
        }]}
    )  # fmt: skip

    added: int
    requeued: int
    duplicates: int
    invalid: int
    suppressed: int = Field(description="On the do-not-call list or excluded: stored as `excluded`, never called.")
    errors: list[NumberError]


class Exclude(StrictModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"phone_numbers": ["+49 30 123456"], "reason": "paid already"}]}
    )

    phone_numbers: list[Written] = Field(min_length=1, max_length=1_000)
    reason: Reason = ""


class Excluded(ReplyModel):
    """Every number counts once; all valid ones are on the list from now on, whether they have a contact or not."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "excluded": 1, "in_flight": 0, "already_terminal": 0, "not_found": 0, "invalid": 0,
        }]}
    )  # fmt: skip

    excluded: int = Field(description="Contacts that waited.")
    in_flight: int = Field(description="Being called now; not called again.")
    already_terminal: int
    not_found: int = Field(description="No contact has this number; one that is added later is not called.")
    invalid: int


class Exclusion(ReplyModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "phone_number": "+4930123456", "reason": "paid already", "by": "0f8fad5bd9cb469fa16570867728950e",
            "at": "2026-06-05T10:15:00.000Z",
        }]}
    )  # fmt: skip

    phone_number: str
    reason: str
    by: str
    at: UtcTime


class Contact(ReplyModel):
    """A contact of a campaign and how far it is."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{
            "campaign_call_id": "5f1d7a84db00d2fce00b31a7fc73224f", "row_no": 2, "phone_number": "+4930123456",
            "variables": {"name": "Ana"}, "status": "retry_scheduled", "status_changed_at": "2026-06-05T10:15:00.000Z",
            "run_number": 1, "attempt_count": 1, "next_retry_at": "2026-06-05T10:45:00.000Z", "source": "csv",
            "last_outcome": "no_answer", "last_attempt_at": "2026-06-05T10:14:20.000Z",
            "created_at": "2026-06-05T09:00:00.000Z", "updated_at": "2026-06-05T10:15:00.000Z",
        }]}
    )  # fmt: skip

    campaign_call_id: str
    row_no: int
    phone_number: str
    variables: dict[str, str]
    status: ContactState
    status_changed_at: UtcTime
    run_number: int
    attempt_count: int
    next_retry_at: UtcTime | None = None
    callback: dict[str, Any] | None = None
    connected_once: bool = False
    last_outcome: str | None = None
    last_disposition: str | None = None
    last_session_id: str | None = None
    last_attempt_at: UtcTime | None = None
    exclude_requested: bool = False
    current_session_id: str | None = None
    source: Literal["csv", "api"]
    created_at: UtcTime
    updated_at: UtcTime

    @classmethod
    def of(cls, document: dict[str, Any]) -> Contact:
        known = {name: value for name, value in document.items() if value is not None}
        return cls.model_validate({**known, "campaign_call_id": document["_id"]})


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
