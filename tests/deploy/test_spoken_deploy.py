"""`vox deploy` with the real check call: voxcore as it is, role check, one host, the public way and its certificate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .talkers import HOST, Talkers, talkers
from .town import Ran, release

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(1500), pytest.mark.full]

SEATS_ALONE = ("--service", "voxcore", "--yes")


@pytest.fixture(scope="module")
def made(docker_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Talkers]:
    with talkers(tmp_path_factory.mktemp("talkers")) as made:
        yield made


def canaries(made: Talkers) -> list[dict[str, object]]:
    return made.vox("audit", "--action", "canary").all("audit.line")


def seat_tags(made: Talkers) -> set[str]:
    (said,) = made.vox("status").all("status")
    assert said["drains"] == []
    return {seat["tag"] for seat in said["seats"] if seat["ref"]}


def reason(ran: Ran) -> str:
    return str(ran.all("deploy.ended")[0]["reason"])


def test_the_first_seat_of_a_release_speaks_with_the_check_host_before_a_caller_gets_it(made: Talkers) -> None:
    """Transcript, barge-in, disposition, recording and one result: all of it by the public way."""
    ran = made.vox("deploy", made.build(2), *SEATS_ALONE)
    assert ran.code == 0, ran.text[-3000:]
    (passed,) = ran.all("canary.passed")
    assert passed["seat"] == f"{HOST}-s1"
    opened = [each["seat"] for each in ran.all("seat.opened")]
    assert ran.events.index(passed) < ran.events.index(ran.all("seat.opened")[0])
    assert f"{HOST}-1" in opened
    (line,) = canaries(made)
    assert (line["result"], line["seat"]) == ("done", f"{HOST}-s1")
    assert seat_tags(made) == {release(2)}


def test_a_release_that_is_well_and_cannot_speak_stops_at_its_first_seat(made: Talkers) -> None:
    ran = made.vox("deploy", made.build(3, fault="mute"), *SEATS_ALONE)
    assert ran.code == 4, ran.text[-3000:]
    assert reason(ran).startswith(f"{HOST}-s1 on {release(3)}: it cannot hold its check call: ")
    assert reason(ran).endswith(("the bot said nothing", "no word of the bot could be understood"))
    assert ran.all("seat.opened") == [each for each in ran.all("seat.opened") if each["tag"] != release(3)]
    assert ran.all("deploy.ended")[0]["fault"] == "release"
    assert seat_tags(made) == {release(2)}
