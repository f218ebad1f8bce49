"""A checker that would pass anything: what it must accept, and what it must not."""

from __future__ import annotations

import pytest

from .linear import FREE, Operation, order_of, reservation, seat

pytestmark = [pytest.mark.unit]


def history(*operations: tuple[float, float, tuple[object, ...]]) -> list[Operation]:
    return [Operation(*operation) for operation in operations]


def test_two_that_overlap_may_have_happened_in_either_order() -> None:
    seen = history((0, 5, ("take", "b", 0, 99)), (1, 4, ("give", "a")), (-3, -1, ("take", "a", 0, 99)))
    assert order_of(seen, FREE, seat) is not None


def test_a_seat_taken_by_two_at_once_has_no_order() -> None:
    assert order_of(history((0, 2, ("take", "a", 0, 99)), (1, 3, ("take", "b", 1, 99))), FREE, seat) is None


def test_a_seat_taken_before_it_was_given_back_has_no_order() -> None:
    seen = history((0, 1, ("take", "a", 0, 99)), (2, 3, ("take", "b", 2, 99)), (4, 5, ("give", "a")))
    assert order_of(seen, FREE, seat) is None


@pytest.mark.parametrize(("now_ms", "legal"), [(1_999, False), (2_000, True)])
def test_a_seat_may_be_taken_again_once_the_last_token_for_it_is_worth_nothing(now_ms: int, legal: bool) -> None:
    seen = history((0, 1, ("take", "a", 0, 2_000)), (2, 3, ("take", "b", now_ms, 9_000)))
    assert (order_of(seen, FREE, seat) is not None) is legal


def test_a_seat_with_a_call_is_not_taken_however_late_it_is() -> None:
    seen = history((0, 1, ("take", "a", 0, 2)), (2, 3, ("start", "a")), (4, 5, ("take", "b", 10**9, 10**10)))
    assert order_of(seen, FREE, seat) is None


def test_a_seat_that_was_extended_is_kept_until_then() -> None:
    seen = history((0, 1, ("take", "a", 0, 10)), (2, 3, ("hold", "a", 50)), (4, 5, ("take", "b", 20, 99)))
    assert order_of(seen, FREE, seat) is None


def test_one_id_is_granted_one_seat() -> None:
    none = ("none",)
    assert order_of(history((0, 3, ("granted", "s1")), (1, 2, ("granted", "s2"))), none, reservation) is None
    assert order_of(history((0, 3, ("granted", "s1")), (1, 2, ("repeat", "held", "s1"))), none, reservation)
    assert order_of(history((0, 1, ("granted", "s1")), (2, 3, ("repeat", "held", "s2"))), none, reservation) is None


def test_what_was_released_is_neither_confirmed_nor_released_again() -> None:
    released = ((0, 1, ("granted", "s1")), (2, 3, ("released",)))
    none = ("none",)
    assert order_of(history(*released, (4, 5, ("over",))), none, reservation)
    for wrong in (("confirmed", "s1"), ("released",), ("repeat", "held", "s1"), ("granted", "s2"), ("unknown",)):
        assert order_of(history(*released, (4, 5, wrong)), none, reservation) is None


def test_a_replacement_leads_from_the_old_seat_to_the_new_one() -> None:
    seen = history((0, 1, ("granted", "s1")), (2, 3, ("replaced", "s1", "s2")), (4, 5, ("confirmed", "s2")))
    assert order_of(seen, ("none",), reservation)
    wrong = history((0, 1, ("granted", "s1")), (2, 3, ("replaced", "s1", "s2")), (4, 5, ("confirmed", "s1")))
    assert order_of(wrong, ("none",), reservation) is None
