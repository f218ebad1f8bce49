"""A new VOXCORE_SECRET comes in three rounds, and what hosts have says which are left (S3)."""

from __future__ import annotations

import pytest
from voxctl.deploy.rotation import Round, rounds_left
from voxctl.deploy.secrets import Refused

pytestmark = [pytest.mark.unit]

OLD, NEW = "old-secret-of-32-bytes-0123456789", "new-secret-of-32-bytes-0123456789"


def left(*present: str) -> list[Round]:
    return rounds_left(NEW, {f"host{n}": value for n, value in enumerate(present)})


def test_all_accept_both_before_anybody_uses_the_new_one_and_the_old_one_goes_last() -> None:
    rounds = left(OLD, OLD)
    assert [each.value for each in rounds] == [f"{OLD},{NEW}", f"{NEW},{OLD}", NEW]
    assert [each.opens for each in rounds] == [OLD, NEW, NEW]


def test_the_registry_is_the_last_to_use_the_new_one_and_the_dialler_comes_after_those_who_carry_calls() -> None:
    (_, second, _) = left(OLD)
    assert [name for order in second.orders for name in order] == ["voxbridge", "voxcore", "voxdialler", "voxregistry"]


def test_what_each_one_opens_with_is_accepted_by_all_while_the_round_lasts() -> None:
    """Before it a container has the value of the round before, after it that of the round."""
    before = OLD
    for each in left(OLD):
        assert each.opens in before.split(",")
        assert each.opens in each.value.split(",")
        before = each.value


@pytest.mark.parametrize(
    ("present", "numbers"),
    [
        ((OLD, f"{OLD},{NEW}"), [1, 2, 3]),
        ((f"{OLD},{NEW}",), [1, 2, 3]),
        ((f"{OLD},{NEW}", f"{NEW},{OLD}"), [1, 2, 3]),
        ((f"{NEW},{OLD}", f"{NEW},{OLD}"), [2, 3]),
        ((f"{NEW},{OLD}", NEW), [2, 3]),
        ((NEW, NEW), []),
    ],
)
def test_an_interrupted_one_goes_on_with_the_round_that_was_begun_last(
    present: tuple[str, ...], numbers: list[int]
) -> None:
    assert [each.number for each in left(*present)] == numbers


def test_an_interrupted_one_keeps_its_old_value_and_a_list_of_two_old_ones_stays_whole() -> None:
    assert left(f"{NEW},{OLD}", NEW)[-1].value == NEW
    assert left("a-first,b-second")[0].value == f"a-first,b-second,{NEW}"


def test_hosts_that_do_not_agree_are_named_without_their_values() -> None:
    with pytest.raises(Refused, match="host0, host1") as refused:
        left(OLD, "another-secret-of-32-bytes-01234567")
    assert OLD not in str(refused.value)
