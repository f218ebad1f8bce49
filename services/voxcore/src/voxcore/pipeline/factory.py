"""Builds the pipeline of one call and holds the conversation in it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, cast

from pipecat.adapters.llm.schemas.function_schema import FunctionSchema
from pipecat.frames.frames import ErrorFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair, LLMUserAggregatorParams
from pipecat.processors.frame_processor import FrameProcessor, FrameProcessorSetup
from pipecat.services.llm_service import FunctionCallParams, LLMService
from pipecat.turns.user_turn_strategies import UserTurnStrategies
from pipecat.workers.runner import WorkerRunner
from voxkit.contracts.runtime_config import RuntimeConfig, SttOption
from voxkit.errors import VoxError
from voxkit.log import get_logger

from voxcore import metrics as figures
from voxcore.conversation import LiveCall, RecordingFacts
from voxcore.durable import file_stem
from voxcore.pipeline import onnx_cache
from voxcore.pipeline.context import ToolSpec
from voxcore.pipeline.fallback import Failure
from voxcore.pipeline.live import Conversation
from voxcore.pipeline.providers import registry
from voxcore.pipeline.providers.base import Option
from voxcore.pipeline.recorder import WireRecorder
from voxcore.pipeline.speech import Gate, Played
from voxcore.pipeline.stages import LlmStage, SttStage, TtsStage
from voxcore.pipeline.tools import build_tools
from voxcore.pipeline.turns.model import TurnModel
from voxcore.pipeline.turns.start import VoxUserTurnStart
from voxcore.pipeline.turns.state import TurnRules
from voxcore.pipeline.turns.stop import Mode, VoxUserTurnStop
from voxcore.pipeline.vad import InlineSilero
from voxcore.transports.base import MediaListener

log = get_logger("voxcore.factory")

LONGEST_TURN_GAP_S = 5.0
CANCEL_S = 5.0
START_S = 10.0
STOP_HANG_UP_S = 1.0


class NotBuilt(Exception):
    """The pipeline of this call cannot be made; the record says why."""


async def converse(call: LiveCall) -> None:
    """Hold the conversation of a call; afterwards its transport and its recording are closed."""
    conversation = Conversation(call)
    try:
        await _converse(call, conversation)
    except NotBuilt:
        call.record.end("error")
    finally:
        call.enter("ending")
        await conversation.stop()
        await _close(call, conversation)


async def _converse(call: LiveCall, conversation: Conversation) -> None:
    media, record = conversation.media, call.record
    started = conversation.speech.now()
    worker, entry, ready = await build(conversation)
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=False)
    await runner.add_workers(worker)
    running = asyncio.ensure_future(runner.run())
    stopping = asyncio.ensure_future(_watch_stop(call, conversation))
    try:
        await _wait_first(ready.wait(), conversation.end.over.wait(), running, timeout_s=START_S)
        figures.setup_seconds.labels(step="build").observe(conversation.speech.now() - started)
        if not ready.is_set():
            _note_dead(conversation, "the pipeline did not start")
            return
        call.enter("waiting_answer")
        if not await _answered(conversation):
            if not conversation.end.over.is_set():
                record.end("no_answer" if record.call_direction == "outgoing" else "customer")
            return
        record.answered()
        if call.config.recording_enabled:
            _begin_recording(call, conversation)
        listener = MediaListener(gone=conversation.end.far_end_gone, digit=conversation.digit)
        call.enter("opening")
        await media.listen(entry, listener)
        conversation.later(conversation.open())
        await _wait_first(conversation.end.over.wait(), running)
        if not conversation.end.over.is_set():
            _note_dead(conversation, "the pipeline ended by itself")
            return
        await conversation.end.hear_out(worker)
    finally:
        stopping.cancel()
        await worker.cancel()
        await asyncio.wait({running}, timeout=CANCEL_S + 1)
        running.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await running


async def _answered(conversation: Conversation) -> bool:
    """Wait for the answer, unless the process asks for the end first."""
    answer = asyncio.ensure_future(conversation.media.wait_answer())
    await _wait_first(answer, conversation.end.over.wait())
    if not answer.done():
        answer.cancel()
        return False
    return answer.result()


async def _wait_first(*work: Awaitable[Any], timeout_s: float | None = None) -> None:
    tasks = [asyncio.ensure_future(each) for each in work]
    try:
        await asyncio.wait(tasks, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task, given in zip(tasks, work, strict=True):
            if task is not given:  # a task that was handed in belongs to the caller
                task.cancel()


async def _watch_stop(call: LiveCall, conversation: Conversation) -> None:
    await call.stop.wait()
    if call.stop.event:
        call.record.event(call.stop.event)
    call.record.end(call.stop.cause)
    conversation.end.over.set()


def _note_dead(conversation: Conversation, message: str) -> None:
    conversation.record.event("service_error", stage="pipeline", code="dead", message=message, action="give_up")
    conversation.record.end("error")


def _begin_recording(call: LiveCall, conversation: Conversation) -> None:
    path = call.services.spool.part(f"{file_stem(call.config.session_id)}.wav")
    try:
        conversation.media.recorder = WireRecorder(path, conversation.media.rate)
    except OSError as error:
        log.error("recording.not_opened", error=str(error))
        call.record.event("service_error", stage="recording", code="not_opened", message=str(error), action="give_up")


async def _close(call: LiveCall, conversation: Conversation) -> None:
    media = conversation.media
    call.record.usage.tts.audio_seconds = round(media.sent_s, 1)
    cause = call.record.disconnected_by or "error"
    try:
        if call.stop.requested:
            await asyncio.wait_for(media.hang_up(cause), STOP_HANG_UP_S)
        else:
            await media.hang_up(cause)
    except TimeoutError:
        log.info("transport.hang_up_cut_short")
    finally:
        await media.close()
        recorder = media.recorder
        media.recorder = None
        if isinstance(recorder, WireRecorder):
            await _keep_recording(call, recorder)


async def _keep_recording(call: LiveCall, recorder: WireRecorder) -> None:
    key = f"{file_stem(call.config.session_id)}.wav"
    if not await asyncio.to_thread(recorder.close):
        call.record.event("service_error", stage="recording", code="not_written", message="disk", action="give_up")
    try:
        path = await asyncio.to_thread(call.services.spool.finish, key)
    except OSError as error:
        log.error("recording.not_finished", error=str(error))
        return
    call.recording = RecordingFacts(key=key, path=path, url=call.services.spool.url(key))


# --- the pipeline ----------------------------------------------------------------------------------------------


async def build(conversation: Conversation) -> tuple[PipelineWorker, FrameProcessor, asyncio.Event]:
    """(worker, where audio enters, set once the pipeline runs). Raises: NotBuilt."""
    onnx_cache.install()
    call, config = conversation.call, conversation.config
    tools = build_tools(conversation, call.services)
    make = _Maker(conversation, tools)
    stt = SttStage(*await make.first("stt", [config.stt, *config.stt.fallbacks]), rate=conversation.media.rate)
    llm = LlmStage(*await make.first("llm", [config.llm, *config.llm.fallbacks]), drop_answer=conversation.drop_answer)
    tts = TtsStage(*await make.first("tts", [config.tts, *config.tts.fallbacks]))
    for name, stage in (("stt", stt), ("llm", llm), ("tts", tts)):
        usage = getattr(call.record.usage, name)
        usage.provider, usage.model = stage.option.provider, stage.option.model
    conversation.context = _context(config, tools)
    pair = LLMContextAggregatorPair(conversation.context, user_params=_user_params(conversation, stt.option))
    conversation.user = pair.user()
    entry, output = conversation.media.ends()
    conversation.output = output
    pipeline = _Unobserved(
        [
            entry,
            stt,
            pair.user(),
            Gate(conversation),
            llm,
            conversation.script,
            tts,
            output,
            Played(conversation, conversation.script, conversation.speech.now),
            pair.assistant(),
        ]
    )
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(
            audio_in_sample_rate=conversation.media.rate,
            audio_out_sample_rate=conversation.media.rate,
            enable_metrics=True,
            enable_usage_metrics=True,
            send_initial_empty_metrics=False,
        ),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
        cancel_timeout_secs=CANCEL_S,
        check_dangling_tasks=False,
    )
    ready = asyncio.Event()
    _listen_to(worker, pair, conversation, ready)
    return worker, entry, ready


def _listen_to(
    worker: PipelineWorker, pair: LLMContextAggregatorPair, conversation: Conversation, ready: asyncio.Event
) -> None:
    @worker.event_handler("on_pipeline_started")
    async def started(_worker: Any, _frame: Any) -> None:
        ready.set()

    @worker.event_handler("on_pipeline_error")
    async def error(_worker: Any, frame: ErrorFrame) -> None:
        log.warning("pipeline.error", processor=str(frame.processor), message=str(frame.error)[:300])

    @pair.assistant().event_handler("on_assistant_turn_stopped")
    async def bot_turn(_assistant: Any, _message: Any) -> None:
        conversation.bot_turn_noted()

    @pair.user().event_handler("on_user_turn_stopped")
    async def turn_stopped(_user: Any, _strategy: Any, message: Any) -> None:
        await conversation.turn_stopped(message.content)


class _Unobserved(Pipeline):
    """No processor reports its frames: the worker's observer has nobody to tell, and reports cost CPU."""

    async def setup(self, setup: FrameProcessorSetup) -> None:
        await super().setup(replace(setup, observer=None))


