"""Is there an order of what concurrent clients saw that a single honest register could have produced?

Wing and Gong's search with memory: an operation may come next when no other one ended before it began. Objects are
checked one by one (each seat, each reservation), which is enough: a history is linearizable if that of every object is.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Operation:
    """`began` and `ended`: monotonic seconds. `said` is what the object was asked and what it answered."""

    began: float
    ended: float
    said: tuple[Any, ...]


Apply = Callable[[Hashable, tuple[Any, ...]], Hashable | None]
"""The state after an operation, or None when an object in this state cannot have answered so."""


def order_of(history: Sequence[Operation], start: Hashable, apply: Apply) -> list[Operation] | None:
    """A legal order, or None when there is none."""
    operations = sorted(history, key=lambda operation: operation.began)
    everything = (1 << len(operations)) - 1
    seen: set[tuple[int, Hashable]] = set()
    stack: list[tuple[int, Hashable, tuple[int, ...]]] = [(0, start, ())]
    while stack:
        done, state, order = stack.pop()
        if done == everything:
            return [operations[index] for index in order]
        if (done, state) in seen:
            continue
        seen.add((done, state))
        open_ends = [op.ended for index, op in enumerate(operations) if not done >> index & 1]
        first_end = min(open_ends)
        for index, operation in enumerate(operations):
            if operation.began > first_end:
                break
            if done >> index & 1:
                continue
            after = apply(state, operation.said)
            if after is not None:
                stack.append((done | 1 << index, after, (*order, index)))
    return None


# --- what a seat and a reservation may answer ------------------------------------------------------------------------

FREE = ("free",)


def seat(state: Hashable, said: tuple[Any, ...]) -> Hashable | None:
    """A seat is free, or in the hands of one reservation until `free_at_ms` of the store's clock.

    ("take", rid, now_ms, free_at_ms) · ("hold", rid, free_at_ms): extended · ("start", rid): confirmed ·
    ("give", rid): released or sent back
    """
    assert isinstance(state, tuple)
    kind, rid = said[0], said[1]
    mine = state[0] == "held" and state[1] == rid
    if kind == "take":
        lapsed = state[0] == "held" and said[2] >= state[2]
        return ("held", rid, said[3]) if state == FREE or lapsed else None
    if kind == "hold":
        return ("held", rid, said[2]) if mine else None
    if kind == "start":
        return ("held", rid, float("inf")) if mine else None
    if kind == "give":
        return FREE if mine else None
    raise LookupError(said)


def reservation(state: Hashable, said: tuple[Any, ...]) -> Hashable | None:
    """A reservation is nothing, held by a seat, confirmed there, or over; `over` may come by itself once it can lapse.

    ("granted", seat) · ("repeat", state, seat) · ("refused",) · ("confirmed", seat) · ("extended", seat) ·
    ("replaced", old, new) · ("released",) · ("over",) · ("unknown",)
    """
    assert isinstance(state, tuple)
    kind = said[0]
    name, at = state[0], state[1] if len(state) > 1 else None
    if kind == "granted":
        return ("held", said[1]) if name == "none" else None
    if kind == "refused":
        return state if name == "none" else None
    if kind == "unknown":
        return state if name == "none" else None
    if kind == "repeat":
        return state if (name, at) == said[1:] else None
    if kind == "confirmed":
        return ("confirmed", at) if name in ("held", "confirmed") and at == said[1] else None
    if kind == "extended":
        return state if name == "held" and at == said[1] else None
    if kind == "replaced":
        return ("held", said[2]) if name in ("held", "confirmed") and at == said[1] else None
    if kind == "released":
        return ("over",) if name in ("held", "confirmed") else None
    if kind == "lapsed":
        return ("over",) if name in ("held", "over") else None
    if kind == "over":
        return ("over",) if name == "over" else None
    raise LookupError(said)
