"""Keys and base URLs of the stages: what the bot does not bring comes from the settings."""

from __future__ import annotations

import json
from typing import Any

from voxkit.errors import Unavailable
from voxkit.log import get_logger

from voxbridge.bots.stages import STAGES
from voxbridge.settings.models import SystemSettings

Document = dict[str, Any]
log = get_logger("voxbridge.config")


class ProviderKeyMissing(Unavailable):
    """A provider of this bot has no key; set one in the bot or in the settings."""

    code = "provider_key_missing"


def ready_option(option: Document, settings: SystemSettings) -> Document:
    """An option with key and effective base URL; its own secrets are in clear already. Raises: ProviderKeyMissing."""
    provider = str(option.get("provider") or "openai_compatible")
    key = option.get("api_key") or getattr(settings.api_keys, provider, "")
    if not key:
        if provider != "openai_compatible":
            raise ProviderKeyMissing(f"The provider {provider} has no key; set one in the bot or in the settings.")
        key = "none"
    base_url = option.get("base_url") or ""
    trusted = not base_url and provider == "openai_compatible"
    extra = dict(option.get("extra") or {})
    if provider == "google_vertex" and not extra.get("project_id"):
        extra["project_id"] = _project_of(key)
    return {
        **{name: value for name, value in option.items() if name != "fallbacks"},
        "provider": provider,
        "api_key": key,
        "base_url": settings.openai_compatible.base_url if trusted else base_url,
        "base_url_trusted": trusted,
        "extra": extra,
    }


def _project_of(key: str) -> str:
    try:
        account = json.loads(key)
    except ValueError:
        return ""
    return str(account.get("project_id") or "") if isinstance(account, dict) else ""


def ready_stage(bot: Document, stage: str, settings: SystemSettings) -> Document:
    """The stage and its fallbacks. A fallback without a key cannot be used and is left out, with a line in the log.

    Raises: ProviderKeyMissing: of the stage itself.
    """
    option = bot.get(stage) or {}
    fallbacks: list[Document] = []
    for fallback in option.get("fallbacks") or []:
        try:
            fallbacks.append(ready_option(fallback, settings))
        except ProviderKeyMissing as error:
            log.warning("config.fallback_left_out", bot_id=bot["_id"], stage=stage, reason=error.message)
    return {**ready_option(option, settings), "fallbacks": fallbacks}


def ready_stages(bot: Document, settings: SystemSettings) -> dict[str, Document]:
    return {stage: ready_stage(bot, stage, settings) for stage in STAGES}


def ready_post_call_llm(bot: Document, settings: SystemSettings) -> Document | None:
    """The model of both passes after the call; null means the model of the conversation."""
    option = bot.get("post_call_llm")
    if not option:
        return None
    try:
        return ready_option(option, settings)
    except ProviderKeyMissing as error:
        log.warning("config.post_call_llm_left_out", bot_id=bot["_id"], reason=error.message)
        return None
