"""What the pipeline's tests share: a quiet Pipecat, and turns driven frame by frame."""

import asyncio
import base64
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from loguru import logger
from pipecat.audio.turn.base_turn_analyzer import BaseTurnAnalyzer, BaseTurnParams, EndOfTurnState
from pipecat.frames.frames import Frame, InterruptionFrame, LLMContextFrame
from pipecat.metrics.metrics import TurnMetricsData
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMUserAggregator, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner
from voxcore.conversation import LiveCall, Services
from voxcore.pipeline.factory import converse
from voxcore.pipeline.speech import PlayedMarker
from voxcore.pipeline.turns.start import VoxUserTurnStart
from voxcore.pipeline.turns.state import SpeechState, TurnRules
from voxcore.pipeline.turns.stop import VoxUserTurnStop
from voxcore.record import CallRecord
from voxcore.settings import VoxcoreSettings
from voxcore.spool import Spool
from voxcore.transports.ws import NativeMedia
from voxkit.contracts.results import WorkerRef
from voxkit.contracts.runtime_config import RuntimeConfig, Turn, Vad
from voxkit.http import internal_client
from voxkit.netguard import Allowlist

sys.path.insert(0, str(Path(__file__).parent.parent))

from media_fakes import FakeSocket
from provider_server import FakeProvider, serving


@pytest.fixture(autouse=True, scope="session")
def quiet_pipecat() -> None:
    logger.remove()


@asynccontextmanager
async def running(processors: list[FrameProcessor]) -> AsyncIterator[PipelineWorker]:
    """A pipeline of these processors at 8 kHz that runs inside the block."""
    worker = PipelineWorker(
        Pipeline(processors),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
        check_dangling_tasks=False,
    )
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    task = asyncio.ensure_future(runner.run())
    try:
        yield worker
    finally:
        await worker.cancel()
        await asyncio.wait_for(task, 30)


@pytest.fixture
def run_pipeline() -> Callable[..., Any]:
    return running


@pytest.fixture
def until() -> Callable[..., Any]:
    async def wait(condition: Callable[[], Any], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.005)

    return wait


class ScriptedTurnModel(BaseTurnAnalyzer):
    """A turn model that says what the test tells it; `asked` counts how often it was, `silent` ends its patience."""

    def __init__(self) -> None:
        super().__init__()
        self.probability = 0.98
        self.asked = 0
        self.silent = False

    @property
    def speech_triggered(self) -> bool:
        return False

    @property
    def params(self) -> BaseTurnParams:
        return BaseTurnParams()

    def append_audio(self, buffer: bytes, is_speech: bool) -> EndOfTurnState:
        return EndOfTurnState.COMPLETE if self.silent else EndOfTurnState.INCOMPLETE

    async def analyze_end_of_turn(self) -> tuple[EndOfTurnState, TurnMetricsData]:
        self.asked += 1
        complete = self.probability > 0.5
        verdict = TurnMetricsData(
            processor="turn", is_complete=complete, probability=self.probability, e2e_processing_time_ms=0
        )
        return (EndOfTurnState.COMPLETE if complete else EndOfTurnState.INCOMPLETE), verdict

    def update_vad_start_secs(self, vad_start_secs: float) -> None:
        return

    def clear(self) -> None:
        return

    async def cleanup(self) -> None:
        return


class Collector(FrameProcessor):
    """Keeps what comes out behind the aggregator."""

    def __init__(self) -> None:
        super().__init__(enable_direct_mode=True)
        self.frames: list[Frame] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, PlayedMarker):
            frame.arrived.set()
            return
        self.frames.append(frame)
        await self.push_frame(frame, direction)


@pytest.fixture
def collector() -> Collector:
    return Collector()


class TurnBench:
    """The user's side of a pipeline; frames go in one by one, turns come out."""

    def __init__(
        self,
        *,
        mode: str = "smart_turn",
        min_words: int = 3,
        streaming: bool = True,
        language: str = "en",
        **turn: Any,
    ) -> None:
        self.now = 1000.0
        self.speech = SpeechState(now=lambda: self.now)
        self.speech.streaming = streaming
        self.model = ScriptedTurnModel()
        rules = TurnRules.of(Turn(**{"transcript_wait_ms": 60, **turn}), Vad(), min_words, language)
        self.start = VoxUserTurnStart(rules, self.speech, self, proposals=mode == "stt")
        self.stop = VoxUserTurnStop(rules, self.speech, mode, self.model)
        self.context = LLMContext()
        self.user = LLMUserAggregator(
            self.context,
            params=LLMUserAggregatorParams(
                user_turn_strategies=UserTurnStrategies(start=[self.start], stop=[self.stop]),
                empty_user_turn=None,
            ),
        )
        self.out = Collector()
        self.interruptions: list[tuple[str, str]] = []
        self.ignored: list[str] = []
        self.ended: list[str | None] = []
        self.user.add_event_handler("on_user_turn_stopped", self._ended)
        self.worker: PipelineWorker | None = None

    async def _ended(self, _user: Any, _strategy: Any, message: Any) -> None:
        self.ended.append(message.content)

    def interrupted(self, kind: str, text: str) -> None:
        self.interruptions.append((kind, text))

    def backchannel_ignored(self, text: str) -> None:
        self.ignored.append(text)

    def bot_stopped(self) -> None:
        self._release = asyncio.ensure_future(self.start.release())

    @property
    def turns(self) -> list[str]:
        """What went to the LLM."""
        return [str(message["content"]) for message in self.context.get_messages()]

    @property
    def runs(self) -> int:
        return sum(isinstance(frame, LLMContextFrame) for frame in self.out.frames)

    @property
    def cuts(self) -> int:
        return sum(isinstance(frame, InterruptionFrame) for frame in self.out.frames)

    async def feed(self, *frames: Frame) -> None:
        """Each frame is worked off, with what it caused, before the next."""
        assert self.worker
        for frame in frames:
            await self.worker.queue_frame(frame)
            for _ in range(2):
                marker = PlayedMarker()
                await self.worker.queue_frame(marker)
                await asyncio.wait_for(marker.arrived.wait(), 20)


