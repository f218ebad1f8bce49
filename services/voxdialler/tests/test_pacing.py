"""The arithmetic of pacing: the contract's own examples, the brakes, fairness and monotony (section 9)."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxdialler.pacing import Load, Measures, Rules, brake_of, fair_share, pace, want

pytestmark = [pytest.mark.unit]

RULES = Rules()
MEASURED = Measures(
    answer_rate=0.25, aht_s=60, ring_s=30, pick_s=12, abandon=0.0, answered=200, conversations=100, run_answered=400
)
BUSY = Load(limit=50, leased=0, ringing=30, busy=40)


def test_the_first_example_of_the_contract() -> None:
    found = pace("predictive", BUSY, 10, MEASURED, 20, RULES)
    assert (found.seats, found.rate, found.pool, found.head, found.demand) == (50, 3.333, 100, 55, 25)
    assert found.mode_now == "predictive"


def test_the_second_example_brakes_at_four_percent() -> None:
    found = pace("predictive", BUSY, 10, replace(MEASURED, abandon=0.04), 20, RULES)
    assert (found.brake, found.pool, found.head, found.demand) == (0.75, 75, 41, 11)


def test_the_third_example_reserves_what_is_left_and_shared() -> None:
    load = Load(limit=50, leased=1, ringing=3, busy=40)
    assert pace("reserved", load, 3, Measures(), 20, RULES).demand == 3
    assert pace("reserved", load, 30, Measures(), 20, RULES).demand == 6
    assert pace("reserved", replace(load, busy=60), 30, Measures(), 20, RULES).demand == 0


@pytest.mark.parametrize(
    ("answered", "abandon", "brake"),
    [(29, 0.5, 1.0), (30, 0.03, 1.0), (30, 0.04, 0.75), (30, 0.05, 0.6), (30, 0.051, 0.5), (30, None, 1.0)],
)
def test_the_brake_table(answered: int, abandon: float | None, brake: float) -> None:
    assert brake_of(replace(MEASURED, answered=answered, abandon=abandon), RULES) == pytest.approx(brake)


@pytest.mark.parametrize(
    ("changed", "rules", "share", "by_fallback", "why"),
    [
        ({}, replace(RULES, abandon_target=0), 10, False, "ABANDON_TARGET is 0"),
        ({"conversations": 19}, RULES, 10, False, "fewer than 20 conversations"),
        ({"answer_rate": None}, RULES, 10, False, "not known"),
        ({"answer_rate": 0.0}, RULES, 10, False, "not known"),
        ({"aht_s": None}, RULES, 10, False, "not known"),
        ({"run_abandon": 0.031, "run_answered": 100}, RULES, 10, False, "this run"),
        ({}, RULES, 10, True, "registry is away"),
    ],
)  # fmt: skip
def test_predictive_behaves_as_reserved_while_it_knows_too_little_or_harms(
    changed: dict[str, float], rules: Rules, share: int, by_fallback: bool, why: str
) -> None:
    found = pace("predictive", BUSY, share, replace(MEASURED, **changed), 20, rules, by_fallback=by_fallback)
    assert (found.mode, found.mode_now) == ("predictive", "reserved")
    assert why in found.why
    assert found.demand == 0, "all 50 of the limit are active"


def test_four_seats_are_too_few_to_predict_and_a_guard_needs_a_hundred_answers() -> None:
    assert "fewer than 5 seats" in pace("predictive", Load(limit=50, busy=1), 3, MEASURED, 20, RULES).why
    early = replace(MEASURED, run_abandon=0.5, run_answered=99)
    assert pace("predictive", BUSY, 10, early, 20, RULES).mode_now == "predictive"


def test_what_a_campaign_wants_is_its_limit_less_what_it_has() -> None:
    assert want("reserved", Load(limit=10, leased=1, ringing=2, busy=3)) == 4
    assert want("predictive", Load(limit=10, leased=1, ringing=2, busy=3)) == 7
    assert want("reserved", Load(limit=1, busy=3)) == 0


def test_seats_are_shared_max_min_fair_in_the_order_of_who_waited_longest() -> None:
    assert fair_share({"a": 5, "b": 5}, 7, ["b", "a"]) == {"a": 3, "b": 4}
    assert fair_share({"a": 1, "b": 9, "c": 9}, 9, ["a", "b", "c"]) == {"a": 1, "b": 4, "c": 4}
    assert fair_share({"a": 2, "b": 0}, 9, ["a", "b"]) == {"a": 2, "b": 0}
    assert fair_share({"a": 5}, 0, ["a"]) == {"a": 0}


wants = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 200), min_size=1)


@given(wants, st.integers(0, 400))
def test_a_share_never_exceeds_a_wish_nor_all_of_them_the_budget_and_nothing_is_left_lying(
    wishes: dict[str, int], budget: int
) -> None:
    shares = fair_share(wishes, budget, sorted(wishes))
    assert all(0 <= shares[name] <= wishes[name] for name in wishes)
    assert sum(shares.values()) == min(budget, sum(wishes.values()))
    unmet = [shares[name] for name in wishes if shares[name] < wishes[name]]
    assert not unmet or max(shares.values()) - min(unmet) <= 1, "who got less than another one wanted no more"


loads = st.builds(
    Load, limit=st.integers(1, 200), leased=st.integers(0, 20), ringing=st.integers(0, 200), busy=st.integers(0, 200)
)
measures = st.builds(
    Measures, answer_rate=st.floats(0.01, 1), aht_s=st.floats(1, 600), ring_s=st.floats(0, 60), pick_s=st.floats(0, 60),
    abandon=st.floats(0, 1), answered=st.integers(0, 500), conversations=st.integers(0, 500),
    run_abandon=st.floats(0, 0.1), run_answered=st.integers(0, 500),
)  # fmt: skip
modes = st.sampled_from(["reserved", "predictive"])


@given(modes, loads, measures, st.integers(0, 200), st.integers(0, 50))
def test_more_free_seats_never_lower_the_demand(
    mode: str, load: Load, measured: Measures, share: int, more: int
) -> None:
    few = pace(mode, load, share, measured, 20, RULES)
    many = pace(mode, load, share + more, measured, 20, RULES)
    if few.mode_now == many.mode_now:
        assert many.demand >= few.demand


@given(loads, measures, st.integers(0, 200), st.floats(0, 1))
def test_a_higher_abandon_rate_never_raises_the_demand(
    load: Load, measured: Measures, share: int, worse: float
) -> None:
    before = pace("predictive", load, share, measured, 20, RULES)
    abandon = max(measured.abandon or 0, worse)
    after = pace("predictive", load, share, replace(measured, abandon=abandon), 20, RULES)
    assert after.demand <= before.demand


@given(modes, loads, measures, st.integers(0, 200))
def test_reserved_never_dials_beyond_its_seats_nor_its_limit(
    mode: str, load: Load, measured: Measures, share: int
) -> None:
    found = pace(mode, load, share, measured, 20, RULES)
    if found.mode_now == "reserved":
        assert found.demand <= max(0, min(share, load.limit - load.active))
