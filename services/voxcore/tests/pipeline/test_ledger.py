"""Guards going on after a cut: the bot repeats the cut sentence, not the whole answer, and never what was heard."""

import pytest
from voxcore.pipeline.speech import Ledger

pytestmark = [pytest.mark.unit]

TEXT = "We are open. Until eight, Monday to Saturday! Anything else? "


@pytest.mark.parametrize(
    ("played", "left"),
    [
        ([], TEXT.strip()),
        (["We are open."], "Until eight, Monday to Saturday! Anything else?"),
        (["We", "are", "open", "Until", "eight"], "Until eight, Monday to Saturday! Anything else?"),
        (["We are open.", "Until eight, Monday to Saturday!"], "Anything else?"),
        (["We are open.", "Until eight, Monday to Saturday!", "Anything else?"], ""),
    ],
)
def test_what_is_left_begins_with_the_sentence_that_was_cut(played, left):
    ledger = Ledger()
    for piece in (TEXT[:7], TEXT[7:]):
        ledger.give(piece)
    for words in played:
        ledger.played(words)
    assert ledger.left() == left


def test_words_given_after_others_were_played_are_left():
    ledger = Ledger()
    ledger.give("Hello. ")
    ledger.played("Hello.")
    assert ledger.left() == ""
    ledger.give("नमस्ते जी। कैसे हैं? ")
    assert ledger.left() == "नमस्ते जी। कैसे हैं?"
    ledger.played("नमस्ते जी।")
    assert ledger.left() == "कैसे हैं?"
    ledger.clear()
    assert ledger.left() == ""
