"""A persona with a typing error that stays silent on the line looks like a deaf bot; every fault must be named."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from voxphone.errors import PersonaError, UnknownPersona
from voxphone.persona import builtin_names, load_persona, parse_persona, walk
from voxphone.steps import STEP_WORDS, HangUp, Say, WaitForBot

pytestmark = [pytest.mark.unit]

BUILT_IN = {
    "friendly", "silent", "hangs_up_midway", "barge_in", "backchannel", "noisy_opening", "high_intent", "voicemail",
    "dtmf_pin", "transfer_ok", "transfer_refused", "talkative", "quiet", "goodbye_quick", "order_tool", "callback",
    "deploy_check",
}  # fmt: skip


def test_the_built_in_personas_are_there_under_their_names():
    assert set(builtin_names()) == BUILT_IN


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_a_built_in_persona_loads_and_bears_its_own_name(name):
    persona = load_persona(name)
    assert persona.name == name
    assert persona.about.endswith(".")
    assert persona.steps


def test_what_tests_rely_on_in_the_built_in_personas():
    assert len([s for s in load_persona("friendly").steps if isinstance(s, Say)]) >= 4
    assert load_persona("quiet").volume_dbfs == -30
    assert load_persona("transfer_ok").on_transfer == "accept"
    assert load_persona("transfer_refused").on_transfer == "refuse"
    assert any(isinstance(s, Say) and s.hang_up_after_s for s in load_persona("hangs_up_midway").steps)
    assert any(isinstance(s, Say) and s.while_bot_speaks_s for s in load_persona("barge_in").steps)
    assert any("um," in text for text in load_persona("talkative").texts())


def test_a_bare_value_and_a_bare_word_are_short_forms():
    text = "name: x\nabout: y\nsteps:\n  - wait_for_bot\n  - say: Hello\n  - hang_up\n"
    assert parse_persona(text).steps == (WaitForBot(), Say(text="Hello"), HangUp())


def test_texts_inside_loops_and_branches_are_found_once_each():
    persona = parse_persona(
        "name: x\nabout: y\nsteps:\n"
        "  - repeat: {times: 2, steps: [{say: again}, {pause: 1}]}\n"
        "  - if_bot_turns: {at_least: 2, then: [{say: again}], otherwise: [{say: other}]}\n"
    )
    assert persona.texts() == ["again", "other"]
    assert len(list(walk(persona.steps))) == 6


FAULTS = [
    ("  - sya: hi", "line 4: steps[0]: unknown step 'sya'"),
    ("  - say: {txt: hi}", "line 4: steps[0].say.txt: unknown field"),
    ("  - say", "line 4: steps[0].say.text: is missing"),
    ("  - pause: 1\n  - wait_for_bot: {silence_s: -1}", "line 5: steps[1].wait_for_bot.silence_s:"),
    (
        "  - repeat:\n      steps:\n        - say: hi\n        - pause: x",
        "line 7: steps[0].repeat.steps[1].pause.for_s:",
    ),
    ("  - dtmf: 0471", "line 4: steps[0].dtmf.digits: put the digits in quotes"),
    ("  - dtmf: '12x'", "line 4: steps[0].dtmf.digits:"),
    ("  - expect: '('", "line 4: steps[0].expect.heard: not a regular expression"),
    ("  - if_bot_turns: {then: [{pause: 1}]}", "line 4: steps[0].if_bot_turns: needs at_least or at_most"),
    ("  - {say: a, pause: 1}", "line 4: steps[0]: a step has exactly one word"),
    ("  - say: {text: a, text: b}", "line 4: steps[0].say.text: stands here twice"),
    ("  - [1, 2]", "line 4: steps[0]: a step has exactly one word"),
    ("  - repeat", "steps[0].repeat.steps: is missing"),
    ("  - noise: {kind: hum}", "line 4: steps[0].noise.kind:"),
]


@pytest.mark.parametrize(("steps", "problem"), FAULTS)
def test_a_fault_is_named_with_its_line_and_field(steps, problem):
    with pytest.raises(PersonaError) as caught:
        parse_persona(f"name: x\nabout: y\nsteps:\n{steps}\n", "mine.yaml")
    assert str(caught.value).startswith("mine.yaml: ")
    assert any(problem in line for line in caught.value.problems), caught.value.problems


def test_all_faults_are_told_at_once():
    with pytest.raises(PersonaError) as caught:
        parse_persona("name: Bad Name\nabout: y\ncolour: red\nsteps:\n  - sya: 1\n  - say\n")
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "name: [",
        "just text",
        "name: x\nabout: y\nsteps: 5",
        "a: &x [1]\nb: *x",
        "name: x",
        "\t",
        "? [a]\n: b",
    ],
)
def test_a_file_that_is_no_persona_at_all_is_a_clear_error(text):
    with pytest.raises(PersonaError) as caught:
        parse_persona(text)
    assert caught.value.problems


def problems_of(text: str) -> list[str]:
    """What is wrong with a text; any other exception fails the test."""
    try:
        parse_persona(text)
    except PersonaError as exc:
        return exc.problems or [""]
    return []


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_no_text_whatever_gives_another_error(text):
    assert all(problems_of(text))


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(["text", "for_s", "steps", "then", "times", "digits", "heard", "silence_s", "hang_up_after_s"])
steps = st.lists(
    st.dictionaries(
        st.sampled_from([*STEP_WORDS, "other"]), values | st.dictionaries(fields, values, max_size=3), max_size=2
    ),
    max_size=4,
)


@settings(max_examples=300, deadline=None)
@given(steps)
def test_malformed_steps_never_escape_as_another_error(found):
    problems = problems_of(yaml.safe_dump({"name": "x", "about": "y", "steps": found}))
    assert all("line " in problem or "YAML" in problem for problem in problems), problems


def test_deep_nesting_is_refused_and_not_a_crash():
    for depth in (20, 4000):
        text = "name: x\nabout: y\nsteps: " + "[{repeat: {steps: " * depth + "[]" + "}}]" * depth
        with pytest.raises(PersonaError):
            parse_persona(text)


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownPersona, match="friendly"):
        load_persona("nobody")
