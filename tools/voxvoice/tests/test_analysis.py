"""Post-call analysis must differ with the conversation; a fixed object would hide a broken transcript."""

from typing import Any

import pytest
from voxvoice.dialogue.analysis import asked_fields, read_transcript
from voxvoice.dialogue.files import Dialogues
from voxvoice.dialogue.reply import Request, answer

pytestmark = [pytest.mark.unit]

PROMPT = "Analyse the call and answer with a JSON object: DISPOSITION, SUB_DISPOSITION, CALLING_REMARKS."
CALLBACK = ' Add "callback_requested": true or false, "callback_preferred_time_text": "…".'


def analysed(transcript: str, prompt: str = PROMPT, **more: Any) -> dict[str, Any]:
    dialogue = Dialogues.load().get("default")
    assert dialogue is not None
    messages = [{"role": "system", "content": prompt}, {"role": "user", "content": transcript}]
    found = answer(dialogue, Request("default", messages, **more)).json_object
    assert found is not None
    return found


def talk(*customer: str, bot: str = "Goodbye.") -> str:
    header = "Duration: 40 s, direction: outbound, disconnected_by: customer\n"
    return header + "\n".join(f"customer: {line}" for line in customer) + f"\nbot: {bot}"


@pytest.mark.parametrize(
    ("said", "disposition"),
    [
        ("Please call me back tomorrow.", "Callback"),
        ("I am not interested.", "Not Interested"),
        ("You have the wrong number.", "Wrong Number"),
        ("Stop calling me.", "Do Not Call"),
        ("My parcel is damaged.", "Complaint"),
        ("Well.", "Connected"),
    ],
)
def test_the_disposition_follows_what_the_customer_said(said: str, disposition: str) -> None:
    assert analysed(talk(said))["DISPOSITION"] == disposition


def test_callback_fields_come_only_when_the_prompt_asks_for_them() -> None:
    said = talk("Call me back tomorrow at 5 p.m.")
    assert "callback_requested" not in analysed(said)
    asked = analysed(said, PROMPT + CALLBACK)
    assert (asked["callback_requested"], asked["callback_preferred_time_text"]) == (True, "tomorrow at 5 pm")
    assert analysed(talk("Bye."), PROMPT + CALLBACK)["callback_requested"] is False


def test_quality_scores_are_numbers_and_follow_the_bot() -> None:
    prompt = 'Quality check. JSON with "empathy_score", "compliance_score", "overall_score", "remarks".'
    polite, rude = analysed(talk("Hi."), prompt), analysed(talk("Hi.", bot="What?"), prompt)
    assert set(polite) >= {"empathy_score", "compliance_score", "overall_score", "remarks"}
    assert polite["overall_score"] > rude["overall_score"]


def test_a_response_schema_names_the_fields() -> None:
    assert list(analysed(talk("Hi."), "Analyse.", json_wanted=True, json_keys=["mood", "summary"])) == [
        "mood",
        "summary",
    ]


def test_the_transcript_is_read_by_role() -> None:
    said = read_transcript("Duration: 3 s\n[00:01] bot: Hi\ncustomer: Yes\nand more\nUser: Bye\ntool: check_order {}")
    assert said == {
        "header": "Duration: 3 s",
        "bot": "Hi",
        "customer": "Yes . and more . Bye",
        "tool": "check_order {}",
    }


def test_fields_are_found_in_the_prompt() -> None:
    assert asked_fields('Return {"score": 1, "SUB_DISPOSITION": ""} and DISPOSITION') == [
        "score",
        "SUB_DISPOSITION",
        "DISPOSITION",
    ]
