"""A script that forgets what was said, or calls a tool that nobody offered, would talk past the customer."""

from pathlib import Path
from typing import Any

import pytest
from voxvoice.dialogue.files import DialogueError, Dialogues, read_dialogue
from voxvoice.dialogue.reply import LAST_RESORT, Reply, Request, answer
from voxvoice.dialogue.schema import Dialogue

pytestmark = [pytest.mark.unit]


def dialogue(*rules: dict[str, Any], **more: Any) -> Dialogue:
    return Dialogue.model_validate({"name": "test", "rules": list(rules), **more})


def ask(script: Dialogue, *messages: dict[str, Any], tools: dict[str, dict[str, Any]] | None = None) -> Reply:
    return answer(script, Request(model="test", messages=list(messages), tools=tools or {}))


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def bot(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


HELLO = {"id": "hello", "when": {"user": "hello"}, "do": {"say": ["Hello.", "Hello again."]}}
REST = {"id": "rest", "do": {"say": ["What?", "Pardon?"]}}


def test_the_first_rule_that_fits_answers() -> None:
    script = dialogue(HELLO, REST)
    assert ask(script, user("Hello there")).text == "Hello."
    assert ask(script, user("Goodbye")).text == "What?"


def test_variants_follow_one_another_by_the_messages_alone() -> None:
    script = dialogue(HELLO, REST)
    said = [user("hm"), bot("What?"), user("mm"), bot("Pardon?"), user("ah")]
    assert [ask(script, *said[:1]).text, ask(script, *said[:3]).text, ask(script, *said).text] == [
        "What?",
        "Pardon?",
        "What?",
    ]


def test_a_named_group_is_remembered_for_later_turns() -> None:
    script = dialogue(
        {"id": "name", "when": {"user": {"regex": r"i am (?P<who>\w+)"}}, "do": {"say": "Hi {{who.title}}."}},
        {"id": "again", "when": {"knows": "who"}, "do": {"say": "Yes, {{who.title}}?"}},
        REST,
    )
    assert ask(script, user("I am Priya")).text == "Hi Priya."
    assert ask(script, user("I am Priya"), bot("Hi Priya."), user("well")).text == "Yes, Priya?"
    assert ask(script, user("well")).text == "What?"


def test_a_text_whose_names_are_not_all_known_is_passed_over() -> None:
    script = dialogue({"id": "eta", "do": {"say": ["It comes {{eta}}.", "It comes soon."]}})
    assert ask(script, user("when?")).text == "It comes soon."
    assert ask(script, {"role": "system", "content": "ETA: tomorrow."}, user("when?")).text == "It comes tomorrow."


def test_facts_come_from_the_prompt_by_pattern_or_by_default() -> None:
    script = dialogue(
        {"id": "who", "do": {"say": "This is {{company}}."}},
        facts={"company": {"pattern": r"assistant of (?P<value>[\w ]+)", "default": "Vox"}},
    )
    assert ask(script, user("who")).text == "This is Vox."
    assert ask(script, {"role": "system", "content": "You are the assistant of Acme Ltd."}, user("who")).text == (
        "This is Acme Ltd."
    )


def test_text_and_tool_call_stand_in_one_answer_and_undeclared_arguments_are_left_out() -> None:
    look_up = {"tool": "check", "arguments": {"order": "{{order}}", "number": "{{order}}", "colour": "red"}}
    script = dialogue(
        {"id": "order", "when": {"user": {"regex": r"(?P<order>\d+)"}}, "do": {"say": "Wait.", "call": look_up}}
    )
    reply = ask(script, user("12 34"), tools={"check": {"properties": {"order": {}}, "required": ["order"]}})
    assert reply.text == "Wait."
    assert [(call.name, call.arguments) for call in reply.calls] == [("check", {"order": "1234"})]


def test_a_required_hold_message_is_written() -> None:
    script = dialogue({"id": "x", "do": {"call": {"tool": "check"}}})
    schema = {"properties": {"hold_message": {}}, "required": ["hold_message"]}
    assert ask(script, user("x"), tools={"check": schema}).calls[0].arguments["hold_message"]


def test_a_tool_that_is_not_offered_is_not_called_and_something_is_still_said() -> None:
    script = dialogue({"id": "bye", "do": {"call": {"tool": "end_call"}}})
    reply = ask(script, user("bye"))
    assert (reply.calls, reply.text) == ([], LAST_RESORT)


def test_rules_answer_the_status_of_the_last_tool_result() -> None:
    script = dialogue(
        {
            "id": "found",
            "when": {"tool": {"name": "check", "status": "success", "data": {"data.state": "late"}}},
            "do": {"say": "It is {{tool.data.state}}."},
        },
        {"id": "failed", "when": {"tool": {}}, "do": {"say": "That failed."}},
        REST,
    )
    call = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "check", "arguments": "{}"}}]}

    def result(content: str) -> str:
        return ask(script, user("x"), call, {"role": "tool", "tool_call_id": "c1", "content": content}).text

    assert result('{"status": "success", "data": {"state": "late"}}') == "It is late."
    assert result('{"status": "timeout"}') == "That failed."
    assert result("not JSON") == "That failed."


