"""Sarvam's streaming speech for Indian languages."""

from pipecat.services.sarvam.tts import SarvamTTSService
from pipecat.services.tts_service import TTSService
from pipecat.transcriptions.language import Language
from voxkit.contracts.runtime_config import TtsOption

from voxcore.pipeline.providers.base import SPEAKABLE, Means, given


def tts(option: TtsOption, means: Means) -> TTSService:
    settings = dict(option.extra)
    if option.speed != 1.0:
        settings.setdefault("pace", option.speed)
    return SarvamTTSService(
        api_key=option.api_key,
        sample_rate=means.rate,
        text_transforms=SPEAKABLE,
        settings=SarvamTTSService.Settings(
            model=option.model, language=_language(option.language), **given(voice=option.voice), **settings
        ),
        **given(url=option.base_url),
    )


def _language(code: str) -> Language | str:
    """`hi` becomes `hi-IN`: the service speaks Indian variants only."""
    code = code if "-" in code else f"{code}-IN"
    try:
        return Language(code)
    except ValueError:
        return code
