"""Speech for personas and ears for reports, through the OpenAI HTTP API. Clips are made once and kept on disk."""

import asyncio
import hashlib
import io
import os
import wave
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import soxr

from voxphone import pcm
from voxphone.errors import VoiceUnavailable
from voxphone.persona import Persona
from voxphone.settings import PhoneSettings

# Part of every cache key: raise it when the way clips are made changes.
CACHE_FORM = "1"
LOADING_TRIES = 30


def wav_bytes(samples: bytes, channels: int = 1) -> bytes:
    """A RIFF file at the line's rate around raw PCM."""
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(channels)
        out.setsampwidth(2)
        out.setframerate(pcm.RATE_HZ)
        out.writeframes(samples)
    return file.getvalue()


class Voice:
    """Client of a speech server. One a process; `close()` at the end.

    Raises (every method): VoiceUnavailable when the server is away or answers with an error.
    """

    def __init__(
        self, base_url: str, cache_dir: Path, *, key: str = "", transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._cache = cache_dir
        self._memory: dict[str, pcm.Samples] = {}
        # The server has two cores to share with the call it is to hear; more requests at once only make each slower.
        self._gate = asyncio.Semaphore(2)
        self._http = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else None,
            timeout=httpx.Timeout(60.0, connect=3.0),
            trust_env=False,
            transport=transport,
        )

    @classmethod
    def from_settings(cls, settings: PhoneSettings) -> "Voice":
        return cls(settings.voxphone_voice_url, settings.cache_dir, key=settings.voxphone_voice_key)

    async def close(self) -> None:
        await self._http.aclose()

    async def clips_for(self, personas: Iterable[Persona]) -> dict[str, dict[str, pcm.Samples]]:
        """Clips of every text of every persona, by persona name, then text."""
        return {persona.name: await self.clips(persona.texts(), persona.voice) for persona in personas}

    async def clips(self, texts: Iterable[str], voice: str | None = None) -> dict[str, pcm.Samples]:
        """Samples at the line's rate for each text, from memory, disk or the server, in this order."""
        return {text: await self.speak(text, voice) for text in texts}

    async def speak(self, text: str, voice: str | None = None) -> pcm.Samples:
        """One text as samples at the line's rate."""
        key = hashlib.sha256("\0".join((CACHE_FORM, self.base_url, voice or "", text)).encode()).hexdigest()
        if key in self._memory:
            return self._memory[key]
        path = self._cache / f"{key}.pcm"
        if await asyncio.to_thread(path.is_file):
            samples = pcm.to_samples(await asyncio.to_thread(path.read_bytes))
        else:
            async with self._gate:
                samples = await self._synthesise(text, voice)
            await asyncio.to_thread(_write_whole, path, samples.astype("<i2").tobytes())
        self._memory[key] = samples
        return samples

    async def transcribe(self, audio: bytes) -> str:
        """The words in raw line audio; "" for none."""
        async with self._gate:
            response = await self._post(
                "/audio/transcriptions",
                files={"file": ("audio.wav", wav_bytes(audio), "audio/wav")},
                data={"model": "whisper-1", "response_format": "json"},
            )
        try:
            return str(response.json()["text"]).strip()
        except (ValueError, KeyError, TypeError) as exc:
            raise VoiceUnavailable(f"{self.base_url} answered a transcription without a text field") from exc

    async def _synthesise(self, text: str, voice: str | None) -> pcm.Samples:
        body: Mapping[str, object] = {
            "model": "tts-1",
            "voice": voice or "alloy",
            "input": text,
            "response_format": "pcm",
        }
        response = await self._post("/audio/speech", params={"sample_rate": str(pcm.RATE_HZ)}, json=body)
        try:
            rate = int(response.headers.get("X-Sample-Rate", "24000"))
        except ValueError as exc:
            raise VoiceUnavailable(f"{self.base_url} named no sample rate") from exc
        samples = pcm.to_samples(response.content)
        if samples.size == 0:
            raise VoiceUnavailable(f"{self.base_url} gave no audio for {text[:40]!r}")
        if rate == pcm.RATE_HZ:
            return samples
        resampled = soxr.resample(samples, rate, pcm.RATE_HZ)
        return np.asarray(resampled, dtype=np.int16)

    async def _post(self, path: str, **request: Any) -> httpx.Response:
        response = await self._post_once(path, request)
        for _ in range(LOADING_TRIES - 1):
            # Its models load for some seconds after the start, and it says when to ask again.
            if response.status_code != 503 or "Retry-After" not in response.headers:
                break
            await asyncio.sleep(1.0)
            response = await self._post_once(path, request)
        if response.status_code != 200:
            detail = response.text[:200].replace("\n", " ")
            raise VoiceUnavailable(f"{self.base_url}{path} answered {response.status_code}: {detail}")
        return response

    async def _post_once(self, path: str, request: dict[str, Any]) -> httpx.Response:
        try:
            return await self._http.post(self.base_url + path, **request)
        except httpx.HTTPError as exc:
            raise VoiceUnavailable(
                f"no speech server at {self.base_url} ({type(exc).__name__}): start voxvoice, or set VOXPHONE_VOICE_URL"
            ) from exc


def _write_whole(path: Path, content: bytes) -> None:
    """Readers see the whole file or none, also when two runs make the same clip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    draft.write_bytes(content)
    os.replace(draft, path)
