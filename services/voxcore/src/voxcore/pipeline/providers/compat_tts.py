"""Text-to-speech over `POST {base_url}/audio/speech`: raw PCM, streamed on with the first byte."""

from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
from pipecat.frames.frames import ErrorFrame, Frame, TTSAudioRawFrame
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TTSService
from voxkit.contracts.runtime_config import TtsOption

from voxcore.pipeline.providers.base import SPEAKABLE, Means
from voxcore.pipeline.providers.http import ProviderError, headers, post, refused, warm
from voxcore.transports.resample import QuickResampler

DEFAULT_RATE = 24_000
CHUNK_BYTES = 4_096


class CompatibleTts(TTSService):
    """One request a sentence. The rate of the answer is its `X-Sample-Rate`, else `extra.sample_rate`."""

    def __init__(self, option: TtsOption, means: Means) -> None:
        self._model = option.model or "tts-1"
        super().__init__(
            sample_rate=means.rate,
            push_start_frame=True,
            push_stop_frames=True,
            max_consecutive_zero_audio_contexts=0,
            text_transforms=SPEAKABLE,
            settings=TTSSettings(model=self._model, voice=option.voice, language=option.language),
        )
        self._option = option
        self._means = means
        self._base_url = option.base_url.rstrip("/")
        self._said_rate = int(option.extra.get("sample_rate") or DEFAULT_RATE)

    def can_generate_metrics(self) -> bool:
        return True

    async def setup(self, setup: Any) -> None:
        await super().setup(setup)
        await warm(self._means.http, self._base_url, self._option.api_key)

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        body: dict[str, Any] = {"model": self._model, "input": text, "response_format": "pcm"}
        if self._option.voice:
            body["voice"] = self._option.voice
        if self._option.speed != 1.0:
            body["speed"] = self._option.speed
        try:
            response = await post(
                self._means.http,
                f"{self._base_url}/audio/speech?sample_rate={self._means.rate}",
                json=body,
                headers=headers(self._option.api_key),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=8),
            )
            async with response:
                if response.status >= 300:
                    raise await refused(response)
                await self.start_tts_usage_metrics(text)
                async for pcm in self._pcm(response):
                    yield TTSAudioRawFrame(pcm, self._means.rate, 1, context_id=context_id)
        except (ProviderError, aiohttp.ClientError, TimeoutError, OSError) as error:
            yield ErrorFrame(error=f"speech failed: {error or type(error).__name__}", exception=error)

    async def _pcm(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        """Whole samples at the rate of the pipeline, as they come."""
        said = response.headers.get("X-Sample-Rate", "")
        rate = int(said) if said.isdigit() else self._said_rate
        resampler, odd = QuickResampler(), b""
        async for chunk in response.content.iter_any():
            self._means.speech.voice_comes()
            data = odd + chunk
            odd = data[len(data) - len(data) % 2 :]
            pcm = resampler.process(data[: len(data) - len(odd)], rate, self._means.rate)
            if pcm:
                yield pcm
