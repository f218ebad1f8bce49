"""Services are replaced without a moment in which nobody answers, whatever an image does, whenever the tool dies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from voxctl.deploy.service_work import ServiceRules, set_out
from voxctl.deploy.services import ServiceRoll, ServiceWorld
from voxctl.deploy.world import Image
from voxctl.output import CommandError

from .simulated_services import NEW, OLD, REQUEST_S, RINGS_S, Clock, Host, Killed

pytestmark = [pytest.mark.unit]

KINDS = ("dead", "refused", "sick", "liar", "crash")
"""What an image can be besides good: does not start, is refused, never healthy, another release, crashes when open."""


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


async def test_a_replica_on_the_release_that_answers_late_for_a_moment_is_not_replaced_again() -> None:
    host = Host()
    seen = host.now

    async def now() -> Any:
        """`a` misses its check for three seconds, soon after it has been replaced and opened."""
        one = host.containers.get("a")
        late = one is not None and one.image == NEW and one.opened is not None and 2 < host.now_s - one.opened < 5
        return [replace(each, healthy=each.healthy and not (late and each.id == "a")) for each in await seen()]

    host.now = now
    assert (await host.rolled()).ending == "done"
    assert [line["seat"] for line in host.trail if line["action"] == "service.replace"] == ["a", "b"]


async def test_requests_in_progress_are_waited_for_before_a_replica_is_told_to_stop() -> None:
    host = Host()
    told: list[float] = []

    async def replaced(replica: str, image: Image) -> None:
        told.append(host.now_s - host.closed[replica])
        await Host.replace(host, replica, image)

    host.replace = replaced
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


async def test_a_full_disk_takes_a_service_back_and_is_nothing_that_the_image_did() -> None:
    host = Host(full="its disk is full, 3 MiB are free")
    outcome = await host.rolled()
    assert outcome.ending == "reverted"
    assert "no space left on device (api1: its disk is full, 3 MiB are free)" in outcome.reason
    assert host.saved is not None
    assert host.saved.fault == "host"
    (stopped,) = [line for line in host.trail if line["action"] == "service.stop"]
    assert (stopped["fault"], stopped["reason"]) == ("host", outcome.reason)
    assert host.refs() == {"a": OLD.ref, "b": OLD.ref}
    assert host.dark == []


async def test_an_image_that_cannot_come_back_is_left_to_a_human() -> None:
    """Exit 6: it says what was bad, and what kept the former one away. The other replica still answers."""
    host = Host(kind="sick", old_kind="refused")
    outcome = await host.rolled()
    assert outcome.ending == "human"
    assert "health check" in outcome.reason
    assert "exec format error" in outcome.reason
    assert host.dark == []


async def test_a_replica_that_falls_ill_after_its_deploy_is_seen_when_all_is_done() -> None:
    """The release goes on with seats meanwhile; whoever called looks again, and a slow moment is no illness."""
    host = Host()
    work = set_out("d1", "api1", "voxbridge", NEW, await host.now())
    roll = ServiceRoll(work, host, ServiceWorld(host.write, host, Clock(host)), ServiceRules())
    assert (await roll.run(watch=False)).ending == "done"
    assert await roll.seen_bad() == ("", "release")
    host.containers["b"].kind = "sick"
    again = ServiceRoll(work, host, ServiceWorld(host.write, host, Clock(host)), ServiceRules())
    why, fault = await again.seen_bad()
    assert "it was well when it was opened" in why
    assert fault == "release"
    assert (await again.turn_back("the release was bad elsewhere", "release")).ending == "reverted"
    assert host.refs() == {"a": OLD.ref, "b": OLD.ref}
    assert host.dark == []


async def test_a_host_that_is_away_for_a_minute_only_delays_it() -> None:
    host = Host()
    plain = host.close

    async def close(replica: str) -> None:
        await plain(replica)
        host.away_until = host.away_until or host.now_s + 60

    host.close = close
    assert (await host.rolled()).ending == "done"
    assert host.dark == []


async def test_a_host_that_stays_away_stops_it_with_the_way_to_go_on() -> None:
    host = Host()
    work = set_out("d1", "api1", "voxbridge", NEW, await host.now())
    host.away_until = host.now_s + 1e6
    host.write = lambda work: _nothing()
    roll = ServiceRoll(work, host, ServiceWorld(host.write, host, Clock(host)), ServiceRules())
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
    roll = ServiceRoll(work, host, ServiceWorld(host.write, host, Clock(host)), ServiceRules())
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


@pytest.mark.parametrize("rings_s", [RINGS_S, 0.5], ids=["phones ring", "nothing rings"])
@pytest.mark.parametrize("kind", ["mute", "crash"])
async def test_when_the_new_dialler_does_not_lead_the_old_image_is_back_within_seconds(
    kind: str, rings_s: float
) -> None:
    """Not after the rings of the former one: it comes back in the place of the one that failed."""
    host = dialler(kind)
    host.rings_s = rings_s
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
    assert await killed_everywhere(lambda: dialler(kind, rings_s=0.5)) > 6
