"""A recording that holds other words than were spoken, or a transcript that says other words than the recording."""

from __future__ import annotations

import pytest

from .outcome import Outcome
from .scenario import Scenario
from .test_call_endings import SUCCESS
from .test_call_lines import EXOTEL
from .test_call_providers import LLM_FALLBACK
from .test_call_tools import WORKS
from .test_call_transfer import REFUSED
from .test_call_turns import GUARDED, QUIET, TALKATIVE
from .words import least_misheard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CONVERSATIONS = (SUCCESS, EXOTEL, LLM_FALLBACK, WORKS, REFUSED, QUIET, TALKATIVE, GUARDED)
CUSTOMER_WER, BOT_WER = 0.15, 0.10

each_conversation = pytest.mark.parametrize(
    "scenario", [pytest.param(each, id=each.name, marks=pytest.mark.call(each)) for each in CONVERSATIONS]
)


@each_conversation
def test_the_customers_channel_holds_what_the_customer_said(call: Outcome, scenario: Scenario) -> None:
    said = " ".join(call.persona_texts)
    wrong, understood = least_misheard(call, "customer", said, CUSTOMER_WER)
    assert wrong <= CUSTOMER_WER, f"{scenario.name}: {said!r} became {understood!r}"


@each_conversation
def test_the_bots_channel_holds_what_the_transcript_says(call: Outcome, scenario: Scenario) -> None:
    said = " ".join(call.said("assistant"))
    wrong, understood = least_misheard(call, "bot", said, BOT_WER)
    assert wrong <= BOT_WER, f"{scenario.name}: {said!r} became {understood!r}"