def test_words_spoken_beside_a_tool_call_may_stand_behind_its_result() -> None:
    script = dialogue({"id": "done", "when": {"tool": {}}, "do": {"say": "Done."}}, REST)
    call = {"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "check", "arguments": "{}"}}]}
    messages = [user("x"), call, {"role": "tool", "tool_call_id": "c1", "content": "{}"}, bot("One moment.")]
    assert ask(script, *messages).text == "Done."


@pytest.mark.parametrize(
    ("when", "fits"),
    [
        ({"turn_max": 1}, False),
        ({"turn_min": 2}, True),
        ({"previous": "hello"}, True),
        ({"fired": "rest"}, False),
        ({"not_fired": "rest"}, True),
        ({"repeats": {"rule": "hello", "at_least": 1}}, True),
        ({"repeats": {"rule": "hello", "at_least": 2}}, False),
        ({"bot": "anything else"}, True),
        ({"offered": "check"}, True),
        ({"not_offered": "check"}, False),
        ({"unknown": "who"}, True),
        ({"knows": "who"}, False),
        ({"model": "test"}, True),
        ({"model": "other"}, False),
        ({"json_wanted": True}, False),
        ({"last": "system"}, False),
        ({"user": {"any": ["well"], "none": ["then"]}}, False),
        ({"user": {"all": ["well", "then"], "words_max": 2}}, True),
        ({"user": {"words_max": 1}}, False),
    ],
)
def test_each_condition_decides(when: dict[str, Any], fits: bool) -> None:
    script = dialogue(HELLO, {"id": "special", "when": when, "do": {"say": "Special."}}, REST)
    reply = ask(script, user("hello"), bot("Hello. Anything else?"), user("Well, then"), tools={"check": {}})
    assert (reply.text == "Special.") is fits


def test_a_forced_tool_is_called_with_what_is_known() -> None:
    script = dialogue({"id": "x", "when": {"user": {"regex": r"(?P<n>\d+)"}}, "do": {"say": "x"}}, REST)
    tools = {"save": {"properties": {"n": {}}, "required": ["n"]}}
    reply = answer(script, Request("test", [user("number 7")], tools, forced_tool="save"))
    assert [(call.name, call.arguments) for call in reply.calls] == [("save", {"n": "7"})]


@pytest.mark.parametrize(
    "messages",
    [
        [{}],
        [{"role": "user"}],
        [{"role": "user", "content": [{"type": "image_url"}, "x", {"type": "text", "text": "hello"}]}],
        [{"role": "tool", "content": None}],
        [{"role": "assistant", "tool_calls": ["x", {"function": None}]}],
        [{"role": "system", "content": "only"}],
        [{"role": "nobody", "content": 7}],
    ],
)
def test_malformed_messages_still_get_an_answer(messages: list[dict[str, Any]]) -> None:
    script = dialogue(HELLO, REST, {"id": "tools", "when": {"tool": {}}, "do": {"say": "Done."}})
    assert ask(script, *messages).text


def test_no_rule_at_all_is_an_apology_and_not_an_error() -> None:
    assert ask(dialogue(HELLO), user("something else")).text == LAST_RESORT


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("name: x\nrules:\n- id: a\n  do: {sya: hi}\n", "rules.0.do.sya"),
        ("name: x\nrules:\n- id: a\n  when: {user: {regex: '('}}\n  do: {say: hi}\n", "not a pattern"),
        ("name: x\nrules:\n- {id: a, do: {say: hi}}\n- {id: a, do: {say: hi}}\n", "used twice: a"),
        ("name: x\nrules:\n- {id: a, when: {previous: b}, do: {say: hi}}\n", "do not exist: b"),
        ("name: [", "not YAML"),
        ("", "file"),
    ],
)
def test_a_wrong_file_is_told_with_its_name_and_place(tmp_path: Path, content: str, told: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(content)
    with pytest.raises(DialogueError) as caught:
        read_dialogue(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_the_operator_wins_over_a_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "demo.yaml").write_text("name: demo\nrules:\n- {id: a, do: {say: Mine.}}\n")
    dialogues = Dialogues.load(tmp_path)
    mine, built_in = dialogues.get("demo"), dialogues.get("")
    assert mine is not None
    assert ask(mine, user("hi")).text == "Mine."
    assert built_in is not None
    assert built_in.name == "default"
    with pytest.raises(DialogueError, match="is not a folder"):
        Dialogues.load(tmp_path / "missing")