class _Maker:
    """Makes the services of a call; a fallback later in the call is made the same way."""

    def __init__(self, conversation: Conversation, tools: list[ToolSpec]) -> None:
        self._conversation = conversation
        self._tools = tools

    async def first(self, stage: str, options: list[Any]) -> tuple[FrameProcessor, list[Option], Any, Any]:
        """The first candidate that can be made, and the candidates from it on. Raises: NotBuilt."""
        failures = self._conversation.failures
        build = self._builder(stage)
        for at, option in enumerate(options):
            try:
                chosen = registry.complete(stage, option)
                rest = [registry.with_model(stage, each) for each in options[at + 1 :]]
                return await build(chosen), [chosen, *rest], build, failures
            except (registry.Unusable, VoxError, ValueError, TypeError, OSError, ImportError) as error:
                failure = Failure("unusable", f"{type(error).__name__}: {error}"[:300], transient=False)
                failures.note(stage, option, failure, "fallback" if at + 1 < len(options) else "give_up")
        raise NotBuilt(stage)

    def _builder(self, stage: str) -> Callable[[Option], Awaitable[FrameProcessor]]:
        conversation = self._conversation

        async def build(option: Option) -> FrameProcessor:
            def note(code: str, message: str) -> None:
                conversation.failures.note(stage, option, Failure(code, message, transient=False), "fallback")

            conversation.speech.streaming = True
            service = await registry.build(
                stage,
                option,
                conversation.call.services,
                rate=conversation.media.rate,
                speech=conversation.speech,
                system_prompt=system_prompt(conversation.config),
                note=note,
            )
            if stage == "llm":
                for tool in self._tools:
                    cast(LLMService, service).register_function(
                        tool.name, _handler(conversation, tool), cancel_on_interruption=False
                    )
            return service

        return build


