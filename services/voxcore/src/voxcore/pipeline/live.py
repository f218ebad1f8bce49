"""One live conversation: what the processors report comes together here, and what tools ask for is done here."""

import asyncio
import json
import time
from contextlib import AbstractContextManager, suppress
from typing import Any, cast

from pipecat.frames.frames import (
    FunctionCallResultProperties,
    LLMRunFrame,
    MetricsFrame,
    TranscriptionFrame,
)
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMUserAggregator
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.services.llm_service import FunctionCallParams
from pipecat.utils.time import time_now_iso8601
from voxkit.contracts.runtime_config import RuntimeConfig
from voxkit.log import get_logger

from voxcore import metrics as figures
from voxcore.conversation import LiveCall
from voxcore.pipeline.closing import RESPONSE_END_WAIT_S, Closing
from voxcore.pipeline.context import Digits, ToolAnswer, ToolInvocation, ToolSpec
from voxcore.pipeline.dtmf import Keypad, tones
from voxcore.pipeline.fallback import Failures
from voxcore.pipeline.idle import Silence, SilencePlan
from voxcore.pipeline.limits import Limits
from voxcore.pipeline.observe import Latency, Usage
from voxcore.pipeline.speech import Script
from voxcore.pipeline.textfilter import speakable
from voxcore.pipeline.turns.start import VoxUserTurnStart
from voxcore.pipeline.turns.state import SpeechState
from voxcore.record import CallRecord
from voxcore.transports.base import SocketMedia

log = get_logger("voxcore.live")

SILENCE_LOOK_S = 0.1


