"""A call that needs no model must get exactly the disposition of the table, and a talk must never get one of these."""

from __future__ import annotations

import pytest
from voxcore.postcall.dispositions import CallFacts, automatic_disposition, may_be_analysed
from voxkit.contracts.results import DISCONNECTED_BY
from voxkit.contracts.runtime_config import AutoDisposition

pytestmark = [pytest.mark.unit]

TABLE = [
    ("error", True, 60, ("Failed", "fallback", "A system error ended the call")),
    ("error", False, 0, ("Failed", "fallback", "A system error ended the call")),
    ("voicemail", True, 60, ("IVR", "MAIN_MESSAGE", "An answering machine or automated system picked up")),
    ("voicemail", False, 2, ("IVR", "MAIN_MESSAGE", "An answering machine or automated system picked up")),
    ("RNR", False, 30, ("RNR", "RNR", "Picked up but said nothing")),
    ("timeout", False, 600, ("Not Connected", "DSCN_PARTIAL", "The call reached its longest duration")),
    ("customer", False, 12, ("RNR", "RNR", "Picked up but said nothing")),
    ("bot", False, 12, ("RNR", "RNR", "Picked up but said nothing")),
    ("customer", True, 4.9, ("Connected", "SHORT_CALL", "The customer left within seconds")),
    ("RNR", True, 4.9, ("Connected", "SHORT_CALL", "The customer left within seconds")),
    ("timeout", True, 4.9, ("Connected", "SHORT_CALL", "The customer left within seconds")),
    ("customer", True, 5.0, None),
    ("RNR", True, 30, None),
    ("timeout", True, 600, None),
    ("transfer_to_agent", True, 60, None),
    ("no_answer", False, 0, None),
    ("rejected", False, 0, None),
    ("outside_hours", False, 0, None),
]


@pytest.mark.parametrize(("cause", "spoke", "seconds", "expected"), TABLE)
def test_the_first_row_that_fits_is_taken(
    cause: str, spoke: bool, seconds: float, expected: tuple[str, str, str] | None
) -> None:
    found = automatic_disposition(CallFacts(cause, spoke, seconds))
    if expected is None:
        assert found is None
    else:
        assert found == dict(zip(("DISPOSITION", "SUB_DISPOSITION", "CALLING_REMARKS"), expected, strict=True))


@pytest.mark.parametrize(
    ("key", "cause", "spoke", "seconds"),
    [
        ("error", "error", False, 0),
        ("voicemail", "voicemail", False, 9),
        ("rnr", "RNR", False, 9),
        ("timeout", "timeout", False, 9),
        ("no_customer_message", "customer", False, 9),
        ("short_call", "customer", True, 1),
    ],
)
def test_an_override_by_key_keeps_what_it_leaves_out(key: str, cause: str, spoke: bool, seconds: float) -> None:
    call = CallFacts(cause, spoke, seconds)
    table = automatic_disposition(call)
    assert table
    given = {key: AutoDisposition(DISPOSITION="OWN", CALLING_REMARKS="own words")}
    assert automatic_disposition(call, given) == {
        "DISPOSITION": "OWN",
        "SUB_DISPOSITION": table["SUB_DISPOSITION"],
        "CALLING_REMARKS": "own words",
    }
    assert automatic_disposition(call, {"another": AutoDisposition(DISPOSITION="X")}) == table


@pytest.mark.parametrize("cause", DISCONNECTED_BY)
@pytest.mark.parametrize("spoke", [True, False])
@pytest.mark.parametrize("seconds", [0, 4.9, 5, 60])
def test_every_call_gets_a_row_or_an_analysis_or_never_was_a_conversation(
    cause: str, spoke: bool, seconds: float
) -> None:
    call = CallFacts(cause, spoke, seconds)
    ways = [
        automatic_disposition(call) is not None,
        may_be_analysed(call),
        cause in ("no_answer", "rejected", "outside_hours"),
    ]
    assert sum(ways) == 1
