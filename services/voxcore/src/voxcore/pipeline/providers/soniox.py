"""Soniox's streaming recognition."""

from pipecat.services.soniox.stt import SonioxContextObject, SonioxSTTService
from pipecat.services.stt_service import STTService
from voxkit.contracts.runtime_config import SttOption

from voxcore.pipeline.providers.base import Means, given


def stt(option: SttOption, means: Means) -> STTService:
    extra = dict(option.extra)
    force = bool(extra.pop("vad_force_turn_endpoint", False))
    if isinstance(extra.get("context"), dict):
        extra["context"] = SonioxContextObject(**extra["context"])
    return SonioxSTTService(
        api_key=option.api_key,
        sample_rate=means.rate,
        vad_force_turn_endpoint=force,
        settings=SonioxSTTService.Settings(model=option.model, language=option.language, **extra),
        **given(url=option.base_url),
    )
