"""OpenAI's chat completions."""

from typing import Any

from pipecat.services.llm_service import LLMService
from pipecat.services.openai.llm import OpenAILLMService
from voxkit.contracts.runtime_config import LlmOption

from voxcore.pipeline.providers.base import Means, given

_REASONING = ("o1", "o3", "o4", "gpt-5")


def llm(option: LlmOption, means: Means) -> LLMService[Any]:
    sampling = {name: value for name, value in option.extra.items() if name != "top_k"}
    if option.model.startswith(_REASONING):  # these models refuse temperature and count thinking as completion
        limits: dict[str, object] = {"max_completion_tokens": option.max_tokens}
        sampling = {}
    else:
        limits = {"temperature": option.temperature, "max_completion_tokens": option.max_tokens}
    return OpenAILLMService(
        api_key=option.api_key,
        settings=OpenAILLMService.Settings(
            model=option.model, system_instruction=means.system_prompt or None, **limits, **sampling
        ),
        **given(base_url=option.base_url),
    )
