"""`/v1/audio/transcriptions` and `/v1/audio/speech`."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Query, UploadFile
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from pydantic import BaseModel, Field

from voxvoice.errors import BadAudio, BadValue, TextTooLong, UnknownModel, UnknownVoice, UnsupportedLanguage
from voxvoice.lanes import Urgency
from voxvoice.limits import LONGEST_INPUT
from voxvoice.server import Server, server_of
from voxvoice.speech import Speech
from voxvoice.stt import LONGEST_STRETCH_S, Segment, to_16k
from voxvoice.tts import DEFAULT_RATE_HZ, MAX_RATE_HZ, MAX_SPEED, MIN_RATE_HZ, MIN_SPEED, VOICES
from voxvoice.wav import WavError, parse_wav, wav_bytes

router = APIRouter()

# OpenAI's names are accepted as other names of the one model there is.
STT_MODELS = ("whisper-1", "whisper-tiny.en", "tiny.en", "default", "gpt-4o-transcribe", "gpt-4o-mini-transcribe")
TTS_MODELS = ("tts-1", "piper", "default", "tts-1-hd", "gpt-4o-mini-tts")
TRANSCRIPT_FORMATS = ("json", "text", "verbose_json")
SPEECH_FORMATS = ("pcm", "wav")


def check_stt(model: str, language: str) -> None:
    """Raises: UnknownModel, UnsupportedLanguage. Empty means the default of both."""
    if model and model not in STT_MODELS:
        raise UnknownModel(f"No speech-to-text model '{model}' here; known: {', '.join(STT_MODELS)}.")
    if language and language.lower().replace("_", "-").split("-")[0] not in ("en", "english"):
        raise UnsupportedLanguage(f"The local model understands English only, not '{language}'; send language=en.")


def one_of(value: str, allowed: tuple[str, ...], name: str) -> str:
    """`value`, or BadValue that names what is allowed."""
    if value not in allowed:
        raise BadValue(f"{name} '{value}' is not supported; use one of: {', '.join(allowed)}.")
    return value


@router.post("/audio/transcriptions")
async def transcriptions(
    server: Annotated[Server, Depends(server_of)],
    file: Annotated[UploadFile, File(description="PCM WAV, any rate, mono or more channels")],
    model: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    response_format: Annotated[str, Form()] = "json",
    prompt: Annotated[str, Form(max_length=2000)] = "",
    temperature: Annotated[float, Form(ge=0, le=1)] = 0.0,
    channel: Annotated[int | None, Form(description="Transcribe this channel alone, from 0; default: the mix")] = None,
) -> Response:
    """Text of a recording; empty when nobody speaks in it."""
    speech = server.ready()
    check_stt(model, language)
    one_of(response_format, TRANSCRIPT_FORMATS, "response_format")
    try:
        wav = parse_wav(await file.read())
        mono = wav.mono(channel)
    except WavError as error:
        raise BadAudio(f"The audio cannot be read: {error}.") from error
    urgency = Urgency.FINAL if wav.seconds <= LONGEST_STRETCH_S else Urgency.FILE
    segments = await speech.transcribe(to_16k(mono, wav.rate_hz), urgency, prompt, temperature)
    text = " ".join(segment.text for segment in segments)
    if response_format == "text":
        return PlainTextResponse(text + "\n")
    if response_format == "verbose_json":
        return JSONResponse(_verbose(text, wav.seconds, segments, temperature))
    return JSONResponse({"text": text})


def _verbose(text: str, duration_s: float, segments: list[Segment], temperature: float) -> dict[str, Any]:
    return {
        "task": "transcribe",
        "language": "english",
        "duration": round(duration_s, 3),
        "text": text,
        "segments": [
            {
                "id": index,
                "seek": int(segment.start_s * 100),
                "start": round(segment.start_s, 2),
                "end": round(min(segment.end_s, duration_s), 2),
                "text": segment.text,
                "tokens": [],
                "temperature": temperature,
                "avg_logprob": round(segment.avg_logprob, 4),
                "compression_ratio": 1.0,
                "no_speech_prob": round(segment.no_speech_prob, 4),
            }
            for index, segment in enumerate(segments)
        ],
    }


class SpeechRequest(BaseModel):
    """Body of `/v1/audio/speech`; OpenAI's other fields are ignored."""

    input: str
    model: str = ""
    voice: str = "default"
    response_format: str = "wav"
    speed: float = Field(default=1.0, ge=MIN_SPEED, le=MAX_SPEED)


@router.post("/audio/speech")
async def speak(
    body: SpeechRequest,
    server: Annotated[Server, Depends(server_of)],
    sample_rate: Annotated[int, Query(ge=MIN_RATE_HZ, le=MAX_RATE_HZ)] = DEFAULT_RATE_HZ,
) -> Response:
    """Speech as 16-bit mono PCM, streamed a sentence at a time, or as one WAV file."""
    speech = server.ready()
    if body.model and body.model not in TTS_MODELS:
        raise UnknownModel(f"No text-to-speech model '{body.model}' here; known: {', '.join(TTS_MODELS)}.")
    if body.voice and body.voice not in VOICES:
        raise UnknownVoice(f"No voice '{body.voice}' here; known: {', '.join(VOICES)}.")
    one_of(body.response_format, SPEECH_FORMATS, "response_format")
    if not body.input.strip():
        raise BadValue("input is empty; send the text to speak.")
    if len(body.input) > LONGEST_INPUT:
        raise TextTooLong(f"input has {len(body.input)} characters; {LONGEST_INPUT} are the most.")
    headers = {"X-Sample-Rate": str(sample_rate)}
    audio = _measured(speech, body.input, body.speed, sample_rate)
    if body.response_format == "wav":
        pcm = b"".join([part async for part in audio])
        return Response(wav_bytes(pcm, sample_rate), media_type="audio/wav", headers=headers)
    # The first sentence is waited for, so that a failure is still an error status and not a cut stream.
    first = await anext(audio, b"")
    return StreamingResponse(_rest(first, audio), media_type="audio/pcm", headers=headers)


async def _measured(speech: Speech, text: str, speed: float, rate_hz: int) -> AsyncIterator[bytes]:
    with speech.metrics.timed("tts"):
        audio = speech.speak(text, speed, rate_hz)
        with speech.metrics.timed("tts_first_audio"):
            first = await anext(audio, None)
        if first is not None:
            yield first
            async for part in audio:
                yield part


async def _rest(first: bytes, audio: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if first:
        yield first
    async for part in audio:
        yield part
