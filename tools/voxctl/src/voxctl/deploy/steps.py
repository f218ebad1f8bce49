"""The next step of a roll-out: a pure function of what was set out and what is seen. Nothing is asked or changed here.

Each look at the world gives at most one step; after it the world is looked at again. So a step that was interrupted, or
whose effect nobody saw, simply comes again, and going on after a crash is no special case.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from voxctl.deploy.look import Look, Memory, closed, crowded, may_close, spared
from voxctl.deploy.work import InHand, Rules, Work
from voxctl.deploy.world import Image, SeatNow

AGAIN_S = 5.0
"""A drain that is not seen is said again after this time."""
AT_ONCE = 4
"""Seats of a host that are started together; two of them load at a time (H9)."""
FIRST_CALLS, ERRORS = 5, 3


@dataclass(frozen=True)
class Close:
    """Take a seat: no new call. `patient`: it has one, and its end is waited for."""

    seat: SeatNow
    patient: bool = False


@dataclass(frozen=True)
class Replace:
    """Empty, closed seats of one host onto their images."""

    host: str
    images: Mapping[str, Image]


@dataclass(frozen=True)
class Gate:
    """The synthetic call to the first seat on the new image."""

    seat: SeatNow


@dataclass(frozen=True)
class Open:
    """The seat is what it should be: calls again. `back`: it got one in the instant of closing, and comes later."""

    seat: SeatNow
    back: bool = False


@dataclass(frozen=True)
class Stop:
    """Stop an empty surge seat, and lift its drains: it may have none to stop any more, or never had one."""

    seat: SeatNow


@dataclass(frozen=True)
class Surge:
    """Find out how many surge seats this host has room for, and want them."""

    host: str


@dataclass(frozen=True)
class NoSurge:
    """The host needs its surge seats no longer."""

    host: str


@dataclass(frozen=True)
class Retire:
    """Nobody gets a call on this tag any more."""

    tag: str


@dataclass(frozen=True)
class Readmit:
    """Lift the drain of a tag: no seat runs it, or it is deployed again."""

    tag: str


@dataclass(frozen=True)
class Cut:
    """End the call of a seat: `--force-after`."""

    seat: SeatNow


@dataclass(frozen=True)
class Bad:
    """The seat shows that the image is no good."""

    seat: SeatNow
    why: str


Step = Close | Replace | Gate | Open | Stop | Surge | NoSurge | Retire | Readmit | Cut | Bad


def next_step(work: Work, look: Look, rules: Rules, memory: Memory) -> Step | None:
    """The step that is due, None while there is only something to wait for, or nothing left."""
    if work.release.tag in work.retired and work.stage == "rolling":
        return Readmit(work.release.tag)  # an earlier try had drained the tag that now comes
    if not work.backwards and (bad := _bad_after_opening(work, look, rules)):
        return bad
    if tag := _due_to_retire(work, look):
        return Retire(tag)
    for host in active_hosts(work, look, rules):
        if step := _host_step(work, host, look, rules, memory):
            return step
    return None


def active_hosts(work: Work, look: Look, rules: Rules) -> list[str]:
    """Hosts that are worked on now. One that only waits for the ends of calls lets the next one begin.

    A host where something is in hand is one of them, however many there are: who takes over a drained tag finds closed
    seats everywhere, and no seat stays closed for the sake of the order.
    """
    # The first seat on the former release may come from any host.
    first = work.kind == "rollback" and not _goal_carries(work, look)
    if first or (work.backwards and work.urgent):
        return list(work.hosts)
    found: list[str] = []
    at_work = 0
    for host in work.hosts:
        seats = look.seats.get(host, ())
        if finished(work, seats):
            continue
        if at_work < rules.parallel_hosts or any(seat.id in work.in_hand for seat in seats):
            found.append(host)
            at_work += not only_calls_left(work, seats)
    return found


def finished(work: Work, seats: Sequence[SeatNow]) -> bool:
    """Every seat of the host is what it should be and in nobody's hand; surge seats are gone."""
    return all(
        seat.id in work.stuck
        or (work.at_goal(seat) and seat.id not in work.in_hand and not (seat.surge and seat.running))
        for seat in seats
        if work.wants(seat)
    )


def only_calls_left(work: Work, seats: Sequence[SeatNow]) -> bool:
    """All that is left of the host waits for the end of a call."""
    left = [seat for seat in seats if not seat.surge and (not work.at_goal(seat) or seat.id in work.in_hand)]
    return all(seat.carries and not work.at_goal(seat) for seat in left)


def empty(seat: SeatNow) -> bool:
    """Nothing of a caller is lost with it: it says so itself, or there is nobody to say anything."""
    return seat.drained or not seat.running or (not seat.registered and not seat.carries)


