"""Every kind of bad image stops at its first seat, goes back by itself, and says why in words for an operator."""

from __future__ import annotations

import pytest
from voxctl.deploy.outcome import fault_of
from voxctl.deploy.rollout import Rollout
from voxctl.deploy.run import known_bad, verdict_of
from voxctl.deploy.work import Order, set_out

from .simulated import NEW, OLD, RELEASES, Fleet

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

KINDS = {
    "refused": "it does not start: exec /usr/bin/python: exec format error",
    "does not start": "its container restarted 1 time: ImportError: no module named pipecat",
    "unhealthy": "its container runs, but its health check does not pass",
    "mute": "it cannot hold its check call: the bot said nothing within 20 s",
    "crashes": "it cannot hold its check call: the line broke after 5 s, and its container crashed",
    "unregistered": "it is healthy, but the registry has no heartbeat of it",
    "says 2026.02.04-1": "it says that it is 2026.02.04-1",
}


@pytest.mark.parametrize("surge", [2, 0])
@pytest.mark.parametrize("kind", KINDS)
async def test_a_bad_image_stops_after_one_seat_and_is_taken_back(kind: str, surge: int) -> None:
    fleet = Fleet({"fleet1": 5, "fleet2": 5}, surge=surge, faults={NEW.ref: kind}, load=0.5)
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    outcome = await Rollout(work, fleet.world(), fleet.rules()).run()
    assert (outcome.ending, outcome.exit_code) == ("reverted", 4)
    assert KINDS[kind] in outcome.reason
    stopped = next(line for line in fleet.trail if line["action"] == "deploy.stop")
    assert KINDS[kind] in stopped["reason"]
    touched = {line["seat"] for line in fleet.trail if line["action"] == "seat.replace"} | {stopped["seat"]}
    assert len(touched) == 1
    assert fleet.settled(OLD) == []
    assert fleet.cut == []
    assert not [seat for _, seat, tag in fleet.served if tag == NEW.tag], "a caller met the bad image"


@pytest.mark.parametrize(
    ("kind", "words"),
    [("crashes later", "it crashed"), ("errors", "calls ended as error")],
)
async def test_what_shows_only_with_real_calls_stops_it_as_well(kind: str, words: str) -> None:
    fleet = Fleet({"fleet1": 10}, faults={NEW.ref: kind}, call_s=(2, 6), load=0.5)
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    outcome = await Rollout(work, fleet.world(), fleet.rules()).run()
    assert outcome.ending == "reverted"
    assert words in outcome.reason
    assert fleet.settled(OLD) == []
    assert fleet.cut == []


async def test_a_seat_that_cannot_come_back_stays_closed_and_a_human_is_called() -> None:
    fleet = Fleet({"fleet1": 5}, surge=0, faults={NEW.ref: "mute", OLD.ref: "unhealthy"}, load=0)
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    outcome = await Rollout(work, fleet.world(), fleet.rules()).run()
    assert (outcome.ending, outcome.exit_code) == ("human", 6)
    assert "fleet1-1: its container runs, but its health check does not pass" in outcome.reason
    assert outcome.left == ("fleet1-1",)


@pytest.mark.parametrize("surge", [2, 0])
@pytest.mark.parametrize(
    ("refusal", "trouble", "kind"),
    [
        ("Error response from daemon: write /var/lib/docker/tmp: no space left on device", "", ""),
        ("Error response from daemon: failed to create task", "its disk is full, 0 MiB are free", ""),
        ("", "its disk is full, 0 MiB are free", "unhealthy"),
    ],
)
async def test_a_full_disk_takes_everything_back_and_says_nothing_of_the_image(
    refusal: str, trouble: str, kind: str, surge: int
) -> None:
    """By Docker's words, by what the host says of itself, or by both: the tag keeps its calls and is not marked."""
    fleet = Fleet({"fleet1": 5, "fleet2": 5}, surge=surge, load=0.5)
    fleet.faults = {NEW.ref: kind}
    fleet.refusals = {"fleet2": refusal} if refusal else {}
    fleet.troubles = dict.fromkeys(fleet.hosts, trouble)
    work = set_out(Order("d-1", RELEASES[NEW.ref], fleet.time), NEW, fleet.look())
    outcome = await Rollout(work, fleet.world(), fleet.rules()).run()
    assert (outcome.ending, outcome.exit_code, outcome.fault) == ("reverted", 4, "host")
    assert verdict_of(work, outcome) is None
    assert refusal in outcome.reason
    assert trouble in outcome.reason
    (stopped,) = [line for line in fleet.trail if line["action"] == "deploy.stop"]
    assert (stopped["fault"], stopped["reason"]) == ("host", outcome.reason)
    assert not [line for line in fleet.trail if line["action"] == "tag.drain"]
    assert known_bad([], work, "") == set(), "a rollback would drain it"
    assert fleet.settled(OLD) == []
    assert fleet.cut == []


@pytest.mark.parametrize(
    "refusal",
    [
        'OCI runtime create failed: runc create failed: exec: "/nope": stat /nope: no such file or directory: unknown',
        "exec /usr/bin/python: exec format error",
        "unable to find user vox: no matching entries in passwd file",
        "Cannot mkdir: /srv/app is not a directory",
    ],
)
def test_what_docker_says_of_the_images_own_content_speaks_against_the_image(refusal: str) -> None:
    assert fault_of(refusal) == "release"


@pytest.mark.parametrize(
    "refusal",
    [
        "write /var/lib/docker/overlay2/x: no space left on device",
        "No such image: registry.example.com/vox/voxcore@sha256:1",
        "failed to create endpoint vox on network vox_seats: Address already in use",
        "fork/exec /usr/bin/containerd-shim-runc-v2: cannot allocate memory",
        "network vox_seats not found",
    ],
)
def test_what_docker_says_of_anything_else_is_the_hosts_trouble(refusal: str) -> None:
    assert fault_of(refusal) == "host"
