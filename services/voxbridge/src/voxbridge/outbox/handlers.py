"""Who does a job of a kind. Handlers are idempotent: a job may run again after a crash."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from voxbridge.attempts import reconcile
from voxbridge.campaigns import deletion
from voxbridge.context import Context
from voxbridge.recordings.deletion import delete_recording

Document = dict[str, Any]
Handler = Callable[[Context, Document], Awaitable[None]]


class RetryAfter(Exception):
    """A handler's own schedule: try again after `seconds`; `told` is kept as the job's error."""

    def __init__(self, seconds: float, told: str) -> None:
        super().__init__(told)
        self.seconds = seconds


class GiveUp(Exception):
    """No repeat can help: the job is dead at once."""


HANDLERS: Mapping[str, Handler] = {
    "recording_delete": delete_recording,
    reconcile.KIND: reconcile.reconcile,
    deletion.KIND: deletion.delete_contacts,
}
