"""The stages of a bot as people write them: which service hears, thinks and speaks."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator, model_validator
from voxkit.contracts.runtime_config import LlmProvider, SttProvider, TtsProvider

from voxbridge.models import StrictModel

DEFAULT_MODELS: dict[str, dict[str, str]] = {
    "stt": {
        "openai_compatible": "whisper-1", "deepgram": "nova-3", "deepgram_flux": "flux-general-en",
        "soniox": "stt-rt-v4",
    },
    "llm": {"openai_compatible": "default", "openai": "gpt-4.1-mini", "google": "gemini-2.5-flash"},
    "tts": {"openai_compatible": "tts-1", "elevenlabs": "eleven_flash_v2_5", "sarvam": "bulbul:v2"},
}  # fmt: skip
STAGES = ("stt", "llm", "tts")
_OPENAI_LIKE = ("openai_compatible", "openai")


class StageOption(StrictModel):
    """What all stages share. `api_key`: empty = the key of the settings; null clears a stored one."""

    model: str = Field(default="", max_length=200, description="Empty: the provider's default.")
    base_url: str = Field(default="", max_length=2_000, description="Of an OpenAI-like service: ends in `/v1`.")
    api_key: str | None = Field(
        default="", max_length=20_000, description="Masked in replies; a mask written back keeps it."
    )
    extra: dict[str, Any] = Field(default_factory=dict, description="Passed on to the provider.")

    @field_validator("base_url")
    @classmethod
    def _cut_slash(cls, value: str) -> str:
        return value.strip().rstrip("/")

    @model_validator(mode="after")
    def _openai_like(self) -> StageOption:
        if getattr(self, "provider", "") in _OPENAI_LIKE and self.base_url and not self.base_url.endswith("/v1"):
            raise ValueError("base_url of an OpenAI-like service must end in /v1")
        return self


class SttOption(StageOption):
    provider: SttProvider = "openai_compatible"
    language: str = Field(default="en", min_length=1, max_length=35)

    @model_validator(mode="after")
    def _default_model(self) -> SttOption:
        self.model = self.model or DEFAULT_MODELS["stt"][self.provider]
        return self


class LlmOption(StageOption):
    provider: LlmProvider = "openai_compatible"
    temperature: float = Field(default=0.7, ge=0, le=2)
    max_tokens: int = Field(default=256, ge=1, le=32_768)

    @model_validator(mode="after")
    def _default_model(self) -> LlmOption:
        self.model = self.model or DEFAULT_MODELS["llm"].get(self.provider, "")
        if not self.model:
            raise ValueError(f"model is required for the provider {self.provider}")
        return self


class TtsOption(StageOption):
    provider: TtsProvider = "openai_compatible"
    language: str = Field(default="en", min_length=1, max_length=35)
    voice: str = Field(default="", max_length=200, description="`voice_id` is accepted as well.")
    speed: float = Field(default=1.0, ge=0.5, le=2.0)

    @model_validator(mode="before")
    @classmethod
    def _voice_id(cls, value: Any) -> Any:
        if isinstance(value, dict) and "voice_id" in value:
            value = dict(value)
            given = value.pop("voice_id")
            value.setdefault("voice", given)
        return value

    @model_validator(mode="after")
    def _default_model(self) -> TtsOption:
        self.model = self.model or DEFAULT_MODELS["tts"][self.provider]
        if not self.voice and self.provider == "openai_compatible":
            self.voice = "default"
        if not self.voice and self.provider == "sarvam":
            raise ValueError("voice is required for the provider sarvam")
        return self


class SttStage(SttOption):
    fallbacks: list[SttOption] = Field(default_factory=list[SttOption], max_length=3)


class LlmStage(LlmOption):
    fallbacks: list[LlmOption] = Field(default_factory=list[LlmOption], max_length=3)


class TtsStage(TtsOption):
    fallbacks: list[TtsOption] = Field(default_factory=list[TtsOption], max_length=3)