@pytest.fixture
def turn_bench() -> Callable[..., Any]:
    """`async with turn_bench(min_words=0) as bench:` a running bench."""

    @asynccontextmanager
    async def open_bench(**options: Any) -> AsyncIterator[TurnBench]:
        bench = TurnBench(**options)
        async with running([bench.user, bench.out]) as worker:
            bench.worker = worker
            yield bench

    return open_bench


@pytest.fixture
async def provider() -> AsyncIterator[FakeProvider]:
    async with serving() as server:
        yield server


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """What a process shares, without the process."""
    settings = VoxcoreSettings(
        voxbridge_config_url="http://bridge.test/api/v1/config", voxcore_secret="test-secret", outbox_dir=tmp_path
    )
    async with aiohttp.ClientSession() as http:
        shared = Services(
            settings=settings,
            http=http,
            voxbridge=internal_client(),
            allowlist=Allowlist.parse(""),
            spool=Spool(tmp_path),
            worker=WorkerRef(),
        )
        yield shared
        for client in shared.shared.values():
            await (client.aclose() if hasattr(client, "aclose") else client.close())
        await shared.voxbridge.aclose()


class Line:
    """A call over a fake socket: the customer hears, presses keys and hangs up."""

    def __init__(self, services: Services, config: RuntimeConfig) -> None:
        self.socket = FakeSocket()
        self.record = CallRecord(call_id="c-1", bot_id="demo", transport="ws")
        self.states: list[str] = []
        media = NativeMedia(self.socket)
        self.call = LiveCall(
            record=self.record, config=config, services=services, media=media, enter=self.states.append
        )
        self._media = media

    async def connect(self, *, direction: str = "incoming", answer: bool = True) -> None:
        self.socket.far_end_sends(
            {"event": "connected", "callerId": "+15550100", "did": "+15550199", "callDirection": direction},
            {"event": "start", "streamId": "s1", "mediaFormat": {"encoding": "LINEAR", "sampleRate": 8000}},
        )
        if answer:
            self.socket.far_end_sends({"event": "answer"})
        await self._media.read_handshake(self.record)
        self.record.session_id = self.call.config.session_id

    async def hold(self) -> None:
        """The conversation, to its end; the far end acknowledges our hang-up."""
        task = asyncio.ensure_future(converse(self.call))
        while not task.done():
            if "reverse-hangup-call" in self.socket.events:
                self.hang_up()
                break
            await asyncio.sleep(0.01)
        await asyncio.wait_for(task, 60)

    def press(self, *keys: str) -> None:
        self.socket.far_end_sends(*({"event": "dtmf", "digit": key} for key in keys))

    def hang_up(self) -> None:
        self.socket.far_end_sends({"event": "hangup-call", "disconnectedBy": "customer"})

    @property
    def heard_s(self) -> float:
        """Length of the bot's audio that reached the far end."""
        sent = (frame for frame in self.socket.frames if frame["event"] == "reverse-media")
        return sum(len(base64.b64decode(frame["payload"])) for frame in sent) / 16_000

    def said(self, role: str) -> list[str]:
        return [entry.content for entry in self.record.transcript if entry.role == role]

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [event.data for event in self.record.events if event.type == kind]


@pytest.fixture
def line(services: Services, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Line]:
    """A call whose three stages are the fake provider; keyword arguments replace fields of the configuration."""
    monkeypatch.setattr("voxcore.pipeline.dtmf.TURN_AFTER_S", 0.1)

    def make(**fields: Any) -> Line:
        stage = {"provider": "openai_compatible", "base_url": provider.base_url, "base_url_trusted": True}
        body: dict[str, Any] = {
            "session_id": "sess-1",
            "webhook_url": "http://bridge.test/api/v1/call-results",
            "system_prompt": "You are a test.",
            "opening_message": "Hello. How are you?",
            "stt": stage,
            "llm": {**stage, "model": "fake"},
            "tts": stage,
            "turn": {"mode": "vad"},
            **fields,
        }
        return Line(services, RuntimeConfig.model_validate(body))

    return make
