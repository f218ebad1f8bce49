"""Secrets inside a bot document: where they are, how they are sealed, kept, cleared and masked."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from voxkit.secrets import SECRET_NAME, is_keep, mask

from voxbridge.bots.stages import STAGES
from voxbridge.crypto import Cipher

Document = dict[str, Any]
Slot = tuple[str, Document, str]


def slots(bot: Document) -> Iterator[Slot]:
    """(place, holder, key) of every secret. The place names the provider or tool it belongs to: a mask written back
    keeps a secret only in its own place, so a key is never handed to another provider."""
    for stage in (*STAGES, "post_call_llm"):
        option = bot.get(stage)
        if not isinstance(option, dict):
            continue
        yield f"{stage}:{option.get('provider')}", option, "api_key"
        for number, fallback in enumerate(option.get("fallbacks") or []):
            yield f"{stage}.{number}:{fallback.get('provider')}", fallback, "api_key"
    for tool in bot.get("custom_tools") or []:
        yield from _header_slots(f"tool:{tool.get('name')}", tool)
    for part in ("crm_prefetch", "post_call_push"):
        if isinstance(bot.get(part), dict):
            yield from _header_slots(part, bot[part])
    if isinstance(bot.get("post_call_push"), dict):
        yield "signing_secret", bot["post_call_push"], "signing_secret"


def _header_slots(place: str, holder: Document) -> Iterator[Slot]:
    headers = holder.get("headers") or {}
    for name in list(headers):
        if SECRET_NAME.search(name):
            yield f"header:{place}:{name.lower()}", headers, name


def _drop_cleared_headers(bot: Document) -> None:
    holders = [*(bot.get("custom_tools") or []), bot.get("crm_prefetch") or {}, bot.get("post_call_push") or {}]
    for holder in holders:
        if "headers" in holder:
            holder["headers"] = {name: value for name, value in holder["headers"].items() if value is not None}


def _looks_masked(value: str) -> bool:
    """The mask of any secret, also of one that stood in another place: no provider has keys of this form."""
    return len(value) == 11 and value[4:7] == "..."


def sealed(written: Document, stored: Document | None, cipher: Cipher) -> Document:
    """Copy of what was written, ready to be stored: new secrets encrypted, masks and `""` replaced by what is stored,
    null cleared."""
    ready = deepcopy(written)
    kept = {place: holder.get(key) or "" for place, holder, key in slots(stored or {})}
    for place, holder, key in slots(ready):
        value = holder.get(key)
        before = kept.get(place, "")
        if value is None:
            if not place.startswith("header:"):
                holder[key] = ""
        elif _looks_masked(value) or is_keep(value, ""):
            holder[key] = before
        else:
            holder[key] = cipher.encrypt(value)
    _drop_cleared_headers(ready)
    return ready


def masked(bot: Document, cipher: Cipher) -> Document:
    """Copy in which every secret is its mask."""
    shown = deepcopy(bot)
    for place, holder, key in slots(shown):
        holder[key] = mask(cipher.decrypt_or_empty(holder.get(key) or "", where=f"bot {place}"))
    return shown


def opened(bot: Document, cipher: Cipher) -> Document:
    """Copy with every secret in clear, for the runtime config. Raises: SecretUnreadable."""
    clear = deepcopy(bot)
    for _, holder, key in slots(clear):
        holder[key] = cipher.decrypt(holder.get(key) or "")
    return clear


def renewed(bot: Document, cipher: Cipher) -> Document | None:
    """Copy under the first encryption key; None when nothing needs it. Raises: SecretUnreadable."""
    if not any(cipher.needs_rotation(holder.get(key) or "") for _, holder, key in slots(bot)):
        return None
    fresh = deepcopy(bot)
    for _, holder, key in slots(fresh):
        holder[key] = cipher.encrypt(cipher.decrypt(holder.get(key) or ""))
    return fresh
