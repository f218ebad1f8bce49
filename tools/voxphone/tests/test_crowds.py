"""A load run that another seed would have passed, or that cannot be run again, shows nothing."""

from collections import Counter
from datetime import UTC, datetime
from statistics import median

import pytest
from pydantic import ValidationError
from voxphone.carrier.crowd import Crowd
from voxphone.carrier.population import load_population
from voxphone.errors import PhoneError

pytestmark = [pytest.mark.unit]
NOON = datetime(2026, 6, 5, 12, tzinfo=UTC)
SHARES = {"answer": 0.5, "machine": 0.1, "no_answer": 0.2, "busy": 0.1, "reject": 0.06, "invalid": 0.04}


def crowd(**changed) -> Crowd:
    return Crowd.model_validate({"first": "+15551000000", "count": 10_000, "outcomes": SHARES, **changed})


def drawn(of: Crowd, turn: int = 0, at: datetime = NOON) -> Counter[str]:
    return Counter(of.draw(number, turn, at).outcome for number in of.numbers())


def test_ten_thousand_callees_keep_their_shares():
    counts = drawn(crowd())
    for outcome, share in SHARES.items():
        assert counts[outcome] / 10_000 == pytest.approx(share, abs=0.015), outcome


def test_the_same_seed_is_the_same_run_and_another_seed_another():
    number = crowd().numbers()
    assert [crowd().draw(n, 0, NOON) for n in number[:200]] == [crowd().draw(n, 0, NOON) for n in number[:200]]
    assert [crowd().draw(n, 0, NOON) for n in number[:200]] != [crowd(seed=2).draw(n, 0, NOON) for n in number[:200]]


def test_a_second_call_to_a_number_is_drawn_anew_but_an_invalid_number_stays_invalid():
    of = crowd()
    first, second = ([of.draw(n, turn, NOON).outcome for n in of.numbers()] for turn in (0, 1))
    assert first != second
    assert [o == "invalid" for o in first] == [o == "invalid" for o in second]


def test_talk_has_its_median_and_its_limit():
    of = crowd(talk_s={"median_s": 40, "spread": 0.8, "max_s": 120})
    talks = [of.draw(n, 0, NOON).talk_s for n in of.numbers()]
    assert median(talks) == pytest.approx(40, rel=0.05)
    assert max(talks) == 120


def test_fewer_people_answer_at_night_by_the_clock_of_their_own_zone():
    of = crowd(hours={"22-08": 0.1}, timezone="Asia/Kolkata")
    night = datetime(2026, 6, 5, 20, tzinfo=UTC)  # 01:30 in Kolkata
    assert drawn(of, at=night)["answer"] < 0.3 * drawn(of, at=NOON)["answer"]


@pytest.mark.parametrize(
    "wrong",
    [{"count": 0}, {"first": "555"}, {"outcomes": {"answer": 0}}, {"after_s": [5, 1]}, {"timezone": "Mars/Base"},
     {"hours": {"9-12": 1}}, {"outcomes": {"sleep": 1}}, {"first": "+999999999999999", "count": 2}],
)  # fmt: skip
def test_a_crowd_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValidationError):
        crowd(**wrong)


def test_the_file_names_its_faults(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("crowds: [{first: '+15551000000', count: 5, outcomes: {answer: 0}}]")
    with pytest.raises(PhoneError, match="at least one needs a weight"):
        load_population(file)


def test_a_single_number_wins_over_its_crowd(tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text("""
numbers: {"+15551000001": {ring: busy}}
crowds: [{first: "+15551000000", count: 5, outcomes: {no_answer: 1}}]
""")
    plan = load_population(file)
    rings = [plan.callee(f"+1555100000{i}", 0, NOON).ring for i in range(6)]
    assert rings == ["no_answer", "busy", "no_answer", "no_answer", "no_answer", "answer"]
