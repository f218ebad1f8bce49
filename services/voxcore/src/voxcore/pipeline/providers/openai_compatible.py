"""Any server that speaks the OpenAI HTTP API, the local one included: three thin services on one shared session."""

from typing import Any

from pipecat.services.llm_service import LLMService
from pipecat.services.stt_service import STTService
from pipecat.services.tts_service import TTSService
from voxkit.contracts.runtime_config import LlmOption, SttOption, TtsOption

from voxcore.pipeline.providers.base import Means
from voxcore.pipeline.providers.compat_llm import CompatibleLlm
from voxcore.pipeline.providers.compat_stream import CompatibleStreamStt
from voxcore.pipeline.providers.compat_stt import CompatibleSegmentStt
from voxcore.pipeline.providers.compat_tts import CompatibleTts


def stt(option: SttOption, means: Means) -> STTService:
    return CompatibleStreamStt(option, means) if option.extra.get("stream") else CompatibleSegmentStt(option, means)


def llm(option: LlmOption, means: Means) -> LLMService[Any]:
    return CompatibleLlm(option, means)


def tts(option: TtsOption, means: Means) -> TTSService:
    return CompatibleTts(option, means)
