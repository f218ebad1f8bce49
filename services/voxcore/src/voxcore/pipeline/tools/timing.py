"""When the bot speaks and when the request runs: three policies, one function each.

What the LLM already said in the same response replaces the hold message, so the customer hears one sentence, not two.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any

from voxkit.contracts.runtime_config import ToolRuntime

from voxcore.pipeline.context import ToolHost
from voxcore.pipeline.tools.http_tool import HttpOutcome

HOLD_PARAMETER = "hold_message"
PATIENCE_S = 2.5
# Said when the model left its hold message out; a silent line for seconds is worse than a plain sentence.
FALLBACK = {"en": "One moment, please.", "hi": "एक क्षण, कृपया।"}

Request = Callable[[], Awaitable[HttpOutcome]]
Speak = Callable[[], Awaitable[object]]
Policy = Callable[[Request, Speak | None, float], Awaitable[HttpOutcome]]


async def immediate(request: Request, speak: Speak | None, patience_s: float) -> HttpOutcome:
    """The request alone; after `patience_s` the hold message beside it."""
    if speak is None:
        return await request()
    running = asyncio.ensure_future(request())
    try:
        await asyncio.wait({running}, timeout=patience_s)
        if not running.done():
            await speak()
        return await running
    finally:
        await _settled(running)


async def speak_then_run(request: Request, speak: Speak | None, patience_s: float) -> HttpOutcome:
    """Hold message to its end, then the request."""
    if speak is not None:
        await speak()
    return await request()


async def speak_and_run_parallel(request: Request, speak: Speak | None, patience_s: float) -> HttpOutcome:
    """Both at once; the answer waits for both."""
    running = asyncio.ensure_future(request())
    try:
        if speak is not None:
            await speak()
        return await running
    finally:
        await _settled(running)


async def _settled(running: "asyncio.Future[HttpOutcome]") -> None:
    """A request whose handler was cancelled must not run on unseen."""
    if not running.done():
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


POLICIES: Mapping[str, Policy] = {
    "immediate": immediate,
    "speak_then_run": speak_then_run,
    "speak_and_run_parallel": speak_and_run_parallel,
}


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


def speech(host: ToolHost, runtime: ToolRuntime, hold_message: str, spoken: str) -> Speak | None:
    """What is said while the customer waits; None = nothing (policy `immediate` without an intent)."""
    if not speaking(runtime) and not runtime.hold_message_intent.strip():
        return None
    if spoken.strip():
        return host.wait_until_played
    language = host.config.tts.language.split("-")[0].lower()
    text = hold_message.strip() or FALLBACK.get(language, FALLBACK["en"])
    return lambda: host.say_and_wait(text)
