"""Guards the requests of the built-in adapters and what they make of answers: wrong rates, lost tool calls, no text."""

import io
import json
import wave

import aiohttp
import numpy as np
import pytest
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    ErrorFrame,
    InputAudioRawFrame,
    InterimTranscriptionFrame,
    TranscriptionFrame,
    TTSAudioRawFrame,
    TTSSpeakFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.frame_processor import FrameDirection
from voxcore.metrics import registry
from voxcore.pipeline.providers import compat_stream, compat_stt
from voxcore.pipeline.providers.base import Means
from voxcore.pipeline.providers.compat_llm import CompatibleLlm
from voxcore.pipeline.providers.compat_stream import CompatibleStreamStt
from voxcore.pipeline.providers.compat_stt import CompatibleSegmentStt
from voxcore.pipeline.providers.compat_tts import CompatibleTts
from voxcore.pipeline.providers.http import ProviderError, Stalled
from voxcore.pipeline.turns.state import SpeechState
from voxkit.contracts.runtime_config import LlmOption, SttOption, TtsOption

pytestmark = [pytest.mark.unit]


@pytest.fixture
async def means():
    async with aiohttp.ClientSession() as http:
        yield Means(http=http, rate=8000, speech=SpeechState(), system_prompt="Be kind.")


def speech_option(cls, provider, **fields):
    return cls(provider="openai_compatible", base_url=provider.base_url, api_key="k1", **fields)


# --- speech to text --------------------------------------------------------------------------------------------


async def test_a_segment_is_posted_as_a_wav_file_at_the_rate_of_the_pipeline(provider, means):
    stt = CompatibleSegmentStt(speech_option(SttOption, provider, language="en-IN"), means)
    assert await stt.transcribe(b"\x05\x00" * 800, 5) == "hello there"
    asked = provider.asked("stt")[0]
    assert asked["fields"] == {"model": "whisper-1", "response_format": "json", "language": "en"}
    with wave.open(io.BytesIO(asked["wav"])) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (1, 8000, 800)
        assert file.readframes(800) == b"\x05\x00" * 800


@pytest.mark.parametrize(
    ("fault", "error"),
    [(500, ProviderError), (401, ProviderError), ("garbage", ProviderError), ("stall", Stalled)],
)
async def test_an_answer_without_text_is_an_error(provider, means, fault, error):
    provider.faults["stt"] = [fault]
    stt = CompatibleSegmentStt(speech_option(SttOption, provider), means)
    with pytest.raises(error) as raised:
        await stt.transcribe(bytes(1600), 0.3)
    assert raised.value.status == (fault if isinstance(fault, int) else None)


class Heard:
    """Frames of a recogniser, without a pipeline behind it."""

    def __init__(self, collector) -> None:
        self._collector = collector

    def texts(self, kind) -> list[tuple[str, bool]]:
        return [(f.text, getattr(f, "finalized", False)) for f in self._collector.frames if isinstance(f, kind)]


async def test_an_utterance_becomes_one_final_text(provider, means, run_pipeline, until, collector):
    stt = CompatibleSegmentStt(speech_option(SttOption, provider), means)
    heard = Heard(collector)
    async with run_pipeline([stt, collector]):
        await speak(stt, 0.5)
        await until(lambda: heard.texts(TranscriptionFrame))
    assert heard.texts(TranscriptionFrame) == [("hello there", True)]
    assert not means.speech.streaming
    assert heard.texts(InterimTranscriptionFrame) == []


@pytest.mark.parametrize("extra", [{}, {"stream": True}], ids=["segments", "socket"])
async def test_the_time_from_hearing_to_the_recogniser_is_measured(
    provider, means, run_pipeline, until, collector, extra
):
    def measured() -> float:
        return registry.get_sample_value("voxcore_added_latency_seconds_count", {"direction": "in"}) or 0.0

    before = measured()
    means.speech.heard_at = means.speech.now
    make = CompatibleStreamStt if extra else CompatibleSegmentStt
    stt = make(speech_option(SttOption, provider, extra=extra), means)
    async with run_pipeline([stt, collector]):
        await speak(stt, 0.5)
        await until(lambda: measured() > before)


