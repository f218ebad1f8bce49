"""A log that tells who called, what was said, or a key that opens something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .scenario import PROVIDER_KEY, TOOL_AUTHORIZATION
from .switchboard import MEDIA_TOKEN, Calls, Switchboard
from .test_call_endings import SUCCESS
from .test_call_lines import TWO_AT_ONCE
from .test_call_providers import STT_DEAD
from .test_call_tools import FAILS, WORKS
from .test_call_turns import KEYPAD

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(900),
    pytest.mark.call(SUCCESS, WORKS, FAILS, KEYPAD, STT_DEAD, TWO_AT_ONCE),
]
PLANTED = {
    "provider key": PROVIDER_KEY,
    "media token": MEDIA_TOKEN,
    "tool authorization": TOOL_AUTHORIZATION.removeprefix("Bearer "),
    "LiveKit": "planted-livekit",
}


def logs_of(board: Switchboard) -> Iterator[tuple[str, str]]:
    """Every log of workers and voxbridge, by a name."""
    for name, log in {"voxbridge": board.stack.bridge_log, **board.logs}.items():
        yield name, log()


@pytest.fixture
def board(calls: Calls) -> Switchboard:
    calls.all()
    assert calls.board
    return calls.board


def test_the_logs_of_these_calls_are_there(board: Switchboard) -> None:
    sizes = {name: text.count('"event"') for name, text in logs_of(board)}
    assert len(sizes) >= 4
    assert any("call.ended" in text for _, text in logs_of(board))
    assert sizes["voxbridge"] > 0


def test_no_planted_secret_stands_in_a_log(board: Switchboard) -> None:
    secrets = {**PLANTED, **board.stack.secrets, "first admin": board.stack.admin[1]}
    found = [(log, name) for log, text in logs_of(board) for name, secret in secrets.items() if secret in text]
    assert not found


def test_nothing_a_customer_said_stands_in_a_log(calls: Calls, board: Switchboard) -> None:
    said = {
        text.strip().lower().rstrip(".?!")
        for outcome in calls.all()
        for text in (*outcome.persona_texts, *(outcome.said("user") if outcome.record else ()))
        if len(text.split()) >= 3
    }
    assert "what are your opening hours" in said
    found = [(log, words) for log, text in logs_of(board) for words in said if words in text.lower()]
    assert not found


def test_no_number_of_a_customer_stands_in_a_log(board: Switchboard) -> None:
    found = [log for log, text in logs_of(board) if "5550100" in text]
    assert not found
