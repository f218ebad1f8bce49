"""`vox plan`: what a deploy would do, from what is observed and the target. Pure: nothing is asked here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from voxctl.deploy.world import Release, SeatNow

EXIT_CHANGES = 10
SEAT_S = 20
"""An idle seat is replaced within this time; only for the plan's estimate."""
REVISION_CHARS = 7
ORDER = ("voxregistry", "voxbridge", "voxui", "voxcore", "voxdialler")
"""A deploy goes through the services in this order, a rollback in the reverse one."""
HOW = {
    "voxregistry": "replace one by one",
    "voxbridge": "replace one by one",
    "voxui": "replace",
    "voxdialler": "hand over (rings settle ≤ 75 s)",
}


@dataclass(frozen=True)
class ServiceSeen:
    """Replicas of one service on one host, by the reference that each runs."""

    name: str
    refs: tuple[str, ...]
    wanted: int = 1


@dataclass(frozen=True)
class HostSeen:
    """One host as it is now. `surge`: seats that fit into memory. `config`: file of /opt/vox -> lines that change."""

    name: str
    services: tuple[ServiceSeen, ...] = ()
    seats: tuple[SeatNow, ...] = ()
    surge: int = 0
    config: Mapping[str, int] = field(default_factory=dict)
    eta_s: float | None = None


@dataclass(frozen=True)
class Seen:
    """The installation as it is now. `lock`: who holds it, in one line; empty when free."""

    env: str
    hosts: Sequence[HostSeen]
    tag: str = ""
    revision: str = ""
    last_good: Release | None = None
    lock: str = ""
    schema: int = 0
    has_check: bool = True
    unfinished: str = ""


@dataclass(frozen=True)
class ServicePlan:
    name: str
    replicas: int
    how: str


@dataclass(frozen=True)
class SeatsPlan:
    """The seats of one host: which go now, and which wait for the end of their call."""

    total: int
    idle: tuple[str, ...]
    busy: tuple[str, ...]
    done: int
    surge: int
    canary: str
    eta_s: float | None

    @property
    def empty(self) -> bool:
        return not (self.idle or self.busy)


@dataclass(frozen=True)
class HostPlan:
    name: str
    services: tuple[ServicePlan, ...]
    seats: SeatsPlan | None
    config: Mapping[str, int]

    @property
    def empty(self) -> bool:
        return not (self.services or (self.seats and not self.seats.empty) or self.config)


@dataclass(frozen=True)
class Plan:
    """Everything that would change. `warnings` are what an operator should know before he says yes."""

    seen: Seen
    target: Release
    hosts: tuple[HostPlan, ...]
    warnings: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return any(not host.empty for host in self.hosts)


def plan(seen: Seen, target: Release, *, service: str = "", host: str = "") -> Plan:
    """What it takes to have `target` everywhere. `service` and `host` leave the others as they are."""
    hosts = tuple(_host(each, target, service) for each in seen.hosts if host in ("", each.name))
    # One canary a deploy: it stands on the first host that gets new seats.
    first = next((each.name for each in hosts if each.seats and (each.seats.idle or each.seats.busy)), "")
    hosts = tuple(each if each.name == first or each.seats is None else _without_canary(each) for each in hosts)
    return Plan(seen, target, hosts, tuple(_warnings(seen, target, any(each.seats for each in hosts))))


def _host(seen: HostSeen, target: Release, only: str) -> HostPlan:
    services = tuple(
        ServicePlan(each.name, max(each.wanted, len(each.refs)), HOW[each.name])
        for each in sorted(seen.services, key=lambda each: ORDER.index(each.name))
        if only in ("", each.name)
        and each.name in target.refs
        and (len(each.refs) != each.wanted or any(ref != target.refs[each.name] for ref in each.refs))
    )
    config = seen.config if only in ("", "voxcore") else {}
    return HostPlan(seen.name, services, _seats(seen, target, only), config)


def _seats(seen: HostSeen, target: Release, only: str) -> SeatsPlan | None:
    seats = [seat for seat in seen.seats if not seat.surge]
    if not seats or only not in ("", "voxcore"):
        return None
    ref = target.refs.get("voxcore", "")
    old = [seat for seat in seats if seat.ref != ref]
    busy = tuple(seat.id for seat in old if seat.carries)
    idle = tuple(seat.id for seat in old if not seat.carries)
    surge = [seat.id for seat in seen.seats if seat.surge][: seen.surge] if old else []
    canary = (surge or list(idle) or list(busy) or [""])[0]
    return SeatsPlan(len(seats), idle, busy, len(seats) - len(old), len(surge), canary, seen.eta_s)


