"""What a call came to, where no model has to be asked: one table, and when the analysis is skipped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from voxkit.contracts.runtime_config import AutoDisposition

SHORT_S = 5.0
NO_CONVERSATION = frozenset({"no_answer", "rejected", "outside_hours"})


@dataclass(frozen=True)
class CallFacts:
    """What the rules look at. `spoke`: at least one non-empty customer transcript."""

    disconnected_by: str
    spoke: bool
    duration_s: float

    @property
    def short(self) -> bool:
        return self.duration_s < SHORT_S


@dataclass(frozen=True)
class Row:
    """One automatic disposition; `key` is its name in `auto_dispositions`."""

    key: str
    fits: Callable[[CallFacts], bool]
    disposition: str
    sub_disposition: str
    remarks: str


def _silent(cause: str) -> Callable[[CallFacts], bool]:
    return lambda call: call.disconnected_by == cause and not call.spoke


# The first row that fits is taken.
ROWS = (
    Row("error", lambda call: call.disconnected_by == "error",
        "Failed", "fallback", "A system error ended the call"),
    Row("voicemail", lambda call: call.disconnected_by == "voicemail",
        "IVR", "MAIN_MESSAGE", "An answering machine or automated system picked up"),
    Row("rnr", _silent("RNR"), "RNR", "RNR", "Picked up but said nothing"),
    Row("timeout", _silent("timeout"), "Not Connected", "DSCN_PARTIAL", "The call reached its longest duration"),
    Row("no_customer_message", lambda call: not call.spoke, "RNR", "RNR", "Picked up but said nothing"),
    Row("short_call", lambda call: call.short, "Connected", "SHORT_CALL", "The customer left within seconds"),
)  # fmt: skip


def automatic_disposition(
    call: CallFacts, overrides: Mapping[str, AutoDisposition] | None = None
) -> dict[str, str] | None:
    """The automatic `post_call_analysis` of a call, None where no row fits or there was no conversation at all.

    An override needs only `DISPOSITION`; what it leaves out comes from the table.
    """
    if call.disconnected_by in NO_CONVERSATION:
        return None
    row = next((row for row in ROWS if row.fits(call)), None)
    if row is None:
        return None
    table = {
        "DISPOSITION": row.disposition,
        "SUB_DISPOSITION": row.sub_disposition,
        "CALLING_REMARKS": row.remarks,
    }
    override = (overrides or {}).get(row.key)
    return table | (override.model_dump(exclude_none=True) if override else {})


def may_be_analysed(call: CallFacts) -> bool:
    """Whether a model is asked about the call, provided that there is a prompt."""
    return (
        call.disconnected_by not in NO_CONVERSATION
        and call.disconnected_by not in ("error", "voicemail")
        and call.spoke
        and not call.short
    )
