"""The configuration of one call, as voxbridge builds it and a worker runs it."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from voxkit.contracts.base import WireModel

SttProvider = Literal["openai_compatible", "deepgram", "deepgram_flux", "soniox"]
LlmProvider = Literal["openai_compatible", "openai", "google", "google_vertex"]
TtsProvider = Literal["openai_compatible", "elevenlabs", "sarvam"]
BUILTIN_TOOLS = ("end_call", "transfer_call", "detected_voicemail", "search_knowledge", "send_dtmf", "collect_digits")


class Stage(WireModel):
    """What the three stages share. `base_url_trusted` is true when the URL comes from voxbridge's settings."""

    api_key: str = Field(default="", repr=False)
    base_url: str = ""
    base_url_trusted: bool = False
    model: str = ""
    extra: dict[str, Any] = Field(default_factory=dict)


class SttOption(Stage):
    provider: SttProvider
    language: str = "en"


class LlmOption(Stage):
    provider: LlmProvider
    temperature: float = 0.7
    max_tokens: int = 256


class TtsOption(Stage):
    provider: TtsProvider
    language: str = "en"
    voice: str = Field(default="", validation_alias=AliasChoices("voice", "voice_id"))
    speed: float = Field(default=1.0, ge=0.5, le=2.0)


class SttStage(SttOption):
    fallbacks: list[SttOption] = Field(default_factory=list[SttOption], max_length=3)


class LlmStage(LlmOption):
    fallbacks: list[LlmOption] = Field(default_factory=list[LlmOption], max_length=3)


class TtsStage(TtsOption):
    fallbacks: list[TtsOption] = Field(default_factory=list[TtsOption], max_length=3)


class Vad(WireModel):
    """Voice activity detection; seconds."""

    confidence: float = Field(default=0.7, ge=0, le=1)
    start_secs: float = Field(default=0.2, ge=0.05, le=2)
    stop_secs: float = Field(default=0.4, ge=0.1, le=3)
    min_volume: float = Field(default=0.0, ge=0, le=1)


class Turn(WireModel):
    """How turns end and how the bot is interrupted."""

    mode: Literal["smart_turn", "vad", "stt"] = "smart_turn"
    stop_secs: float = Field(default=1.2, ge=0.2, le=5)
    vad_stop_secs: float = Field(default=0.8, ge=0.1, le=5)
    transcript_wait_ms: int = Field(default=700, ge=0, le=5000)
    allow_interruptions: bool = True
    opening_guard: bool = True
    opening_guard_max_seconds: float = Field(default=8, ge=0, le=60)
    high_intent_phrases: list[str] | None = None
    backchannel_phrases: list[str] | None = None


class ReEngagement(WireModel):
    """What the bot says to a silent customer before it gives up."""

    enabled: bool = True
    timeout_seconds: float = Field(default=10, ge=3, le=60)
    messages: list[str] = Field(min_length=1)
    max_attempts: int | None = Field(default=None, ge=1)
    final_message: str = ""


class ToolGuidance(WireModel):
    success: str = ""
    failure: str = ""
    timeout: str = ""
    missing_info: str = ""


class ToolRuntime(WireModel):
    """How a custom tool is run. Templates are filled by the worker."""

    has_api: bool = True
    timing: Literal["immediate", "speak_then_run", "speak_and_run_parallel"] = "immediate"
    hold_message_intent: str = ""
    method: Literal["GET", "POST"] = "GET"
    url: str = ""
    headers: dict[str, str] = Field(default_factory=dict, repr=False)
    query_params: dict[str, str] = Field(default_factory=dict)
    body_template: str | None = None
    timeout_seconds: float = Field(default=8, gt=0, le=30)
    guidance: ToolGuidance = Field(default_factory=ToolGuidance)


class ToolFunction(WireModel):
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    description: str = ""
    parameters: dict[str, Any] = Field(default_factory=lambda: {"type": "object", "properties": {}, "required": []})


