"""A template must never run what a customer or a CRM put into a value, and never fail in the middle of a call."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxkit.templates import flatten, header_value, lookup, names_in, render, render_tree, to_text, url_value

pytestmark = [pytest.mark.unit]

SPACES = {
    "system": {"city": "S-city", "now": "noon"},
    "crm": {"city": "C-city", "name": "Anna", "address.street": "Lane 1", "vip": True},
    "call": {"city": "L-city", "callerId": "+15550100", "order id": "7", "a-b": "dash"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hi {{crm.name}}!", "Hi Anna!"),
        ("{{ crm.name }}", "Anna"),
        ("{{name}}", "Anna"),
        ("{{city}}", "S-city"),
        ("{{crm.city}} {{call.city}}", "C-city L-city"),
        ("{{callerId}}", "+15550100"),
        ("{{order id}} {{a-b}}", "7 dash"),
        ("{{address.street}}", "Lane 1"),
        ("{{x.name}}", "Anna"),
        ("{{vip}}", "true"),
        ("{{crm.callerId}}", "{{crm.callerId}}"),
        ("{{NAME}}", "{{NAME}}"),
        ("{{result.disposition}}", "{{result.disposition}}"),
        ("{{unknown}} {{}} {{ }} {name} {{1+1}}", "{{unknown}} {{}} {{ }} {name} {{1+1}}"),
    ],
)
def test_tokens_are_looked_up_by_namespace_or_flat_in_order(text: str, expected: str) -> None:
    assert render(text, SPACES) == expected


def test_an_unresolved_name_becomes_what_the_caller_says() -> None:
    assert render("a{{nothing}}b", SPACES, unresolved="") == "ab"


def test_a_namespace_that_was_not_given_resolves_nothing() -> None:
    spaces = {"crm": {"qc.score": "5"}}
    assert render("{{qc.score}}", spaces, unresolved="-") == "-"


def test_a_result_is_reachable_by_its_namespace_but_never_flat() -> None:
    spaces = {"result": {"disposition": "Connected"}}
    assert render("{{result.disposition}} {{disposition}}", spaces, unresolved="-") == "Connected -"


def test_parameters_of_a_tool_come_before_every_namespace() -> None:
    first = {"city": "P-city", "crm.name": "Mallory"}
    assert render("{{city}} {{crm.city}} {{crm.name}}", SPACES, first=first) == "P-city C-city Mallory"
    assert render_tree({"a": ["{{city}}"]}, SPACES, first=first) == {"a": ["P-city"]}


def test_an_inserted_value_is_never_rendered_again() -> None:
    spaces = {"crm": {"a": "{{crm.b}}", "b": "secret"}}
    assert render("{{a}}", spaces) == "{{crm.b}}"
    assert render_tree(["{{a}}", "x{{a}}"], spaces) == ["{{crm.b}}", "x{{crm.b}}"]


def test_values_that_meet_do_not_form_a_new_token() -> None:
    spaces = {"crm": {"open": "{{", "close": "}}", "b": "secret"}}
    assert render("{{open}}crm.b{{close}}", spaces) == "{{crm.b}}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (None, ""),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (2.50, "2.5"),
        (1e21, "1" + "0" * 21),
        (1e-7, "0.0000001"),
        ({"a": [1, "ü"]}, '{"a":[1,"ü"]}'),
        ([], "[]"),
    ],
)
def test_values_become_text_as_people_write_them(value: Any, text: str) -> None:
    assert to_text(value) == text


def test_nested_objects_become_dotted_names_and_lists_json() -> None:
    assert flatten({"a": {"b": {"c": 1}, "l": [1]}, "d": None}) == {"a.b.c": "1", "a.l": "[1]", "d": ""}


def test_a_string_that_is_one_token_keeps_the_values_type() -> None:
    spaces = {"crm": {"n": 3, "f": 1.5, "yes": True, "none": None, "o": {"a": 1}, "l": [1, 2]}}
    tree = {key: "{{crm." + key + "}}" for key in spaces["crm"]} | {
        "text": "n={{crm.n}}",
        "gone": "{{crm.zzz}}",
        "num": 5,
    }
    assert render_tree(tree, spaces) == {**spaces["crm"], "text": "n=3", "gone": "", "num": 5}


def test_keys_of_a_tree_are_not_rendered() -> None:
    assert render_tree({"{{crm.n}}": 1}, {"crm": {"n": "x"}}) == {"{{crm.n}}": 1}


def test_values_are_encoded_where_they_are_put() -> None:
    spaces = {"crm": {"v": "a/b?c=d&e #%\r\nX: 1"}}
    assert render("/p/{{v}}", spaces, encode=url_value) == "/p/a%2Fb%3Fc%3Dd%26e%20%23%25%0D%0AX%3A%201"
    assert render("{{v}}", spaces, encode=header_value) == "a/b?c=d&e #%X: 1"


def test_the_names_of_a_text_are_listed_in_order() -> None:
    assert names_in("{{b}} {{ a.c }} {{b}}") == ["b", "a.c", "b"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True, allow_infinity=True) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(["a", "b", "a.b", "crm.a", "system.b", "call.a b", "result.a"])
pieces = st.lists(st.text(max_size=6) | names.map(lambda name: "{{" + name + "}}") | st.sampled_from(["{{", "}}", "{"]))
spaces_of = st.dictionaries(
    st.sampled_from(["system", "crm", "call", "result"]),
    st.dictionaries(st.sampled_from(["a", "b", "a.b"]), json_values),
)


@given(parts=pieces, spaces=spaces_of)
def test_rendering_never_raises(parts: list[str], spaces: dict[str, dict[str, Any]]) -> None:
    assert isinstance(render("".join(parts), spaces, unresolved=""), str)


@given(value=json_values, spaces=spaces_of)
def test_a_tree_keeps_its_shape(value: Any, spaces: dict[str, dict[str, Any]]) -> None:
    rendered = render_tree({"v": value}, spaces)
    if isinstance(value, list):
        assert len(rendered["v"]) == len(value)
    if isinstance(value, dict):
        assert rendered["v"].keys() == value.keys()


@given(inserted=st.text(max_size=20), name=names)
def test_what_a_value_holds_is_copied_and_never_rendered(inserted: str, name: str) -> None:
    value = inserted + "{{" + name + "}}"
    spaces = {"crm": {"x": value, "a": "SECRET"}, "system": {"b": "SECRET"}, "call": {"a b": "SECRET"}}
    assert render("<{{crm.x}}>", spaces) == f"<{value}>"
    assert render_tree({"k": "<{{crm.x}}>"}, spaces) == {"k": f"<{value}>"}


@given(number=st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_as_text_is_the_same_number(number: float) -> None:
    text = to_text(number)
    assert float(text) == number
    assert "e" not in text


def test_a_missing_name_is_no_value_at_all() -> None:
    assert lookup("a", {"crm": {"a": None}}) is None
    assert lookup("a", {}) is not None
    assert json.dumps(render_tree("{{a}}", {"crm": {"a": None}})) == "null"