def _handler(conversation: Conversation, tool: ToolSpec) -> Callable[[FunctionCallParams], Awaitable[None]]:
    async def run(params: FunctionCallParams) -> None:
        await conversation.run_tool(tool, params)

    return run


def system_prompt(config: RuntimeConfig) -> str:
    """The prompt of a call: one text, or its static and dynamic part."""
    parts = config.prompt_parts
    if parts and parts.mode == "direct":
        return "\n\n".join(part for part in (parts.static_system_prompt, parts.dynamic_runtime_prompt) if part)
    return config.system_prompt


def _context(config: RuntimeConfig, tools: list[ToolSpec]) -> LLMContext:
    messages: list[Any] = []
    if config.opening_message.strip():
        messages.append({"role": "assistant", "content": config.opening_message})
    schemas: list[Any] = [
        FunctionSchema(
            name=tool.name,
            description=tool.description,
            properties=tool.parameters.get("properties", {}),
            required=tool.parameters.get("required", []),
        )
        for tool in tools
    ]
    return LLMContext(messages=messages, tools=schemas) if schemas else LLMContext(messages=messages)


def _user_params(conversation: Conversation, stt: Option) -> LLMUserAggregatorParams:
    config = conversation.config
    rules = TurnRules.of(config.turn, config.vad, config.min_words_interruption, cast(SttOption, stt).language)
    mode: Mode = "stt" if stt.provider == "deepgram_flux" else config.turn.mode
    analyzer = TurnModel(config.turn.stop_secs) if mode == "smart_turn" else None
    start = conversation.start = VoxUserTurnStart(rules, conversation.speech, conversation, proposals=mode == "stt")
    stop = VoxUserTurnStop(rules, conversation.speech, mode, analyzer)
    return LLMUserAggregatorParams(
        vad_analyzer=InlineSilero(config.vad, conversation.speech.paused),
        user_turn_strategies=UserTurnStrategies(start=[start], stop=[stop]),
        user_turn_stop_timeout=LONGEST_TURN_GAP_S,
        empty_user_turn=None,
    )