class Tool(WireModel):
    """A tool in the `openai` function format; a reserved name switches a built-in on."""

    type: Literal["function"] = "function"
    function: ToolFunction
    runtime: ToolRuntime | None = None


class TransferTarget(WireModel):
    """A place a call can be handed to; which `type` fits which `method` is checked where it is used."""

    id: str
    label: str = ""
    method: Literal["websocket_reverse_transfer", "livekit_sip_refer", "agent_desk"]
    type: Literal["extension", "sip_uri", "tel_uri", "phone_number", "agent_queue"]
    value: str
    is_default: bool = False
    enabled: bool = True


class Variables(WireModel):
    call: dict[str, Any] = Field(default_factory=dict)
    crm: dict[str, Any] = Field(default_factory=dict)
    system: dict[str, Any] = Field(default_factory=dict)


class PromptParts(WireModel):
    mode: Literal["legacy", "direct"] = "legacy"
    cache_enabled: bool = False
    static_system_prompt: str = ""
    dynamic_runtime_prompt: str = ""
    static_version: str = ""
    prompt_cache_key: str = ""
    prompt_cache_retention: str = "in_memory"
    cached_content_name: str | None = None
    cached_content_expires_at: str | None = None


class AutoDisposition(WireModel):
    DISPOSITION: str
    SUB_DISPOSITION: str | None = None
    CALLING_REMARKS: str | None = None


class CarrierCredentials(WireModel):
    account_sid: str = ""
    auth_token: str = Field(default="", repr=False)
    api_key: str = Field(default="", repr=False)
    base_url: str = ""


class RuntimeConfig(WireModel):
    """Everything a worker needs for one call. Lives in memory only: it holds provider keys.

    `transfer_targets` stays a list of plain objects here: an invalid entry is dropped with an event, it never rejects
    the call.
    """

    session_id: str = Field(min_length=1)
    bot_id: str = ""
    bot_name: str = ""
    webhook_url: str = Field(min_length=1)
    system_prompt: str
    opening_message: str
    timezone: str = "UTC"
    stt: SttStage
    llm: LlmStage
    tts: TtsStage
    vad: Vad = Field(default_factory=lambda: Vad())
    turn: Turn = Field(default_factory=lambda: Turn())
    re_engagement: ReEngagement | None = None
    min_words_interruption: int = Field(default=3, ge=0, le=10)
    max_call_duration_seconds: int = Field(default=600, ge=10, le=7200)
    voicemail_message: str = ""
    pre_transfer_message: str = ""
    apology_message: str = ""
    tools: list[Tool] = Field(default_factory=list[Tool])
    variables: Variables = Field(default_factory=Variables)
    conversation_policy: dict[str, Any] | None = None
    transfer_numbers: dict[str, str] = Field(default_factory=dict)
    transfer_targets: list[dict[str, Any]] = Field(default_factory=list[dict[str, Any]])
    post_call_analysis_prompt: str | None = None
    qc_prompt: str | None = None
    post_call_llm: LlmOption | None = None
    auto_dispositions: dict[str, AutoDisposition] | None = None
    callback_detection_enabled: bool = False
    recording_enabled: bool = True
    carrier_credentials: CarrierCredentials | None = None
    prompt_parts: PromptParts | None = None
    post_call_cache_enabled: bool = False
    post_call_cache_version: str = ""
    post_call_cache: dict[str, Any] | None = None
    knowledge_enabled: bool = False
    knowledge_strict: bool = False
    knowledge_trigger_instructions: str = ""
    knowledge_fallback_message: str = ""
    knowledge_kb_ids: list[str] = Field(default_factory=list[str])
    knowledge_top_k: int = Field(default=4, ge=1, le=10)
    knowledge_score_threshold: float = Field(default=0.35, ge=0, le=1)
    agent_desk: dict[str, Any] | None = None
