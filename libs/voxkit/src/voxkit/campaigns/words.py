"""Words people use for times, in English and Hindi (Latin and Devanagari letters). Data only; `spoken.py` reads it.

Every entry is written as it is spoken; the reader folds both sides alike, so that two spellings of one letter meet.
"""

from typing import Literal

UNITS_MINUTES = {
    1: ("min", "mins", "minute", "minutes", "मिनट", "mint"),
    60: ("hour", "hours", "hr", "hrs", "ghanta", "ghante", "ghanton", "घंटा", "घंटे", "घंटों"),
}
"""Minutes in a unit, and its names."""

DURATIONS_MINUTES = {
    15: ("quarter of an hour", "quarter of hour", "quarter hour", "quarter an hour"),
    30: (
        "half an hour", "half hour", "half a hour",
        "aadha ghanta", "aadhe ghante", "aadha ghante", "aadhe ghanta",
        "आधा घंटा", "आधे घंटे", "आधा घंटे", "आधे घंटा",
    ),
    45: ("paune ghanta", "paune ghante", "पौने घंटा", "पौने घंटे"),
    75: ("sawa ghanta", "sawa ghante", "सवा घंटा", "सवा घंटे"),
    90: ("dedh ghanta", "dedh ghante", "डेढ़ घंटा", "डेढ़ घंटे", "hour and a half"),
    150: ("dhai ghante", "dhai ghanta", "ढाई घंटे", "ढाई घंटा"),
}  # fmt: skip
"""Lengths of time that have a name of their own."""

NUMBERS = {
    1: ("one", "ek", "एक", "a", "an"),
    2: ("two", "do", "दो", "couple of", "a couple of", "couple"),
    3: ("three", "teen", "तीन"),
    4: ("four", "char", "chaar", "चार"),
    5: ("five", "panch", "paanch", "पांच", "पाँच"),
    6: ("six", "chhe", "छह"),
    7: ("seven", "saat", "सात"),
    8: ("eight", "aath", "आठ"),
    9: ("nine", "nau", "नौ"),
    10: ("ten", "das", "दस"),
    11: ("eleven", "gyarah", "ग्यारह"),
    12: ("twelve", "barah", "बारह"),
    15: ("fifteen", "pandrah", "पंद्रह", "पन्द्रह"),
    20: ("twenty", "bees", "बीस"),
    30: ("thirty", "tees", "तीस"),
    40: ("forty",),
    45: ("forty five",),
    50: ("fifty",),
}

QUARTERS_BEFORE_NUMBER = {
    30: ("saadhe", "sadhe", "साढ़े", "half past"),
    15: ("sawa", "सवा", "quarter past"),
    -15: ("paune", "पौने", "quarter to"),
}
"""Minutes that a word in front of an hour adds to it: `saadhe paanch` is half past five."""

NAMED_CLOCK = {(1, 30): ("dedh baje", "डेढ़ बजे"), (2, 30): ("dhai baje", "ढाई बजे")}

AM = ("am",)
PM = ("pm",)
OCLOCK = ("oclock", "o clock", "baje", "बजे")
BEFORE_CLOCK = ("at",)
"""A bare number behind it is an hour."""
BEFORE_PART = ("in the", "in", "at", "ko", "ki", "को", "की")
"""Between an hour and the part of the day that it belongs to: `4 in the afternoon`."""
AND = ("and", "aur", "और")
AND_A_HALF = ("and a half", "and half")

DayPart = Literal["morning", "noon", "evening", "night"]
DAY_PARTS: dict[DayPart, tuple[str, ...]] = {
    "morning": ("morning", "subah", "सुबह", "savere", "सवेरे"),
    "noon": ("noon", "afternoon", "lunch", "dopahar", "दोपहर"),
    "evening": ("evening", "shaam", "sham", "शाम"),
    "night": ("night", "tonight", "raat", "रात"),
}
HOUR_OF_PART: dict[DayPart, int] = {"morning": 10, "noon": 14, "evening": 18, "night": 18}

DAYS_AHEAD = {
    0: ("today", "aaj", "आज"),
    1: ("tomorrow", "kal", "कल"),
    2: ("day after tomorrow", "day after", "parso", "parson", "परसों"),
    7: ("next week", "agle hafte", "अगले हफ्ते"),
}
DAY_UNITS = {1: ("day", "days", "din", "दिन"), 7: ("week", "weeks", "hafte", "हफ्ते")}
WEEKDAYS = {
    0: ("monday", "somvar", "सोमवार"),
    1: ("tuesday", "mangalvar", "मंगलवार"),
    2: ("wednesday", "budhvar", "बुधवार"),
    3: ("thursday", "guruvar", "गुरुवार"),
    4: ("friday", "shukravar", "शुक्रवार"),
    5: ("saturday", "shanivar", "शनिवार"),
    6: ("sunday", "ravivar", "itvaar", "रविवार", "इतवार"),
}
"""By Python's number of the day."""
