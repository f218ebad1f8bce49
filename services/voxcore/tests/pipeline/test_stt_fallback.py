"""Guards a recogniser that dies in mid-call: the utterance in flight must reach its successor, once."""

import aiohttp
import pytest
from pipecat.frames.frames import (
    InputAudioRawFrame,
    TranscriptionFrame,
    VADUserStartedSpeakingFrame,
    VADUserStoppedSpeakingFrame,
)
from pipecat.processors.frame_processor import FrameDirection
from voxcore.pipeline.fallback import Failures
from voxcore.pipeline.providers.base import Means
from voxcore.pipeline.providers.compat_stt import CompatibleSegmentStt
from voxcore.pipeline.stages import SttStage
from voxcore.pipeline.turns.state import SpeechState
from voxcore.record import CallRecord
from voxkit.contracts.runtime_config import SttOption

pytestmark = [pytest.mark.unit]


class Bench:
    def __init__(self, provider, http, models: list[str]) -> None:
        self.record = CallRecord(call_id="c", bot_id="b", transport="ws")
        self.given_up: list[str] = []
        self.options = [
            SttOption(provider="openai_compatible", base_url=provider.base_url, model=model) for model in models
        ]
        means = Means(http=http, rate=8000, speech=SpeechState())

        async def build(option):
            return CompatibleSegmentStt(option, means)

        async def give_up(stage: str) -> None:
            self.given_up.append(stage)

        failures = Failures(self.record, give_up)
        self.stage = SttStage(CompatibleSegmentStt(self.options[0], means), self.options, build, failures, rate=8000)

    async def utterance(self) -> None:
        await self.stage.queue_frame(VADUserStartedSpeakingFrame(start_secs=0.2), FrameDirection.UPSTREAM)
        for value in range(1, 26):
            audio = value.to_bytes(2, "little") * 320
            await self.stage.queue_frame(InputAudioRawFrame(audio=audio, sample_rate=8000, num_channels=1))
        await self.stage.queue_frame(VADUserStoppedSpeakingFrame(stop_secs=0.4), FrameDirection.UPSTREAM)

    @property
    def actions(self) -> list[tuple[str, str]]:
        events = (event.data for event in self.record.events if event.type == "service_error")
        return [(event["code"], event["action"]) for event in events]


@pytest.fixture
async def bench(provider):
    async with aiohttp.ClientSession() as http:
        yield lambda *models: Bench(provider, http, list(models))


def texts(collector) -> list[str]:
    return [frame.text for frame in collector.frames if isinstance(frame, TranscriptionFrame)]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([500], [("500", "retry")]),
        ([500, 503], [("500", "retry"), ("503", "retry")]),
        ([500, 500, 500], [("500", "retry"), ("500", "retry"), ("500", "fallback")]),
        ([401], [("401", "fallback")]),
    ],
    ids=str,
)
async def test_three_failures_or_a_refusal_let_the_next_recogniser_hear_the_same_utterance(
    bench, provider, run_pipeline, until, collector, faults, expected
):
    provider.faults["stt"] = list(faults)
    side = bench("first", "second")
    async with run_pipeline([side.stage, collector]):
        await side.utterance()
        await until(lambda: texts(collector), 30)
    assert side.actions == expected
    assert texts(collector) == ["hello there"]
    asked = provider.asked("stt")
    assert asked[-1]["fields"]["model"] == ("second" if expected[-1][1] == "fallback" else "first")
    speech = b"".join(value.to_bytes(2, "little") * 320 for value in range(1, 26))
    assert speech in asked[-1]["wav"]
    heard = [frame for frame in collector.frames if isinstance(frame, InputAudioRawFrame)]
    assert len(heard) == 25  # what is replayed to the successor does not travel on again


async def test_without_a_successor_the_call_is_given_up_once(bench, provider, run_pipeline, until, collector):
    provider.faults["stt"] = [500] * 6
    side = bench("only")
    async with run_pipeline([side.stage, collector]):
        await side.utterance()
        await until(lambda: side.given_up, 30)
    assert side.given_up == ["stt"]
    assert [action for _, action in side.actions] == ["retry", "retry", "give_up"]
    assert texts(collector) == []


async def test_a_stalled_recogniser_is_replaced_without_a_second_try(
    bench, provider, run_pipeline, until, collector, monkeypatch
):
    monkeypatch.setattr("voxcore.pipeline.providers.compat_stt.ANSWER_S", (0.2, 0.2, 0.2))
    provider.faults["stt"] = ["stall"]
    side = bench("first", "second")
    async with run_pipeline([side.stage, collector]):
        await side.utterance()
        await until(lambda: texts(collector), 30)
    assert side.actions == [("stalled", "fallback")]
