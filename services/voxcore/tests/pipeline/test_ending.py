"""Guards what is read from the end of a text: a customer cut off in a sentence, or one who waits for an answer."""

import pytest
from voxcore.pipeline.turns.ending import Ending, ending, finished

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("Where is my order?", Ending.MARKED),
        ("That is all.", Ending.MARKED),
        ("on Monday", Ending.OPEN),
        ("4 5", Ending.OPEN),
        ("", Ending.OPEN),
        ("...", Ending.OPEN),
        ("No, thank you. Goodbye.", Ending.GOODBYE),
        ("Nothing else, bye-bye", Ending.GOODBYE),
        ("My order number is...", Ending.GOES_ON),
        ("My order number is…", Ending.GOES_ON),
        ("I need it before Friday, but", Ending.GOES_ON),
        ("We moved last month,", Ending.GOES_ON),
        ("So, um.", Ending.GOES_ON),
        ("I would like to speak to.", Ending.GOES_ON),
        ("Could you send it to the?", Ending.GOES_ON),
        ("Where is it from?", Ending.MARKED),
    ],
)
def test_how_an_english_text_ends(text, how):
    assert ending(text, "en-IN") is how


@pytest.mark.parametrize("language", ["hi", "de-DE", "multi", ""])
def test_a_language_whose_words_are_not_known_says_nothing(language):
    assert ending("Send it to the", language) is Ending.OPEN


@pytest.mark.parametrize(
    ("probability", "text", "done"),
    [
        (0.98, "where is my order", True),
        (0.3, "where is my order", False),
        (0.3, "Where is my order?", True),
        (0.02, "I would like to start.", False),
        (0.98, "send it to the", False),
        (0.02, "All right, see you then. Bye.", True),
    ],
)
def test_model_and_words_decide_together(probability, text, done):
    assert finished(probability, text, "en") is done
