"""The texts of a call: rendered prompts, and what a prompt cache may keep of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from voxkit.contracts.runtime_config import PromptParts
from voxkit.templates import Namespaces, names_in, render

Document = dict[str, Any]
LIVE_SPACES = ("call", "crm", "system")
# Names, types and the rule that a wish must be spoken: what comes back decides whether a person is called again.
CALLBACK_DETECTION = """\
Also find out whether the customer asked to be called again later. Judge by what the customer said, not by what the \
agent offered; "not interested" and "do not call" are no such wish. Put these four keys into the same JSON object:
- "callback_requested": true or false.
- "callback_preferred_time_text": when they want the call, in the customer's own words and language, for example \
"tomorrow at 5 pm" or "kal subah"; "" if they named no time. Do not work out a date.
- "callback_reason": why, in a few words; "" if they gave no reason.
- "callback_confidence": how sure you are of callback_requested, from 0 to 1."""


def joined(static: str, dynamic: str) -> str:
    """Static part, blank line, dynamic part; an empty part leaves no blank line."""
    return "\n\n".join(part for part in (static, dynamic) if part)


def callback_paragraph(event: Mapping[str, Any]) -> str:
    """What the bot is told when the customer had asked to be called again."""
    when, why = event.get("callback_preferred_time_text"), event.get("callback_reason")
    words = ["The customer asked for this call in an earlier conversation."]
    if when:
        words.append(f"They wanted to be called: {when}.")
    if why:
        words.append(f"Their reason: {why}.")
    return " ".join([*words, "Mention at the beginning that you are calling back as agreed."])


def analysis_prompt(bot: Document, spaces: Namespaces, *, callbacks: bool) -> str | None:
    """The bot's prompt, and after it the question for a callback; a bot that has no prompt is asked that alone."""
    own = rendered_or_none(bot, "post_call_analysis_prompt", spaces)
    if not callbacks:
        return own
    return joined(own or "Answer with one JSON object.", CALLBACK_DETECTION)


def prompts(bot: Document, spaces: Namespaces, *, callback: str = "") -> tuple[str, PromptParts]:
    """(system prompt, parts). `direct` only where the static part is the same in every call and that helps."""
    written_static = bot.get("system_prompt") or ""
    written_dynamic = bot.get("dynamic_prompt") or ""
    cache = bot.get("live_prompt_cache") or {}
    static = render(written_static, spaces)
    dynamic = joined(render(written_dynamic, spaces), callback)
    caching = bool(cache.get("enabled"))
    direct = not names_in(written_static) and not bot.get("conversation_policy") and (bool(written_dynamic) or caching)
    version = cache.get("version_override") or hashlib.sha256(static.encode("utf-8", "replace")).hexdigest()[:16]
    parts = PromptParts(
        mode="direct" if direct else "legacy",
        cache_enabled=direct and caching,
        static_system_prompt=static if direct else "",
        dynamic_runtime_prompt=dynamic if direct else "",
        static_version=version if direct else "",
        prompt_cache_key=f"{bot['_id']}:{version}" if direct else "",
        prompt_cache_retention="24h" if cache.get("retention") == "24h" else "in_memory",
    )
    return joined(static, dynamic), parts


def rendered(bot: Document, name: str, spaces: Namespaces) -> str:
    return render(bot.get(name) or "", spaces)


def rendered_or_none(bot: Document, name: str, spaces: Namespaces) -> str | None:
    """A prompt that null switches off; so does an empty text."""
    return render(bot[name], spaces) if bot.get(name) else None


def rendered_re_engagement(bot: Document, spaces: Namespaces) -> Document | None:
    stored = bot.get("re_engagement")
    if not stored:
        return None
    return {
        **stored,
        "messages": [render(text, spaces) for text in stored.get("messages") or []],
        "final_message": render(stored.get("final_message") or "", spaces),
    }
