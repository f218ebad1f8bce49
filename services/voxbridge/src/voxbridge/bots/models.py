"""The bot document on the wire."""

from __future__ import annotations

from copy import copy
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, StringConstraints, create_model, field_validator, model_validator
from voxkit.contracts.base import UtcTime
from voxkit.contracts.runtime_config import AutoDisposition, ReEngagement, Turn, Vad

from voxbridge.bots.stages import LlmOption, LlmStage, SttStage, TtsStage
from voxbridge.bots.tools import CustomTool, TransferTarget, check_url_template, checked_headers
from voxbridge.models import ReplyModel, StrictModel

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
BOT_ID = r"^[a-z0-9][a-z0-9_-]{2,63}$"
_EXAMPLE: dict[str, Any] = {
    "name": "Front desk",
    "opening_message": "Hello, how can I help?",
    "system_prompt": "You are helpful.",
}


_STRICT = ConfigDict(extra="forbid", protected_namespaces=())


class VadSettings(Vad):
    model_config = _STRICT


class TurnSettings(Turn):
    model_config = _STRICT


class ReEngagementSettings(ReEngagement):
    model_config = _STRICT


class FixedDisposition(AutoDisposition):
    model_config = _STRICT


class ActiveHours(StrictModel):
    """Wall-clock times in the bot's zone; a start after the end runs over midnight, equal times are the whole day."""

    enabled: bool = False
    days: list[Day] = Field(default_factory=lambda: list(DAYS), max_length=7)
    start_time: ClockTime = "09:00"
    end_time: ClockTime = "18:00"


class BuiltinTool(StrictModel):
    enabled: bool = False
    description: str = Field(default="", max_length=4_000, description="Empty: the worker's own words.")


class EndCallTool(BuiltinTool):
    description: str = Field(default="End the current call.", max_length=4_000)


class TransferCallTool(StrictModel):
    enabled: bool | None = Field(default=None, description="null: on when there is an enabled target.")
    description: str = Field(default="", max_length=4_000)


class BuiltinTools(StrictModel):
    end_call: EndCallTool = Field(default_factory=EndCallTool)
    detected_voicemail: BuiltinTool = Field(default_factory=BuiltinTool)
    transfer_call: TransferCallTool = Field(default_factory=TransferCallTool)
    send_dtmf: BuiltinTool = Field(default_factory=BuiltinTool)
    collect_digits: BuiltinTool = Field(default_factory=BuiltinTool)


class AgentDesk(StrictModel):
    enabled: bool = False
    context_fields: list[str] = Field(default_factory=list[str], max_length=50)
    hold_audio_url: str = Field(default="", max_length=2_000)
    hold_message: str = Field(default="", max_length=2_000)
    hold_message_seconds: int = Field(default=20, ge=5, le=600)
    max_wait_seconds: int = Field(default=120, ge=5, le=3_600)
    no_agent_message: str = Field(default="", max_length=2_000)


class SipHeaderConfig(StrictModel):
    enabled: bool = False
    allow: list[str] = Field(default_factory=list[str], max_length=50)


class CrmPrefetch(StrictModel):
    enabled: bool = False
    url: str = Field(default="", max_length=4_000)
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, str | None] = Field(default_factory=dict[str, str | None], max_length=50)
    params: dict[str, str] = Field(default_factory=dict[str, str], max_length=50)
    body: str = Field(default="", max_length=60_000)
    timeout_seconds: float = Field(default=3, ge=1, le=5)
    response_mapping: dict[str, str] = Field(default_factory=dict[str, str], max_length=200)

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked_headers(value)

    @model_validator(mode="after")
    def _reachable(self) -> CrmPrefetch:
        if self.enabled and not self.url:
            raise ValueError("url is required when enabled is true")
        if self.url:
            check_url_template(self.url)
        return self


