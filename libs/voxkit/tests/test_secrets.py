"""A secret must be accepted in every rotation, and shown to nobody."""

from __future__ import annotations

import json

import pytest
from voxkit.secrets import is_keep, mask, masked_tree, matches_any, split_secrets

pytestmark = [pytest.mark.unit]


def test_a_comma_list_is_read_without_blanks() -> None:
    assert split_secrets(" new , old,, ") == ("new", "old")
    assert split_secrets("") == ()


@pytest.mark.parametrize(
    ("given", "accepted", "result"),
    [
        ("new", ("new", "old"), True),
        ("old", ("new", "old"), True),
        ("ol", ("new", "old"), False),
        ("new,old", ("new", "old"), False),
        ("", ("new",), False),
        (None, ("new",), False),
        ("", ("",), False),
        ("x", (), False),
        ("schlüssel", ("schlüssel",), True),
    ],
)
def test_any_value_of_the_list_is_accepted_and_an_empty_one_never(
    given: str | None, accepted: tuple[str, ...], result: bool
) -> None:
    assert matches_any(given, accepted) is result


@pytest.mark.parametrize(
    ("value", "shown"), [("", ""), ("short", "••••••••"), ("x" * 12, "••••••••"), ("abcdefghijklm", "abcd...jklm")]
)
def test_a_mask_shows_no_more_than_eight_characters_of_a_long_secret(value: str, shown: str) -> None:
    assert mask(value) == shown


def test_what_was_shown_means_keep_when_it_is_written_back() -> None:
    stored = "abcdefghijklmnop"
    assert is_keep("", stored)
    assert is_keep(mask(stored), stored)
    assert is_keep("••••••••", stored)
    assert not is_keep("a-new-secret-value", stored)
    assert not is_keep("abcd...wxyz", stored)


def test_every_string_below_a_secret_looking_key_is_masked() -> None:
    tree = {
        "api_key": "planted-1",
        "api_keys": {"openai": "planted-2", "list": ["planted-3", {"deep": "planted-4"}]},
        "headers": [{"Authorization": "planted-5"}],
        "PASSWORD": "planted-6",
        "auth_token": "planted-7",
        "model": "gpt",
        "max_tokens": 256,
        "nothing": None,
    }
    masked = masked_tree(tree)
    assert "planted" not in json.dumps(masked)
    assert (masked["model"], masked["max_tokens"], masked["nothing"]) == ("gpt", 256, None)
    assert tree["api_key"] == "planted-1"
