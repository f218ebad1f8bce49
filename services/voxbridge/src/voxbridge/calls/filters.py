"""Filters of the call list: what the index decides, what is judged on the rows it returns, and the same as one filter
for the total."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from voxkit.phone import phone_key

Document = dict[str, Any]
# Fields with an index that ends in `created_at`, the most selective first.
INDEXED = (
    ("campaign_id", "disposition"),
    ("bot_id", "disposition"),
    ("campaign_id",),
    ("bot_id",),
    ("disposition",),
    ("status",),
)
_AFTER_DIGITS = ":"  # the character after "9": the end of a range of digit texts


@dataclass(frozen=True)
class Condition:
    """One condition on one field: a value of a set, or a closed range."""

    field: str
    values: tuple[Any, ...] = ()
    low: Any = None
    high: Any = None

    def matches(self, row: Document) -> bool:
        value = row.get(self.field)
        if self.values:
            return value in self.values
        if value is None:
            return False
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def query(self) -> Any:
        """As MongoDB asks it."""
        if self.values:
            return self.values[0] if len(self.values) == 1 else {"$in": list(self.values)}
        bounds = {"$gte": self.low, "$lte": self.high}
        return {operator: value for operator, value in bounds.items() if value is not None}


@dataclass(frozen=True)
class CallFilters:
    """What was asked for, parsed. Lists are alternatives, fields are cumulative."""

    lists: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    date_from: datetime | None = None
    date_to: datetime | None = None
    min_duration: float | None = None
    max_duration: float | None = None
    phone: str = ""
    session_id: str = ""
    stream_id: str = ""
    call_id: str = ""

    def conditions(self) -> list[Condition]:
        found = [Condition(name, values) for name, values in self.lists.items() if values]
        for name in ("stream_id", "call_id"):
            if value := getattr(self, name):
                found.append(Condition(name, (value,)))
        if self.session_id:
            found.append(Condition("_id", (self.session_id,)))
        if self.phone:
            prefix = phone_key(self.phone)[::-1]
            found.append(Condition("phone_rev", low=prefix, high=prefix + _AFTER_DIGITS))
        if self.date_from is not None or self.date_to is not None:
            found.append(Condition("created_at", low=self.date_from, high=self.date_to))
        if self.min_duration is not None or self.max_duration is not None:
            found.append(Condition("call_duration_seconds", low=self.min_duration, high=self.max_duration))
        return found


@dataclass(frozen=True)
class Plan:
    """How a page is read. `lookup`: a few rows by one narrow index, sorted here; else a walk along the sort field."""

    where: Document
    keep: Callable[[Document], bool] | None
    count_where: Document
    sort_low: Any = None
    sort_high: Any = None
    lookup: bool = False


def plan(filters: CallFilters, sort_field: str) -> Plan:
    conditions = filters.conditions()
    count_where = {condition.field: condition.query() for condition in conditions}
    by_field = {condition.field: condition for condition in conditions}
    for name in ("_id", "call_id", "stream_id", "phone_rev"):
        if name in by_field:
            rest = [condition for condition in conditions if condition.field != name]
            return Plan({name: by_field[name].query()}, _all_of(rest), count_where, lookup=True)
    usable = INDEXED if sort_field == "created_at" else ()
    chosen = next((names for names in usable if by_field.keys() >= set(names)), ())
    low, high = _along(filters, sort_field)
    rest = [condition for condition in conditions if condition.field not in (*chosen, sort_field)]
    return Plan(
        where={name: by_field[name].query() for name in chosen},
        keep=_all_of(rest),
        count_where=count_where,
        sort_low=low,
        sort_high=high,
    )


def _along(filters: CallFilters, sort_field: str) -> tuple[Any, Any]:
    """Bounds of the sort field; of durations rounded outwards, the exact condition is judged on the rows."""
    if sort_field == "created_at":
        return filters.date_from, filters.date_to
    low = None if filters.min_duration is None else filters.min_duration - 0.1
    return low, None if filters.max_duration is None else filters.max_duration + 0.2


def _all_of(conditions: Sequence[Condition]) -> Callable[[Document], bool] | None:
    if not conditions:
        return None
    return lambda row: all(condition.matches(row) for condition in conditions)
