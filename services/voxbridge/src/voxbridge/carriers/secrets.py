"""Secrets inside a carrier document: sealed, kept, cleared, masked, opened."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from voxkit.errors import Invalid
from voxkit.secrets import is_keep, mask

from voxbridge.crypto import Cipher

Document = dict[str, Any]
PASSWORDS = ("auth_password", "inbound_auth_password", "outbound_auth_password")
REST = ("api_key", "api_token")


def _slots(carrier: Document) -> Iterator[tuple[str, Document, str]]:
    """(name, holder, key) of every secret."""
    for key in PASSWORDS:
        if key in carrier:
            yield key, carrier, key
    if rest := carrier.get("rest"):
        for key in REST:
            yield f"rest.{key}", rest, key


def sealed(written: Document, stored: Document | None, cipher: Cipher) -> Document:
    """Copy of what was written, ready to be stored: masks and `""` replaced by what is stored, null cleared.

    Raises: Invalid `secret_required`: the API moved, and its secrets were not given anew. They are never sent to an
    address that they were not entered for.
    """
    ready, before = deepcopy(written), stored or {}
    kept = {name: holder.get(key) or "" for name, holder, key in _slots(before)}
    moved = "rest" in ready and _place(ready) != _place(before)
    for name, holder, key in _slots(ready):
        value = holder.get(key)
        if value is None:
            holder[key] = ""
        elif not is_keep(value, cipher.decrypt_or_empty(kept.get(name, ""), where=f"carrier {name}")):
            holder[key] = cipher.encrypt(value)
        elif moved and name.startswith("rest.") and kept.get(name):
            raise Invalid(
                "The address of the carrier's API changed; enter its api_key and api_token again.",
                code="secret_required",
            )
        else:
            holder[key] = kept.get(name, "")
    return ready


def _place(carrier: Document) -> tuple[str, str]:
    rest = carrier.get("rest") or {}
    return rest.get("adapter", ""), (rest.get("base_url") or "").rstrip("/")


def masked(carrier: Document, cipher: Cipher) -> Document:
    """Copy in which every secret is its mask."""
    shown = deepcopy(carrier)
    for name, holder, key in _slots(shown):
        holder[key] = mask(cipher.decrypt_or_empty(holder.get(key) or "", where=f"carrier {name}"))
    return shown


def opened_rest(carrier: Document, cipher: Cipher) -> Document:
    """`rest` in clear. Raises: SecretUnreadable."""
    return {**carrier["rest"], **{key: cipher.decrypt(carrier["rest"].get(key) or "") for key in REST}}


def renewed(carrier: Document, cipher: Cipher) -> Document | None:
    """The fields to write under the first encryption key; None: nothing needs it. Raises: SecretUnreadable."""
    if not any(cipher.needs_rotation(holder.get(key) or "") for _, holder, key in _slots(carrier)):
        return None
    fresh = deepcopy(carrier)
    for _, holder, key in _slots(fresh):
        holder[key] = cipher.encrypt(cipher.decrypt(holder.get(key) or ""))
    return {name: fresh[name] for name in (*PASSWORDS, "rest") if name in fresh}


def changed(old: Document, new: Document) -> dict[str, tuple[Any, Any]]:
    """Field -> (old, new) for the audit log; a secret is only said to have changed."""
    told: dict[str, tuple[Any, Any]] = {}
    for name in new:
        if name == "rest":
            before, after = old.get("rest") or {}, new["rest"] or {}
            for key in sorted(before.keys() | after.keys()):
                if before.get(key) != after.get(key):
                    told[f"rest.{key}"] = _pair(key in REST, before.get(key), after.get(key))
        elif old.get(name) != new[name]:
            told[name] = _pair(name in PASSWORDS, old.get(name), new[name])
    return told


def _pair(secret: bool, old: Any, new: Any) -> tuple[Any, Any]:
    return ("changed" if old else "", "changed" if new else "") if secret else (old, new)
