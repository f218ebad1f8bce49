"""A bot's own tools: with an API they send one HTTP request, without one they record what the customer wants."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from voxkit.contracts.runtime_config import Tool, ToolRuntime
from voxkit.log import get_logger
from voxkit.netguard import guarded_client

from voxcore.conversation import Services
from voxcore.pipeline.context import ToolAnswer, ToolHost, ToolInvocation, ToolSpec
from voxcore.pipeline.tools.http_tool import HttpOutcome, send
from voxcore.pipeline.tools.request import BadTemplate, NotAllowed, build_request, missing_parameters
from voxcore.pipeline.tools.timing import HOLD_PARAMETER, POLICIES, with_hold_parameter, words_for

log = get_logger("voxcore.tools")

MAX_PARALLEL = 4
MAX_ROUNDS = 5
CLIENT = "tools.http"
DEFAULT_GUIDANCE = {
    "success": "",
    "failure": "The request did not work. Tell the customer and offer another way.",
    "timeout": "The request took too long. Tell the customer and offer another way.",
    "missing_info": "Ask the customer for what is missing, then call the function again.",
    "blocked": "This request is not allowed here. Tell the customer that you cannot do it.",
}
TOO_MANY_ROUNDS = "You have used functions five times for what the customer said. Answer now with what you know."


def shared_client(services: Services) -> httpx.AsyncClient:
    """The process's client for tools: addresses checked, no redirects, no proxies, no default credentials."""
    if CLIENT not in services.shared:
        services.shared[CLIENT] = guarded_client(services.allowlist, timeout_s=30.0)
    return services.shared[CLIENT]


class Rounds:
    """Rounds of tools since the customer's last turn. Functions of one response run side by side and share a round."""

    def __init__(self, host: ToolHost) -> None:
        self._host = host
        self._turn = -1
        self._count = 0
        self._running = 0

    async def enter(self) -> int:
        """Begin a call; the number of its round, from 1."""
        if self._host.customer_turn != self._turn:
            self._turn, self._count = self._host.customer_turn, 0
        if self._running == 0 or self._count == 0:
            self._count += 1
        self._running += 1
        current = self._count
        # Functions of one response start in the same pass of the event loop: let each be counted before one ends.
        await asyncio.sleep(0)
        return current

    def leave(self) -> None:
        self._running -= 1


class ToolRuntimeState:
    """What the custom tools of one call share: limits and the HTTP client."""

    def __init__(self, host: ToolHost, services: Services) -> None:
        self.host = host
        self.client = shared_client(services)
        self.parallel = asyncio.Semaphore(MAX_PARALLEL)
        self.rounds = Rounds(host)

    def spaces(self) -> dict[str, dict[str, Any]]:
        variables = self.host.config.variables
        return {"call": variables.call, "crm": variables.crm, "system": variables.system}


def build(tool: Tool, state: ToolRuntimeState) -> ToolSpec:
    """The function of a custom tool; without `runtime`, or with `has_api` false, it only records an intent."""
    function = tool.function
    runtime = tool.runtime or ToolRuntime(has_api=False)
    schema = {"type": "object", "properties": {}, "required": [], **function.parameters}
    work = _http(schema, runtime, state) if runtime.has_api else _intent(runtime, state)

    async def handler(call: ToolInvocation) -> ToolAnswer:
        current = await state.rounds.enter()
        try:
            if current > MAX_ROUNDS:
                log.warning("tool.too_many_rounds", tool=call.name)
                # One more answer of the LLM after the limit; a model that asks on even then is not run again.
                return ToolAnswer({"status": "failure", "guidance": TOO_MANY_ROUNDS}, run_llm=current == MAX_ROUNDS + 1)
            return await work(call)
        finally:
            state.rounds.leave()

    return ToolSpec(function.name, function.description, handler, with_hold_parameter(schema, runtime))


Work = Callable[[ToolInvocation], Awaitable[ToolAnswer]]


def _intent(runtime: ToolRuntime, state: ToolRuntimeState) -> Work:
    async def work(call: ToolInvocation) -> ToolAnswer:
        record = state.host.record
        record.event(
            "tool_call",
            tool=call.name,
            tool_call_id=call.tool_call_id,
            arguments=dict(call.arguments),
            timing=runtime.timing,
        )
        record.intent(call.name, dict(call.arguments))
        return ToolAnswer({"status": "success", "guidance": runtime.guidance.success})

    return work


def _http(schema: dict[str, Any], runtime: ToolRuntime, state: ToolRuntimeState) -> Work:
    policy = POLICIES[runtime.timing]

    async def work(call: ToolInvocation) -> ToolAnswer:
        arguments = {name: call.arguments[name] for name in schema["properties"] if name in call.arguments}
        state.host.record.event(
            "tool_call",
            tool=call.name,
            tool_call_id=call.tool_call_id,
            arguments=arguments,
            timing=runtime.timing,
        )
        if missing := missing_parameters(schema, arguments):
            return _answer(call, runtime, state, HttpOutcome("missing_info", data={"missing": missing}), "")
        try:
            request = build_request(runtime, arguments, state.spaces())
        except NotAllowed as error:
            log.warning("tool.blocked", tool=call.name, reason=str(error))
            return _answer(call, runtime, state, HttpOutcome("blocked"), "")
        except BadTemplate as error:
            log.warning("tool.bad_template", tool=call.name, reason=str(error))
            return _answer(call, runtime, state, HttpOutcome("failure", data=str(error)), "")

        async def run() -> HttpOutcome:
            async with state.parallel:
                return await send(state.client, request, timeout_s=runtime.timeout_seconds)

        hold = str(call.arguments.get(HOLD_PARAMETER) or "")
        words = words_for(state.host, runtime, hold, call.spoken)
        return _answer(call, runtime, state, await policy(run, words), request.host)

    return work


def _answer(
    call: ToolInvocation, runtime: ToolRuntime, state: ToolRuntimeState, outcome: HttpOutcome, host: str
) -> ToolAnswer:
    state.host.record.event(
        "custom_tool_result",
        tool=call.name,
        tool_call_id=call.tool_call_id,
        status=outcome.status,
        http_status=outcome.http_status,
        duration_ms=outcome.duration_ms,
        bytes=outcome.bytes,
        truncated=outcome.truncated,
        url_host=host,
    )
    own = {"blocked": ""} | runtime.guidance.model_dump()
    return ToolAnswer(
        {
            "status": outcome.status,
            "http_status": outcome.http_status,
            "data": outcome.data,
            "truncated": outcome.truncated,
            "guidance": own[outcome.status] or DEFAULT_GUIDANCE[outcome.status],
        }
    )
