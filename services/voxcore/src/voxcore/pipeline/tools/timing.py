"""When the bot speaks and when the request runs: three policies, and no long silence while a request is out.

What the LLM already said in the same response replaces the hold message, so the customer hears one sentence, not two.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain, cycle
from typing import Any

from voxkit.contracts.runtime_config import ToolRuntime

from voxcore.pipeline.context import ToolHost
from voxcore.pipeline.tools.http_tool import HttpOutcome

HOLD_PARAMETER = "hold_message"
PATIENCE_S = 2.5
# After words of the bot: with the time that speech takes to come, the customer hears no more than 2.5 s of silence.
AGAIN_S = 2.0
CUSTOMER_QUIET_S = 0.3
CUSTOMER_WAIT_S = 3.0
# Said where the model left its hold message out, and when a request outlasts it.
PHRASES = {
    "en": ("One moment, please.", "I am still working on it.", "Thank you for your patience."),
    "hi": ("एक क्षण, कृपया।", "कृपया थोड़ा इंतज़ार करें।", "बस थोड़ा और समय।"),
}

Request = Callable[[], Awaitable[HttpOutcome]]


class Words:
    """What the bot says while a request is out; `spoken` is what the LLM said before it asked for the tool."""

    def __init__(self, host: ToolHost, hold_message: str, spoken: str) -> None:
        self._host = host
        self._turn = host.customer_turn
        self.said = bool(spoken.strip())
        self._phrases = self._order(hold_message.strip(), host.config.tts.language.split("-")[0].lower())

    def _order(self, hold: str, language: str) -> Iterator[str]:
        known = PHRASES.get(language)
        if hold and self.said:
            return cycle(known or (hold,))
        if hold:
            return chain((hold,), cycle(known or (hold,)))
        return cycle(known or PHRASES["en"])

    async def first(self) -> None:
        """The words before or beside the request, to their end."""
        if self.said:
            await self._host.wait_until_played()
        else:
            await self._speak()

    async def again(self) -> None:
        """One more phrase, unless the customer has taken the turn meanwhile."""
        if self._host.customer_turn != self._turn:
            return
        if await self._host.wait_for_silence(CUSTOMER_QUIET_S, CUSTOMER_WAIT_S):
            await self._speak()

    async def _speak(self) -> None:
        self.said = True
        await self._host.say_and_wait(next(self._phrases))


Policy = Callable[[Request, Words | None], Awaitable[HttpOutcome]]


async def immediate(request: Request, words: Words | None) -> HttpOutcome:
    """The request at once; when it takes long, the hold message beside it."""
    async with _Running(request) as running:
        if words and words.said:
            await running.or_done(words.first())
        return await running.attended(words)


async def speak_then_run(request: Request, words: Words | None) -> HttpOutcome:
    """Hold message to its end, then the request."""
    if words:
        await words.first()
    async with _Running(request) as running:
        return await running.attended(words)


async def speak_and_run_parallel(request: Request, words: Words | None) -> HttpOutcome:
    """Both at once; the answer waits for both."""
    async with _Running(request) as running:
        if words:
            await words.first()
        return await running.attended(words)


POLICIES: Mapping[str, Policy] = {
    "immediate": immediate,
    "speak_then_run": speak_then_run,
    "speak_and_run_parallel": speak_and_run_parallel,
}


class _Running:
    """A request on its way; it does not outlive the `async with`, so none runs on unseen after a cancelled handler."""

    def __init__(self, request: Request) -> None:
        self._request = request

    async def __aenter__(self) -> "_Running":
        self._task = asyncio.ensure_future(self._request())
        return self

    async def __aexit__(self, *_: object) -> None:
        await _cancelled(self._task)

    async def or_done(self, work: Awaitable[None]) -> None:
        """Wait for `work`, or for the request when that ends first."""
        other = asyncio.ensure_future(work)
        try:
            await asyncio.wait({self._task, other}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _cancelled(other)

    async def attended(self, words: Words | None) -> HttpOutcome:
        """The outcome; each time the wait for it gets long, some words."""
        while words and not self._task.done():
            await asyncio.wait({self._task}, timeout=AGAIN_S if words.said else PATIENCE_S)
            if not self._task.done():
                await words.again()
        return await self._task


async def _cancelled(task: "asyncio.Future[Any]") -> None:
    if not task.done():
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def speaking(runtime: ToolRuntime) -> bool:
    """Whether the policy always speaks."""
    return runtime.timing != "immediate"


def with_hold_parameter(schema: Mapping[str, Any], runtime: ToolRuntime) -> dict[str, Any]:
    """The tool's parameters, with `hold_message` where one may be spoken: required by the speaking policies, optional
    for `immediate`, which only speaks when the request takes long."""
    properties = dict(schema.get("properties", {}))
    required = list(schema.get("required", []))
    intent = runtime.hold_message_intent.strip()
    if runtime.has_api and (speaking(runtime) or intent):
        about = intent or "say that you are looking it up"
        when = "" if speaking(runtime) else " Spoken only when the answer takes long."
        properties[HOLD_PARAMETER] = {
            "type": "string",
            "description": f"One short sentence for the customer, in the language of the call: {about}.{when}",
        }
        if speaking(runtime):
            required.append(HOLD_PARAMETER)
    return {"type": "object", "properties": properties, "required": required}


def words_for(host: ToolHost, runtime: ToolRuntime, hold_message: str, spoken: str) -> Words | None:
    """What may be said while the customer waits; None = nothing (policy `immediate` without an intent)."""
    if speaking(runtime) or runtime.hold_message_intent.strip():
        return Words(host, hold_message, spoken)
    return None
