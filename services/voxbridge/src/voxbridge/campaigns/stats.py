"""`stats` of a campaign, recounted from the contacts and attempts of the run, so that they cannot drift."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from voxkit.campaigns.statistics import rates
from voxkit.contracts.campaigns import ACTIVE

from voxbridge.campaigns import store
from voxbridge.campaigns.keeper import for_each
from voxbridge.contacts.loading import is_half_loaded
from voxbridge.context import Context

Document = dict[str, Any]
BY_STATE = {
    "pending": "pending", "retry_scheduled": "retry_scheduled", "callback_scheduled": "callback_pending",
    **dict.fromkeys(ACTIVE, "in_flight"), "completed": "completed", "exhausted": "failed", "abandoned": "abandoned",
    "amd_machine": "machine_detected_count", "window_closed": "window_closed", "manual_stopped": "manual_stopped",
    "excluded": "excluded",
}  # fmt: skip
"""State of a contact -> the figure that counts it."""
REST = 20.0
"""Pause after a recount, in its own durations: counting takes at most a twentieth of the store's time."""
STALE_S = 60.0


async def recount(ctx: Context, campaign: Document) -> Document:
    """The figures of the run, written when they changed."""
    contacts = await store.contact_groups(ctx, campaign["_id"])
    attempts = await store.attempt_groups(ctx, campaign["_id"])
    run = campaign["run_number"]
    counted = figures(
        [group for group in contacts if group.get("run") == run],
        [group for group in attempts if group.get("run") == run],
        (await store.answered_contacts(ctx, campaign["_id"])).get(run, 0),
    )
    before = campaign.get("stats") or {}
    if any(before.get(name) != value for name, value in counted.items()):
        await store.write_stats(ctx, campaign["_id"], run, {**counted, "counted_at": ctx.clock()})
    return counted


async def note_loaded(ctx: Context, campaign: Document, counts: Mapping[str, int]) -> None:
    """The figures of a campaign that never ran, with so many contacts in each state."""
    counted = figures([{"status": status, "count": count} for status, count in counts.items()], [])
    await store.write_stats(ctx, campaign["_id"], campaign["run_number"], {**counted, "counted_at": ctx.clock()})


def figures(contacts: Iterable[Document], attempts: Iterable[Document], answered: int = 0) -> Document:
    """From groups of contacts `{status, connected, outcome, count}` and of attempts `{outcome, dialled, answered,
    count}`, and the number of contacts that were answered."""
    counts = dict.fromkeys(BY_STATE.values(), 0) | {"total_calls": 0, "attempted": 0, "connected": 0}
    counts["answered"] = answered
    for group in contacts:
        number = group["count"]
        counts["total_calls"] += number
        counts[BY_STATE[group["status"]]] += number
        counts["attempted"] += number if group.get("outcome") else 0
        counts["connected"] += number if group.get("connected") else 0
    ended = [
        group for group in attempts if group["dialled"] and group.get("outcome") and group["outcome"] != "not_placed"
    ]
    counts["attempts"] = _sum(ended, lambda _: True)
    counts["answered_attempts"] = _sum(ended, lambda group: group["answered"])
    outcomes = {
        "abandoned_attempts": _sum(ended, lambda group: group["outcome"] == "abandoned"),
        "machine_attempts": _sum(ended, lambda group: group["answered"] and group["outcome"] == "amd_machine"),
    }
    return {**counts, **rates({**counts, **outcomes})}


def _sum(groups: Iterable[Document], fits: Callable[[Document], bool]) -> int:
    return sum(group["count"] for group in groups if fits(group))


class Recount:
    """`run` counts every campaign whose contacts may have changed, when it is time again."""

    def __init__(self, ctx: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._not_before = float("-inf")
        self._known: dict[str, tuple[Any, ...]] = {}

    async def run(self) -> None:
        began = self._clock()
        if began < self._not_before:
            return
        try:
            await for_each(await self._changed(), self._count)
        finally:
            self._not_before = began + REST * (self._clock() - began)

    async def _count(self, campaign: Document) -> None:
        await recount(self._ctx, campaign)

    async def _changed(self) -> list[Document]:
        """Whatever runs, and what ended and is not settled; of the rest what looks different, or was not counted for a
        minute."""
        ctx = self._ctx
        open_ones = {each["_id"]: each for each in await store.by_status(ctx, "running", "paused")}
        open_ones |= {each["_id"]: each for each in await store.unsettled(ctx) if each["status"] != "draft"}
        resting = [each for each in await store.by_status(ctx, "draft", "failed") if each["_id"] not in open_ones]
        # A prepared run has no contacts of its own yet: it shows the figures of the run before until it starts.
        # Nor has one whose file is not loaded: those that are there are a part of it.
        resting = [each for each in resting if not each.get("prepared_run") and not is_half_loaded(each)]
        looks = {each["_id"]: self._look(each) for each in resting}
        different = [each for each in resting if self._known.get(each["_id"]) != looks[each["_id"]]]
        self._known = looks
        return [*open_ones.values(), *different]

    def _look(self, campaign: Document) -> tuple[Any, ...]:
        upload = campaign.get("upload") or {}
        minute = int(self._clock() // STALE_S)
        return campaign["revision"], campaign.get("last_row_no"), upload.get("state"), upload.get("at"), minute
