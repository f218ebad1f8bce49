"""Guards what is spoken: markup read aloud, or words eaten by the filter."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxcore.pipeline.textfilter import speakable

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Your order is **on its way**.", "Your order is on its way."),
        ("*Really* _nice_ and `exact`", "Really nice and exact"),
        ("# Hello\n- one\n- two", "Hello one two"),
        ("1. First\n2) Second", "First Second"),
        ("See [our page](https://example.com/a?b=c) now", "See our page now"),
        ("Go to https://example.com/x, please.", "Go to, please."),
        ("Great 😀👍🏽! Bye 👨‍👩‍👧", "Great! Bye"),
        ("<b>Bold</b> text<br/>", "Bold text"),
        ("It costs $29.99 (2 * 3 = 6).", "It costs $29.99 (2 * 3 = 6)."),
        ("my_variable_name and e-mail", "my_variable_name and e-mail"),
        ("क्षमा करें, **ठीक है**।", "क्षमा करें, ठीक है।"),
        ("क्‍ष रहता है", "क्‍ष रहता है"),
        ("```python\nprint(1)\n```", ""),
        ("...", ""),
        ("😀", ""),
        ("Is 5 < 6? Yes.", "Is 5 < 6? Yes."),
    ],
)
def test_pl5_only_what_a_voice_can_say_is_left(text, spoken):
    assert speakable(text) == spoken


@given(st.lists(st.from_regex(r"[A-Za-z]{1,8}", fullmatch=True), min_size=1, max_size=20))
def test_plain_words_pass_unchanged(words):
    text = " ".join(words) + "."
    assert speakable(text) == text
