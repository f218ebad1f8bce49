"""Deepgram Flux: recognition that decides the end of a turn itself."""

from pipecat.services.deepgram.flux.stt import DeepgramFluxSTTService
from pipecat.services.stt_service import STTService
from voxkit.contracts.runtime_config import SttOption

from voxcore.pipeline.providers.base import Means, given

MULTILINGUAL = "flux-general-multi"


def stt(option: SttOption, means: Means) -> STTService:
    extra = dict(option.extra)
    should_interrupt = bool(extra.pop("should_interrupt", True))
    hints = extra.pop("language_hints", None)
    if hints and option.model == MULTILINGUAL:
        extra["language_hints"] = hints
    return DeepgramFluxSTTService(
        api_key=option.api_key,
        sample_rate=means.rate,
        should_interrupt=should_interrupt,
        settings=DeepgramFluxSTTService.Settings(model=option.model, **extra),
        **given(url=option.base_url),
    )
