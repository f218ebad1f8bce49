"""Every URL of a bot that the platform will connect to, checked when it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from voxkit.errors import Invalid, VoxError
from voxkit.netguard import Allowlist, check_url

from voxbridge.bots.stages import STAGES

Document = dict[str, Any]
Place = tuple[str | int, ...]


def urls_of(bot: Document) -> Iterator[tuple[Place, str]]:
    """(place, URL) of every URL that is set."""
    for stage in (*STAGES, "post_call_llm"):
        option = bot.get(stage) or {}
        yield (stage, "base_url"), option.get("base_url") or ""
        for number, fallback in enumerate(option.get("fallbacks") or []):
            yield (stage, "fallbacks", number, "base_url"), fallback.get("base_url") or ""
    for number, tool in enumerate(bot.get("custom_tools") or []):
        yield ("custom_tools", number, "url"), tool.get("url") or ""
    for part, key in (("crm_prefetch", "url"), ("post_call_push", "url"), ("agent_desk", "hold_audio_url")):
        yield (part, key), (bot.get(part) or {}).get(key) or ""


async def check_urls(bot: Document, allow: Allowlist) -> None:
    """Raises: Invalid, naming each URL that must not be reached."""
    wrong: list[Document] = []
    for place, url in urls_of(bot):
        if not url:
            continue
        try:
            await check_url(url, allow)
        except VoxError as error:
            wrong.append({"loc": ["body", *place], "msg": error.message, "type": error.wire_code})
    if wrong:
        raise Invalid(wrong[0]["msg"], detail=wrong)
