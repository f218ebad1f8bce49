"""What follows from a stored result, as a table: a new consequence is one row and one outbox handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from voxbridge.attempts import reconcile
from voxbridge.context import Context

Document = dict[str, Any]


@dataclass(frozen=True)
class FanOut:
    """`applies` judges the stored call; the job's key is its `session_id`, so it exists once."""

    kind: str
    applies: Callable[[Context, Document], Awaitable[bool]]


FAN_OUT: tuple[FanOut, ...] = (FanOut(reconcile.KIND, reconcile.applies),)
