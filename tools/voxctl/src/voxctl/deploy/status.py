"""`vox status`: who runs what, what is in force, and what was left half-done."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from voxkit.contracts.registry import DrainView

from voxctl.deploy.lock import Held, see
from voxctl.deploy.observe import Replicas, lock_line, reachable_replicas, reachable_seats, unfinished
from voxctl.deploy.service_work import ReplicaNow
from voxctl.deploy.site import Site
from voxctl.deploy.work import Work
from voxctl.deploy.world import SeatNow
from voxctl.fleet.views import duration, natural

MOST_CHARS = 32
"""Of a reference whose release is not known."""


@dataclass(frozen=True)
class Status:
    """All of it at one moment."""

    env: str
    seats: dict[str, Sequence[SeatNow]]
    replicas: Replicas
    away: dict[str, str]
    held: Held | None
    work: Work | None
    drains: Sequence[DrainView]

    @classmethod
    async def taken(cls, site: Site) -> Status:
        """Hosts that are away are told of. Raises: CommandError: `lock_host` or the registry gives no answer."""
        (seats, no_seats), (replicas, no_replicas) = await asyncio.gather(
            reachable_seats(site), reachable_replicas(site)
        )
        work, releases = await asyncio.gather(unfinished(site), site.journal.releases())
        known = [*releases, work.release] if work else releases
        tags = {ref: release.tag for release in known for ref in release.refs.values()}
        return cls(
            env=site.inventory.env,
            seats=seats,
            replicas={place: [named(each, tags) for each in found] for place, found in replicas.items()},
            away={**no_replicas, **no_seats},
            held=await see(site.lock_host),
            work=work,
            drains=await site.registry.drains(),
        )

    @property
    def left_closed(self) -> list[SeatNow]:
        """Seats that get no call although nobody is at work: an interrupted deploy has left them so."""
        return [
            seat
            for each in self.seats.values()
            for seat in each
            if seat.running and self.work and seat.id in self.work.in_hand
        ]

    def as_json(self) -> dict[str, Any]:
        return {
            "env": self.env,
            "seats": [seat.__dict__ for each in self.seats.values() for seat in each if seat.running or not seat.surge],
            "services": [
                {
                    "host": host,
                    "service": service,
                    "id": each.id,
                    "tag": each.tag,
                    "ref": each.ref,
                    "serves": each.serves,
                }
                for (host, service), found in self.replicas.items()
                for each in found
                if each.running or not each.beside
            ],
            "away": self.away,
            "lock": self.held.owner.model_dump() | {"age_s": self.held.age_s} if self.held else None,
            "unfinished": self.work.model_dump(mode="json") if self.work else None,
            "drains": [drain.model_dump() for drain in self.drains],
        }


def named(replica: ReplicaNow, tags: Mapping[str, str]) -> ReplicaNow:
    """With its release: a page of files (voxui) says none itself."""
    return replica if replica.tag else replace(replica, tag=tags.get(replica.ref, replica.version))


def shown(status: Status) -> RenderableType:
    """For people: what is in force first, then every seat and replica."""
    parts: list[RenderableType] = [_headline(status), Text()]
    if status.replicas:
        parts += [_services(status), Text()]
    if status.seats:
        parts.append(_seats(status))
    parts += [Text(f"{host} gives no answer: {why}", style="bold red") for host, why in status.away.items()]
    return Group(*parts)


def _headline(status: Status) -> Text:
    line = Text(status.env, style="bold")
    line.append(f"   {'locked by ' + lock_line(status.held) if status.held else 'lock free'}", "not bold")
    if work := status.work:
        style = "bold yellow" if status.held else "bold red"
        busy = "runs" if status.held and not status.held.stale else "was interrupted"
        line.append(f"\n{work.kind} {work.id} of {work.release.tag} {busy} ({work.stage})", style)
        if work.reason:
            line.append(f": {work.reason}", "not bold")
        if work.away:
            line.append(f"\nleft as it was, for later: {', '.join(work.away)}", "not bold")
        if closed := status.left_closed:
            line.append(f"\nin its hand, closed to calls: {', '.join(seat.id for seat in closed)}", "not bold")
        if busy != "runs":
            line.append("\nvox deploy --resume goes on, vox rollback goes back", "not bold")
    return line


def _services(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("host", "service", "tag", "state"):
        table.add_column(title, no_wrap=title != "state")
    for (host, _), found in status.replicas.items():
        for each in found:
            if not each.running and each.beside:
                continue
            state = "serves" if each.serves else "standby" if each.healthy else each.complaint or "does not run"
            table.add_row(host, each.id, each.tag or each.ref.rpartition("/")[2][:MOST_CHARS] or "-", state)
    return table


def _seats(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("host", "seat", "tag", "state", "call", "eta"):
        table.add_column(title, no_wrap=title != "state")
    etas = {drain.selector: drain.eta_ms for drain in status.drains}
    for host, each in sorted(status.seats.items(), key=lambda item: natural(item[0])):
        for seat in sorted(each, key=lambda seat: natural(seat.id)):
            if not seat.running and seat.surge:
                continue
            age = duration(round(seat.call_age_s * 1000)) if seat.carries else "-"
            table.add_row(
                host,
                seat.id,
                seat.tag or "-",
                state_of(seat, status.work),
                age,
                duration(etas.get(f"worker:{seat.id}")),
            )
    return table


def state_of(seat: SeatNow, work: Work | None) -> str:
    """In one or a few words, the reason with what is not normal."""
    if not seat.running:
        return "no container"
    if seat.complaint and not seat.registered:
        return f"down: {seat.complaint}"
    if seat.foreign:
        return f"{seat.phase}, drained by {seat.foreign}"
    if work and seat.id in work.in_hand:
        return f"{seat.phase}, closed by {work.kind} {work.id} ({work.in_hand[seat.id].step})"
    if seat.closed or seat.draining:
        return f"{seat.phase}, closed"
    return seat.phase if seat.registered else f"{seat.phase}, not registered"
