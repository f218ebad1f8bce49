"""A token that one changed byte, an old grant or another worker turns into a good one would put two calls on a seat."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from voxkit.errors import StaleReservation
from voxkit.fence import Fence, FenceRefused, check_fence, cut_fences, make_fence, read_fence

pytestmark = [pytest.mark.unit]

SECRET = "test-secret"
FENCE = Fence("fleet1-3", 1769850000123, "r-7f3k2m9q", 1769850015000)
TOKEN = "v1.fleet1-3.1769850000123.r-7f3k2m9q.1769850015000.aq0vzMwtFsJpEA4SIgQeAw"

FENCES = st.builds(
    Fence,
    worker_id=st.from_regex(r"[a-z0-9-]{1,48}", fullmatch=True),
    epoch=st.integers(0, 10**14 - 1),
    reservation_id=st.from_regex(r"[A-Za-z0-9_-]{8,40}", fullmatch=True),
    deadline_ms=st.integers(0, 10**14 - 1),
)
SECRETS = st.text(min_size=1, max_size=40)


def check(token: str, **changed: object) -> Fence:
    """The check of the worker that the vector names, at the instant of the grant."""
    asked: dict[str, Any] = {
        "worker_id": FENCE.worker_id, "floor": FENCE.epoch, "epoch": FENCE.epoch, "now_ms": FENCE.deadline_ms,
        "held": None, **changed,
    }  # fmt: skip
    return check_fence(token, (SECRET,), **asked)


def test_the_vector_gives_the_agreed_bytes() -> None:
    assert make_fence(FENCE, SECRET) == TOKEN
    assert read_fence(TOKEN, [SECRET]) == FENCE


@given(FENCES, SECRETS)
def test_a_token_is_read_back_as_it_was_made_and_fits_its_limit(fence: Fence, secret: str) -> None:
    token = make_fence(fence, secret)
    assert read_fence(token, [secret]) == fence
    assert make_fence(fence, secret) == token
    assert len(token) <= 160  # what workers, balancers and paths make room for


LONGEST = Fence("w" * 48, 10**14 - 1, "r" * 40, 10**14 - 1)


def test_the_longest_token_is_read_back() -> None:
    token = make_fence(LONGEST, SECRET)
    assert len(token) == 145
    assert read_fence(token, [SECRET]) == LONGEST


@pytest.mark.parametrize(
    "longer", [{"worker_id": "w" * 49}, {"epoch": 10**14}, {"reservation_id": "r" * 41}, {"deadline_ms": 10**14}]
)
def test_one_character_more_in_any_part_is_no_token_even_when_it_is_signed(longer: dict[str, Any]) -> None:
    fence = replace(LONGEST, **longer)
    text = f"v1.{fence.worker_id}.{fence.epoch}.{fence.reservation_id}.{fence.deadline_ms}"
    mac = urlsafe_b64encode(hmac.digest(SECRET.encode(), f"fence:{text}".encode(), "sha256")[:16]).rstrip(b"=").decode()
    with pytest.raises(FenceRefused, match="not a fence token"):
        read_fence(f"{text}.{mac}", [SECRET])
    with pytest.raises(ValueError, match="not the form"):
        make_fence(fence, SECRET)


@given(FENCES, st.data())
def test_any_changed_byte_is_refused(fence: Fence, data: st.DataObject) -> None:
    token = make_fence(fence, SECRET)
    where = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != token[where]))
    with pytest.raises(StaleReservation):
        read_fence(token[:where] + other + token[where + 1 :], [SECRET])


def test_the_spare_bits_of_the_last_digit_are_part_of_the_token() -> None:
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".replace(TOKEN[-1], ""):
        with pytest.raises(StaleReservation):
            read_fence(TOKEN[:-1] + last, [SECRET])


@given(st.text(max_size=200))
@example("")
@example("v1.a.1.aaaaaaaa.1.")
@example(TOKEN.replace("1769850000123", "١٧٦٩٨٥٠٠٠٠١٢٣"))
@example(TOKEN.replace("1769850000123", "01769850000123"))
@example(TOKEN.replace("1769850000123", "1_769850000123"))
@example(TOKEN + "\n")
@example(TOKEN[:-1] + "é")
def test_what_is_no_token_is_refused_and_never_breaks_the_check(text: str) -> None:
    with pytest.raises(StaleReservation):
        read_fence(text, [SECRET])


@given(FENCES, SECRETS, SECRETS)
def test_another_secret_is_refused(fence: Fence, secret: str, other: str) -> None:
    if secret != other:
        with pytest.raises(StaleReservation):
            read_fence(make_fence(fence, secret), [other])


def test_during_a_rotation_every_secret_is_accepted() -> None:
    assert read_fence(TOKEN, ["newer", SECRET]) == FENCE
    assert read_fence(make_fence(FENCE, "newer"), ["newer", SECRET]) == FENCE


def test_no_secret_accepts_nothing() -> None:
    with pytest.raises(StaleReservation):
        read_fence(TOKEN, [])


def test_another_worker_refuses() -> None:
    with pytest.raises(StaleReservation, match=r"this is fleet1-4"):
        check(TOKEN, worker_id="fleet1-4")


@pytest.mark.parametrize(
    ("floor", "epoch", "good"), [(0, 0, True), (-5, 0, True), (-5, 3, True), (1, 3, False), (-5, -1, False)]
)
def test_an_epoch_outside_of_floor_and_present_is_refused(floor: int, epoch: int, good: bool) -> None:
    asked = {"floor": FENCE.epoch + floor, "epoch": FENCE.epoch + epoch}
    if good:
        assert check(TOKEN, **asked) == FENCE
    else:
        with pytest.raises(StaleReservation, match="used since"):
            check(TOKEN, **asked)


@pytest.mark.parametrize(("late_ms", "good"), [(-1, True), (0, True), (1000, True), (1001, False), (3_600_000, False)])
def test_a_deadline_is_passed_one_second_after_it(late_ms: int, good: bool) -> None:
    if good:
        assert check(TOKEN, now_ms=FENCE.deadline_ms + late_ms) == FENCE
    else:
        with pytest.raises(StaleReservation, match="lapsed"):
            check(TOKEN, now_ms=FENCE.deadline_ms + late_ms)


def test_a_seat_held_for_another_reservation_refuses() -> None:
    assert check(TOKEN, held=FENCE.reservation_id) == FENCE
    with pytest.raises(StaleReservation, match="another reservation"):
        check(TOKEN, held="r-another-one")


@pytest.mark.parametrize(
    "broken",
    [
        Fence("Fleet", 1, "r-7f3k2m9q", 1),
        Fence("f", 10**14, "r-7f3k2m9q", 1),
        Fence("f", 1, "short", 1),
        Fence("f", 1, "r-7f3k2m9q", -1),
    ],
)
def test_no_token_is_made_that_a_worker_could_not_read(broken: Fence) -> None:
    with pytest.raises(ValueError, match="not the form"):
        make_fence(broken, SECRET)


def test_a_log_line_keeps_nothing_that_opens_a_seat() -> None:
    line = cut_fences(f"GET /ws/demo/{TOKEN}?x=1 and {TOKEN}")
    assert line == "GET /ws/demo/v1.fleet1-3.1769850000123.…?x=1 and v1.fleet1-3.1769850000123.…"
    assert cut_fences("nothing to cut v1.a.b") == "nothing to cut v1.a.b"


@pytest.mark.parametrize(
    ("reason", "token", "changed"),
    [
        ("mac", TOKEN[:-1] + "x", {}),
        ("mac", "v1.no.token", {}),
        ("worker", TOKEN, {"worker_id": "fleet1-4"}),
        ("epoch", TOKEN, {"floor": FENCE.epoch + 1, "epoch": FENCE.epoch + 1}),
        ("deadline", TOKEN, {"now_ms": FENCE.deadline_ms + 1_001}),
        ("reservation", TOKEN, {"held": "r-another-one"}),
    ],
)
def test_a_refusal_says_which_part_of_the_check_failed(reason: str, token: str, changed: dict[str, object]) -> None:
    with pytest.raises(FenceRefused) as refusal:
        check(token, **changed)
    assert (refusal.value.reason, refusal.value.body()["error"]) == (reason, "stale_reservation")
