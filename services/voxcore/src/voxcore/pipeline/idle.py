"""Silence: re-engagement (T9) and dead air (T10). One timer that rests while anything happens."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass

from voxkit.contracts.runtime_config import ReEngagement

from voxcore.pipeline.turns.state import SpeechState


@dataclass(frozen=True)
class SilencePlan:
    """What is said after each stretch of silence; the call ends after the last. Seconds."""

    timeout_s: float
    messages: tuple[str, ...] = ()
    final_message: str = ""

    @classmethod
    def of(cls, re_engagement: ReEngagement | None, dead_air_s: float) -> "SilencePlan | None":
        """The plan of a call; None when silence never ends it."""
        if re_engagement and re_engagement.enabled:
            count = re_engagement.max_attempts or len(re_engagement.messages)
            said = [*re_engagement.messages, *[re_engagement.messages[-1]] * count][:count]
            return cls(re_engagement.timeout_seconds, tuple(said), re_engagement.final_message)
        return cls(dead_air_s) if dead_air_s > 0 else None


class Silence:
    """Counts silence from the end of the bot's audio; the customer's voice, a tool or a thinking bot stop the count.

    `say(text, attempt)` speaks a message, `give_up(final_message)` ends the call.
    """

    def __init__(
        self,
        plan: SilencePlan | None,
        speech: SpeechState,
        say: Callable[[str, int], Awaitable[None]],
        give_up: Callable[[str], Awaitable[None]],
    ) -> None:
        self._plan = plan
        self._speech = speech
        self._say = say
        self._give_up = give_up
        self._attempt = 0
        self._paused = 0
        self._thinking = False
        self._armed = False
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        speech.on_change.append(self.changed)

    def arm(self) -> None:
        """The conversation has begun."""
        self._armed = True
        self.changed()

    def stop(self) -> None:
        self._armed = False
        self._cancel()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    @contextmanager
    def pause(self) -> Generator[None]:
        """No silence is counted inside."""
        self._paused += 1
        self.changed()
        try:
            yield
        finally:
            self._paused -= 1
            self.changed()

    @property
    def is_thinking(self) -> bool:
        return self._thinking

    def thinking(self, yes: bool) -> None:
        """An answer of the bot is being made."""
        self._thinking = yes
        self.changed()

    def heard(self, text: str) -> None:
        """Words of the customer begin the count of messages anew."""
        if text.strip():
            self._attempt = 0

    def changed(self) -> None:
        speech = self._speech
        busy = speech.user_speaking or speech.bot_holds_floor or self._paused or self._thinking
        self._cancel()
        if self._plan and self._armed and not busy:
            self._timer = asyncio.get_running_loop().call_later(self._plan.timeout_s, self._expired)

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _expired(self) -> None:
        self._timer = None
        self._task = asyncio.create_task(self._act())

    async def _act(self) -> None:
        assert self._plan
        if self._attempt >= len(self._plan.messages):
            self._armed = False
            await self._give_up(self._plan.final_message)
            return
        self._attempt += 1
        await self._say(self._plan.messages[self._attempt - 1], self._attempt)
        self.changed()
