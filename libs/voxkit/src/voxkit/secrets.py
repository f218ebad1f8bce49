"""Shared secrets: comma lists during a rotation, compared in constant time; masks for people."""

import hmac
import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

SECRET_HEADER = "X-VoxCore-Secret"  # noqa: S105  (the header's name, not a secret)
SECRET_NAME = re.compile(r"key|token|secret|password|credential|authorization|cookie", re.IGNORECASE)
BULLETS = "••••••••"


def split_secrets(value: str) -> tuple[str, ...]:
    """The entries of a comma list without blanks; the first is sent, all are accepted."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


def matches_any(given: str | None, accepted: Iterable[str]) -> bool:
    """Whether `given` equals one entry. Looks at every entry, so the time tells nothing about which."""
    candidate = (given or "").encode()
    found = False
    for entry in accepted:
        found |= hmac.compare_digest(candidate, entry.encode())
    return found and bool(candidate)


def mask(value: str) -> str:
    """What people see of a secret: `••••••••` up to 12 characters, else first 4 + `...` + last 4; `""` stays empty."""
    if not value:
        return ""
    return BULLETS if len(value) <= 12 else f"{value[:4]}...{value[-4:]}"


def is_keep(written: str, current: str) -> bool:
    """Whether a written value means "keep what is stored": empty, a bullet inside, or the current mask."""
    return not written or "•" in written or (bool(current) and written == mask(current))


def masked_tree(value: Any, *, under_secret: bool = False) -> Any:
    """Copy of plain data in which every string under a secret-looking key is masked, however deep below it."""
    if isinstance(value, str):
        return mask(value) if under_secret else value
    if isinstance(value, Mapping):
        source = cast("Mapping[str, Any]", value)
        return {
            key: masked_tree(item, under_secret=under_secret or bool(SECRET_NAME.search(str(key))))
            for key, item in source.items()
        }
    if isinstance(value, list | tuple):
        return [masked_tree(item, under_secret=under_secret) for item in cast("list[Any]", value)]
    return value