async def test_t5_while_the_bot_speaks_the_growing_segment_is_transcribed(
    provider, means, run_pipeline, until, collector
):
    assert compat_stt.PARTIAL_EVERY_S == 0.35
    stt = CompatibleSegmentStt(speech_option(SttOption, provider), means)
    heard = Heard(collector)
    async with run_pipeline([stt, collector]):
        await stt.queue_frame(BotStartedSpeakingFrame(), FrameDirection.UPSTREAM)
        await stt.queue_frame(VADUserStartedSpeakingFrame(start_secs=0.2), FrameDirection.UPSTREAM)
        for _ in range(3):
            await audio(stt, 0.2)
        await until(lambda: heard.texts(InterimTranscriptionFrame))
        assert heard.texts(TranscriptionFrame) == []


async def test_an_empty_segment_says_that_nothing_is_in_work_any_more(provider, means, run_pipeline, until, collector):
    provider.text = ""
    stt = CompatibleSegmentStt(speech_option(SttOption, provider), means)
    heard = Heard(collector)
    async with run_pipeline([stt, collector]):
        await speak(stt, 0.3)
        await until(lambda: heard.texts(TranscriptionFrame))
    assert heard.texts(TranscriptionFrame) == [("", True)]


async def test_the_socket_takes_audio_as_it_comes_and_gives_interim_and_final_text(
    provider, means, run_pipeline, until, collector
):
    stt = CompatibleStreamStt(speech_option(SttOption, provider, language="en", extra={"stream": True}), means)
    heard = Heard(collector)
    async with run_pipeline([stt, collector]):
        await until(lambda: provider.asked("stream"))
        await speak(stt, 0.2)
        await until(lambda: heard.texts(TranscriptionFrame))
    assert provider.asked("stream") == [{"model": "whisper-1", "language": "en", "sample_rate": "8000"}]
    assert heard.texts(InterimTranscriptionFrame) == [("hello", False)]
    assert heard.texts(TranscriptionFrame) == [("hello there", True)]
    assert means.speech.streaming
    assert provider.asked("stt") == []


async def test_pr0_a_refused_upgrade_means_segments_for_the_rest_of_the_call(
    provider, means, run_pipeline, until, collector
):
    provider.refuse_stream = True
    noted: list[str] = []
    told = Means(http=means.http, rate=8000, speech=means.speech, note=lambda code, message: noted.append(code))
    stt = CompatibleStreamStt(speech_option(SttOption, provider, extra={"stream": True}), told)
    heard = Heard(collector)
    async with run_pipeline([stt, collector]):
        await until(lambda: noted)
        await speak(stt, 0.3)
        await until(lambda: heard.texts(TranscriptionFrame))
    assert noted == ["stream_refused"]
    assert not means.speech.streaming
    assert len(provider.asked("stt")) == 1


def test_a_lost_socket_is_opened_again_after_a_quarter_half_and_a_second():
    assert compat_stream.BACKOFF_S == (0.25, 0.5, 1.0)
    assert compat_stream.REPLAY_S == 3.0


async def audio(stt, seconds: float) -> None:
    for _ in range(round(seconds / 0.04)):
        await stt.queue_frame(InputAudioRawFrame(audio=b"\x07\x00" * 320, sample_rate=8000, num_channels=1))


async def speak(stt, seconds: float) -> None:
    await stt.queue_frame(VADUserStartedSpeakingFrame(start_secs=0.2), FrameDirection.UPSTREAM)
    await audio(stt, seconds)
    await stt.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.4), FrameDirection.UPSTREAM)


# --- language model --------------------------------------------------------------------------------------------


async def test_the_request_holds_prompt_context_tools_and_limits(provider, means):
    llm = CompatibleLlm(
        speech_option(LlmOption, provider, model="m1", temperature=0.1, max_tokens=50, extra={"top_p": 0.5}), means
    )
    context = LLMContext(messages=[{"role": "user", "content": "hi"}])
    chunks = [chunk async for chunk in await llm.get_chat_completions(context)]
    body = provider.asked("llm")[0]
    assert body["messages"] == [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "hi"}]
    assert {key: body[key] for key in ("model", "stream", "temperature", "max_tokens", "top_p")} == {
        "model": "m1",
        "stream": True,
        "temperature": 0.1,
        "max_tokens": 50,
        "top_p": 0.5,
    }
    assert "tools" not in body
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "I heard you. Thank you."
    assert [chunk.usage.prompt_tokens for chunk in chunks if chunk.usage] == [11]


