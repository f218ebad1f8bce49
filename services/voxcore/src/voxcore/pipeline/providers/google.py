"""Google's Gemini API."""

from typing import Any

from pipecat.services.google.llm import GoogleLLMService
from pipecat.services.llm_service import LLMService
from voxkit.contracts.runtime_config import LlmOption

from voxcore.pipeline.providers.base import Means


def llm(option: LlmOption, means: Means) -> LLMService[Any]:
    options = {}
    if option.base_url:
        from google.genai.types import HttpOptions

        options["http_options"] = HttpOptions(base_url=option.base_url)
    return GoogleLLMService(
        api_key=option.api_key,
        settings=GoogleLLMService.Settings(
            model=option.model,
            system_instruction=means.system_prompt or None,
            temperature=option.temperature,
            max_tokens=option.max_tokens,
            **option.extra,
        ),
        stream_idle_timeout_secs=None,
        **options,
    )