def trouble(seat: SeatNow, goal: Image) -> str:
    """What is wrong with a seat that should be ready, in words for an operator; empty when it is ready."""
    said = f": {seat.complaint}" if seat.complaint else ""
    if not seat.running:
        return f"it does not start{said}"
    if seat.restarts:
        return f"its container restarted {seat.restarts} time{'s' if seat.restarts > 1 else ''}{said}"
    if not seat.healthy:
        return f"its container runs, but its health check does not pass{said}"
    if not seat.registered:
        return f"it is healthy, but the registry has no heartbeat of it: they may not understand each other{said}"
    if seat.tag != goal.tag:
        return f"it says that it is {seat.tag or 'without a tag'}"
    return "it is still starting" if seat.phase in ("starting", "lost") else ""


# --- one host --------------------------------------------------------------------------------------------------------


def _host_step(work: Work, host: str, look: Look, rules: Rules, memory: Memory) -> Step | None:
    seats = [seat for seat in look.seats.get(host, ()) if work.wants(seat)]
    held = sorted(
        (seat for seat in seats if seat.id in work.in_hand and seat.id not in work.stuck),
        key=lambda seat: (not seat.surge, not work.at_goal(seat)),
    )
    if step := _too_many(work, seats, held, rules, full=crowded(work, look, memory)):
        return step
    for seat in held:
        if step := _held_step(work, seat, work.in_hand[seat.id], look, rules, memory):
            return step
    if step := _replace_step(work, host, held):
        return step
    return _taking_step(work, host, seats, look, rules, memory)


def _too_many(
    work: Work, seats: Sequence[SeatNow], held: Sequence[SeatNow], rules: Rules, *, full: bool
) -> Step | None:
    """A drained tag puts every seat in hand. Who takes over to go elsewhere lets go of those that still get calls.

    `full`: the fleet has no more seats to spare.
    """
    regular = [seat for seat in held if not seat.surge]
    most = rules.batch_of(sum(not seat.surge for seat in seats))
    still_open = [seat for seat in regular if not seat.closed and not seat.draining and not work.at_goal(seat)]
    return Open(still_open[0], back=True) if (full or len(regular) > most) and still_open and not work.retired else None


def _held_step(work: Work, seat: SeatNow, held: InHand, look: Look, rules: Rules, memory: Memory) -> Step | None:
    goal = work.goals.get(seat.id)
    if goal and work.at_goal(seat):
        return _checking_step(work, seat, held, goal, look, rules, memory)
    if _comes_later(work, seat, held, look, rules):
        return Open(seat, back=True)
    silent = seat.running and seat.registered and not seat.draining
    if (not seat.closed or silent) and look.now - memory.said.get(seat.id, -AGAIN_S) >= AGAIN_S:
        return Close(seat, held.patient)
    if seat.carries and _force_due(work, seat, look, rules):
        return Cut(seat)
    if goal is None and seat.closed and empty(seat):
        return Stop(seat)
    return None


def _checking_step(
    work: Work, seat: SeatNow, held: InHand, goal: Image, look: Look, rules: Rules, memory: Memory
) -> Step | None:
    """A seat on its goal that is still in hand: opened once it is ready, and bad when that takes too long."""
    why = trouble(seat, goal)
    if not why and work.proven:
        return Open(seat)
    if not why and not seat.closed:
        # Replaced by us it would get real calls before its synthetic one; one that is in service already is let go.
        return Close(seat) if held.step in ("replacing", "checking") else Open(seat)
    if not why and seat.phase == "idle":
        return Gate(seat)
    hopeless = bool(seat.restarts) or (seat.registered and seat.healthy and seat.tag != goal.tag)
    waited = look.now - memory.since.setdefault(seat.id, look.now)
    return Bad(seat, why or f"it is not idle but {seat.phase}") if hopeless or waited > rules.health_timeout else None


def _comes_later(work: Work, seat: SeatNow, held: InHand, look: Look, rules: Rules) -> bool:
    """An old seat that is not to wait for the end of its call: it got it in the instant of closing, or we stop here."""
    if seat.surge or work.retired or not seat.running:
        return False
    # One that is reserved is waited for: opened now, it would refuse the fence that its holder has.
    return seat.carries and (not held.patient or (not work.urgent and (look.stopping or rules.detach)))


def _force_due(work: Work, seat: SeatNow, look: Look, rules: Rules) -> bool:
    late = rules.force_after is not None and look.now - work.started_at >= rules.force_after
    return late and seat.id not in work.forced


def _replace_step(work: Work, host: str, held: Sequence[SeatNow]) -> Step | None:
    due = {
        seat.id: work.goals[seat.id]
        for seat in held
        if seat.id in work.goals and not work.at_goal(seat) and seat.closed and empty(seat)
    }
    loading = sum(1 for seat in held if work.at_goal(seat))
    # What was taken over from another deploy waits as well until the first seat has carried its call.
    room = max(0, (AT_ONCE if work.proven else 1) - loading)
    return Replace(host, dict(list(due.items())[:room])) if due and room else None


