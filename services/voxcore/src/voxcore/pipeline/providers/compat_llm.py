"""Chat completions over `POST {base_url}/chat/completions`, streamed, with tools, on the shared session."""

import json
from collections.abc import AsyncGenerator
from types import SimpleNamespace
from typing import Any

import aiohttp
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.services.openai.base_llm import BaseOpenAILLMService
from voxkit.contracts.runtime_config import LlmOption

from voxcore.pipeline.providers.base import Means
from voxcore.pipeline.providers.http import ProviderError, headers, post, refused, warm

EXTRA = ("top_p", "top_k", "frequency_penalty", "presence_penalty")


class CompatibleLlm(BaseOpenAILLMService):
    """Pipecat's handling of chunks and tool calls; the request is our own, without an SDK's client."""

    supports_developer_role = False

    def __init__(self, option: LlmOption, means: Means) -> None:
        super().__init__(settings=self.Settings(model=option.model, system_instruction=means.system_prompt or None))
        self._option = option
        self._means = means
        self._base_url = option.base_url.rstrip("/")

    def create_client(self, *args: Any, **kwargs: Any) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - no SDK
        return None

    async def setup(self, setup: Any) -> None:
        await super().setup(setup)
        await warm(self._means.http, self._base_url, self._option.api_key)

    def request_body(self, params: dict[str, Any]) -> dict[str, Any]:
        """The JSON that is posted: messages and tools of the context, settings of the call."""
        option = self._option
        body: dict[str, Any] = {
            "model": option.model,
            "stream": True,
            "stream_options": {"include_usage": True},
            "temperature": option.temperature,
            "max_tokens": option.max_tokens,
            "messages": params["messages"],
        }
        body |= {name: option.extra[name] for name in EXTRA if option.extra.get(name) is not None}
        if isinstance(params.get("tools"), list) and params["tools"]:
            body["tools"] = params["tools"]
            if isinstance(params.get("tool_choice"), str | dict):
                body["tool_choice"] = params["tool_choice"]
        return body

    # Its chunks have the SDK's attributes and not its types.
    async def get_chat_completions(  # pyright: ignore[reportIncompatibleMethodOverride] - as said above
        self, context: LLMContext
    ) -> AsyncGenerator[SimpleNamespace, None]:
        params = await self.get_llm_adapter().get_llm_invocation_params(
            context,
            system_instruction=self._means.system_prompt or None,
            convert_developer_to_user=not self.supports_developer_role,
        )
        return self._chunks(self.request_body(dict(params)))

    async def _chunks(self, body: dict[str, Any]) -> AsyncGenerator[SimpleNamespace, None]:
        response = await post(
            self._means.http,
            f"{self._base_url}/chat/completions",
            json=body,
            headers=headers(self._option.api_key),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=3),
        )
        async with response:
            if response.status >= 300:
                raise await refused(response)
            ended = False
            async for line in response.content:
                data = line.strip()
                if not data.startswith(b"data:"):
                    continue
                data = data[5:].strip()
                if data == b"[DONE]":
                    return
                chunk = _chunk(data)
                ended = ended or any(choice.finish_reason for choice in chunk.choices)
                for part in _one_call_each(chunk):
                    yield part
            if not ended:
                raise ProviderError("the stream broke off")


def _chunk(data: bytes) -> SimpleNamespace:
    """One event of the stream in the shape that Pipecat reads. Raises: ProviderError."""
    try:
        raw = json.loads(data)
    except ValueError:
        raise ProviderError("an event of the stream is no JSON") from None
    if not isinstance(raw, dict):
        raise ProviderError("an event of the stream is no object")
    if error := raw.get("error"):
        message = error.get("message") if isinstance(error, dict) else error
        raise ProviderError(str(message))
    return SimpleNamespace(
        usage=_usage(raw.get("usage")),
        model=raw.get("model"),
        choices=[_choice(choice) for choice in raw.get("choices") or []],
    )


def _one_call_each(chunk: SimpleNamespace) -> list[SimpleNamespace]:
    """Pipecat reads the first tool call of a chunk; some servers send several in one."""
    calls = chunk.choices[0].delta.tool_calls if chunk.choices else None
    if not calls or len(calls) == 1:
        return [chunk]
    parts: list[SimpleNamespace] = []
    for call in calls:
        delta = SimpleNamespace(content=None, tool_calls=[call], audio=None)
        choice = SimpleNamespace(delta=delta, finish_reason=None)
        parts.append(SimpleNamespace(usage=chunk.usage, model=chunk.model, choices=[choice]))
    return parts


def _choice(raw: dict[str, Any]) -> SimpleNamespace:
    delta = raw.get("delta") or {}
    calls = [
        SimpleNamespace(
            index=call.get("index", 0),
            id=call.get("id"),
            function=SimpleNamespace(
                name=(call.get("function") or {}).get("name"), arguments=(call.get("function") or {}).get("arguments")
            ),
        )
        for call in delta.get("tool_calls") or []
    ]
    return SimpleNamespace(
        delta=SimpleNamespace(content=delta.get("content"), tool_calls=calls or None, audio=None),
        finish_reason=raw.get("finish_reason"),
    )


def _usage(raw: dict[str, Any] | None) -> SimpleNamespace | None:
    if not raw:
        return None
    prompt, completion = raw.get("prompt_tokens_details") or {}, raw.get("completion_tokens_details") or {}
    return SimpleNamespace(
        prompt_tokens=raw.get("prompt_tokens") or 0,
        completion_tokens=raw.get("completion_tokens") or 0,
        total_tokens=raw.get("total_tokens") or 0,
        prompt_tokens_details=SimpleNamespace(
            cached_tokens=prompt.get("cached_tokens"), cache_write_tokens=prompt.get("cache_write_tokens")
        ),
        completion_tokens_details=SimpleNamespace(reasoning_tokens=completion.get("reasoning_tokens")),
    )