async def test_several_tool_calls_in_one_event_are_all_seen(provider, means):
    calls = [
        {"index": index, "id": f"c{index}", "function": {"name": f"t{index}", "arguments": json.dumps({"n": index})}}
        for index in range(2)
    ]
    provider.answer = ""
    provider.tool_calls = calls
    llm = CompatibleLlm(speech_option(LlmOption, provider, model="m1"), means)
    chunks = [chunk async for chunk in await llm.get_chat_completions(LLMContext(messages=[]))]
    seen = [
        c.choices[0].delta.tool_calls[0].function.name for c in chunks if c.choices and c.choices[0].delta.tool_calls
    ]
    assert seen == ["t0", "t1"]


async def test_a_stream_that_breaks_off_is_an_error_and_not_an_answer(provider, means):
    provider.faults["llm"] = ["cut"]
    llm = CompatibleLlm(speech_option(LlmOption, provider, model="m1"), means)
    with pytest.raises(ProviderError, match="broke off"):
        async for _ in await llm.get_chat_completions(LLMContext(messages=[])):
            pass


# --- text to speech --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said_rate", "extra"), [(8000, {}), (22_050, {}), (None, {}), (None, {"sample_rate": 16_000})]
)
async def test_audio_comes_at_the_rate_of_the_pipeline_whatever_the_server_says(
    provider, means, run_pipeline, until, collector, said_rate, extra
):
    provider.said_rate = said_rate
    if not said_rate and extra:
        provider.speech_s = 0.2 * extra["sample_rate"] / 24_000  # the fake makes 24 kHz when it names no rate
    tts = CompatibleTts(speech_option(TtsOption, provider, voice="joe", speed=1.5, extra=extra), means)
    async with run_pipeline([tts, collector]) as worker:
        await worker.queue_frame(TTSSpeakFrame("Hello."))
        await until(lambda: any(isinstance(f, TTSAudioRawFrame) for f in collector.frames))
        await until(lambda: abs(_seconds(collector) - 0.2) < 0.011)
    asked = provider.asked("tts")[0]
    assert (asked["voice"], asked["speed"], asked["asked_rate"], asked["input"]) == ("joe", 1.5, "8000", "Hello.")
    assert all(frame.sample_rate == 8000 for frame in _audio(collector))


def _audio(collector) -> list[TTSAudioRawFrame]:
    return [frame for frame in collector.frames if isinstance(frame, TTSAudioRawFrame)]


def _seconds(collector) -> float:
    return sum(len(frame.audio) // 2 for frame in _audio(collector)) / 8000


async def test_a_refused_request_is_reported_with_its_status(provider, means, run_pipeline, until):
    provider.faults["tts"] = [402]
    tts = CompatibleTts(speech_option(TtsOption, provider), means)
    errors: list[ErrorFrame] = []

    async def keep(_tts, frame) -> None:
        errors.append(frame)

    tts.add_event_handler("on_error", keep)
    async with run_pipeline([tts]) as worker:
        await worker.queue_frame(TTSSpeakFrame("Hello."))
        await until(lambda: errors)
    assert errors[0].exception.status == 402


def test_downsampling_does_not_fold_high_tones_into_the_voice():
    from voxcore.transports.resample import QuickResampler

    at = np.arange(24_000) / 24_000

    def power(frequency: int) -> float:
        tone = (10_000 * np.sin(2 * np.pi * frequency * at)).astype("<i2").tobytes()
        resampler = QuickResampler()
        out = b"".join(resampler.process(tone[i : i + 960], 24_000, 8_000) for i in range(0, len(tone), 960))
        return float(np.sqrt(np.mean(np.frombuffer(out, "<i2").astype(float) ** 2)))

    assert power(1000) > 6000
    assert power(7000) < 0.1 * power(1000)