class Conversation:
    """The call from its answer on; `end` is how it ends."""

    def __init__(self, call: LiveCall) -> None:
        self.call = call
        self.media = cast(SocketMedia, call.media)
        self.speech = SpeechState()
        self.script = Script(self)
        self.latency = Latency(call.record, self.speech, self.speech.now)
        self.usage = Usage(call.record, self.latency)
        self.end = Closing(self, self.later)
        self.failures = Failures(call.record, self.end.give_up)
        self.keypad = Keypad(self._keypad_turn, self.script.stop_bot)
        plan = SilencePlan.of(call.config.re_engagement, call.services.settings.dead_air_seconds)
        self.silence = Silence(plan, self.speech, self._re_engage, self.end.nobody_there)
        self.limits = Limits(call.config.max_call_duration_seconds, self.end.time_is_up, self.end.cut_off)
        self.user: LLMUserAggregator | None = None
        self.start: VoxUserTurnStart | None = None
        self.output: FrameProcessor | None = None
        self._customer_turn = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._interrupted_at = 0.0
        self._opening_open = False
        self.context = LLMContext()
        self.speech.bot_busy = lambda: self.script.busy or self.silence.is_thinking
        self.speech.heard_at = lambda: self.media.heard_at
        self.speech.on_change.append(self._speech_changed)
        self.media.on_flush = self._flushed

    # --- ToolHost ---------------------------------------------------------------------------------------------

    @property
    def config(self) -> RuntimeConfig:
        return self.call.config

    @property
    def record(self) -> CallRecord:
        return self.call.record

    @property
    def transport(self) -> SocketMedia:
        return self.media

    @property
    def customer_turn(self) -> int:
        return self._customer_turn

    async def say_and_wait(self, text: str) -> bool:
        if not text.strip():
            return True
        await self.script.speak(text)
        return await self.script.played()

    async def wait_until_played(self) -> None:
        await self.script.played()

    async def end_call(self, cause: str, **data: Any) -> None:
        self.record.end(cause, **data)
        self.end.finish()

    async def wait_for_silence(self, seconds: float, max_seconds: float) -> bool:
        deadline = time.monotonic() + max_seconds
        while time.monotonic() < deadline:
            if self.media.quiet_s >= seconds and not self.speech.user_speaking:
                return True
            await asyncio.sleep(SILENCE_LOOK_S)
        return False

    async def collect_digits(
        self, *, min_digits: int = 1, max_digits: int = 16, timeout_seconds: float = 8.0, finish_on_key: str = "#"
    ) -> Digits:
        return await self.keypad.collect(
            min_digits=min_digits,
            max_digits=max_digits,
            timeout_seconds=timeout_seconds,
            finish_on_key=finish_on_key,
            played=self.wait_until_played(),
        )

    async def send_dtmf(self, digits: str) -> None:
        await self.script.sound(tones(digits, self.media.rate), self.media.rate)
        await self.script.played()

    def idle_pause(self) -> AbstractContextManager[None]:
        return self.silence.pause()

    async def run_tool(self, spec: ToolSpec, params: FunctionCallParams) -> None:
        """Run a tool behind the words of the response that asked for it, and give its answer to the LLM."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.script.closed.wait(), RESPONSE_END_WAIT_S)
        self.call.enter("transferring" if spec.name == "transfer_call" else "tool_running")
        started, start_ms = time.monotonic(), self.record.offset_ms()
        call = ToolInvocation(
            spec.name, params.tool_call_id, dict(params.arguments), speakable(self.script.response_text)
        )
        with self.idle_pause():
            try:
                answer = await spec.handler(call)
            except Exception as error:
                log.error("tool.failed", tool=spec.name, exc_info=error)
                answer = ToolAnswer({"status": "failure", "error": "internal"})
            self._tool_done(spec.name, answer, time.monotonic() - started, start_ms)
            properties = FunctionCallResultProperties(run_llm=answer.run_llm and not self.closing)
            await params.result_callback(answer.data, properties=properties)
        if not self.closing:
            self.call.enter("conversing")

    def _tool_done(self, name: str, answer: ToolAnswer, seconds: float, start_ms: int) -> None:
        status = str(answer.data.get("status", "success"))
        self.latency.tool_ran(seconds, knowledge=name == "search_knowledge")
        figures.tool_calls.labels(status=status).inc()
        figures.tool_seconds.labels(status=status).observe(seconds)
        tools = self.record.usage.tools
        tools["calls"] = tools.get("calls", 0) + 1
        tools["failures"] = tools.get("failures", 0) + (
            status not in ("success", "timeout" if "digits" in answer.data else "")
        )
        self.record.say(
            "tool",
            json.dumps(answer.data, ensure_ascii=False, default=str),
            start_ms=start_ms,
            end_ms=self.record.offset_ms(),
            turn=self._customer_turn + 1,
            tool_name=name,
        )

    # --- SpeechObserver ---------------------------------------------------------------------------------------

    @property
    def closing(self) -> bool:
        return self.speech.closing

    def turn_given(self) -> None:
        self.latency.turn_over(self._customer_turn + 1)

    def llm_requested(self) -> None:
        self.speech.voice_bytes_at = 0.0  # an answer that was cut before its first sound has no measure
        self.latency.llm_requested()
        self.silence.thinking(True)

    def llm_text(self) -> None:
        self.latency.llm_text()

    def llm_done(self, *, spoke: bool) -> None:
        if not spoke:
            self.silence.thinking(False)

    def user_speaks(self, yes: bool) -> None:
        self.record.event("user_started" if yes else "user_stopped")

    def bot_speaks(self, yes: bool) -> None:
        self.record.event("bot_started" if yes else "bot_stopped")
        if not yes:
            self.speech.voice_bytes_at = 0.0
            return
        if self.record.opening_ms is None:
            self.record.opening_ms = max(0, self.record.offset_ms())
            figures.setup_seconds.labels(step="first_audio").observe(self.record.opening_ms / 1000)
        if self.speech.voice_bytes_at:
            figures.added_latency.labels(direction="out").observe(self.speech.now() - self.speech.voice_bytes_at)
            self.speech.voice_bytes_at = 0.0
        self.latency.first_audio()
        self.silence.thinking(False)

    def bot_said(self, text: str, interrupted: bool, began_at: float | None) -> None:
        end_ms = self.record.offset_ms()
        start_ms = self.record.offset_ms(began_at) if began_at is not None else end_ms
        self.record.say(
            "assistant",
            speakable(text),
            start_ms=start_ms,
            end_ms=end_ms,
            turn=self._customer_turn + 1,
            interrupted=interrupted,
        )

    def metrics(self, frame: MetricsFrame) -> None:
        self.usage.add(frame)

    # --- TurnEvents -------------------------------------------------------------------------------------------

    def interrupted(self, kind: str, text: str) -> None:
        self._interrupted_at = self.speech.now()
        self.record.event("interruption", kind=kind, text=text)
        figures.interruptions.labels(kind=kind).inc()
        self.latency.interrupted()

    def _speech_changed(self) -> None:
        """The end of the customer's words, and a voice that may cut the bot, are to be noticed without a pause."""
        speech = self.speech
        cuts = speech.bot_speaking and self.config.min_words_interruption == 0
        self.media.quick_input = speech.user_speaking or cuts

    def backchannel_ignored(self, text: str) -> None:
        self.record.event("backchannel_ignored", text=text)
        figures.interruptions.labels(kind="backchannel_ignored").inc()

    def bot_stopped(self) -> None:
        self.later(self._answer_kept())

    async def _answer_kept(self) -> None:
        """Words kept while the bot spoke come behind its own in the context, else it answers its last question anew."""
        await self.script.settled(RESPONSE_END_WAIT_S)
        if self.start and not self.speech.bot_holds_floor:
            await self.start.release()

    def _flushed(self) -> None:
        if self._interrupted_at:
            figures.barge_in.observe(self.speech.now() - self._interrupted_at)
            self._interrupted_at = 0.0

    async def turn_stopped(self, content: str | None) -> None:
        """The customer's turn is over; without words the bot goes on where it was cut."""
        text = (content or "").strip()
        if not text:
            await self._resume()
            return
        self.script.cut = None
        self._customer_turn += 1
        self.silence.heard(text)
        end_ms = self.record.offset_ms(self.speech.ended_at) if self.speech.ended_at else self.record.offset_ms()
        start_ms = self.record.offset_ms(self.speech.turn_began_at)
        self.record.say(
            "user",
            text,
            start_ms=start_ms,
            end_ms=max(start_ms, end_ms),
            turn=self._customer_turn,
            interrupted=self.end.over.is_set(),
        )

    def bot_turn_noted(self) -> None:
        """The context begins with the whole opening message; what was played of it is not written a second time."""
        opening, self._opening_open = self._opening_open, False
        messages = self.context.get_messages()
        if opening and len(messages) > 1 and cast(dict[str, Any], messages[1]).get("role") == "assistant":
            self.context.set_messages([messages[0], *messages[2:]])

    async def _resume(self) -> None:
        cut, self.script.cut = self.script.cut, None
        if cut is None or self.closing or self.user is None:
            return
        if cut.unfinished:
            await self.user.queue_frame(LLMRunFrame())
        elif cut.text:
            await self.script.speak(cut.text)

    async def give_text(self, text: str) -> None:
        """Words that were not spoken (keypad) become the customer's."""
        assert self.user
        frame = TranscriptionFrame(text=text, user_id="", timestamp=time_now_iso8601())
        frame.finalized = True
        frame.interruptible = False
        await self.user.queue_frame(frame)

    # --- what happens at the far end --------------------------------------------------------------------------

    async def digit(self, key: str) -> None:
        self.record.event("dtmf_received", digits=key)
        log.info("dtmf.received", count=1)
        await self.keypad.press(key)

    async def _keypad_turn(self, text: str) -> None:
        if not self.closing:
            await self.give_text(text)

    # --- opening ----------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """Speak the opening message; what is said meanwhile is answered right after it."""
        self.limits.start()
        text = self.config.opening_message.strip()
        turn = self.config.turn
        if text:
            self.speech.guard = turn.opening_guard
            self._opening_open = True
            await self.script.speak(text)
            whole = await self.script.played(turn.opening_guard_max_seconds if turn.opening_guard else None)
            self.record.event("opening_spoken", interrupted=not whole)
        self.speech.guard = False
        self.call.enter("conversing")
        self.silence.arm()
        if self.start and not self.speech.bot_speaking and not self.closing:
            await self.start.release()

    async def _re_engage(self, text: str, attempt: int) -> None:
        self.record.event("re_engagement", attempt=attempt, text=text)
        await self.script.speak(text)
        await self.script.played()

    async def drop_answer(self) -> bool:
        """Take back an answer of which nothing has been played; False when the bot is saying it already."""
        if self.speech.bot_speaking:
            return False
        await self.script.stop_bot()
        self.script.cut = None
        return True

    # --- tasks ------------------------------------------------------------------------------------------------

    def later(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("conversation.task_failed", exc_info=error)
            self.record.end("error")
            self.end.over.set()

    async def stop(self) -> None:
        """End what runs beside the pipeline; words kept for later are noted as said."""
        self.silence.stop()
        self.keypad.stop()
        await self.limits.stop()
        for task in list(self._tasks):
            task.cancel()
        if self.start and (kept := self.start.kept_text):
            end_ms = self.record.offset_ms()
            start_ms = self.record.offset_ms(self.speech.began_at) if self.end.cut_short else end_ms
            self._customer_turn += 1
            self.record.say(
                "user",
                kept,
                start_ms=start_ms,
                end_ms=end_ms,
                turn=self._customer_turn,
                interrupted=self.end.cut_short,
            )
