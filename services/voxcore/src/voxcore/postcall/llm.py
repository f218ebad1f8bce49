"""One question to a model after the call, with one shared HTTP client a process and provider."""

import asyncio
import json
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from voxkit.contracts.results import PassUsage
from voxkit.contracts.runtime_config import LlmOption
from voxkit.netguard import guarded_client

from voxcore.conversation import Services

MAX_TOKENS = 2_048
OPENAI_URL = "https://api.openai.com/v1"
GOOGLE_URL = "https://generativelanguage.googleapis.com/v1beta"
VERTEX_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_KEYS = re.compile(r"(sk-|AIza|ya29\.|Bearer\s+)[A-Za-z0-9_\-.]+")


class LlmFailed(Exception):
    """The provider gave no usable answer; the text holds no key and no prompt."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(_KEYS.sub("[masked]", message)[:300])
        self.status = status


@dataclass(frozen=True)
class Question:
    """`plain`: leave out what a server may not know (JSON mode, temperature)."""

    system: str
    user: str
    plain: bool = False


@dataclass(frozen=True)
class Reply:
    text: str
    usage: PassUsage


Ask = Callable[[httpx.AsyncClient, LlmOption, Question], Awaitable[Reply]]


def client_for(option: LlmOption, services: Services) -> httpx.AsyncClient:
    """The process's client of a provider; a base URL that a user set goes through the address guard."""
    guarded = bool(option.base_url) and not option.base_url_trusted
    name = f"postcall.{option.provider}" + (".guarded" if guarded else "")
    if name not in services.shared:
        services.shared[name] = (
            guarded_client(services.allowlist, timeout_s=30.0)
            if guarded
            else httpx.AsyncClient(timeout=30.0, follow_redirects=False, trust_env=False)
        )
    return services.shared[name]


async def ask(option: LlmOption, question: Question, services: Services) -> Reply:
    """The model's reply as text, with its tokens. Raises: LlmFailed."""
    try:
        return await ADAPTERS[option.provider](client_for(option, services), option, question)
    except httpx.HTTPError as error:
        raise LlmFailed(f"{option.provider} cannot be reached ({type(error).__name__})") from None
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LlmFailed(f"{option.provider} answered in an unknown shape ({type(error).__name__})") from None


async def _post(client: httpx.AsyncClient, url: str, headers: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
    response = await client.post(url, headers=headers, json=body)
    if response.status_code != 200:
        raise LlmFailed(f"HTTP {response.status_code}: {response.text[:200]}", response.status_code)
    return response.json()


# --- OpenAI's shape -----------------------------------------------------------------------------------------------


async def _openai(client: httpx.AsyncClient, option: LlmOption, question: Question) -> Reply:
    compatible = option.provider == "openai_compatible"
    body: dict[str, Any] = {
        "model": option.model or "default",
        "messages": [{"role": "system", "content": question.system}, {"role": "user", "content": question.user}],
        # The vendor's newer models refuse the old name; other servers know only that one.
        ("max_tokens" if compatible else "max_completion_tokens"): MAX_TOKENS,
        "stream": False,
    }
    if not question.plain:
        body |= {"temperature": 0, "response_format": {"type": "json_object"}}
    base = (option.base_url or ("" if compatible else OPENAI_URL)).rstrip("/")
    headers = {"Authorization": f"Bearer {option.api_key}"} if option.api_key else {}
    answer = await _post(client, f"{base}/chat/completions", headers, body)
    usage = answer.get("usage") or {}
    details = usage.get("prompt_tokens_details") or {}
    return Reply(
        answer["choices"][0]["message"]["content"] or "",
        PassUsage(
            requests=1,
            prompt_tokens=usage.get("prompt_tokens") or 0,
            completion_tokens=usage.get("completion_tokens") or 0,
            cache_read_input_tokens=details.get("cached_tokens") or 0,
        ),
    )


# --- Google's shape -----------------------------------------------------------------------------------------------


def _google_body(question: Question) -> dict[str, Any]:
    settings: dict[str, Any] = {"maxOutputTokens": MAX_TOKENS}
    if not question.plain:
        settings |= {"temperature": 0, "responseMimeType": "application/json"}
    return {
        "systemInstruction": {"parts": [{"text": question.system}]},
        "contents": [{"role": "user", "parts": [{"text": question.user}]}],
        "generationConfig": settings,
    }


def _google_reply(answer: Mapping[str, Any]) -> Reply:
    parts = answer["candidates"][0]["content"]["parts"]
    usage = answer.get("usageMetadata") or {}
    return Reply(
        "".join(part.get("text", "") for part in parts if not part.get("thought")),
        PassUsage(
            requests=1,
            prompt_tokens=usage.get("promptTokenCount") or 0,
            completion_tokens=(usage.get("candidatesTokenCount") or 0) + (usage.get("thoughtsTokenCount") or 0),
            cache_read_input_tokens=usage.get("cachedContentTokenCount") or 0,
        ),
    )


async def _google(client: httpx.AsyncClient, option: LlmOption, question: Question) -> Reply:
    base = (option.base_url or GOOGLE_URL).rstrip("/")
    url = f"{base}/models/{option.model}:generateContent"
    return _google_reply(await _post(client, url, {"x-goog-api-key": option.api_key}, _google_body(question)))


_tokens: dict[str, Any] = {}
_tokens_lock = threading.Lock()


def _vertex_token(key_json: str) -> tuple[str, str]:
    """(access token, project of the key). Blocking: Google's library refreshes over its own connection."""
    from google.auth.transport.requests import Request
    from google.oauth2.service_account import Credentials

    info = json.loads(key_json)
    name = f"{info['client_email']}/{info['private_key_id']}"
    with _tokens_lock:
        if name not in _tokens:
            _tokens[name] = Credentials.from_service_account_info(info, scopes=[VERTEX_SCOPE])
        credentials = _tokens[name]
        if not credentials.valid:
            credentials.refresh(Request())
        return credentials.token, info.get("project_id", "")


async def _vertex(client: httpx.AsyncClient, option: LlmOption, question: Question) -> Reply:
    from google.auth.exceptions import GoogleAuthError

    try:
        token, key_project = await asyncio.to_thread(_vertex_token, option.api_key)
    except GoogleAuthError as error:
        raise LlmFailed(f"google_vertex refused the service account ({type(error).__name__})") from None
    project = option.extra.get("project_id") or key_project
    location = option.extra.get("location") or "global"
    host = "aiplatform.googleapis.com" if location == "global" else f"{location}-aiplatform.googleapis.com"
    base = (option.base_url or f"https://{host}/v1").rstrip("/")
    url = f"{base}/projects/{project}/locations/{location}/publishers/google/models/{option.model}:generateContent"
    return _google_reply(await _post(client, url, {"Authorization": f"Bearer {token}"}, _google_body(question)))


ADAPTERS: Mapping[str, Ask] = {
    "openai_compatible": _openai,
    "openai": _openai,
    "google": _google,
    "google_vertex": _vertex,
}
