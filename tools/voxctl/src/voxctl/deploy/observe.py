"""What an installation runs now, for `vox plan` and `vox status`."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from voxkit.errors import VoxError

from voxctl.deploy.lock import Held, see
from voxctl.deploy.plan import HostSeen, Seen, ServiceSeen
from voxctl.deploy.preflight import config_lines, schema_of
from voxctl.deploy.service_work import ReplicaNow
from voxctl.deploy.site import Site, patiently
from voxctl.deploy.work import Work
from voxctl.deploy.world import Release, SeatNow
from voxctl.hosts.layout import hosts_with
from voxctl.output import CommandError

Key = TypeVar("Key")
Found = TypeVar("Found")
Replicas = dict[tuple[str, str], Sequence[ReplicaNow]]
STATUS_WITHIN_S = 5.0
"""Who asks for the status of an installation without a registry does not want to wait for it."""


async def all_seats(site: Site) -> dict[str, Sequence[SeatNow]]:
    """Fleet host -> its seats. Raises: CommandError."""
    fleets = site.fleets()
    found = await asyncio.gather(*(patiently(each.seats) for each in fleets.values()))
    return dict(zip(fleets, found, strict=True))


async def reachable_seats(site: Site) -> tuple[dict[str, Sequence[SeatNow]], dict[str, str]]:
    """(seats of the fleet hosts that answer, host that does not -> why)."""
    fleets = site.fleets()
    found = await asyncio.gather(
        *(patiently(each.seats, within_s=STATUS_WITHIN_S) for each in fleets.values()), return_exceptions=True
    )
    return _sorted_out(dict(zip(fleets, found, strict=True)))


async def reachable_replicas(site: Site) -> tuple[Replicas, dict[str, str]]:
    """As `reachable_seats`, of the services."""
    places = site.places()
    found = await asyncio.gather(
        *(site.replicas(host, service).now() for host, service in places), return_exceptions=True
    )
    there, away = _sorted_out(dict(zip(places, found, strict=True)))
    return there, {host: why for (host, _), why in away.items()}


def _sorted_out(
    answers: Mapping[Key, Sequence[Found] | BaseException],
) -> tuple[dict[Key, Sequence[Found]], dict[Key, str]]:
    there: dict[Key, Sequence[Found]] = {}
    away: dict[Key, str] = {}
    for key, answer in answers.items():
        if isinstance(answer, CommandError | VoxError):
            away[key] = str(answer)
        elif isinstance(answer, BaseException):
            raise answer
        else:
            there[key] = answer
    return there, away


async def all_replicas(site: Site) -> Replicas:
    """(host, service) -> its replicas. Raises: CommandError."""
    places = site.places()
    found = await asyncio.gather(*(site.replicas(host, service).now() for host, service in places))
    return dict(zip(places, found, strict=True))


async def unfinished(site: Site) -> Work | None:
    """The deploy that was interrupted, or runs now."""
    state = await site.journal.unfinished()
    return Work.model_validate(state) if state else None


async def seen(site: Site) -> Seen:
    """Everything that a plan is made from. Raises: CommandError."""
    seats, replicas, held, releases, former, drains = await asyncio.gather(
        all_seats(site),
        all_replicas(site),
        see(site.lock_host),
        site.journal.releases(),
        unfinished(site),
        patiently(site.registry.drains),
    )
    fleets = site.fleets()
    rooms = dict(zip(fleets, await asyncio.gather(*(each.surge_room() for each in fleets.values())), strict=True))
    names = list(site.inventory.hosts)
    config = await asyncio.gather(*(config_lines(site.inventory, site.remotes[name]) for name in names))
    etas = {drain.selector: drain.eta_ms for drain in drains}
    hosts = [
        HostSeen(
            name,
            services=tuple(
                ServiceSeen(service, tuple(each.ref for each in found if each.running), wanted=_wanted(site, service))
                for (host, service), found in replicas.items()
                if host == name
            ),
            seats=tuple(seats.get(name, ())),
            surge=rooms.get(name, 0),
            config=lines,
            eta_s=eta / 1000 if (eta := etas.get(f"host:{name}")) else None,
        )
        for name, lines in zip(names, config, strict=True)
    ]
    tag = running_tag(seats)
    known = {release.tag: release for release in releases}
    return Seen(
        env=site.inventory.env,
        hosts=hosts,
        tag=tag,
        revision=known[tag].revision if tag in known else "",
        last_good=next((release for release in releases if release.verdict == "good"), None),
        lock=lock_line(held),
        schema=schema_of(releases),
        has_check=bool(hosts_with(site.inventory, "check")),
        unfinished=f"{former.kind} {former.id} of {former.release.tag}" if former else "",
    )


def _wanted(site: Site, service: str) -> int:
    told = site.inventory.services.get(service)
    return told.replicas if told and service != "voxdialler" else 1


def running_tag(seats: dict[str, Sequence[SeatNow]]) -> str:
    """The tag that most seats say they run; empty when none says anything."""
    counted = Counter(seat.tag for each in seats.values() for seat in each if seat.tag and not seat.surge)
    return counted.most_common(1)[0][0] if counted else ""


def lock_line(held: Held | None) -> str:
    if held is None:
        return ""
    stale = f", no sign of life for {held.age_s} s" if held.stale else ""
    return held.owner.sentence() + stale


def known_release(releases: Sequence[Release], tag: str) -> Release | None:
    return next((release for release in releases if release.tag == tag), None)
