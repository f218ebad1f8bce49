"""Is a turn finished? What the model heard and what the recogniser read, put together.

The model alone is unsure where a voice neither falls nor hesitates: "goodbye", "afternoon", or a sentence that breaks
off. There the words decide. Figures: docs/decisions/0006-turn-verdict.md.
"""

from enum import Enum

from voxcore.pipeline.turns.phrases import fold

FINISHED = 0.5
"""What the model calls finished."""
FINISHED_WITH_MARK = 0.1
"""What is enough where the text ends like a sentence; a hesitation gets 0.01 or less."""

# What no sentence ends with, asked or told: articles, owners, joining words, hesitations.
ENGLISH_NEVER_LAST = frozenset(
    ("a", "an", "the", "my", "your", "our", "their", "and", "or", "because", "um", "umm", "uh", "uhm", "er", "erm")
)
# What a question may end with ("Where is it from?"), and a statement hardly ever.
ENGLISH_RARELY_LAST = frozenset(
    ("but", "if", "although", "unless", "whether", "of", "to", "at", "from", "with", "into", "than")
) | frozenset(("i", "we", "they", "he", "she"))
ENGLISH_GOODBYE = frozenset(("goodbye", "bye"))


class Ending(Enum):
    """How the words of an utterance end."""

    OPEN = "says nothing"
    MARKED = "like a sentence"
    GOODBYE = "with a goodbye"
    GOES_ON = "in the middle"


def ending(text: str, language: str) -> Ending:
    """How a text ends. Read in English alone: elsewhere the words that cannot end a sentence are not known here."""
    text, words = text.rstrip(), fold(text)
    if not words or language.replace("_", "-").split("-")[0].lower() != "en":
        return Ending.OPEN
    if text.endswith(("...", "…", ",", "-", "–", "—")):
        return Ending.GOES_ON
    last, marked = words[-1], text.endswith((".", "!", "?"))
    if last in ENGLISH_NEVER_LAST or (last in ENGLISH_RARELY_LAST and not text.endswith("?")):
        return Ending.GOES_ON
    if last in ENGLISH_GOODBYE:
        return Ending.GOODBYE
    return Ending.MARKED if marked else Ending.OPEN


def finished(probability: float, text: str, language: str, with_mark: float = FINISHED_WITH_MARK) -> bool:
    """Whether the customer is done: `probability` is the model's, `text` the last final text of the turn."""
    match ending(text, language):
        case Ending.GOES_ON:
            return False
        case Ending.GOODBYE:
            return True
        case Ending.MARKED:
            return probability > with_mark
        case Ending.OPEN:
            return probability > FINISHED
