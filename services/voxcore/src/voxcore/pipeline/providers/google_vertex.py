"""Gemini through Vertex AI; the key is a service account as JSON."""

from pipecat.services.google.vertex.llm import GoogleVertexLLMService
from pipecat.services.llm_service import LLMService
from voxkit.contracts.runtime_config import LlmOption

from voxcore.pipeline.providers.base import Means


def llm(option: LlmOption, means: Means) -> LLMService:
    extra = dict(option.extra)
    project, location = extra.pop("project_id", ""), extra.pop("location", "") or "global"
    if not project:
        raise ValueError("google_vertex needs extra.project_id")
    return GoogleVertexLLMService(
        credentials=option.api_key,
        project_id=str(project),
        location=str(location),
        settings=GoogleVertexLLMService.Settings(
            model=option.model,
            system_instruction=means.system_prompt or None,
            temperature=option.temperature,
            max_tokens=option.max_tokens,
            **extra,
        ),
        stream_idle_timeout_secs=None,
    )
