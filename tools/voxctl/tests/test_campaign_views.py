"""A view that stays silent while nobody dials lets an operator wait for calls that never come."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from voxctl.campaign.config import config_of, window_of
from voxctl.campaign.views import AWAY, BLOCKED, DOING, is_over, shown
from voxctl.campaign.watching import _line
from voxctl.output import CommandError

pytestmark = [pytest.mark.unit]
NOW = datetime(2026, 6, 5, 12, tzinfo=UTC)
STATS = {"total_calls": 40, "processed": 10, "completed": 8, "failed": 2, "pending": 27, "in_flight": 3,
         "connected": 8, "connect_rate": 0.8, "attempt_answer_rate": None}  # fmt: skip


def campaign(*, live: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    if live is not None:
        live = {"state": "dialling", "updated_at": NOW.isoformat(), **live}
    return {
        "name": "Autumn", "status": "running", "completion_reason": None, "bot_id": "demo", "bot_name": "Demo",
        "run_number": 1, "stats": STATS, "live": live, "warnings": [], **changed,
    }  # fmt: skip


def drawn(what: dict[str, Any]) -> str:
    console = Console(width=120, record=True, file=io.StringIO())
    console.print(shown(what))
    return console.export_text()


def test_it_says_how_far_it_is_and_what_it_does() -> None:
    text = drawn(campaign(live={"ringing": 2, "in_progress": 1, "calls_per_minute": 12.0}))
    for words in ("10 of 40 done  25%", "dialling", "2 ringing, 1 talking", "12 dials a minute", "27  not called yet",
                  "80%  reached of those tried"):  # fmt: skip
        assert words in text
    assert "answered" not in text, "a rate that cannot be told yet is left out"


@pytest.mark.parametrize("updated_at", [NOW.isoformat(), None])
def test_a_dialler_that_is_silent_is_told(updated_at: str | None) -> None:
    since = f" since {NOW.astimezone():%H:%M:%S}" if updated_at else ""
    text = drawn(campaign(live={"state": AWAY, "updated_at": updated_at, "ringing": 2}))
    assert f"voxdialler has said nothing{since}: is it running?" in text
    assert "ringing" not in text, "what it said last is not what goes on now"


def test_a_campaign_that_was_just_started_is_no_silence() -> None:
    text = drawn(campaign(live=None))
    assert "waiting for voxdialler" in text
    assert "said nothing" not in text


@pytest.mark.parametrize("reason", BLOCKED)
def test_what_blocks_it_is_told_in_words(reason: str) -> None:
    assert BLOCKED[reason] in drawn(campaign(live={"state": "blocked", "blocked": {"reason": reason}}))


def test_the_words_are_those_of_the_dialler() -> None:
    assert set(DOING) == {"dialling", "idle", "waiting_retries", "outside_window", "blocked", "draining"}


def test_a_draft_says_nothing_of_a_dialler() -> None:
    assert "voxdialler" not in drawn(campaign(status="draft"))


@pytest.mark.parametrize(
    ("status", "in_flight", "over"),
    [("running", 0, False), ("paused", 0, False), ("completed", 2, False), ("completed", 0, True), ("failed", 0, True)],
)
def test_a_campaign_is_over_when_its_last_call_is(status: str, in_flight: int, over: bool) -> None:
    assert is_over(campaign(status=status, stats=STATS | {"in_flight": in_flight})) is over


def test_the_end_shows_no_call_of_a_panel_that_is_a_second_older() -> None:
    """The campaign ends between two panels of the dialler; "1 ringing" would be the last word on the terminal."""
    ended = campaign(live={"ringing": 1, "in_progress": 0}, status="completed", stats=STATS | {"in_flight": 0})
    assert "ringing" not in drawn(ended)
    assert "ringing" not in _line(ended).plain
    draining = campaign(live={"ringing": 1, "in_progress": 0}, status="completed", stats=STATS | {"in_flight": 1})
    assert "1 ringing" in drawn(draining)
    assert "1 ringing" in _line(draining).plain


def test_options_win_over_the_file_and_what_is_not_given_is_left_to_the_control_plane(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("concurrency_limit: 5\ntime_window: {start: 08:00, days: [mon]}\n")
    given = {"concurrency_limit": 9, "time_window": {"end": "17:00", "timezone": None}, "amd": {"enabled": None}}
    assert config_of(file, given) == {
        "concurrency_limit": 9,
        "time_window": {"start": "08:00", "days": ["mon"], "end": "17:00"},
    }


@pytest.mark.parametrize("text", ["9-18", "09:00", "25:00-26:00", "09:00-18:00-19:00", ""])
def test_a_window_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(CommandError, match="09:00-18:00"):
        window_of(text)


def test_every_fault_of_a_configuration_is_named(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("concurrency_limit: 0\nspeed: 3\n")
    with pytest.raises(CommandError, match=r"(?s)concurrency_limit.*speed"):
        config_of(file, {})