def _without_canary(host: HostPlan) -> HostPlan:
    assert host.seats is not None
    seats = host.seats
    plain = SeatsPlan(seats.total, seats.idle, seats.busy, seats.done, seats.surge, "", seats.eta_s)
    return HostPlan(host.name, host.services, plain, host.config)


def _warnings(seen: Seen, target: Release, seats: bool) -> list[str]:
    found: list[str] = []
    if seats and not seen.has_check:
        found.append("no host of role check: the gate of the first seat is health and registration, no spoken call")
    if target.verdict == "bad":
        found.append(f"{target.tag} was found bad ({target.reason or 'no reason kept'}): it needs --allow-bad")
    if seen.lock:
        found.append(f"a deploy would be refused now: {seen.lock}")
    if seen.unfinished:
        found.append(
            f"{seen.unfinished} is not finished: `vox deploy --resume` goes on with it, this would follow it up"
        )
    if not schema_fits(seen.schema, target):
        found.append(
            f"the database has schema {seen.schema}, {target.tag} works with {target.schema_min} to "
            f"{target.schema_version + 1}: deploy a release between them first"
        )
    return found


def schema_fits(present: int, target: Release) -> bool:
    """Whether `target` can work on a database of this schema: its own, older down to its `schema_min`, one newer (B1).

    0 = nothing is known, and nothing stands against it.
    """
    if not present or not target.schema_version:
        return True
    return target.schema_min <= present <= target.schema_version + 1


def render(found: Plan) -> str:
    """The plan for people, as lines; the same plan gives the same text."""
    seen, target = found.seen, found.target
    revisions = f"   ({_short(seen.revision)} → {_short(target.revision)})" if target.revision else ""
    lock = "lock taken" if seen.lock else "lock free"
    good = f"   last good {seen.last_good.tag}" if seen.last_good else ""
    lines = [f"{seen.env}  {seen.tag or 'nothing'} → {target.tag}{revisions}   {lock}{good}"]
    width = max((len(host.name) for host in found.hosts), default=0)
    for host in found.hosts:
        parts = [f"{each.name} ×{each.replicas}  {each.how}" for each in host.services]
        if host.seats is not None:
            parts.append(_seats_line(host.seats))
        lines.append(f"{host.name:<{width}}  {'      '.join(parts) or 'nothing to do'}")
    lines.append(_foot(found))
    lines += [f"warning: {each}" for each in found.warnings]
    if not found.changes:
        lines.append(f"nothing to do: {target.tag} runs everywhere")
    return "\n".join(line.rstrip() for line in lines if line) + "\n"


def _seats_line(seats: SeatsPlan) -> str:
    if not seats.idle and not seats.busy:
        return f"{seats.total} seats: all on it"
    eta = f" (eta {_minutes(seats.eta_s)})" if seats.eta_s is not None else ""
    parts = [
        f"{seats.done} done" if seats.done else "",
        f"{len(seats.idle)} idle → now" if seats.idle else "",
        f"{len(seats.busy)} busy → when their calls end{eta}" if seats.busy else "",
    ]
    tail = f"   surge {seats.surge}" + (f"   canary {seats.canary}" if seats.canary else "")
    return f"{seats.total} seats: {', '.join(part for part in parts if part)}{tail}"


def _foot(found: Plan) -> str:
    seen, target = found.seen, found.target
    changed = [
        f"{lines} line{'s' if lines != 1 else ''} change{'s' if lines == 1 else ''} in {file} of {host.name}"
        for host in found.hosts
        for file, lines in sorted(host.config.items())
    ]
    config = f"config: {', '.join(changed)}" if changed else "config: nothing changes"
    if not target.schema_version:
        return config
    if target.schema_version == seen.schema:
        return f"database schema {seen.schema}, stays       {config}"
    good = seen.last_good
    after = max(seen.schema, target.schema_version)
    back = f"; {good.tag} can read it: {'yes' if schema_fits(after, good) else 'NO'}" if good else ""
    return f"database schema {seen.schema} → {after} (additive{back})       {config}"


def _short(revision: str) -> str:
    return revision[:REVISION_CHARS] or "?"


def _minutes(seconds: float) -> str:
    return f"{round(seconds)} s" if seconds < 60 else f"{round(seconds / 60)} min"
