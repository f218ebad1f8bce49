"""The two state machines, as data. `functions/` gets these tables as they stand and makes no other move.

A row is `state -> event -> the states it may lead to`; a pair that stands nowhere changes nothing. Where one event may
lead to two states, the guard stands beside the table in docs/registry.md and has a test of its own.
"""

from collections.abc import Mapping
from typing import TypeAlias

Table: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]

NONE = "none"
"""No record yet, or none any more."""

# What a heartbeat reports of a seat that may be given away: the worker's word is taken as it is. `reserved` becomes
# `idle` when the reservation that it names is over here, or when `idle` lay between two heartbeats.
_AT_WORK: Mapping[str, tuple[str, ...]] = {
    "idle": ("idle",),
    "reserved": ("reserved", "idle"),
    "busy": ("busy",),
    "wrapping": ("wrapping",),
}
_REPORTED: Mapping[str, tuple[str, ...]] = {"starting": ("starting",), **_AT_WORK}
_ANOTHER_CALL: Mapping[str, tuple[str, ...]] = {"other_busy": ("busy",), "other_wrapping": ("wrapping",)}
# From every phase: 9 s of silence, a new life of the process, a farewell.
_GONE: Mapping[str, tuple[str, ...]] = {"lose": ("lost",), "restart": (NONE,), "leave": (NONE,)}

SEAT: Table = {
    NONE: _REPORTED,
    "starting": {**_GONE, **_REPORTED},
    "idle": {**_GONE, **_AT_WORK, "grant": ("reserved",)},
    "reserved": {
        **_GONE,
        **_AT_WORK,
        "idle": ("reserved", "idle"),  # idle: a confirmed call came and went, or an adopted reservation is not wanted
        "reserved": ("reserved",),
        "release": ("idle",),
        "lapse": ("idle",),  # the deadline and the worker's second of tolerance are over
        "replace": ("idle",),
        "elsewhere": ("idle",),  # the reservation turned out to live on another seat
    },
    "busy": {**_GONE, **_AT_WORK, **_ANOTHER_CALL},
    "wrapping": {
        **_GONE,
        **_ANOTHER_CALL,
        "wrapping": ("wrapping",),
        "idle": ("idle",),
        "reserved": ("reserved", "idle"),
    },
    "lost": {**_REPORTED, "restart": (NONE,), "leave": (NONE,), "forget": (NONE,)},
}

RESERVATION: Table = {
    NONE: {"reserve": ("held", "waiting"), "adopt": ("held",), "call": ("active",)},
    "waiting": {
        "serve": ("held",),
        "timeout": ("expired",),
        "release": ("released",),
        "confirm": ("confirmed",),  # only one that was moved: the seat it had took the start after all
        "call": ("active",),
    },
    "held": {
        "confirm": ("confirmed",),
        "extend": ("held",),
        "replace": ("waiting",),
        "move": ("waiting",),
        "deadline": ("expired",),
        "release": ("released",),
        "call": ("active",),
        "over": ("ended",),  # only an adopted one, when its worker says that it holds nothing
    },
    "confirmed": {
        "confirm": ("confirmed",),
        "replace": ("waiting",),
        "no_word": ("expired",),
        "release": ("released",),
        "call": ("active",),
        "over": ("ended",),
    },
    "active": {"confirm": ("active",), "over": ("ended",)},
    "expired": {"call": ("active",)},
    "released": {"call": ("active",)},
    "ended": {},
}

OPEN = ("waiting", "held", "confirmed", "active")
UNITS = ("held", "confirmed", "active")
OVER = ("expired", "released", "ended")
CARRYING = ("busy", "wrapping")
PRIORITIES = ("inbound", "callback", "outbound", "test")


def _row(names: tuple[str, ...]) -> str:
    return "{" + ",".join(f"{name}=true" for name in names) + "}"


def _table(table: Table) -> str:
    states = (f"{state}={{{','.join(f'{e}={_row(to)}' for e, to in row.items())}}}" for state, row in table.items())
    return "{" + ",".join(states) + "}"


def as_lua() -> str:
    """The tables as Lua source, one `local` a line."""
    return "\n".join(
        (
            f"local SEAT = {_table(SEAT)}",
            f"local RESERVATION = {_table(RESERVATION)}",
            f"local OPEN, UNITS, OVER, CARRYING = {', '.join(map(_row, (OPEN, UNITS, OVER, CARRYING)))}",
            f"local PRIORITIES = {{{','.join(f'{name!r}' for name in PRIORITIES)}}}",
        )
    )
