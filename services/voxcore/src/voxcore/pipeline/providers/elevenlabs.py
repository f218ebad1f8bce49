"""ElevenLabs' streaming speech with word times."""

from pipecat.services.elevenlabs.tts import ElevenLabsTTSService
from pipecat.services.tts_service import TTSService
from voxkit.contracts.runtime_config import TtsOption

from voxcore.pipeline.providers.base import SPEAKABLE, Means, given

SPEED_RANGE = (0.7, 1.2)


def tts(option: TtsOption, means: Means) -> TTSService:
    settings = dict(option.extra)
    if option.speed != 1.0:
        settings["speed"] = min(max(option.speed, SPEED_RANGE[0]), SPEED_RANGE[1])
    if "multilingual" in option.model or "flash_v2_5" in option.model or "turbo_v2_5" in option.model:
        settings["language"] = option.language
    return ElevenLabsTTSService(
        api_key=option.api_key,
        sample_rate=means.rate,
        text_transforms=SPEAKABLE,
        settings=ElevenLabsTTSService.Settings(model=option.model, voice=option.voice, **settings),
        **given(url=option.base_url),
    )
