"""What a voice cannot say: markup, emoji and bare URLs are taken out before the text is spoken."""

import re

_FENCE = re.compile(r"```.*?(?:```|\Z)", re.S)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"')\]]*[^\s<>\"')\].,!?;:।]", re.I)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+", re.M)
_BULLET = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+(?=\S)", re.M)
_QUOTE = re.compile(r"^\s*>\s?", re.M)
_RULE = re.compile(r"^\s*(?:[-*_]\s*){3,}$", re.M)
_EMPHASIS = re.compile(r"(\*\*\*|\*\*|\*|~~|`+)(?=\S)(.+?)(?<=\S)\1", re.S)
_UNDERSCORES = re.compile(r"(?<!\w)(__|_)(?=\S)(.+?)(?<=\S)\1(?!\w)", re.S)
_STRAY = re.compile(r"\*\*|~~|`|(?<=\S)\*(?=\s|$)|(?:(?<=\s)|^)\*(?=\S)")
_EMOJI = re.compile(
    "[\U0001f000-\U0001faff\U00002600-\U000027bf\U00002b00-\U00002bff\U00002190-\U000021ff\U0001f1e6-\U0001f1ff"
    "\U000e0020-\U000e007f\ufe0f\u20e3\u2122\u00a9\u00ae]"
)
_JOINED_EMOJI = re.compile(r"(?<![\u0900-\u0dff])\u200d|\u200d(?![\u0900-\u0dff])")
_SPACE_BEFORE_MARK = re.compile(r"\s+([.,!?;:।])")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]")


def speakable(text: str) -> str:
    """The text as it is to be spoken: no markup, emoji or bare URLs; words and punctuation untouched.

    A text without a letter or digit left is "".
    """
    text = _FENCE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _URL.sub(" ", text)
    text = _TAG.sub(" ", text)
    text = _RULE.sub(" ", text)
    text = _QUOTE.sub("", text)
    text = _HEADING.sub("", text)
    text = _BULLET.sub("", text)
    for _ in range(2):
        text = _EMPHASIS.sub(r"\2", text)
        text = _UNDERSCORES.sub(r"\2", text)
    text = _STRAY.sub("", text)
    text = _JOINED_EMOJI.sub("", _EMOJI.sub(" ", text))
    text = _EMPTY_BRACKETS.sub(" ", text)
    text = _SPACE_BEFORE_MARK.sub(r"\1", " ".join(text.split()))
    return text if any(char.isalnum() for char in text) else ""


async def speakable_transform(text: str, _type: str) -> str:
    """`speakable` in the form of a text transform of a speech service."""
    return speakable(text)
