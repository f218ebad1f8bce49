"""Campaigns on the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator
from voxkit.contracts.base import UtcTime
from voxkit.contracts.campaigns import CampaignConfig, CampaignStatus, CompletionReason

from voxbridge.campaigns.partial import partial, without_default
from voxbridge.models import ReplyModel, StrictModel

MAX_NUMBERS = 500
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
BotRef = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Number = Annotated[str, StringConstraints(min_length=1, max_length=32)]
ConfigUrl = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$", max_length=500)]
ConfigPatch = partial(CampaignConfig)
Scope = Literal["all", "unfinished"]
_NUMBERS: Any = Field(
    max_length=MAX_NUMBERS, description="Numbers of ours that calls come from.", examples=[["+15550199"]]
)


class _Fields(StrictModel):
    @field_validator("number_pool", check_fields=False)
    @classmethod
    def _once(cls, value: list[str] | None) -> list[str] | None:
        return value and list(dict.fromkeys(value))


class CampaignCreate(_Fields):
    """A new draft. What `config` leaves out has its default; the window's time zone is the display zone."""

    model_config = ConfigDict(json_schema_extra={"examples": [{
        "name": "Autumn reminders", "bot_id": "demo", "number_pool": ["+15550199"],
        "config": {"concurrency_limit": 10, "time_window": {"start": "09:00", "end": "18:00", "timezone": "UTC"}},
    }]})  # fmt: skip
    name: Name
    bot_id: BotRef
    number_pool: list[Number] = _NUMBERS
    config: ConfigPatch | None = None  # pyright: ignore[reportInvalidTypeForm] - made by partial()
    config_url: ConfigUrl | None = Field(
        default=None, description="Where workers fetch the configuration; absent: here."
    )


class CampaignUpdate(_Fields):
    """Fields present are replaced, absent ones stay; in `config` that holds for every field of every block."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"config": {"redial_rules": {"max_attempts": 2}}}]})
    name: Name = Field(default="", json_schema_extra=without_default)
    bot_id: BotRef = Field(default="", json_schema_extra=without_default)
    number_pool: list[Number] = Field(default=[], max_length=MAX_NUMBERS, json_schema_extra=without_default)
    config: ConfigPatch = Field(default_factory=ConfigPatch)  # pyright: ignore[reportInvalidTypeForm] - as above
    config_url: ConfigUrl = Field(default="", json_schema_extra=without_default)


class RestartRequest(StrictModel):
    """`all`: every contact again; `unfinished`: those that are not `completed`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"scope": "unfinished"}]})
    scope: Scope = "all"


class Upload(ReplyModel):
    """The last file of contacts; `counts`: its report."""

    state: Literal["none", "loading", "ready", "failed"] = "none"
    at: UtcTime | None = None
    file_name: str | None = None
    counts: dict[str, Any] | None = None


class RunWindow(ReplyModel):
    """The one window in which a `single_day` run dials."""

    opens_at: UtcTime
    closes_at: UtcTime


class PreparedRun(ReplyModel):
    from_status: CampaignStatus
    scope: Scope


class CampaignStats(ReplyModel):
    """Counted from the contacts and attempts of the run. Rates are 0 to 1, null where nothing is to be divided by."""

    total_calls: int = 0
    pending: int = 0
    retry_scheduled: int = 0
    callback_pending: int = 0
    in_flight: int = 0
    completed: int = 0
    failed: int = Field(default=0, description="Contacts that are `exhausted`.")
    abandoned: int = 0
    machine_detected_count: int = 0
    window_closed: int = 0
    manual_stopped: int = 0
    excluded: int = 0
    attempted: int = Field(default=0, description="Contacts with an ended attempt.")
    answered: int = Field(default=0, description="Contacts where somebody, or a machine, took a call that has ended.")
    connected: int = Field(default=0, description="Contacts with a conversation.")
    attempts: int = Field(default=0, description="Ended attempts.")
    answered_attempts: int = 0
    processed: int = 0
    processed_share: float | None = None
    attempt_answer_rate: float | None = None
    connect_rate: float | None = None
    completion_rate: float | None = None
    abandon_rate: float | None = None
    counted_at: UtcTime | None = None


class PastRun(ReplyModel):
    run_number: int
    started_at: UtcTime | None
    completed_at: UtcTime | None
    completion_reason: CompletionReason | None
    stats: CampaignStats
    restarted_by: str
    restarted_at: UtcTime


class Activity(ReplyModel):
    """`by`: the id of a user or of an API key, or `system`."""

    action: str = Field(examples=["start"])
    by: str
    by_name: str = Field(default="", description="Whoever it was, as they were called then.", examples=["Ana"])
    at: UtcTime


LIVE = """Written by voxdialler while it works on the campaign, every 5 s at the latest. `state` is `dialler_away` when
there was no sign of it for 20 s while the campaign runs; the rest is what it wrote last."""


class CampaignSummary(ReplyModel):
    """A row of the list."""

    campaign_id: str
    name: str
    bot_id: str
    bot_name: str | None = Field(description="null: the bot is gone.")
    status: CampaignStatus
    completion_reason: CompletionReason | None
    run_number: int
    prepared_run: PreparedRun | None
    campaign_mode: Literal["single_day", "multi_day"]
    always_on: bool
    stats: CampaignStats
    live: dict[str, Any] | None = Field(description=LIVE)
    created_at: UtcTime
    started_at: UtcTime | None
    completed_at: UtcTime | None


class Campaign(ReplyModel):
    """A campaign as people see it. It documents the reply and never judges what is stored."""

    campaign_id: str
    name: str
    bot_id: str
    bot_name: str | None = Field(description="null: the bot is gone.")
    number_pool: list[str]
    config: CampaignConfig
    config_url: str
    status: CampaignStatus
    completion_reason: CompletionReason | None
    run_number: int
    restart_history: list[PastRun]
    prepared_run: PreparedRun | None
    run_window: RunWindow | None
    upload: Upload
    stats: CampaignStats
    live: dict[str, Any] | None = Field(description=LIVE)
    activity_log: list[Activity]
    editable: bool = Field(description="Its fields can be changed now: it is a draft or paused.")
    identity_locked: bool = Field(description="It has run: name, bot and list of contacts stay.")
    warnings: list[str] = Field(examples=[["window: the bot takes no calls on sun"]])
    started_at: UtcTime | None
    completed_at: UtcTime | None
    created_by: str
    created_at: UtcTime
    updated_at: UtcTime
    revision: int
