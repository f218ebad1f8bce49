"""Guards the word lists: an agreeing "haan" must not cut the bot, "wrong number" must, in every spelling."""

import pytest
from voxcore.pipeline.turns.phrases import BACKCHANNEL, HIGH_INTENT, Phrases, count_words, fold

pytestmark = [pytest.mark.unit]

HIGH = Phrases(HIGH_INTENT)
BACK = Phrases(BACKCHANNEL)


@pytest.mark.parametrize(
    "text",
    [
        "You have the WRONG NUMBER!",
        "I've already paid, thanks",
        "Can I talk to a person?",
        "Agent.",
        "no no, call me later please",
        "ये रॉन्ग नंबर है",
        "मुझे एजेंट से बात करनी है",
        "Maine pehle hi bhar diya hai",
        "Móye settlemént karna hai",
    ],
)
def test_t6_high_intent_is_found_whatever_the_case_accent_or_script(text):
    assert HIGH.found_in(text)


@pytest.mark.parametrize("text", ["the agency will call", "humanity", "wrong. The number is 5", "do call me", "", "…"])
def test_t6_parts_of_words_and_split_phrases_are_no_high_intent(text):
    assert not HIGH.found_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Hmm.",
        "hmmmm",
        "H m, ok.",
        "m h m",
        "OK, okay!",
        "Yes yes",
        "uh-huh",
        "Haan ji",
        "theek hai, accha",
        "हाँ",
        "हां जी",
        "ठीक है।",
        "ओके",
    ],
)
def test_t7_text_of_these_words_alone_is_backchannel(text):
    assert BACK.cover(text)


@pytest.mark.parametrize("text", ["yes but", "okay stop", "uh", "theek", "नहीं", "right now", "", "..."])
def test_t7_one_other_word_makes_it_speech(text):
    assert not BACK.cover(text)


def test_an_empty_list_matches_nothing():
    assert not Phrases([]).found_in("agent")
    assert not Phrases([]).cover("ok")


def test_words_are_counted_as_people_do():
    assert count_words("No, wait — don't!") == 3
    assert count_words("मुझे यह नहीं चाहिए") == 4
    assert fold("Café") == ["cafe"]
