"""Services are replaced without a moment in which nobody answers, whatever the image does and whenever the tool dies.

A simulated host on virtual time: containers that start, turn healthy, crash or lie, an edge that finds them a second
later, a dialler's lease. It keeps the one promise for itself: it writes down each moment in which nobody served.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from voxctl.deploy.service_work import ReplicaNow, ServiceRules, ServiceWork, set_out
from voxctl.deploy.services import Refused, ServiceOutcome, ServiceRoll, ServiceWorld
from voxctl.deploy.world import Image
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]

OLD = Image(tag="2026.02.03-1", ref="vox/x@sha256:old")
NEW = Image(tag="2026.02.05-1", ref="vox/x@sha256:new")
START_S, EDGE_S, RINGS_S, REQUEST_S = 3.0, 1.0, 40.0, 2.0
KINDS = ("dead", "refused", "sick", "liar", "crash")


class Killed(BaseException):
    """kill -9 of the tool: nothing of it runs on."""


@dataclass
class Container:
    image: Image
    at: float
    kind: str = ""
    opened: float | None = None
    leaving: float | None = None
    leads: bool = False


@dataclass
class Host:
    """Containers of one service by their place, and what the edge was told of them."""

    service: str = "voxbridge"
    places: tuple[str, ...] = ("a", "b")
    beside: frozenset[str] = frozenset()
    kind: str = ""
    """What the new image is: empty = good."""
    old_kind: str = ""
    now_s: float = 1000.0
    containers: dict[str, Container] = field(default_factory=dict)
    closed: dict[str, float] = field(default_factory=dict)
    dark: list[float] = field(default_factory=list)
    two_led: list[float] = field(default_factory=list)
    kill_at: int = -1
    deeds: int = 0
    saved: ServiceWork | None = None
    trail: list[dict[str, Any]] = field(default_factory=list)
    away_until: float = 0.0
    elsewhere: bool = False

    def __post_init__(self) -> None:
        for place in self.places:
            if place not in self.beside and not (self.dials and place == "b"):
                self.containers[place] = Container(OLD, self.now_s - 100, opened=self.now_s - 90, leads=self.dials)

    @property
    def dials(self) -> bool:
        return self.service == "voxdialler"

    # --- the host itself ---------------------------------------------------------------------------------------------

    def _healthy(self, one: Container) -> bool:
        return one.kind not in ("sick", "dead") and self.now_s - one.at >= START_S

    def _restarts(self, one: Container) -> int:
        return int(one.kind == "crash" and one.opened is not None and self.now_s - one.opened > 5)

    def _ready(self, one: Container) -> bool:
        if self.dials:
            return one.leads and one.leaving is None
        return self._healthy(one) and self.now_s - one.at >= START_S + EDGE_S and not self._restarts(one)

    def pass_time(self, seconds: float) -> None:
        """In small steps, so that no dark moment falls between two looks."""
        until = self.now_s + seconds
        while self.now_s < until - 1e-9:
            self.now_s += min(0.1, until - self.now_s)
            for place in list(self.containers):
                left = self.containers[place].leaving
                if left is not None and self.now_s - left >= RINGS_S:
                    del self.containers[place]
            if self.dials:
                self._elect()
            elif not any(self._ready(one) and place not in self.closed for place, one in self.containers.items()):
                self.dark.append(self.now_s)

    def _elect(self) -> None:
        led = [one for one in self.containers.values() if one.leads and one.leaving is None]
        if not led and not self.elsewhere:
            self.dark.append(self.now_s)
            fit = [
                one
                for one in self.containers.values()
                if one.leaving is None
                and one.kind not in ("mute", "sick", "dead")
                and self.now_s - one.at >= START_S + 1
            ]
            if fit:
                fit[0].leads = True
        if len(led) > 1:
            self.two_led.append(self.now_s)

    def _deed(self) -> None:
        if self.now_s < self.away_until:
            raise CommandError("the host gives no answer")
        self.deeds += 1
        if self.deeds == self.kill_at:
            raise Killed

    # --- what a roll sees and does -----------------------------------------------------------------------------------

    async def now(self) -> Sequence[ReplicaNow]:
        if self.now_s < self.away_until:
            raise CommandError("the host gives no answer")
        found = []
        for place in self.places:
            one = self.containers.get(place)
            if one is None or one.kind == "dead":
                lies = one is not None
                found.append(ReplicaNow(place, beside=place in self.beside, open=place not in self.closed, left=lies))
                continue
            requests = int(place in self.closed and self.now_s - self.closed[place] < REQUEST_S)
            found.append(
                ReplicaNow(
                    place,
                    ref=one.image.ref,
                    tag=("other" if one.kind == "liar" else one.image.tag) if self._healthy(one) else "",
                    healthy=self._healthy(one),
                    ready=self._ready(one),
                    open=place not in self.closed,
                    requests=requests,
                    beside=place in self.beside,
                    restarts=self._restarts(one),
                )
            )
        return found

    async def led_elsewhere(self) -> bool:
        return self.elsewhere

    async def close(self, replica: str) -> None:
        self._deed()
        self.closed.setdefault(replica, self.now_s)

    async def open(self, replica: str) -> None:
        self._deed()
        self.closed.pop(replica, None)
        self.containers[replica].opened = self.now_s

    async def replace(self, replica: str, image: Image) -> None:
        self._deed()
        kind = self.kind if image == NEW else self.old_kind
        if kind == "refused":
            self.containers.pop(replica, None)
            raise Refused("exec format error")
        self.pass_time(0.5)  # the stop of what ran
        self.containers[replica] = Container(image, self.now_s, kind)

    async def signal(self, replica: str) -> None:
        self._deed()
        if self.containers[replica].leaving is None:
            self.containers[replica].leaving = self.now_s

    async def stop(self, replica: str) -> None:
        self._deed()
        self.containers.pop(replica, None)
        self.closed.pop(replica, None)

    # --- around it ---------------------------------------------------------------------------------------------------

    async def write(self, work: ServiceWork) -> None:
        self._deed()
        self.saved = ServiceWork.model_validate_json(work.model_dump_json())

    async def line(self, action: str, *, result: str, host: str = "", **facts: Any) -> None:
        self.trail.append({"action": action, "result": result, "host": host, **facts})

    async def sleep(self, seconds: float) -> None:
        self.pass_time(seconds)

    async def rolled(self, *, resumed: bool = False) -> ServiceOutcome:
        """One run of the tool, from the journal or from nothing."""
        work = self.saved if resumed else None
        work = work or set_out("d1", "api1", self.service, NEW, await self.now())
        clock = _Clock(self)
        world = ServiceWorld(self.write, self, clock)
        return await ServiceRoll(work, self, world, ServiceRules()).run()

    def refs(self) -> dict[str, str]:
        return {place: one.image.ref for place, one in sorted(self.containers.items()) if one.leaving is None}


@dataclass
class _Clock:
    host: Host

    def now(self) -> float:
        return self.host.now_s

    async def sleep(self, seconds: float) -> None:
        self.host.pass_time(seconds)


def single() -> Host:
    return Host(beside=frozenset({"b"}))


async def test_two_replicas_go_one_after_the_other_and_somebody_always_answers() -> None:
    host = Host()
    assert (await host.rolled()).ending == "done"
    assert host.refs() == {"a": NEW.ref, "b": NEW.ref}
    assert host.dark == []
    assert not host.closed
    replaced = [line["seat"] for line in host.trail if line["action"] == "service.replace"]
    assert replaced == ["a", "b"]


async def test_a_single_replica_is_joined_by_the_new_one_before_it_leaves() -> None:
    host = single()
    assert (await host.rolled()).ending == "done"
    assert host.refs() == {"a": NEW.ref}
    assert host.dark == []


async def test_a_replica_that_answers_nobody_is_replaced_first() -> None:
    """The healthy one keeps answering meanwhile."""
    host = Host()
    host.containers["b"].kind = "sick"
    assert (await host.rolled()).ending == "done"
    assert [line["seat"] for line in host.trail if line["action"] == "service.replace"] == ["b", "a"]
    assert host.dark == []


async def test_requests_in_progress_are_waited_for_before_a_replica_is_told_to_stop() -> None:
    host = Host()
    told: list[float] = []

    async def replace(replica: str, image: Image) -> None:
        told.append(host.now_s - host.closed[replica])
        await Host.replace(host, replica, image)

    host.replace = replace  # type: ignore[method-assign]
    await host.rolled()
    assert all(waited >= REQUEST_S for waited in told)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [Host, single], ids=["two", "one"])
async def test_a_bad_image_stops_after_one_replica_and_what_ran_before_is_back(kind: str, make: Any) -> None:
    """Section 12: does not start, never healthy, wrong tag, crashes after it was opened."""
    host = make()
    before = host.refs()
    host.kind = kind
    outcome = await host.rolled()
    assert outcome.ending == "reverted"
    assert host.refs() == before
    assert host.dark == []
    tried = [line["seat"] for line in host.trail if line["action"] == "service.replace" and line["to"] == NEW.tag]
    if kind != "crash":
        assert len(set(tried)) == 1
    assert [line["result"] for line in host.trail if line["action"] == "service.stop"] == ["failed"]
    words = {
        "dead": "does not start",
        "refused": "exec format error",
        "sick": "health check does not pass",
        "liar": "it says that it is other",
        "crash": "crashed",
    }
    assert words[kind] in outcome.reason


async def test_an_image_that_cannot_come_back_is_left_to_a_human() -> None:
    """Exit 6: it says what was bad, and what kept the former one away. The other replica still answers."""
    host = Host(kind="sick", old_kind="refused")
    outcome = await host.rolled()
    assert outcome.ending == "human"
    assert "health check" in outcome.reason
    assert "exec format error" in outcome.reason
    assert host.dark == []


async def test_a_host_that_is_away_for_a_minute_only_delays_it() -> None:
    host = Host()
    plain = host.close

    async def close(replica: str) -> None:
        await plain(replica)
        host.away_until = host.away_until or host.now_s + 60

    host.close = close  # type: ignore[method-assign]
    assert (await host.rolled()).ending == "done"
    assert host.dark == []


async def test_a_host_that_stays_away_stops_it_with_the_way_to_go_on() -> None:
    host = Host()
    work = set_out("d1", "api1", "voxbridge", NEW, await host.now())
    host.away_until = host.now_s + 1e6
    host.write = lambda work: _nothing()  # type: ignore[method-assign, assignment]
    roll = ServiceRoll(work, host, ServiceWorld(host.write, host, _Clock(host)), ServiceRules())
    with pytest.raises(CommandError, match="vox deploy --resume"):
        await roll.run()


async def _nothing() -> None:
    return None


async def killed_everywhere(make: Any) -> int:
    """kill -9 at every single deed and note, each followed by a run that goes on. Returns how many there were."""
    plain = make()
    expected = await plain.rolled()
    for moment in range(1, plain.deeds + 1):
        host = make()
        host.kill_at = moment
        with pytest.raises(Killed):
            await host.rolled()
        host.pass_time(20)
        outcome = await host.rolled(resumed=True)
        assert outcome.ending == expected.ending, f"killed at {moment}: {outcome}"
        ended = list(host.refs().values())
        assert ended == list(plain.refs().values()), f"killed at {moment}: {host.refs()}"
        assert not host.closed, f"killed at {moment}: {host.closed} stay closed"
        assert host.two_led == []
        if not host.dials:
            assert host.dark == [], f"killed at {moment}: nobody answered at {host.dark[0] - 1000:.1f} s"
    return plain.deeds


@pytest.mark.parametrize("kind", ["", "sick", "crash"])
@pytest.mark.parametrize("make", [Host, single], ids=["two", "one"])
async def test_a_tool_that_is_killed_at_any_step_goes_on_where_it_was(make: Any, kind: str) -> None:
    def fresh() -> Host:
        host = make()
        host.kind = kind
        return host

    assert await killed_everywhere(fresh) >= 8


# --- the dialler ------------------------------------------------------------------------------------------------------


def dialler(kind: str = "", **more: Any) -> Host:
    return Host(service="voxdialler", kind=kind, **more)


async def test_the_dialler_hands_over_within_four_seconds_and_carries_its_rings_to_their_end() -> None:
    host = dialler()
    assert (await host.rolled()).ending == "done"
    assert host.refs() == {"b": NEW.ref}
    assert len(host.containers) == 1
    assert host.containers["b"].leads
    assert host.two_led == []
    assert (host.dark[-1] - host.dark[0] if host.dark else 0) <= 4


async def test_the_next_deploy_hands_back_into_the_first_place() -> None:
    host = dialler()
    await host.rolled()
    third = Image(tag="2026.02.06-1", ref="vox/x@sha256:third")
    work = set_out("d2", "api1", "voxdialler", third, await host.now())
    roll = ServiceRoll(work, host, ServiceWorld(host.write, host, _Clock(host)), ServiceRules())
    assert (await roll.run()).ending == "done"
    assert host.refs() == {"a": third.ref}


@pytest.mark.parametrize("kind", ["dead", "refused", "sick", "liar"])
async def test_a_bad_standby_never_costs_the_leader(kind: str) -> None:
    """It is found out before anybody is told to hand over."""
    host = dialler(kind)
    outcome = await host.rolled()
    assert outcome.ending == "reverted"
    assert host.refs() == {"a": OLD.ref}
    assert host.containers["a"].leads
    assert host.dark == []
    assert not any(line["action"] == "service.handover" for line in host.trail)


@pytest.mark.parametrize("kind", ["mute", "crash"])
async def test_when_the_new_dialler_does_not_lead_the_old_image_is_back_within_seconds(kind: str) -> None:
    """Not after the rings of the former one: it comes back in the place of the one that failed."""
    host = dialler(kind)
    outcome = await host.rolled()
    assert outcome.ending == "reverted"
    assert list(host.refs().values()) == [OLD.ref]
    assert host.two_led == []
    assert any(one.leads for one in host.containers.values())
    assert len(host.dark) * 0.1 < 15
    assert ("lead" if kind == "mute" else "crashed") in outcome.reason


async def test_a_standby_of_a_second_host_is_replaced_without_leading() -> None:
    host = dialler(elsewhere=True)
    host.containers["a"].leads = False
    assert (await host.rolled()).ending == "done"
    assert host.refs() == {"b": NEW.ref}
    assert not host.containers["b"].leads


@pytest.mark.parametrize("kind", ["", "sick", "mute"])
async def test_a_hand_over_that_is_interrupted_anywhere_ends_with_one_leader(kind: str) -> None:
    assert await killed_everywhere(lambda: dialler(kind)) > 6