class PostCallPush(StrictModel):
    enabled: bool = False
    url: str = Field(default="", max_length=4_000)
    method: Literal["POST", "PUT"] = "POST"
    headers: dict[str, str | None] = Field(default_factory=dict[str, str | None], max_length=50)
    key_mapper: dict[str, str] = Field(default_factory=dict[str, str], max_length=200)
    timeout_seconds: float = Field(default=10, ge=1, le=30)
    signing_secret: str | None = Field(default="", max_length=1_000)

    @field_validator("headers")
    @classmethod
    def _headers(cls, value: dict[str, Any]) -> dict[str, Any]:
        return checked_headers(value)

    @model_validator(mode="after")
    def _reachable(self) -> PostCallPush:
        if self.enabled and not self.url:
            raise ValueError("url is required when enabled is true")
        if self.url:
            check_url_template(self.url)
        return self


class AutoDispositions(StrictModel):
    rnr: FixedDisposition | None = None
    voicemail: FixedDisposition | None = None
    timeout: FixedDisposition | None = None
    error: FixedDisposition | None = None
    no_customer_message: FixedDisposition | None = None
    short_call: FixedDisposition | None = None


class CacheSettings(StrictModel):
    """Settings of a prompt cache; further keys belong to the provider."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())
    enabled: bool = False
    version_override: str = Field(default="", max_length=120)


class BotFields(StrictModel):
    """What people write. Every text marked as template may hold `{{ tokens }}`."""

    name: str = Field(min_length=1, max_length=120, examples=["Front desk"])
    is_active: bool = Field(default=True, description="An inactive bot answers no call.")
    opening_message: str = Field(max_length=2_000, description='Template; `""`: the bot waits.')
    system_prompt: str = Field(max_length=60_000, description="Template, the part that is the same in every call.")
    dynamic_prompt: str = Field(default="", max_length=60_000, description="Template, the part of this call.")
    conversation_policy: dict[str, Any] | None = None
    timezone: str = Field(default="UTC", max_length=64, examples=["Asia/Kolkata"])
    active_hours: ActiveHours = Field(default_factory=ActiveHours)
    stt: SttStage = Field(default_factory=SttStage)
    llm: LlmStage = Field(default_factory=LlmStage)
    tts: TtsStage = Field(default_factory=TtsStage)
    vad: VadSettings = Field(default_factory=lambda: VadSettings())
    turn: TurnSettings = Field(default_factory=lambda: TurnSettings())
    min_words_interruption: int = Field(default=3, ge=0, le=10)
    max_call_duration_seconds: int = Field(default=600, ge=10, le=7_200)
    re_engagement: ReEngagementSettings | None = None
    voicemail_message: str = Field(default="", max_length=2_000)
    pre_transfer_message: str = Field(default="", max_length=2_000)
    apology_message: str = Field(default="", max_length=2_000)
    builtin_tools: BuiltinTools = Field(default_factory=BuiltinTools)
    transfer_numbers: dict[str, str] = Field(default_factory=dict[str, str], max_length=50)
    transfer_targets: list[TransferTarget] = Field(default_factory=list[TransferTarget], max_length=20)
    agent_desk: AgentDesk = Field(default_factory=AgentDesk)
    custom_tools: list[CustomTool] = Field(default_factory=list[CustomTool], max_length=30)
    sip_header_config: SipHeaderConfig = Field(default_factory=SipHeaderConfig)
    crm_prefetch: CrmPrefetch = Field(default_factory=CrmPrefetch)
    post_call_push: PostCallPush = Field(default_factory=PostCallPush)
    post_call_analysis_prompt: str | None = Field(default=None, max_length=60_000)
    qc_prompt: str | None = Field(default=None, max_length=60_000)
    post_call_llm: LlmOption | None = None
    auto_dispositions: AutoDispositions | None = None
    callback_prompt_injection: bool = False
    recording_enabled: bool = True
    post_call_cache: CacheSettings = Field(default_factory=CacheSettings)
    live_prompt_cache: CacheSettings = Field(default_factory=CacheSettings)
    knowledge_enabled: bool = False
    knowledge_strict: bool = False
    knowledge_trigger_instructions: str = Field(default="", max_length=4_000)
    knowledge_fallback_message: str = Field(default="", max_length=2_000)
    knowledge_kb_ids: list[str] = Field(default_factory=list[str], max_length=50)
    knowledge_top_k: int = Field(default=4, ge=1, le=10)
    knowledge_score_threshold: float = Field(default=0.35, ge=0, le=1)
    widget_enabled: bool = False
    widget_allowed_domains: list[str] = Field(default_factory=list[str], max_length=100)

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ValueError, OSError, KeyError):
            raise ValueError("is no IANA time zone; write for example Europe/Berlin") from None
        return value

    @model_validator(mode="after")
    def _unique(self) -> BotFields:
        for what, values in (
            ("custom tools have the name", [tool.name for tool in self.custom_tools]),
            ("transfer targets have the id", [target.id for target in self.transfer_targets]),
        ):
            twice = sorted({value for value in values if values.count(value) > 1})
            if twice:
                raise ValueError(f"two {what} {twice[0]}")
        if sum(target.is_default for target in self.transfer_targets) > 1:
            raise ValueError("at most one transfer target is the default")
        return self


class BotCreate(BotFields):
    """A new bot; without stages it uses the OpenAI-compatible service of the settings."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})
    bot_id: str | None = Field(default=None, pattern=BOT_ID, description="Own id; absent: one is made.")


