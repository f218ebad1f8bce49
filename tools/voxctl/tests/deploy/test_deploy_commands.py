"""What the commands say before they touch anything, and the numbers that they end with."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from voxctl.deploy.outcome import EXITS, Outcome
from voxctl.deploy.run import known_bad, target_of, verdict_of
from voxctl.deploy.service_work import ReplicaNow
from voxctl.deploy.status import named, state_of
from voxctl.deploy.view import sign_of
from voxctl.deploy.work import InHand, Order, Work, set_out
from voxctl.deploy.world import Image, Release, SeatNow
from voxctl.output import CommandError

pytestmark = pytest.mark.unit

OLD, NEW = (
    Image(tag="2026.02.03-1", ref="vox/voxcore@sha256:old"),
    Image(tag="2026.02.05-1", ref="vox/voxcore@sha256:new"),
)


def release(tag: str, verdict: str) -> Release:
    return Release.model_validate({"tag": tag, "verdict": verdict, "refs": {"voxcore": f"vox/voxcore:{tag}"}})


def vox(folder: Path, *words: str) -> tuple[int, str]:
    program = str(Path(sys.executable).parent / "vox")
    done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["deploy"], 1, "name a release, or give --resume"),
        (["deploy", "2026.02.05-1", "--resume"], 1, "not both"),
        (["deploy", "2026.02.05-1", "--force-after", "soon"], 1, "90s, 40m, 2h"),
        (["deploy", "2026.02.05-1", "--service", "mongodb"], 1, "no service of a release"),
        (["deploy", "2026.02.05-1"], 2, "deploy.yml"),
        (["plan", "2026.02.05-1"], 2, "deploy.yml"),
        (["rollback"], 2, "deploy.yml"),
        (["status"], 2, "deploy.yml"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_touched(
    words: list[str], code: int, said: str, tmp_path: Path
) -> None:
    ended, text = vox(tmp_path, *words)
    assert (ended, said in text) == (code, True), text
    assert "Traceback" not in text


def test_every_end_of_a_deploy_has_its_number() -> None:
    assert EXITS == {"done": 0, "later": 5, "reverted": 4, "human": 6, "stopped": 130}


def test_a_rollback_goes_to_the_newest_good_release_but_the_present_one() -> None:
    known = [release("d", "bad"), release("c", "good"), release("b", "good"), release("a", "good")]
    assert target_of(known, "", "d").tag == "c"
    assert target_of(known, "", "c").tag == "b"
    assert target_of(known, "a", "c").tag == "a"


def test_a_rollback_that_is_given_twice_does_not_go_forward_again() -> None:
    known = [release("b", "good"), release("c", "good").model_copy(update={"left": True}), release("a", "good")]
    assert target_of(known, "", "b").tag == "a"
    assert target_of(known, "c", "b").tag == "c"


def test_a_tag_is_bad_when_it_was_found_so_or_when_its_deploy_turned_round_or_when_the_operator_says_so(
    work: Work,
) -> None:
    releases = [release("c", "good"), release("b", "bad")]
    assert known_bad(releases, None, "") == {"b"}
    assert known_bad(releases, None, "c") == {"b", "c"}
    assert known_bad(releases, work, "") == {"b"}
    work.stage = "reverting"
    assert known_bad(releases, work, "") == {"b", NEW.tag}
    work.fault = "host"
    assert known_bad(releases, work, "") == {"b"}


def test_the_end_of_a_deploy_judges_its_release_when_that_was_the_reason(work: Work) -> None:
    assert verdict_of(work, Outcome("done")) == "good"
    assert verdict_of(work, Outcome("later")) is None
    assert verdict_of(work, Outcome("reverted", "it does not start")) == "bad"
    for work.fault in ("host", "hook"):
        assert verdict_of(work, Outcome("reverted", "a full disk")) is None


def test_a_service_that_does_not_tell_its_tag_has_that_of_its_release_or_of_its_image() -> None:
    page = ReplicaNow("voxui-a", ref="vox/voxui@sha256:1", version="2026.02.05-2")
    assert named(page, {}).tag == "2026.02.05-2"
    assert named(page, {page.ref: "2026.02.05-3"}).tag == "2026.02.05-3"
    assert named(replace(page, tag="2026.02.05-4"), {page.ref: "2026.02.05-3"}).tag == "2026.02.05-4"


def test_without_a_good_release_it_says_how_to_name_one() -> None:
    with pytest.raises(CommandError, match="--to TAG"):
        target_of([release("a", "good")], "", "a")
    with pytest.raises(CommandError, match="z is none of the last releases: a"):
        target_of([release("a", "good")], "z", "a")


@pytest.fixture
def work() -> Work:
    seats = [SeatNow(f"fleet1-{n}", "fleet1", ref=OLD.ref, tag=OLD.tag) for n in (1, 2, 3)]
    made = set_out(Order("d-1", release(NEW.tag, "open"), 0.0), NEW, seats)
    made.in_hand["fleet1-2"] = InHand(step="checking")
    made.stuck["fleet1-3"] = "it does not start"
    return made


@pytest.mark.parametrize(
    ("seat", "sign"),
    [
        (SeatNow("fleet1-1", "fleet1", ref=OLD.ref, phase="idle"), "old"),
        (SeatNow("fleet1-1", "fleet1", ref=OLD.ref, phase="busy"), "old, in a call"),
        (SeatNow("fleet1-1", "fleet1", ref=NEW.ref, phase="idle"), "new"),
        (SeatNow("fleet1-1", "fleet1", ref=NEW.ref, phase="wrapping"), "new, in a call"),
        (SeatNow("fleet1-2", "fleet1", ref=NEW.ref), "in hand"),
        (SeatNow("fleet1-3", "fleet1", ref=OLD.ref), "stuck"),
        (SeatNow("fleet1-1", "fleet1"), "not running"),
    ],
)
def test_every_seat_has_one_sign(work: Work, seat: SeatNow, sign: str) -> None:
    assert sign_of(work, seat) == sign


@pytest.mark.parametrize(
    ("seat", "said"),
    [
        (SeatNow("fleet1-1", "fleet1", ref="x", phase="idle", registered=True), "idle"),
        (SeatNow("fleet1-1", "fleet1", ref="x", phase="idle", registered=True, closed=True), "idle, closed"),
        (SeatNow("fleet1-2", "fleet1", ref="x", phase="starting"), "starting, closed by deploy d-1 (checking)"),
        (
            SeatNow("fleet1-1", "fleet1", ref="x", phase="busy", registered=True, foreign="asha: disk"),
            "busy, drained by asha: disk",
        ),
        (
            SeatNow("fleet1-1", "fleet1", ref="x", phase="lost", complaint="ended with code 1"),
            "down: ended with code 1",
        ),
        (SeatNow("fleet1-1", "fleet1", ref="x", phase="starting"), "starting, not registered"),
        (SeatNow("fleet1-1", "fleet1"), "no container"),
    ],
)
def test_status_says_of_each_seat_what_is_not_normal_and_whose_doing_it_is(
    work: Work, seat: SeatNow, said: str
) -> None:
    assert state_of(seat, work) == said
