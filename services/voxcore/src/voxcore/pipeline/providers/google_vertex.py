"""Gemini through Vertex AI; the key is a service account as JSON."""

import json
from typing import Any

from google.oauth2 import service_account
from pipecat.services.google.vertex.llm import GoogleVertexLLMService
from pipecat.services.llm_service import LLMService
from voxkit.contracts.runtime_config import LlmOption

from voxcore.pipeline.providers.base import Means

SCOPE = "https://www.googleapis.com/auth/cloud-platform"


class VertexLlm(GoogleVertexLLMService):
    """Pipecat's service fetches a token while it is built, which holds the whole worker; the client does it later."""

    @staticmethod
    def _get_credentials(credentials: str | None, credentials_path: str | None) -> Any:
        return service_account.Credentials.from_service_account_info(json.loads(credentials or ""), scopes=[SCOPE])


def llm(option: LlmOption, means: Means) -> LLMService[Any]:
    extra = dict(option.extra)
    project, location = extra.pop("project_id", ""), extra.pop("location", "") or "global"
    if not project:
        raise ValueError("google_vertex needs extra.project_id")
    return VertexLlm(
        credentials=option.api_key,
        project_id=str(project),
        location=str(location),
        settings=VertexLlm.Settings(
            model=option.model,
            system_instruction=means.system_prompt or None,
            temperature=option.temperature,
            max_tokens=option.max_tokens,
            **extra,
        ),
        stream_idle_timeout_secs=None,
    )
