"""A number that the recogniser wrote in another way must not be lost: "four five one two" is order 4512."""

import pytest
from voxvoice.dialogue.text import normal, phrase_pattern

pytestmark = [pytest.mark.unit]


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("My order number is 4512.", "my order number is 4512"),
        ("four five one two", "4512"),
        ("4, 5, 1, 2", "4512"),
        ("4-5-1-2.", "4512"),
        ("forty five twelve", "4512"),
        ("4,512", "4512"),
        ("four thousand five hundred and twelve", "4512"),
        ("double four, five", "445"),
        ("one oh three", "103"),
        ("four five one to", "4512"),
        ("One hundred and me", "100 and me"),
        ("It's for you, at 5:30 p.m.!", "it's for you at 5:30 pm"),
        ("from 4 to five", "from 425"),  # between digits "to" is taken for a digit: order numbers matter more
        ("", ""),
        ("...", ""),
    ],
)
def test_spoken_and_written_numbers_become_the_same_text(heard: str, meant: str) -> None:
    assert normal(heard) == meant


def test_a_phrase_is_found_only_as_whole_words() -> None:
    assert phrase_pattern("no").search(normal("No, thanks"))
    assert not phrase_pattern("no").search(normal("nobody knows"))


def test_a_star_finds_every_word_that_begins_so() -> None:
    assert phrase_pattern("reschedul*").search(normal("Could you reschedule it?"))
    assert not phrase_pattern("reschedul*").search(normal("the schedule"))


def test_a_phrase_of_number_words_is_compared_as_digits() -> None:
    assert phrase_pattern("twenty one").search(normal("number 21 please"))
