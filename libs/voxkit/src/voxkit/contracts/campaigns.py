"""What voxbridge and voxdialler both read of a campaign: its states, those of its contacts, and its configuration."""

from typing import Annotated, Any, Literal, Self, get_args

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from voxkit.contracts.base import WireModel
from voxkit.zones import zone_of

CampaignStatus = Literal["draft", "running", "paused", "completed", "failed"]
CompletionReason = Literal["all_contacts_done", "manual_stop", "window_closed", "bot_missing", "no_numbers"]

WaitingState = Literal["pending", "retry_scheduled", "callback_scheduled"]
ActiveState = Literal["leased", "dialling", "ringing", "amd_screening", "attaching", "in_progress", "_processing"]
TerminalState = Literal[
    "completed", "exhausted", "abandoned", "amd_machine", "window_closed", "manual_stopped", "excluded"
]
ContactState = Literal[WaitingState, ActiveState, TerminalState]
WAITING: tuple[str, ...] = get_args(WaitingState)
ACTIVE: tuple[str, ...] = get_args(ActiveState)
TERMINAL: tuple[str, ...] = get_args(TerminalState)
HELD: tuple[str, ...] = ("leased", "dialling", "ringing", "amd_screening", "attaching")
"""A task of the dialler works on the contact."""
BUSY: tuple[str, ...] = ("amd_screening", "attaching", "in_progress")
"""Answered: has a seat, or needs one."""
FREED: tuple[str, ...] = (
    "lease_id", "lease_owner", "leased_at", "lease_expires_at", "leased_from", "current_attempt_id",
    "current_session_id", "current_carrier_id", "current_from_number",
)  # fmt: skip
"""Fields of a contact that become null when it leaves the active states."""

AttemptKind = Literal["initial", "retry", "callback"]
AttemptOutcome = Literal[
    "bot", "customer", "voicemail", "RNR", "outside_hours", "timeout", "error", "no_answer", "rejected",
    "transfer_to_agent", "invalid_number", "amd_machine", "abandoned", "excluded", "not_placed",
]  # fmt: skip
"""`not_placed` counts nowhere; the others are ends of an attempt, most of them the `disconnected_by` of its result."""

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = get_args(Day)
RetryableOutcome = Literal[
    "no_answer", "rejected", "RNR", "error", "timeout", "voicemail", "outside_hours", "abandoned", "amd_machine"
]
MAX_CALLBACK_RESCHEDULES = 5


def _known_zone(name: str) -> str:
    if zone_of(name) is None:
        raise ValueError(f"{name!r} is not a time zone; give an IANA name such as Europe/Berlin")
    return name


ZoneName = Annotated[str, AfterValidator(_known_zone)]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""`HH:MM` by the wall clock of some zone."""


class _Block(WireModel):
    model_config = ConfigDict(extra="forbid")


class TimeWindow(_Block):
    """When a campaign may dial. `start > end` runs over midnight and belongs to the day it began; equal: all day."""

    start: ClockTime = "09:00"
    end: ClockTime = "18:00"
    timezone: ZoneName = "UTC"
    days: list[Day] = Field(default=list(DAYS), min_length=1, max_length=7)
    use_callee_timezone: bool = False


class RedialRules(_Block):
    """When a contact is dialled again. Callbacks do not count as attempts."""

    max_attempts: int = Field(default=3, ge=1, le=10)
    retry_delay_minutes: int = Field(default=30, ge=1, le=10_080)
    retry_on_system: list[RetryableOutcome] = Field(default=["no_answer", "rejected", "RNR", "error", "timeout"])
    retry_on_custom: list[Annotated[str, StringConstraints(min_length=1, max_length=120)]] = Field(
        default=[], max_length=50, description="Dispositions, case ignored."
    )


class CallbackDetection(_Block):
    """The campaign's gate of callbacks; the bot has another one."""

    enabled: bool = False


class AmdSwitch(_Block):
    """Screening for answering machines; null = the deployment's setting."""

    enabled: bool | None = None


def _mode(value: Any) -> Any:
    return "multi_day" if value == "continuous" else value


class CampaignConfig(_Block):
    """How a campaign dials."""

    concurrency_limit: int = Field(default=50, ge=1, le=5_000, description="Simultaneous conversations.")
    pacing_mode: Literal["reserved", "predictive"] = "reserved"
    campaign_mode: Annotated[Literal["single_day", "multi_day"], BeforeValidator(_mode)] = "single_day"
    time_window: TimeWindow = Field(default_factory=TimeWindow)
    redial_rules: RedialRules = Field(default_factory=RedialRules)
    callback_detection: CallbackDetection = Field(default_factory=CallbackDetection)
    amd: AmdSwitch = Field(default_factory=AmdSwitch)
    always_on: bool = Field(default=False, description="Never completes by itself.")

    @model_validator(mode="after")
    def _needs_multi_day(self) -> Self:
        if self.campaign_mode == "single_day":
            if self.time_window.use_callee_timezone:
                raise ValueError("use_callee_timezone needs campaign_mode multi_day")
            if self.always_on:
                raise ValueError("always_on needs campaign_mode multi_day")
        return self
