"""What will not work in a bot although it may be saved, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from voxkit.zones import zone_of

from voxbridge.bots.stages import STAGES
from voxbridge.config.tools import has_target

Document = dict[str, Any]
POLICY_TYPES: frozenset[str] = frozenset()  # builders of conversation policies, by type


def _keyless(bot: Document, has_key: Mapping[str, bool]) -> Iterator[str]:
    for stage in (*STAGES, "post_call_llm"):
        option: dict[str, Any] = bot.get(stage) or {}
        fallbacks: list[dict[str, Any]] = option.get("fallbacks") or []
        for number, choice in enumerate([option, *fallbacks]):
            provider = choice.get("provider")
            if provider and provider != "openai_compatible" and not choice.get("api_key") and not has_key.get(provider):
                where = stage if number == 0 else f"{stage}: fallback {number}"
                yield f"{where}: the provider {provider} has no key; set one here or in the settings"


def warnings_of(bot: Document, has_key: Mapping[str, bool]) -> list[str]:
    """`has_key`: provider -> whether the settings hold a key for it."""
    found = list(_keyless(bot, has_key))
    if zone_of(bot.get("timezone") or "UTC") is None:
        found.append(f"timezone: {bot['timezone']} is unknown here; UTC is used")
    policy = bot.get("conversation_policy")
    if policy and policy.get("enabled", True) and policy.get("type") not in POLICY_TYPES:
        found.append(f"conversation_policy: the type {policy.get('type')!r} is unknown; the plain prompt is used")
    if ((bot.get("builtin_tools") or {}).get("transfer_call") or {}).get("enabled") and not has_target(bot):
        found.append("transfer_call: it is on, but there is no enabled target; it will not be offered")
    if (bot.get("active_hours") or {}).get("enabled") and not bot["active_hours"].get("days"):
        found.append("active_hours: no day is chosen; the bot takes no call")
    if bot.get("knowledge_enabled") and not bot.get("knowledge_kb_ids"):
        found.append("knowledge: it is on, but no knowledge base is chosen")
    return found
