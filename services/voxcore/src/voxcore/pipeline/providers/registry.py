"""Which adapter serves which provider, as data: module, default model, known `extra`."""

import importlib
from collections.abc import Callable
from dataclasses import dataclass

from pipecat.services.ai_service import AIService
from voxkit.log import get_logger
from voxkit.netguard import allowed_addresses

from voxcore.conversation import Services
from voxcore.pipeline.providers.base import Adapter, Means, Option
from voxcore.pipeline.providers.http import session_for
from voxcore.pipeline.turns.state import SpeechState

log = get_logger("voxcore.providers")

_PACKAGE = "voxcore.pipeline.providers"
_SAMPLING = frozenset({"top_p", "top_k", "frequency_penalty", "presence_penalty"})
_FLUX = frozenset(
    {
        "eot_threshold", "eager_eot_threshold", "eot_timeout_ms", "keyterm", "min_confidence", "language_hints",
        "should_interrupt",
    }
)  # fmt: skip
_SONIOX = frozenset(
    {
        "language_hints", "language_hints_strict", "context", "enable_speaker_diarization",
        "enable_language_identification", "client_reference_id", "vad_force_turn_endpoint",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Provider:
    """One adapter of a stage. `own_http`: its requests go through our sessions, so that addresses are checked there."""

    module: str
    default_model: str = ""
    extra: frozenset[str] = frozenset()
    own_http: bool = False


PROVIDERS: dict[str, dict[str, Provider]] = {
    "stt": {
        "openai_compatible": Provider("openai_compatible", "whisper-1", frozenset({"stream"}), own_http=True),
        "deepgram": Provider(
            "deepgram",
            "nova-3",
            frozenset({"endpointing", "smart_format", "punctuate", "interim_results", "keyterm"}),
        ),
        "deepgram_flux": Provider("deepgram_flux", "flux-general-en", _FLUX),
        "soniox": Provider("soniox", "stt-rt-v4", _SONIOX),
    },
    "llm": {
        "openai_compatible": Provider("openai_compatible", "", _SAMPLING, own_http=True),
        "openai": Provider("openai", "", _SAMPLING),
        "google": Provider("google", "", _SAMPLING),
        "google_vertex": Provider("google_vertex", "", _SAMPLING | {"project_id", "location"}),
    },
    "tts": {
        "openai_compatible": Provider("openai_compatible", "tts-1", frozenset({"sample_rate"}), own_http=True),
        "elevenlabs": Provider(
            "elevenlabs", "eleven_flash_v2_5", frozenset({"stability", "similarity_boost", "style"})
        ),
        "sarvam": Provider("sarvam", "bulbul:v2", frozenset({"pitch", "pace", "loudness"})),
    },
}
MODULES: dict[str, str] = {
    name: f"{_PACKAGE}.{provider.module}" for stage in PROVIDERS.values() for name, provider in stage.items()
}


class Unusable(Exception):
    """An option that cannot work: unknown provider, something required missing, a refused address. Says which."""


def complete(stage: str, option: Option) -> Option:
    """The option with its default model and only the `extra` that its adapter knows. Raises: Unusable."""
    provider = PROVIDERS[stage].get(option.provider)
    if provider is None:
        raise Unusable(f"{stage}: no provider {option.provider}")
    model = option.model or provider.default_model
    if not model:
        raise Unusable(f"{stage}: {option.provider} needs a model")
    if option.provider == "openai_compatible" and not option.base_url:
        raise Unusable(f"{stage}: openai_compatible needs a base_url that ends in /v1")
    if dropped := sorted(set(option.extra) - provider.extra):
        log.warning("provider.extra_dropped", stage=stage, provider=option.provider, keys=dropped)
    extra = {key: value for key, value in option.extra.items() if key in provider.extra}
    return option.model_copy(update={"model": model, "extra": extra})


def with_model(stage: str, option: Option) -> Option:
    """The option with its default model, for a candidate that may never be needed and is not judged yet."""
    provider = PROVIDERS[stage].get(option.provider)
    return option.model_copy(update={"model": option.model or (provider.default_model if provider else "")})


async def build(
    stage: str,
    option: Option,
    services: Services,
    *,
    rate: int,
    speech: SpeechState,
    system_prompt: str = "",
    note: Callable[[str, str], None] = lambda code, message: None,
) -> AIService:
    """A service of one call. Raises: Unusable, BlockedAddress; whatever the provider's own constructor refuses."""
    option = complete(stage, option)
    provider = PROVIDERS[stage][option.provider]
    module = importlib.import_module(MODULES[option.provider])
    trusted = option.base_url_trusted or not option.base_url
    http = await session_for(option.base_url, trusted or not provider.own_http, services)
    if not trusted and not provider.own_http:
        await allowed_addresses(_as_http(option.base_url), services.allowlist)
    adapter: Adapter = getattr(module, stage)
    return adapter(option, Means(http=http, rate=rate, speech=speech, system_prompt=system_prompt, note=note))


def _as_http(url: str) -> str:
    """A socket's URL in the form the address check reads; a bare host counts as https."""
    if "://" not in url:
        return f"https://{url}"
    return url.replace("wss://", "https://", 1).replace("ws://", "http://", 1)
