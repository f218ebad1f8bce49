"""How the fleet looks on a terminal, and as lines where there is none."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from voxkit.contracts.registry import DrainView, FleetView, Quotas, SeatView
from voxkit.registry import RegistryClient

# Told apart without colours too.
SIGNS = {
    "idle": ("○", "green"),
    "reserved": ("◔", "yellow"),
    "busy": ("●", "cyan"),
    "wrapping": ("◑", "blue"),
    "starting": ("◌", "dim"),
    "draining": ("◇", "magenta"),
    "lost": ("✕", "bold red"),
}
CARRYING = ("busy", "wrapping")
DRAINING_CALL = ("◆", "magenta")
COUNTS = ("free", "reserved", "busy", "wrapping", "starting", "draining", "lost")


@dataclass(frozen=True)
class Picture:
    """The pool at one moment."""

    fleet: FleetView
    seats: list[SeatView]
    drains: list[DrainView]
    quotas: Quotas

    @classmethod
    async def taken(cls, registry: RegistryClient) -> Picture:
        return cls(*await asyncio.gather(registry.fleet(), registry.seats(), registry.drains(), registry.quotas()))

    def as_json(self) -> dict[str, Any]:
        return {
            "fleet": self.fleet.model_dump(),
            "seats": [seat.model_dump() for seat in self.seats],
            "drains": [drain.model_dump() for drain in self.drains],
            "quotas": self.quotas.model_dump(),
        }


def shown(picture: Picture) -> RenderableType:
    """Counts, the seats of each host, the queue, drains, quotas; what is empty is left out."""
    parts: list[RenderableType] = [headline(picture.fleet), Text()]
    parts.append(seat_map(picture.seats) if picture.seats else Text("no seat has ever reported here", style="yellow"))
    if picture.drains:
        parts += [Text(), drain_table(picture.drains)]
    if picture.quotas.items:
        parts += [Text(), quota_table(picture.quotas)]
    return Group(*parts)


def headline(fleet: FleetView) -> Text:
    """One line: state, counts, who waits, what was refused in the last full minute."""
    line = Text(f"pool {fleet.pool}  ", style="bold")
    line.append(fleet.status, style="green" if fleet.status == "ok" else "bold yellow")
    line.append(f"  {fleet.seats} seats: ", style="not bold")
    counts = {name: getattr(fleet, name) for name in COUNTS}
    line.append(", ".join(f"{count} {name}" for name, count in counts.items() if count or name == "free"), "not bold")
    if fleet.waiting:
        by = ", ".join(f"{count} {name}" for name, count in fleet.waiting_by.items() if count)
        line.append(f"  waiting {fleet.waiting} ({by}; longest {duration(fleet.longest_wait_ms)})", "yellow")
    if fleet.refusals:
        refused = ", ".join(f"{count} {reason}" for reason, count in fleet.refusals.items())
        line.append(f"  refused last minute: {refused}", "red")
    return line


def seat_map(seats: Sequence[SeatView]) -> RenderableType:
    """A row for each host, a sign for each seat, and what the signs mean."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for title, right in (
        ("host", False),
        ("seats", True),
        ("free", True),
        ("calls", True),
        ("", False),
        ("image", False),
    ):
        table.add_column(title, justify="right" if right else "left", header_style="dim", no_wrap=bool(title))
    hosts: dict[str, list[SeatView]] = {}
    for seat in sorted(seats, key=lambda seat: natural(seat.worker_id)):
        hosts.setdefault(seat.host_id, []).append(seat)
    for host, here in sorted(hosts.items(), key=lambda item: natural(item[0])):
        signs = Text()
        for seat in here:
            signs.append(*sign(seat))
        states = Counter(seat.state for seat in here)
        calls = sum(seat.phase in CARRYING for seat in here if seat.state != "lost")
        tags = ", ".join(sorted({seat.image_tag for seat in here if seat.state != "lost"}))
        table.add_row(host, str(len(here)), str(states["idle"]), str(calls), signs, tags)
    legend = Text(style="dim")
    present = {sign(seat) for seat in seats}
    names = {**{each: name for name, each in SIGNS.items()}, DRAINING_CALL: "draining with a call"}
    for each, name in names.items():
        if each in present:
            legend.append(each[0], each[1]).append(f" {name}  ")
    return Group(table, Text(), legend)


def sign(seat: SeatView) -> tuple[str, str]:
    if seat.state == "draining" and seat.phase in CARRYING:
        return DRAINING_CALL
    return SIGNS[seat.state]


def seat_table(seats: Sequence[SeatView], now_ms: int) -> Table:
    """One row a seat."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("seat", "host", "state", "since", "image", "call", "bot", "client", "outbox", "beat"):
        table.add_column(title, no_wrap=True)
    for seat in sorted(seats, key=lambda seat: (natural(seat.host_id), natural(seat.worker_id))):
        mark, style = sign(seat)
        state = seat.state if seat.state in (seat.phase, "lost") else f"{seat.state} ({seat.phase})"
        table.add_row(
            seat.worker_id,
            seat.host_id,
            Text(f"{mark} {state}", style=style),
            duration(now_ms - seat.since_ms),
            seat.image_tag,
            seat.call_id or seat.reservation_id or "-",
            seat.bot_id or "-",
            seat.client or "-",
            str(seat.outbox_pending),
            f"{duration(seat.age_ms)} ago",
        )
    return table


def drain_table(drains: Sequence[DrainView]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("drain", "empty", "calls", "oldest", "eta", "by", "reason"):
        table.add_column(title, no_wrap=title != "reason")
    for drain in drains:
        table.add_row(
            drain.selector,
            f"{drain.drained} of {drain.seats}",
            str(drain.busy),
            duration(drain.oldest_call_ms),
            duration(drain.eta_ms),
            drain.by or "-",
            drain.reason or "-",
        )
    return table


def quota_table(quotas: Quotas) -> RenderableType:
    """Clients and, under each, its campaigns."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("client", "in use", "max", "min", "weight"):
        table.add_column(title, justify="left" if title == "client" else "right", no_wrap=True)
    for quota in quotas.items:
        full = quota.max is not None and quota.used >= quota.max
        table.add_row(
            quota.client,
            Text(str(quota.used), style="red" if full else ""),
            limit(quota.max),
            str(quota.min),
            str(quota.weight),
        )
        for name, campaign in quota.campaigns.items():
            table.add_row(f"  {name}", str(campaign.used), limit(campaign.max), str(campaign.min), "")
    if not quotas.overcommitted:
        return table
    return Group(table, Text("more seats are kept as minimums than there are", style="yellow"))


def limit(value: int | None) -> str:
    return "-" if value is None else str(value)


def duration(ms: int | None) -> str:
    """`4.2 s`, `3 min 20 s`, `2 h 5 min`; `-` for none."""
    if ms is None:
        return "-"
    seconds = max(0, ms) / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def natural(name: str) -> tuple[tuple[int, int | str], ...]:
    """Sorts `fleet1-10` after `fleet1-9`."""
    words: list[tuple[int, int | str]] = []
    word = ""
    for letter in name + "\0":
        if word and (letter == "\0" or letter.isdigit() != word[-1].isdigit()):
            words.append((0, int(word)) if word.isdecimal() else (1, word))
            word = ""
        word += letter
    return tuple(words)
