"""The demo bot is the first thing a visitor hears: it must find the order, say goodbye and hang up, and give way."""

import json
from typing import Any

import pytest
from voxvoice.dialogue.files import Dialogues
from voxvoice.dialogue.reply import Reply, Request, answer

pytestmark = [pytest.mark.unit]

TOOLS: dict[str, dict[str, Any]] = {
    "check_order": {"properties": {"order_id": {"type": "string"}}, "required": ["order_id"]},
    "end_call": {"properties": {"reason": {"type": "string"}}},
    "transfer_call": {"properties": {"reason": {"type": "string"}, "target": {"type": "string"}}},
    "detected_voicemail": {"properties": {}},
    "collect_digits": {"properties": {"min_digits": {}, "max_digits": {}, "timeout_seconds": {}}},
}
RESULTS: dict[str, dict[str, Any]] = {
    "check_order": {"status": "success", "data": {"status": "on its way", "eta": "tomorrow"}},
    "transfer_call": {"status": "success"},
    "collect_digits": {"status": "success", "digits": "1234"},
}


class Call:
    """A conversation with the default dialogue, kept the way a worker keeps it."""

    def __init__(self, tools: dict[str, dict[str, Any]] | None = None, results: dict[str, Any] | None = None) -> None:
        self.tools = TOOLS if tools is None else tools
        self.results = RESULTS | (results or {})
        self.messages: list[dict[str, Any]] = [{"role": "system", "content": "You answer calls."}]
        self.called: list[tuple[str, dict[str, Any]]] = []

    def says(self, text: str) -> str:
        """What the bot answers, tools included."""
        self.messages.append({"role": "user", "content": text})
        spoken: list[str] = []
        for _ in range(3):
            reply = self._reply()
            spoken.append(reply.text)
            if not reply.calls or reply.calls[0].name in ("end_call", "detected_voicemail"):
                break
        return " ".join(part for part in spoken if part)

    def _reply(self) -> Reply:
        dialogue = Dialogues.load().get("demo")
        assert dialogue is not None
        reply = answer(dialogue, Request("demo", self.messages, self.tools))
        message: dict[str, Any] = {"role": "assistant", "content": reply.text}
        if reply.calls:
            message["tool_calls"] = [{"id": c.id, "function": {"name": c.name, "arguments": ""}} for c in reply.calls]
        self.messages.append(message)
        for call in reply.calls:
            self.called.append((call.name, call.arguments))
            result = json.dumps(self.results.get(call.name, {"status": "success"}))
            self.messages.append({"role": "tool", "tool_call_id": call.id, "content": result})
        return reply


@pytest.mark.parametrize("number", ["4512", "Four five one two.", "Um, it's 4-5-1-2.", "My order number is 4,512."])
def test_an_order_is_found_after_its_number_was_asked_for(number: str) -> None:
    call = Call()
    assert "order number" in call.says("Hi, where's my order?")
    assert "on its way and should arrive tomorrow" in call.says(number)
    assert call.called == [("check_order", {"order_id": "4512"})]


def test_the_number_may_come_at_once_and_without_a_tool() -> None:
    assert "order 4 5 1 2" in Call(tools={}).says("Where is my parcel number 4512?")


@pytest.mark.parametrize(
    ("status", "told"), [("failure", "could not find"), ("timeout", "slow"), ("missing_info", "order number")]
)
def test_a_failed_lookup_is_told_and_the_talk_goes_on(status: str, told: str) -> None:
    call = Call(results={"check_order": {"status": status}})
    assert told in call.says("Where is order 4512?")


def test_a_goodbye_is_a_whole_sentence_and_ends_the_call() -> None:
    call = Call()
    assert call.says("No, that's all. Thank you, goodbye.").endswith("Goodbye.")
    assert call.called[-1][0] == "end_call"
    without = Call(tools={})
    assert without.says("Goodbye.").endswith("Goodbye.")


def test_no_after_anything_else_ends_the_call() -> None:
    call = Call()
    call.says("When do you open?")
    assert "Goodbye" in call.says("No, thank you.")


@pytest.mark.parametrize(
    "text", ["Can I speak to a real person, please?", "I want to talk to an agent.", "Give me your supervisor."]
)
def test_whoever_wants_a_person_is_connected(text: str) -> None:
    call = Call()
    assert "connecting you" in call.says(text)
    assert call.called[0][0] == "transfer_call"


def test_a_failed_transfer_becomes_a_callback() -> None:
    call = Call(results={"transfer_call": {"status": "failure", "error": "no_ack"}})
    assert "call you back" in call.says("A real person please.")
    assert "When" in call.says("Yes, please.")
    assert "tomorrow at 5 pm" in call.says("Tomorrow at five p.m.")
    assert call.called[-1][0] == "end_call"


@pytest.mark.parametrize(
    "greeting",
    [
        "Hi, you've reached Sam. Please leave a message after the tone.",
        "The person you are calling is not available right now.",
        "I can't take your call. Leave your message after the beep.",
    ],
)
def test_an_answering_machine_is_noticed(greeting: str) -> None:
    call = Call()
    assert call.says(greeting) == ""
    assert call.called == [("detected_voicemail", {})]


def test_a_pin_is_collected_on_the_keypad() -> None:
    call = Call()
    assert "verified" in call.says("I need to verify my PIN.")
    assert call.called == [
        ("collect_digits", {"min_digits": 4, "max_digits": 4, "timeout_seconds": 8}),
    ]


def test_a_delivery_is_moved_to_the_named_day() -> None:
    call = Call()
    assert "Which day" in call.says("Can you change my delivery?")
    assert "Friday afternoon" in call.says("Friday afternoon.")


def test_what_is_not_understood_is_asked_again_in_other_words_and_then_given_to_a_person() -> None:
    call = Call()
    first, second, third = call.says("wibble"), call.says("wobble"), call.says("flop")
    assert len({first, second, third}) == 3
    assert "colleague" in third
    assert "connecting you" in call.says("Yes.")


def test_a_repetition_is_the_bots_last_sentence() -> None:
    call = Call()
    said = call.says("What time do you open?")
    assert call.says("Sorry, can you repeat that?") == said


def test_every_answer_is_short_enough_to_be_spoken() -> None:
    dialogue = Dialogues.load().get("default")
    assert dialogue is not None
    long = [text for rule in dialogue.rules for text in rule.do.say if len(text) > 160]
    assert not long