def _taking_step(
    work: Work, host: str, seats: Sequence[SeatNow], look: Look, rules: Rules, memory: Memory
) -> Step | None:
    left = [seat for seat in seats if not seat.surge and not work.at_goal(seat)]
    untaken = [seat for seat in left if seat.id not in work.in_hand]
    idle = [seat for seat in untaken if not seat.carries and seat.phase != "reserved"]
    if idle:
        memory.idle[host] = look.now
    waited = look.now - memory.idle.setdefault(host, look.now)
    if step := _surge_step(work, host, seats, look, rules, memory):
        return step
    if look.stopping or (work.stuck and not work.retired):
        return None
    if not work.proven and work.in_hand:
        return None  # nothing else moves before the first seat has carried its call
    if work.retired:
        # Nobody gets a call there any more, so nothing is gained by taking them one after another.
        return Close(_first(untaken), patient=True) if untaken else None
    regular = [seat for seat in seats if not seat.surge]
    shut = sum(closed(work, seat, look, memory) for seat in regular)
    if shut >= rules.batch_of(len(regular)) or not may_close(work, look, memory):
        return None
    if idle:
        return Close(_first(idle))
    forced = rules.force_after is not None and look.now - work.started_at >= rules.force_after
    busy = [seat for seat in untaken if seat.carries]
    # Nothing of the former release is there yet, and no seat is free to bring it: the next call that ends makes room.
    hurry = work.kind == "rollback" and not work.surge.get(host) and not _goal_carries(work, look)
    if busy and not rules.detach and (waited >= rules.starved or forced or hurry):
        return Close(max(busy, key=lambda seat: seat.call_age_s), patient=True)
    return None


def _surge_step(
    work: Work, host: str, seats: Sequence[SeatNow], look: Look, rules: Rules, memory: Memory
) -> Step | None:
    left = [seat for seat in seats if not seat.surge and not work.at_goal(seat)]
    held = any(seat.id in work.in_hand and not seat.surge for seat in seats)
    waiting = bool(left) and not (rules.detach and all(seat.carries for seat in left) and not held)
    wanted = [id for id in work.surge.get(host, []) if id in work.goals]
    if not waiting and not held:
        if wanted:
            return NoSurge(host)
    elif host not in work.surge and work.stage == "rolling" and not look.stopping and _surge_helps(work, look):
        return Surge(host)
    for seat in seats:
        if not seat.surge or seat.id in work.in_hand or not spared(work, seat, look, memory):
            continue
        if seat.id in work.goals and not work.at_goal(seat) and not look.stopping:
            if work.proven or not work.in_hand:
                return Close(seat)
        elif seat.id not in work.goals and seat.running:
            return Close(seat, patient=True)
    return None


def _surge_helps(work: Work, look: Look) -> bool:
    """They make up for the seats of the batch. While a bad tag is taken out they are needed only to bring the first."""
    return not work.urgent or work.kind == "deploy" or not _goal_carries(work, look)


def _first(seats: Sequence[SeatNow]) -> SeatNow:
    """Those that take no call anyway, then idle ones, then the longest call."""
    return min(seats, key=lambda seat: (seat.admissible, seat.carries, -seat.call_age_s))


# --- all hosts -------------------------------------------------------------------------------------------------------


def _goal_carries(work: Work, look: Look) -> bool:
    """Whether a seat on its goal waits for a call, or has got one since this work opened it."""
    return any(
        work.at_goal(seat) and seat.admissible and (seat.phase == "idle" or seat.id in work.opened)
        for each in look.seats.values()
        for seat in each
        if seat.id in work.goals
    )


def _due_to_retire(work: Work, look: Look) -> str:
    """The tag that is to be taken out now: the goal carries calls, or no seat takes one anyway, or it was asked for."""
    due = [tag for tag in work.retire if tag not in work.retired]
    if not due:
        return ""
    others = [seat for seat in look.every if seat.running and not work.at_goal(seat)]
    # A reserved seat has a caller on the way to it; only calls and nothing but calls leave nothing to lose.
    nobody = bool(others) and all(seat.carries for seat in others)
    return due[0] if work.retire_now or nobody or _goal_carries(work, look) else ""


def _bad_after_opening(work: Work, look: Look, rules: Rules) -> Bad | None:
    for each in look.seats.values():
        for seat in each:
            opened = work.opened.get(seat.id)
            if opened is None or not work.at_goal(seat) or seat.id in work.in_hand or look.now - opened > rules.watch:
                continue
            if seat.restarts:
                age = look.now - opened
                return Bad(seat, f"it crashed {age:.0f} s after it was opened: {trouble(seat, work.goals[seat.id])}")
            if seat.calls <= FIRST_CALLS and seat.errors >= ERRORS:
                return Bad(seat, f"{seat.errors} of its first {seat.calls} calls ended as error")
    return None


def watched_until(work: Work, rules: Rules) -> float:
    """Unix time at which the last opened seat has been watched long enough."""
    return max(work.opened.values(), default=0.0) + rules.watch
