"""The library with a fault put in: what the checkers of these tests must not let pass."""

from __future__ import annotations

from voxregistry.store import library

# Each is something that a tired person could write. Name -> (the text as it stands, the text with the fault).
FAULTS: dict[str, tuple[tuple[str, str], ...]] = {
    "a granted seat stays in the index of free ones": (
        ("if grantable(w) then at.free", "if grantable(w) or w.phase == 'reserved' and not w.lost_ms then at.free"),
        ("seat_to(w, 'grant', 'reserved')", "w.phase = 'reserved'"),
    ),
    "a seat is free at the deadline, while its token is still taken": (
        ("local TOLERANCE_MS = 1000", "local TOLERANCE_MS = -400"),
    ),
    "a released reservation can be confirmed": (
        (
            "local function asked(a, event)",
            "RESERVATION.released.confirm = { confirmed = true }\n  local function asked(a, event)",
        ),
    ),
    "nothing is settled before a step": (
        ("if name ~= 'settle' then settle(", "settled = true\n    if name == 'read' then settle("),
    ),
    "a release frees the seat that the reservation once had": (
        (
            "  local w = seat_of(r)\n  if w then\n    seat_to(w, event, 'idle')",
            "  local w = r.worker and seat(r.worker)\n  if w then\n    w.phase = 'idle'",
        ),
    ),
    "a quota lets one in too many": (
        (
            "if used >= most then return { result = 'quota_client'",
            "if used > most then return { result = 'quota_client'",
        ),
    ),
    "an extension has no limit": (
        ("math.min(NOW + a.hold_ms, r.granted_ms + LIMITS.hold), w.epoch", "NOW + a.hold_ms, w.epoch"),
    ),
    "whoever comes last is served first": (
        (
            "for _, id in ipairs(R('ZRANGE', P .. 'q:' .. priority .. ':' .. client, 0, -1)) do",
            "for _, id in ipairs(R('ZREVRANGE', P .. 'q:' .. priority .. ':' .. client, 0, -1)) do",
        ),
    ),
}


def faulty(name: str, *, test_clock: bool) -> str:
    """The library with this fault."""
    source = library(test_clock=test_clock)
    for right, wrong in FAULTS[name]:
        if source.count(right) != 1:
            raise LookupError(f"{name}: the place to break has changed: {right!r} stands {source.count(right)} times")
        source = source.replace(right, wrong)
    return source