def _optional_fields() -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, info in BotFields.model_fields.items():
        optional = copy(info)
        if optional.is_required():
            optional.default = None
        fields[name] = (info.annotation, optional)
    return fields


BotUpdate = create_model(
    "BotUpdate",
    __base__=StrictModel,
    __doc__="Each field present replaces the stored one whole; absent ones stay. `revision`: the one that was edited.",
    revision=(int | None, Field(default=None, ge=1)),
    **_optional_fields(),
)
BotUpdate.model_config["json_schema_extra"] = {"examples": [{"name": "Front desk", "revision": 3}]}
BotUpdate.model_rebuild(force=True)


class StageBrief(ReplyModel):
    provider: str = ""
    model: str = ""


class BotSummary(ReplyModel):
    """A row of the list."""

    bot_id: str = Field(examples=["demo"])
    name: str
    is_active: bool
    stt: StageBrief
    llm: StageBrief
    tts: StageBrief
    locked: bool
    updated_at: UtcTime


class _BotFacts(ReplyModel):
    bot_id: str = Field(examples=["demo"])
    revision: int
    locked: bool = Field(description="A running campaign uses it.")
    warnings: list[str] = Field(examples=[["llm: the provider openai has no key"]])
    widget_api_key: str
    created_by: str | None
    created_at: UtcTime
    updated_by: str | None
    updated_at: UtcTime


# The shape that people read, secrets masked. It documents the reply and never judges it: a stored value that no write
# would take today must still be shown, so that somebody can mend it.
_FIELDS: dict[str, Any] = {name: (info.annotation, info) for name, info in BotFields.model_fields.items()}
BotReply = create_model("Bot", __base__=_BotFacts, **_FIELDS)


class SocketUrls(ReplyModel):
    wss_url: str = Field(examples=["wss://fleet1.example.com/ws/demo"])
    exotel_url: str = Field(examples=["wss://fleet1.example.com/exotel/demo"])


class BrowserCallRequest(StrictModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"variables": {"customer_name": "Asha"}}]})
    variables: dict[str, Any] = Field(default_factory=dict, description="Fields of the call's event, for templates.")

    @field_validator("variables")
    @classmethod
    def _no_control_fields(cls, value: dict[str, Any]) -> dict[str, Any]:
        reserved = sorted(name for name in value if name.startswith("_campaign_") or name == "_context")
        if reserved:
            raise ValueError(f"{reserved[0]} is set by the platform, not by a test call")
        return value


class BrowserCall(ReplyModel):
    ws_url: str
    context_id: str
    expires_at: UtcTime
