"""What customers say when they want to be called back, in English, Hindi and both (section 13)."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from voxkit.campaigns import is_open, resolve_callback_time
from voxkit.contracts.campaigns import CampaignConfig, TimeWindow

pytestmark = [pytest.mark.unit]

INDIA = ZoneInfo("Asia/Kolkata")
ASKED = datetime(2026, 6, 10, 12, 0, tzinfo=INDIA)  # a Wednesday
OPEN = CampaignConfig(campaign_mode="multi_day", time_window=TimeWindow(timezone="Asia/Kolkata", end="21:00"))

ENGLISH = {
    # offsets
    "in 5 min": "10 12:05", "5mins": "10 12:05", "after 10 minutes please": "10 12:10", "in two hours": "10 14:00",
    "3 hrs": "10 15:00", "half an hour": "10 12:30", "in half an hour or so": "10 12:30", "half hour": "10 12:30",
    "quarter of an hour": "10 12:15", "a couple of hours": "10 14:00", "an hour": "10 13:00", "1 hour": "10 13:00",
    "give me forty five minutes": "10 12:45", "twenty minutes": "10 12:20", "fifteen mins": "10 12:15",
    "call me back in one hour": "10 13:00", "thirty min": "10 12:30", "one and a half hours": "10 13:30",
    "two and a half hours": "10 14:30",
    # clock times
    "5 pm": "10 17:00", "5pm": "10 17:00", "5 p.m.": "10 17:00", "at 5": "10 17:00", "5 o'clock": "10 17:00",
    "17:30": "10 17:30", "5:30": "10 17:30", "5.30 pm": "10 17:30", "at five": "10 17:00", "six pm": "10 18:00",
    "11 am": "11 11:00", "11 am tomorrow": "11 11:00", "tomorrow at 10 am": "11 10:00", "tomorrow 17:15": "11 17:15",
    "at 9 in the morning": "11 09:00", "monday at 3 pm": "15 15:00", "friday 10:30": "12 10:30",
    "4 in the afternoon": "10 16:00", "tomorrow evening at 7": "11 19:00", "12 pm tomorrow": "11 12:00",
    "day after tomorrow at 5 pm": "12 17:00", "10 o clock": "11 10:00", "8 at night": "10 20:00",
    # parts of a day
    "in the evening": "10 18:00", "this evening": "10 18:00", "tonight": "10 18:00", "tomorrow morning": "11 10:00",
    "in the morning": "11 10:00", "after lunch": "10 14:00", "tomorrow afternoon": "11 14:00", "noon": "10 14:00",
    "Friday evening": "12 18:00", "saturday morning": "13 10:00",
    # days
    "tomorrow": "11 10:00", "day after tomorrow": "12 10:00", "the day after": "12 10:00", "next week": "17 10:00",
    "in 3 days": "13 10:00", "on Monday": "15 10:00", "Wednesday": "17 10:00", "next friday": "12 10:00",
    "today": "11 10:00", "sunday": "14 10:00", "in two days": "12 10:00", "2 weeks": "24 10:00",
}  # fmt: skip
HINDI = {
    # offsets
    "5 minute baad": "10 12:05", "10 मिनट": "10 12:10", "१० मिनट बाद": "10 12:10", "aadhe ghante mein": "10 12:30",
    "aadha ghanta": "10 12:30", "आधा घंटा": "10 12:30", "आधे घंटे बाद": "10 12:30", "dedh ghante baad": "10 13:30",
    "dedh ghanta": "10 13:30", "डेढ़ घंटा": "10 13:30", "डेढ़ घंटे बाद": "10 13:30", "dhai ghante": "10 14:30",
    "ढाई घंटे": "10 14:30", "paune ghante mein": "10 12:45", "पौने घंटा": "10 12:45", "ek ghante baad": "10 13:00",
    "एक घंटे बाद": "10 13:00", "do ghante": "10 14:00", "दो घंटे में": "10 14:00", "teen ghanton ke baad": "10 15:00",
    "तीन घंटों के बाद": "10 15:00", "pandrah mint": "10 12:15", "पंद्रह मिनट": "10 12:15", "bees minute": "10 12:20",
    "तीस मिनट": "10 12:30", "saadhe teen ghante": "10 15:30", "sawa ghante": "10 13:15",
    # clock times
    "5 baje": "10 17:00", "5 बजे": "10 17:00", "५ बजे": "10 17:00", "paanch baje": "10 17:00", "पाँच बजे": "10 17:00",
    "shaam 5 baje": "10 17:00", "शाम को 5 बजे": "10 17:00", "subah 10 baje": "11 10:00", "सुबह दस बजे": "11 10:00",
    "kal subah 11 baje": "11 11:00", "कल सुबह 11 बजे": "11 11:00", "saadhe paanch baje": "10 17:30",
    "साढ़े पांच बजे": "10 17:30", "sawa chaar baje": "10 16:15", "सवा चार बजे": "10 16:15", "paune teen baje": "10 14:45",
    "पौने तीन बजे": "10 14:45", "dedh baje": "10 13:30", "डेढ़ बजे": "10 13:30", "dhai baje": "10 14:30",
    "ढाई बजे": "10 14:30", "raat 8 baje": "10 20:00", "रात आठ बजे": "10 20:00", "dopahar 2 baje": "10 14:00",
    "kal 4 baje": "11 16:00", "parso subah 9 baje": "12 09:00",
    # parts of a day
    "shaam ko": "10 18:00", "शाम को": "10 18:00", "kal subah": "11 10:00", "कल सुबह": "11 10:00",
    "dopahar mein": "10 14:00", "कल दोपहर": "11 14:00", "raat ko": "10 18:00",
    "savere": "11 10:00", "aaj shaam": "10 18:00",
    # days
    "kal": "11 10:00", "कल": "11 10:00", "parso": "12 10:00", "परसों": "12 10:00", "2 din baad": "12 10:00",
    "तीन दिन बाद": "13 10:00", "agle hafte": "17 10:00", "अगले हफ्ते": "17 10:00", "somvar": "15 10:00",
    "सोमवार को": "15 10:00", "shukravar": "12 10:00", "इतवार": "14 10:00", "itvaar ko": "14 10:00",
}  # fmt: skip
MIXED = {
    "kal 5 pm": "11 17:00", "tomorrow shaam": "11 18:00", "monday subah": "15 10:00", "half an hour baad": "10 12:30",
    "kal morning 10:30": "11 10:30", "evening 6 baje": "10 18:00", "2 hours baad call karo": "10 14:00",
    "कल 5 pm": "11 17:00", "friday ko dopahar": "12 14:00", "parso evening": "12 18:00",
}  # fmt: skip
UNCLEAR = (
    "later", "baad mein", "thodi der", "थोड़ी देर", "", "when I am free", "in 900 hours", "in 45 days", "25:99",
    "123456789 hours",
)  # fmt: skip


def asked(text: str, config: CampaignConfig = OPEN, at: datetime = ASKED) -> tuple[str, str | None]:
    found = resolve_callback_time(text, at, config)
    assert found is not None
    when, reason = found
    assert when.tzinfo is UTC
    return when.astimezone(INDIA).strftime("%d %H:%M"), reason


def test_there_are_sixty_phrases_a_language() -> None:
    assert len(ENGLISH) >= 60
    assert len(HINDI) >= 60


@pytest.mark.parametrize(("text", "expected"), [*ENGLISH.items(), *HINDI.items(), *MIXED.items()])
def test_a_customers_words_name_a_time(text: str, expected: str) -> None:
    assert asked(text) == (expected, None)
    assert asked(text.upper()) == (expected, None)


@pytest.mark.parametrize("text", UNCLEAR)
def test_words_that_name_no_time_mean_the_usual_pause(text: str) -> None:
    assert asked(text) == ("10 12:30", "no_clear_time")


def test_a_time_outside_the_window_moves_to_its_next_opening() -> None:
    assert asked("10 pm") == ("11 09:00", "outside_window")
    assert asked("raat 12 baje") == ("11 09:00", "outside_window")
    weekdays = CampaignConfig(
        campaign_mode="multi_day",
        time_window=TimeWindow(timezone="Asia/Kolkata", days=["mon", "tue", "wed", "thu", "fri"]),
    )
    assert asked("sunday", weekdays) == ("15 09:00", "outside_window")


def test_without_am_or_pm_the_first_of_the_two_inside_the_window_counts() -> None:
    early = CampaignConfig(
        campaign_mode="multi_day", time_window=TimeWindow(timezone="Asia/Kolkata", start="05:00", end="12:00")
    )
    assert asked("tomorrow at 6", early) == ("11 06:00", None)
    assert asked("tomorrow at 6") == ("11 18:00", None)
    assert asked("tomorrow at 3", early) == ("12 05:00", "outside_window")  # neither: pm, and then the next opening


def test_at_midnight_twelve_at_night_is_the_next_day() -> None:
    always = CampaignConfig(
        campaign_mode="multi_day", time_window=TimeWindow(timezone="Asia/Kolkata", start="00:00", end="00:00")
    )
    assert asked("12 at night", always) == ("11 00:00", None)
    assert asked("raat barah baje", always) == ("11 00:00", None)
    assert asked("12 am", always) == ("11 00:00", None)
    assert asked("12 dopahar", always) == ("11 12:00", None)  # noon is now: a time in the past moves a day on


SPOKEN = st.sampled_from(
    [*" ".join([*ENGLISH, *HINDI, *MIXED]).split(), "24", "0", "999999", "12:60", "₂", "½", "a.m.", "-1"]
)


@given(st.one_of(st.text(max_size=600), st.lists(SPOKEN, max_size=12).map(" ".join)))
def test_whatever_is_said_the_callback_is_ahead_inside_the_window_and_within_a_month(text: str) -> None:
    """What speech recognition makes of a customer is no program: no text breaks it, none schedules a call at night."""
    when, _ = resolve_callback_time(text, ASKED, OPEN)
    assert when >= ASKED
    assert (when - ASKED).days <= 31
    assert is_open(OPEN.time_window, [INDIA], when)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("an hour and a half", "10 13:30"), ("1 hour 30 minutes", "10 13:30"), ("a couple of days", "12 10:00"),
        ("half past five", "10 17:30"), ("quarter to one", "10 12:45"), ("at 5, in 10 minutes", "10 12:10"),
        ("tomorrow,5pm", "11 17:00"), ("kal nahi, parso", "11 10:00"), ("twenty five minutes", "10 12:25"),
    ],
)  # fmt: skip
def test_the_leftmost_of_the_first_line_that_holds_wins(text: str, expected: str) -> None:
    assert asked(text) == (expected, None)
