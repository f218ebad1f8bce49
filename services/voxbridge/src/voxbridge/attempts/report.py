"""The attempts of a campaign as rows of a report. Pure functions; times are written in the campaign's zone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Document = dict[str, Any]
COLUMNS = (
    "campaign_id", "campaign_name", "run_number", "campaign_call_id", "attempt_no", "kind", "callback_sequence",
    "phone_number", "from_number", "carrier", "dialled_at", "answered_at", "ended_at", "ring_seconds", "talk_seconds",
    "contact_status", "sip_status", "amd_decision", "disconnected_by", "system_disposition", "business_disposition",
    "callback_requested", "callback_scheduled_at", "session_id", "recording_url",
)  # fmt: skip
PHONES = ("phone_number", "from_number")
VARIABLE = "var_"
MAX_VARIABLES = 1_000


@dataclass(frozen=True)
class Around:
    """What the rows of a page need beside their attempts, by id; what is gone is missing."""

    contacts: Mapping[str, Document]
    calls: Mapping[str, Document]
    carriers: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """`variables`: the names of the contacts' variables, in the order of their columns."""

    campaign_id: str
    campaign_name: str
    zone: ZoneInfo
    variables: Sequence[str]

    @property
    def columns(self) -> list[str]:
        return [*COLUMNS, *(f"{VARIABLE}{name}" for name in self.variables)]

    def rows(self, attempts: Iterable[Document], around: Around) -> list[list[Any]]:
        return [self._row(attempt, around) for attempt in attempts]

    def _row(self, attempt: Document, around: Around) -> list[Any]:
        contact = around.contacts.get(attempt["campaign_call_id"], {})
        found: Document = {
            **attempt,
            "campaign_id": self.campaign_id,
            "campaign_name": self.campaign_name,
            "carrier": around.carriers.get(attempt.get("carrier_id") or "", attempt.get("carrier_id")),
            "contact_status": contact.get("status"),
            "amd_decision": (attempt.get("amd") or {}).get("decision"),
            "callback_requested": bool(attempt.get("callback_requested")),
            "recording_url": around.calls.get(attempt["session_id"], {}).get("recording_url"),
        }
        cells = [self._told(found.get(name)) for name in COLUMNS]
        variables = contact.get("variables") or {}
        return cells + [variables.get(name) for name in self.variables]

    def _told(self, value: Any) -> Any:
        if isinstance(value, datetime):
            return value.astimezone(self.zone).isoformat(timespec="milliseconds")
        return value
