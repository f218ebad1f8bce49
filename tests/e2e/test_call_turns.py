"""A bot that talks over its customer, stops at a cough, or cuts a sentence in two at an "um"."""

from __future__ import annotations

import pytest

from .outcome import Outcome
from .scenario import Scenario, stage
from .words import heard, words

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

STORY = {"llm": stage(model="acceptance")}
LONG_OPENING = (
    "Hello, this is Vox Parcels. I can tell you where your order is. I can also change the day of a delivery for you. "
    "How can I help you?"
)

BARGE_IN = Scenario(
    "barge_in",
    """
- wait_for_bot
- say: Please tell me everything about your service.
- say: {text: "No wait, stop please, I have another question.", while_bot_speaks_s: 3.0}
- wait_for_bot: {silence_s: 1.5}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    STORY,
)


@pytest.mark.call(BARGE_IN)
def test_words_over_the_bot_stop_it_soon(call: Outcome) -> None:
    (barge_in,) = [sound for sound in call.report.barge_ins if "another question" in sound.said]
    assert barge_in.stopped, call.talk()
    assert barge_in.silent_ms is not None
    # About 1.1 s on a quiet machine: three words must be said and read before the rule is met.
    assert barge_in.silent_ms <= 2800, call.talk()
    interruption, *_ = call.events("interruption")
    assert interruption["kind"] == "words"


@pytest.mark.call(BARGE_IN)
def test_an_interrupted_answer_stands_in_transcript_and_recording_only_as_far_as_it_was_heard(call: Outcome) -> None:
    (story,) = [entry for entry in call.entries("assistant") if entry["content"].startswith("Of course.")]
    assert story["interrupted"], call.talk()
    assert "until noon" not in story["content"]
    assert "noon" not in heard(call, "bot")
    (barge_in,) = [sound for sound in call.report.barge_ins if "another question" in sound.said]
    stopped_s = barge_in.at_s + (barge_in.silent_ms or 0) / 1000
    assert abs(story["end_ms"] / 1000 - stopped_s) <= 1.0, call.talk()


@pytest.mark.call(BARGE_IN)
def test_the_words_that_stopped_the_bot_are_answered(call: Outcome) -> None:
    assert any("another question" in said.lower() for said in call.said("user")), call.talk()
    assert "Sure. What is your question?" in call.said("assistant"), call.talk()
    assert call.result["disconnected_by"] == "bot"


BACKCHANNEL = Scenario(
    "backchannel",
    """
- wait_for_bot
- say: Please tell me everything about your service.
- say: {text: "Hm, okay.", while_bot_speaks_s: 2.0}
- say: {text: "Okay.", while_bot_speaks_s: 0.3, after_s: 2.0}
- wait_for_bot: {silence_s: 2.0, timeout_s: 40}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    STORY,
)


@pytest.mark.call(BACKCHANNEL)
def test_hmm_and_okay_do_not_stop_the_bot_and_are_no_turn(call: Outcome) -> None:
    assert [sound.stopped for sound in call.report.barge_ins] == [False, False], call.talk()
    assert not call.events("interruption"), call.talk()
    ignored = " ".join(event["text"].lower() for event in call.events("backchannel_ignored"))
    assert "hm" in ignored, call.talk()
    assert "okay" in ignored, call.talk()
    (story,) = [entry for entry in call.entries("assistant") if entry["content"].startswith("Of course.")]
    assert not story["interrupted"]
    assert story["content"].endswith("On Saturdays we deliver until noon.")
    assert "noon" in heard(call, "bot")
    assert len(call.said("user")) == 2, call.talk()


KEPT = Scenario(
    "kept_words",
    """
- wait_for_bot
- say: Please tell me everything about your service.
- say: {text: "Which website?", while_bot_speaks_s: 4.0}
- wait_for_bot: {silence_s: 2.5, timeout_s: 40}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    # More than two, as a small recogniser makes three words of two now and then.
    {**STORY, "min_words_interruption": 6},
)


@pytest.mark.call(KEPT)
def test_few_words_over_the_bot_wait_for_its_end_and_are_answered_by_themselves(call: Outcome) -> None:
    assert not call.events("interruption"), call.talk()
    assert [said[:10] for said in call.said("assistant")] == [
        "Hello, thi",
        "Of course.",
        "I see. Is ",
        "Thank you ",
    ], call.talk()


HIGH_INTENT = Scenario(
    "high_intent",
    """
- say: {text: I want to talk to a real person., while_bot_speaks_s: 1.0}
- wait_for_bot: {silence_s: 3.5}
- say: Thank you for your help. That is all. Goodbye.
- silence: {for_s: 15}
""",
    {"opening_message": LONG_OPENING},
)


@pytest.mark.call(HIGH_INTENT)
def test_a_high_intent_phrase_cuts_the_opening_and_is_answered(call: Outcome) -> None:
    (barge_in,) = call.report.barge_ins
    assert barge_in.stopped, call.talk()
    assert [event["kind"] for event in call.events("interruption")] == ["high_intent"], call.talk()
    assert [event["interrupted"] for event in call.events("opening_spoken")] == [True]
    opening = call.entries("assistant")[0]
    assert opening["interrupted"]
    assert "How can I help" not in opening["content"]
    assert "my colleagues are busy" in " ".join(call.said("assistant")), call.talk()


GUARDED = Scenario(
    "guarded_opening",
    """
- say: {text: "Where is my order number four four seven one?", while_bot_speaks_s: 1.0}
- wait_for_bot: {silence_s: 3.0, timeout_s: 30}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    {"opening_message": LONG_OPENING},
)


