"""Deepgram's streaming recognition."""

from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.services.stt_service import STTService
from voxkit.contracts.runtime_config import SttOption

from voxcore.pipeline.providers.base import Means, given


def stt(option: SttOption, means: Means) -> STTService:
    extra = {"interim_results": True, "smart_format": True, "punctuate": True, **option.extra}
    return DeepgramSTTService(
        api_key=option.api_key,
        sample_rate=means.rate,
        settings=DeepgramSTTService.Settings(model=option.model, language=option.language, **extra),
        **given(base_url=option.base_url),
    )
