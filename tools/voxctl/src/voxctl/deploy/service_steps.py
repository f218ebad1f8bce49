"""The next step of replacing one service on one host: a pure function of what was set out and what is seen.

As with seats (`steps.py`), each look gives at most one step and then the world is looked at again, so that a step that
was interrupted simply comes again. Two ways: replica after replica behind the edge, and the hand-over of the dialler,
of whom exactly one leads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from voxctl.deploy.service_work import HANDED_OVER, ReplicaNow, ServiceRules, ServiceWork
from voxctl.deploy.world import Image

UNWELL_S = 10.0
"""A replica that was opened and is not healthy for so long has gone bad; shorter is a slow moment of its store."""
TRIES = 2
AGAIN_S = 5.0
"""A change at the edge that is not seen is made again after this time."""


@dataclass(frozen=True)
class Close:
    replica: ReplicaNow


@dataclass(frozen=True)
class Replace:
    """Its container onto this image; one that runs is told to stop and finishes what it has begun."""

    replica: ReplicaNow
    image: Image


@dataclass(frozen=True)
class Open:
    replica: ReplicaNow


@dataclass(frozen=True)
class Release:
    """It is open and the edge has found it: out of our hand."""

    replica: ReplicaNow


@dataclass(frozen=True)
class Signal:
    """SIGTERM to the dialler that leads: it hands over at once, and ends when its phones have stopped ringing."""

    replica: ReplicaNow


@dataclass(frozen=True)
class Stop:
    replica: ReplicaNow


@dataclass(frozen=True)
class Bad:
    """This replica shows that the image is no good."""

    replica: ReplicaNow
    why: str


Step = Close | Replace | Open | Release | Signal | Stop | Bad


@dataclass
class Memory:
    """What one run of the tool remembers. `since`: replica and step -> when that began; `said`: when it was last told
    to close; `tries`: how often its container was replaced in vain; `refused`: what Docker said to the last try.
    """

    since: dict[tuple[str, str], float] = field(default_factory=dict)
    said: dict[str, float] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    unwell: dict[str, float] = field(default_factory=dict)

    def waited(self, replica: str, what: str, now: float) -> float:
        return now - self.since.setdefault((replica, what), now)

    def forget(self, replica: str) -> None:
        self.since = {key: value for key, value in self.since.items() if key[0] != replica}
        self.said.pop(replica, None)
        self.tries.pop(replica, None)


@dataclass(frozen=True)
class Look:
    """The replicas of one host. `led_elsewhere`: a dialler of another host leads."""

    replicas: Sequence[ReplicaNow]
    now: float
    led_elsewhere: bool = False


def next_step(work: ServiceWork, look: Look, rules: ServiceRules, memory: Memory) -> Step | None:
    """The step that is due; None while there is only something to wait for, or nothing left."""
    if not work.backwards and (bad := gone_bad(work, look, rules, memory)):
        return bad
    if work.service == HANDED_OVER:
        return _hand_over(work, look, rules, memory)
    held = [replica for replica in look.replicas if replica.id in work.in_hand]
    # One at a time: whatever is in hand must serve again before the next one leaves.
    return _held_step(work, held[0], look, rules, memory) if held else _taking_step(work, look, rules, memory)


def finished(work: ServiceWork, look: Look) -> bool:
    """Every replica runs what it should and serves, nothing is in hand, and nothing runs beside."""
    if work.in_hand:
        return False
    if work.service == HANDED_OVER:
        running = [replica for replica in look.replicas if replica.running]
        if any(replica.left for replica in look.replicas):
            return False
        return len(running) == 1 and work.at_goal(running[0]) and (running[0].ready or look.led_elsewhere)
    return all(
        not (replica.running or replica.left) if replica.beside else work.at_goal(replica) and replica.serves
        for replica in look.replicas
        if replica.beside or work.goal(replica)
    )


def watched_until(work: ServiceWork, rules: ServiceRules) -> float:
    """Unix time at which the last replica that was opened has been watched long enough."""
    return max(work.opened.values(), default=0.0) + rules.watch


def trouble(replica: ReplicaNow, goal: Image) -> str:
    """What is wrong with a container that we have made, in words for an operator; empty when it is well."""
    said = f": {replica.complaint}" if replica.complaint else ""
    if not replica.running:
        return f"it does not start{said}"
    if replica.restarts:
        return f"its container restarted {replica.restarts} time{'s' if replica.restarts > 1 else ''}{said}"
    if not replica.healthy:
        return f"it runs, but its health check does not pass{said}"
    return f"it says that it is {replica.tag}" if _mistaken(replica, goal) else ""


def _mistaken(replica: ReplicaNow, goal: Image) -> bool:
    """It runs, and is another release than it was started as."""
    return replica.healthy and bool(replica.tag and goal.tag) and replica.tag != goal.tag


def _patience(work: ServiceWork, rules: ServiceRules) -> float:
    """Seconds that a replica gets. What ran before gets three times as long: there is nowhere else to go."""
    return rules.health_timeout * (3 if work.backwards else 1)


def _judged(replica: ReplicaNow, goal: Image, waited: float, patience: float) -> Bad | None:
    """What is wrong and cannot get better, or has not got better in time."""
    why = trouble(replica, goal)
    hopeless = bool(replica.restarts) or _mistaken(replica, goal)
    return Bad(replica, why) if why and (hopeless or waited > patience) else None


# --- behind the edge --------------------------------------------------------------------------------------------------


def _held_step(work: ServiceWork, replica: ReplicaNow, look: Look, rules: ServiceRules, memory: Memory) -> Step | None:
    step, goal = work.in_hand[replica.id], work.goal(replica)
    waited = memory.waited(replica.id, step, look.now)
    if step in ("closing", "stopping"):
        if replica.running and replica.open:
            silent = look.now - memory.said.get(replica.id, -AGAIN_S)
            return Close(replica) if silent >= AGAIN_S else None
        if replica.running and replica.requests and waited < rules.drain:
            return None
        return Replace(replica, goal) if goal and step == "closing" else Stop(replica)
    if goal is None:
        return Stop(replica)
    if not work.at_goal(replica):
        if memory.tries.get(replica.id, 0) < TRIES:
            return Replace(replica, goal)
        return Bad(replica, f"it does not start: {memory.refused.get(replica.id) or replica.complaint}")
    if trouble(replica, goal):
        return _judged(replica, goal, waited, _patience(work, rules))
    if step == "checking" or not replica.open:
        return Open(replica)
    if replica.ready:
        return Release(replica)
    late = waited > _patience(work, rules)
    return Bad(replica, "it is healthy, but the edge does not reach it") if late else None


def _taking_step(work: ServiceWork, look: Look, rules: ServiceRules, memory: Memory) -> Step | None:
    standing = [replica for replica in look.replicas if not replica.beside and work.goal(replica)]
    beside = [replica for replica in look.replicas if replica.beside]
    left = sorted(
        (each for each in standing if not work.at_goal(each) or not each.running or _unwell(each, look, memory)),
        key=lambda each: each.serves,
    )
    for replica in left:
        goal = work.goal(replica)
        assert goal is not None
        if not replica.serves:
            # It answers nobody as it is: nothing is lost by replacing it at once.
            return Replace(replica, goal)
        if not work.backwards and look.now - max(work.opened.values(), default=0.0) < rules.pause:
            return None
        if any(other.serves for other in look.replicas if other.id != replica.id):
            return Close(replica)
        if beside and not beside[0].serves:
            return Replace(beside[0], goal)
        late = memory.waited(replica.id, "alone", look.now) > _patience(work, rules)
        return Bad(replica, "no other replica serves, and there is no place beside it") if late else None
    for replica in standing:
        if not replica.open:
            return Open(replica)
        if not replica.ready:
            return None
    for replica in beside:
        if replica.running:
            return Close(replica)
        if replica.left:
            return Stop(replica)
    return None


def _unwell(replica: ReplicaNow, look: Look, memory: Memory) -> bool:
    """It has not been healthy for a while; an answer that comes late on a busy host is no reason to replace it."""
    if replica.healthy:
        memory.unwell.pop(replica.id, None)
        return False
    return look.now - memory.unwell.setdefault(replica.id, look.now) > UNWELL_S


# --- the dialler ------------------------------------------------------------------------------------------------------


def _hand_over(work: ServiceWork, look: Look, rules: ServiceRules, memory: Memory) -> Step | None:
    leaving = {id for id, step in work.in_hand.items() if step == "leaving"}
    running = [replica for replica in look.replicas if replica.running]
    ours = [replica for replica in running if work.at_goal(replica) and replica.id not in leaving]
    if not ours:
        return _new_dialler(work, look, leaving, memory)
    new = max(ours, key=lambda replica: replica.ready)
    goal = work.goal(new)
    assert goal is not None
    if work.in_hand.get(new.id) == "checking" and trouble(new, goal):
        return _judged(new, goal, memory.waited(new.id, "checking", look.now), _patience(work, rules))
    others = [replica for replica in running if replica.id != new.id]
    leads = new.ready or look.led_elsewhere
    if not others and leads:
        if lies := [replica for replica in look.replicas if replica.left]:
            return Stop(lies[0])
        return Release(new) if work.in_hand else None
    if not others:
        waited = memory.waited(new.id, "alone", look.now)
        if work.signalled_at and not work.backwards:
            # The former one had no phone that rang, and has gone at once: the lease is free.
            late = waited > rules.lead
            return Bad(new, f"it did not lead within {rules.lead:g} s of the former one's end") if late else None
        # Nobody handed over to it: on another host the former one must be silent for 6 s before it may lead.
        return Bad(new, "no other dialler runs, and it does not lead") if waited > _patience(work, rules) else None
    other = others[0]
    if leads and not other.ready and other.id not in leaving:
        return Stop(other)
    # A run before this one may have been interrupted between its note and its deed; twice told is once told.
    if other.id not in leaving or (other.ready and other.id not in memory.said):
        return Signal(other)
    since = look.now - work.signalled_at
    if leads and not other.ready:
        return Stop(other) if since > rules.settle else None
    if since <= (_patience(work, rules) if work.backwards else rules.lead):
        return None
    if other.ready:
        return Bad(new, f"the former dialler still leads {since:.0f} s after it was told to hand over")
    return Bad(new, f"it did not lead within {rules.lead:g} s of the signal")


def _new_dialler(work: ServiceWork, look: Look, leaving: set[str], memory: Memory) -> Step | None:
    goal = work.goal(look.replicas[0])
    if goal is None:
        return None
    free = [replica for replica in look.replicas if not replica.running]
    # No free place: one that leads is not taken for it, and one that is leaving still carries its calls.
    idle = [replica for replica in look.replicas if replica.id not in leaving and not replica.ready]
    chosen = next(iter([*free, *idle]), None)
    if chosen is None:
        return None
    if memory.tries.get(chosen.id, 0) < TRIES:
        return Replace(chosen, goal)
    return Bad(chosen, f"it does not start: {memory.refused.get(chosen.id) or chosen.complaint}")


# --- both -------------------------------------------------------------------------------------------------------------


def gone_bad(work: ServiceWork, look: Look, rules: ServiceRules, memory: Memory) -> Bad | None:
    """A replica that was well when it was opened, and is not now: at once when it crashed, else after `UNWELL_S`."""
    for replica in look.replicas:
        opened = work.opened.get(replica.id)
        if opened is None or replica.id in work.in_hand or not work.at_goal(replica):
            continue
        if look.now - opened > rules.watch or (replica.beside and not replica.running):
            continue
        age = look.now - opened
        if replica.restarts:
            return Bad(replica, f"it crashed {age:.0f} s after it was opened: {trouble(replica, work.target)}")
        if replica.healthy:
            memory.unwell.pop(replica.id, None)
        elif look.now - memory.unwell.setdefault(replica.id, look.now) > UNWELL_S:
            return Bad(replica, f"it was well when it was opened {age:.0f} s ago, and is not now: {replica.complaint}")
    return None
