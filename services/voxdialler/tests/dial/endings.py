"""What must be true of a contact whose dialler was killed, once the next one has looked at it (R1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from voxkit.contracts.campaigns import ACTIVE

Document = dict[str, Any]
ENDS = {"retry_scheduled", "abandoned", "amd_machine", "exhausted", "completed", "pending", "excluded"}
LATER = timedelta(seconds=180)


async def settles_once(world: Any, row: Document, rung: list[str], *, killed_at: object, talks: bool) -> None:
    """A new dialler takes the contact over after its lease lapsed. `rung`: the orders since the dial, by `client_ref`;
    `talks`: a call that stands is an end too."""
    world.restart()
    await world.age(row, LATER)
    was_moved_on = (await world.read(row))["status"] not in ACTIVE
    after = await world.recover(row)
    attempts = await world.attempts(row)
    assert len(rung) == len(set(rung)) <= 1, f"{killed_at}: rung twice"
    if after["status"] == "in_progress":
        assert talks, f"{killed_at}: in conversation"
        assert attempts[0]["outcome"] is None, f"{killed_at}: talks after its end"
    else:
        assert after["status"] in ENDS, f"{killed_at}: {after['status']}"
        assert after["lease_id"] is None, f"{killed_at}: still leased"
        assert all(attempt["outcome"] is not None for attempt in attempts), f"{killed_at}: an attempt is open"
        # After the contact has moved nobody looks for its seat: the reservation's own deadline frees it.
        assert world.seats.held == {} or was_moved_on, f"{killed_at}: a seat is held"
        assert all(seat["hold"] <= 75 for seat in world.seats.held.values())
        counted = [attempt for attempt in attempts if attempt["outcome"] != "not_placed"]
        assert after["attempt_count"] == len(counted), f"{killed_at}: counters and attempts differ"
    world.seats.held.clear()
