"""The settings document: what is stored, with its defaults; and the bodies that change it, one per block."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

import phonenumbers
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from voxkit.contracts.amd import AmdSettings
from voxkit.contracts.base import UtcTime

PROVIDERS = ("soniox", "deepgram", "openai", "google", "google_vertex", "elevenlabs", "sarvam", "openai_compatible")
# Where secrets stand in the document; they are stored encrypted and shown masked.
SECRETS: tuple[tuple[str, str], ...] = (
    *(("api_keys", provider) for provider in PROVIDERS),
    ("minio", "secret_key"),
    ("knowledge", "qdrant_api_key"),
)


def _http_url(value: str) -> str:
    text = value.strip().rstrip("/")
    if text:
        _check_url(text, ("http", "https"))
    return text


def _ws_url(value: str) -> str:
    text = value.strip().rstrip("/")
    if text:
        _check_url(text, ("ws", "wss"))
    return text


def _check_url(text: str, schemes: tuple[str, ...]) -> None:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise ValueError("is no URL") from None
    if parts.scheme not in schemes or not parts.hostname or any(char.isspace() for char in text):
        raise ValueError(f"must be a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold credentials")
    if parts.query or parts.fragment:
        raise ValueError("must not hold a query or a fragment")


@cache
def _zones() -> frozenset[str]:
    """The names are files of the system: to list them takes 5 ms and more, and every look at the settings asks."""
    return frozenset(available_timezones())


def _zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("is no IANA time zone; write for example Europe/Berlin")
    ZoneInfo(value)
    return value


def _country(value: str) -> str:
    code = value.strip().upper()
    if code and code not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is no country code; write two letters, for example IN")
    return code


def _unique(values: list[str]) -> list[str]:
    return [value for value in dict.fromkeys(values) if value]


def _service_account(value: Any) -> Any:
    if isinstance(value, str) and value and "•" not in value and not _is_mask(value):
        try:
            parsed = json.loads(value)
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict) or not all(parsed.get(key) for key in ("client_email", "private_key")):
            raise ValueError("must be the JSON of a service account, with client_email and private_key")
    return value


def _is_mask(value: str) -> bool:
    return len(value) == 11 and value[4:7] == "..."


HttpUrl = Annotated[str, StringConstraints(max_length=2048), AfterValidator(_http_url)]
WsUrl = Annotated[str, StringConstraints(max_length=2048), AfterValidator(_ws_url)]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_zone)]
Country = Annotated[str, AfterValidator(_country)]
Secret = Annotated[str, StringConstraints(max_length=16_384)]
Days = Annotated[int, Field(ge=0, le=36_500, description="Days; 0 = for ever.")]
Text = Annotated[str, StringConstraints(max_length=256)]


class _Block(BaseModel):
    """Read leniently: fields of another release are passed over."""

    model_config = ConfigDict(extra="ignore", protected_namespaces=())


class ApiKeys(_Block):
    soniox: Secret = ""
    deepgram: Secret = ""
    openai: Secret = ""
    google: Secret = ""
    google_vertex: Secret = Field(default="", description="The whole JSON of a service account.")
    elevenlabs: Secret = ""
    sarvam: Secret = ""
    openai_compatible: Secret = ""


class OpenaiCompatible(_Block):
    base_url: HttpUrl = ""


class Minio(_Block):
    endpoint: Annotated[str, StringConstraints(max_length=512)] = ""
    access_key: Text = ""
    secret_key: Secret = ""
    bucket: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "recordings"
    secure: bool = False
    region: Text = ""

    @property
    def complete(self) -> bool:
        """Whether recordings are read by these values; else by `OBJECT_STORE_URL`."""
        return bool(self.endpoint and self.access_key and self.secret_key and self.bucket)


class AgentAssist(_Block):
    enabled: bool = False
    stt_provider: Text = ""
    stt_model: Text = ""
    llm_provider: Text = "openai_compatible"
    llm_model: Text = ""
    system_prompt: Annotated[str, StringConstraints(max_length=20_000)] = ""
    suggestion_cooldown_seconds: Annotated[int, Field(ge=0, le=3600)] = 15
    max_context_messages: Annotated[int, Field(ge=1, le=200)] = 12
    listen_to: Literal["customer", "both"] = "customer"
    publish_transcript: bool = True


class Knowledge(_Block):
    backend: Literal["local", "qdrant"] = "local"
    embedding_provider: Literal["none", "openai_compatible", "openai", "google"] = "none"
    embedding_model: Text = ""
    embedding_dimensions: Annotated[int, Field(ge=1, le=8192)] = 768
    qdrant_url: HttpUrl = ""
    qdrant_api_key: Secret = ""
    qdrant_collection: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,128}$")] = "vox_knowledge_chunks"
    chunk_size_chars: Annotated[int, Field(ge=200, le=8000)] = 1200
    chunk_overlap_chars: Annotated[int, Field(ge=0, le=2000)] = 180
    max_upload_mb: Annotated[int, Field(ge=1, le=200)] = 20


class Amd(AmdSettings, _Block):
    """Screening for answering machines; all times in milliseconds."""


class Dialler(_Block):
    amd: Amd = Field(default_factory=Amd)


class Dnc(_Block):
    from_analysis: bool = True


class Retention(_Block):
    calls_days: Days = 0
    recordings_days: Days = 0
    public_recording_days: Days = 0
    audit_days: Days = 365


class Timezone(_Block):
    display_timezone: Zone = "UTC"


class Fleet(_Block):
    core_fleet: Annotated[list[HttpUrl], Field(max_length=500), AfterValidator(_unique)] = Field(default_factory=list)
    public_wss_base: WsUrl = ""


class General(_Block):
    default_country: Country = ""
    dnc: Dnc = Field(default_factory=Dnc)
    retention: Retention = Field(default_factory=Retention)


class SystemSettings(Timezone, Fleet, General):
    """All settings. Secrets are in clear when a service of ours asks, masked in every reply."""

    api_keys: ApiKeys = Field(default_factory=ApiKeys)
    openai_compatible: OpenaiCompatible = Field(default_factory=OpenaiCompatible)
    minio: Minio = Field(default_factory=Minio)
    agent_assist: AgentAssist = Field(default_factory=AgentAssist)
    knowledge: Knowledge = Field(default_factory=Knowledge)
    dialler: Dialler = Field(default_factory=Dialler)
    revision: int = 1
    updated_by: str | None = None
    updated_at: UtcTime | None = None


class _Update(BaseModel):
    model_config = ConfigDict(extra="forbid")

    revision: Annotated[int, Field(ge=0)] | None = Field(
        default=None, description="The revision that was read; another one now answers 409."
    )


MaybeSecret = Annotated[Secret | None, Field(description='The mask, text with a bullet or `""` keeps; null clears.')]


class ApiKeysUpdate(_Update):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"openai": "sk-…", "revision": 4}]})
    soniox: MaybeSecret = ""
    deepgram: MaybeSecret = ""
    openai: MaybeSecret = ""
    google: MaybeSecret = ""
    google_vertex: Annotated[MaybeSecret, BeforeValidator(_service_account)] = ""
    elevenlabs: MaybeSecret = ""
    sarvam: MaybeSecret = ""
    openai_compatible: MaybeSecret = ""


class ProvidersUpdate(_Update, OpenaiCompatible):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"base_url": "http://localhost:8060/v1"}]}
    )


class MinioUpdate(_Update, Minio):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"endpoint": "minio:9000", "access_key": "vox"}]}
    )
    secret_key: MaybeSecret = ""  # pyright: ignore[reportIncompatibleVariableOverride] - null: as it is


class AgentAssistUpdate(_Update, AgentAssist):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": True, "listen_to": "both"}]})


class KnowledgeUpdate(_Update, Knowledge):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"backend": "local", "max_upload_mb": 20}]}
    )
    qdrant_api_key: MaybeSecret = ""  # pyright: ignore[reportIncompatibleVariableOverride] - null: as it is


class DiallerUpdate(_Update, Amd):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"enabled": True, "total_analysis_ms": 2500}]}
    )


class TimezoneUpdate(_Update, Timezone):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"display_timezone": "Asia/Kolkata"}]})


class FleetUpdate(_Update, Fleet):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"core_fleet": ["http://core-1:8000"]}]})


class _StrictDnc(Dnc):
    model_config = ConfigDict(extra="forbid")


class _StrictRetention(Retention):
    model_config = ConfigDict(extra="forbid")


class GeneralUpdate(_Update, General):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"default_country": "IN", "retention": {"calls_days": 365}}]}
    )
    dnc: _StrictDnc = Field(default_factory=_StrictDnc)  # pyright: ignore[reportIncompatibleVariableOverride] - strict
    retention: _StrictRetention = Field(default_factory=_StrictRetention)  # pyright: ignore[reportIncompatibleVariableOverride] - strict


class About(BaseModel):
    version: str
    image_tag: str


class MinioView(Minio):
    source: Literal["settings", "environment"] = Field(description="Where recordings are read from first.")


class SettingsView(SystemSettings):
    """Everything, secrets masked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"display_timezone": "Asia/Kolkata", "core_fleet": ["http://core-1:8000"],
                                         "api_keys": {"openai": "sk-a...9f3b"}, "revision": 4}]}
    )  # fmt: skip

    # A view is made from what is stored: it has no defaults, and no mask is ever written back.
    minio: MinioView  # pyright: ignore[reportGeneralTypeIssues, reportIncompatibleVariableOverride] - with its source
    about: About


class DisplaySettings(BaseModel):
    """What every signed-in person may know; the last two for admins only."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"display_timezone": "UTC"}]})

    display_timezone: str
    default_country: str | None = None
    provider_keys: dict[str, bool] | None = None
