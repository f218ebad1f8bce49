"""A conversation that ends wrongly: cut goodbyes, silent lines that never hang up, causes that are not the real one."""

from __future__ import annotations

import pytest

from .outcome import Outcome
from .scenario import Scenario, stage

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ANALYSED = {
    "post_call_analysis_prompt": "Answer with a JSON object: DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS.",
    "qc_prompt": "Judge the quality of the bot. Answer with a JSON object: overall_score, remarks.",
    "post_call_llm": stage(model="default"),
}
SUCCESS = Scenario("success", "friendly", ANALYSED)


@pytest.mark.call(SUCCESS)
def test_a_conversation_of_four_turns_ends_with_the_bots_goodbye(call: Outcome) -> None:
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert call.result["status"] == "completed"
    assert len(call.said("user")) >= 4, call.talk()