@pytest.mark.call(GUARDED)
def test_plain_words_during_the_opening_wait_for_its_end_and_are_answered_then(call: Outcome) -> None:
    assert not call.events("interruption"), call.talk()
    opening, answer = call.entries("assistant")[:2]
    assert opening["content"] == LONG_OPENING
    assert not opening["interrupted"]
    assert answer["content"].startswith("I found order"), call.talk()
    assert answer["start_ms"] - opening["end_ms"] <= 3000, call.talk()


# With 0 words any voice stops the bot: neither VAD nor the guard may take noise for one.
NOISY = Scenario("noisy_opening", "noisy_opening", {"opening_message": LONG_OPENING, "min_words_interruption": 0})


@pytest.mark.call(NOISY)
def test_noise_and_a_cough_do_not_cut_the_opening(call: Outcome) -> None:
    assert [event["interrupted"] for event in call.events("opening_spoken")] == [False], call.talk()
    assert not call.events("interruption"), call.talk()
    assert call.entries("assistant")[0]["content"] == LONG_OPENING
    assert "how can i help you" in " ".join(words(heard(call, "bot")))
    assert any(said.startswith("I found order") for said in call.said("assistant")), call.talk()


QUIET = Scenario(
    "quiet",
    """
- wait_for_bot
- say: Where is my order number four four seven one?
- wait_for_bot: {silence_s: 1.5}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
    persona_fields={"volume_dbfs": -30},
)


@pytest.mark.call(QUIET)
def test_a_quiet_caller_is_understood(call: Outcome) -> None:
    assert any("4471" in digits(said) for said in call.said("user")), call.talk()
    assert any(said.startswith("I found order 4 4 7 1") for said in call.said("assistant")), call.talk()
    assert call.result["disconnected_by"] == "bot"


def digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


TALKATIVE = Scenario(
    "talkative",
    """
- wait_for_bot
- say: Hello, well, I ordered something last week and my neighbour told me that it may have come while I was away, um,
- pause: 0.9
- say: so I wanted to ask you about my order number four four seven one.
- wait_for_bot: {silence_s: 1.5}
- say: My family and I are going away on the weekend and so, um,
- pause: 0.9
- say: could you change the delivery time to Friday afternoon?
- wait_for_bot: {silence_s: 1.5}
- say: Wonderful, thank you very much for your help. That is all. Goodbye.
- silence: {for_s: 15}
""",
)


@pytest.mark.call(TALKATIVE)
def test_a_thinking_pause_does_not_cut_a_sentence_in_two(call: Outcome) -> None:
    assert len(call.said("user")) == 3, call.talk()
    first, second, _ = call.said("user")
    assert "neighbo" in first.lower(), call.talk()
    assert "4471" in digits(first), call.talk()
    assert "weekend" in second.lower(), call.talk()
    assert "friday" in second.lower(), call.talk()
    assert not call.events("interruption"), call.talk()


KEYPAD = Scenario(
    "keypad",
    "dtmf_pin",
    {"builtin_tools": {"end_call": {"enabled": True}, "collect_digits": {"enabled": True}}},
)


@pytest.mark.call(KEYPAD)
def test_keypad_digits_are_collected_and_stand_in_no_log(call: Outcome) -> None:
    assert [event["tool"] for event in call.events("tool_call")] == ["collect_digits", "end_call"], call.talk()
    tool = call.entries("tool")[0]
    assert '"success"' in tool["content"], call.talk()
    assert '"4471"' in tool["content"]
    assert "".join(event["digits"] for event in call.events("dtmf_received")).startswith("4471")
    assert any("PIN is verified" in said for said in call.said("assistant")), call.talk()
    pressed = [line for line in call.log if line["event"].startswith("dtmf")]
    assert pressed
    assert not [line for line in pressed if {"digit", "digits", "key", "keys"} & set(line)]
    assert not [line for line in call.log if "4471" in str({k: v for k, v in line.items() if not k.startswith("_")})]


FREE_KEYS = Scenario(
    "free_keys",
    """
- wait_for_bot
- dtmf: {digits: "52", gap_s: 0.4}
- wait_for_bot: {silence_s: 1.5}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 15}
""",
)


@pytest.mark.call(FREE_KEYS)
def test_keys_nobody_asked_for_become_a_turn_of_the_customer(call: Outcome) -> None:
    assert "[keypad: 52]" in call.said("user"), call.talk()
    assert any("You pressed 5 2" in said for said in call.said("assistant")), call.talk()
