"""A campaign of forty callees runs to its end by itself, and every book says the same of it."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from ..stacks import RunningStack
from .switchboard import WORKERS, Calls

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

CHECKS_WITHIN_S = 600
TERMINAL = {
    "completed", "exhausted", "abandoned", "amd_machine", "window_closed", "manual_stopped", "excluded",
}  # fmt: skip
# The last two digits decide what a simulated callee does: tools/voxphone/…/carrier/numbers.yaml.
TALKS, LEAVES, BUSY, NO_ANSWER, REJECTS, INVALID, LEAVES_EARLY = "13", "02", "90", "91", "92", "93", "94"
CALLEES = {TALKS: 7, LEAVES: 1, BUSY: 10, NO_ANSWER: 4, REJECTS: 10, INVALID: 4, LEAVES_EARLY: 4}
assert sum(CALLEES.values()) == 40
OUTCOMES = {BUSY: "rejected", NO_ANSWER: "no_answer", REJECTS: "rejected", INVALID: "invalid_number"}


def numbers() -> list[str]:
    """The forty, mixed: nobody is dialled in the order of what they will do."""
    kinds = sorted((place / count, ending) for ending, count in CALLEES.items() for place in range(count))
    return [f"+1555200{place:02d}{ending}" for place, (_, ending) in enumerate(kinds)]


@pytest.fixture(scope="module")
def stack(calls: Calls) -> RunningStack:
    """The stack of the spoken calls once they are over: every worker is free."""
    calls.all()
    assert calls.board
    return calls.board.stack


class Books:
    """What the control plane and the carrier have written down."""

    def __init__(self, stack: RunningStack) -> None:
        self.bridge = httpx.Client(base_url=stack.api_url, timeout=30, trust_env=False)
        admin = dict(zip(("email", "password"), stack.admin, strict=True))
        login = self.bridge.post("/auth/login", json=admin).json()
        self.bridge.headers["Authorization"] = f"Bearer {login['access_token']}"
        token, account = stack.secrets["VOXPHONE_API_TOKEN"], f"{stack.phone_url}/v1/accounts/voxphone"
        self.phone = httpx.Client(base_url=account, auth=("voxphone", token), timeout=30, trust_env=False)

    def get(self, path: str, **query: Any) -> Any:
        answer = self.bridge.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def contacts(self, campaign_id: str) -> list[dict[str, Any]]:
        return self.get(f"/campaigns/{campaign_id}/calls", limit=200)["items"]

    def report(self, campaign_id: str) -> list[dict[str, str]]:
        answer = self.bridge.get(f"/campaigns/{campaign_id}/attempt-report.csv")
        assert answer.status_code == 200
        return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))

    def orders(self) -> list[dict[str, Any]]:
        return self.phone.get("/log/orders", params={"limit": 1000}).raise_for_status().json()["items"]

    def counts(self) -> dict[str, Any]:
        return self.phone.get("/log").raise_for_status().json()


def made(stack: RunningStack, folder: Path, name: str, people: list[str], *options: str) -> str:
    """A draft with these people, made as its user would make it. Returns: its id."""
    file = folder / f"{name}.csv"
    file.write_text("phone_number,name\n" + "".join(f"{number},Person {n}\n" for n, number in enumerate(people)))
    always = ("--window", "00:00-00:00", "--timezone", "UTC", "--mode", "multi_day")
    done = stack.vox(
        "campaign", "create", name, "--bot", "demo", "--from", "+15550199", "--contacts", str(file),
        "--concurrency", str(WORKERS), *always, *options, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    listed = Books(stack).get("/campaigns", q=name)["items"]
    (campaign,) = [item for item in listed if item["name"] == name]
    return str(campaign["campaign_id"])


@pytest.fixture(scope="module")
def forty(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The campaign of forty, run to its end by itself. Its id."""
    campaign_id = made(stack, tmp_path_factory.mktemp("forty"), "Forty", numbers(), "--attempts", "1")
    started = stack.vox("campaign", "start", campaign_id, "--watch", "--json", timeout_s=CHECKS_WITHIN_S)
    assert started.returncode == 0, started.stdout[-2000:]
    return campaign_id


def test_forty_callees_are_all_called_and_every_book_agrees(stack: RunningStack, forty: str) -> None:
    campaign_id, people, books = forty, numbers(), Books(stack)
    campaign = books.get(f"/campaigns/{campaign_id}")
    assert (campaign["status"], campaign["completion_reason"]) == ("completed", "all_contacts_done")
    contacts, report, stats = books.contacts(campaign_id), books.report(campaign_id), campaign["stats"]
    orders = [order for order in books.orders() if order["to"] in people]

    # Every contact once, and done with.
    assert sorted(contact["phone_number"] for contact in contacts) == sorted(people)
    assert {contact["status"] for contact in contacts} <= TERMINAL
    # Contact list, statistics, report, and the carrier's own book.
    by_status = Counter(contact["status"] for contact in contacts)
    assert stats["total_calls"] == stats["processed"] == 40
    assert (stats["completed"], stats["failed"]) == (by_status["completed"], by_status["exhausted"])
    assert stats["attempts"] == len(report) == len(contacts) == 40
    assert Counter(line["phone_number"] for line in report) == Counter(people)
    refused = {number for number in people if number.endswith(INVALID)}
    assert Counter(order["to"] for order in orders) == Counter(people)
    assert {order["to"] for order in orders if order["answer"] != "placed"} == refused
    counts = books.counts()
    assert (counts["most_calls_of_one_client_ref"], counts["overlapping_calls"]) == (1, 0)
    # Nobody who answered was left without a bot, and each callee's end is told as it was.
    assert stats["abandoned"] == 0
    for line in report:
        ending = line["phone_number"][-2:]
        if ending in OUTCOMES:
            assert line["system_disposition"] == OUTCOMES[ending], line
    assert stats["connected"] == by_status["completed"] >= CALLEES[TALKS]


def test_those_who_answer_have_a_conversation_with_transcript_and_recording(stack: RunningStack, forty: str) -> None:
    books = Books(stack)
    talked = [line for line in books.report(forty) if line["phone_number"].endswith(TALKS)]
    assert len(talked) == CALLEES[TALKS]
    for line in talked:
        call = books.get(f"/calls/{line['session_id']}")
        assert call["status"] == "completed", call
        assert {entry["role"] for entry in call["transcript"]} >= {"assistant", "user"}
        assert call["campaign_id"] == forty
        assert call["recording_url"], "the call was recorded"
        assert float(line["talk_seconds"]) > 0


@dataclass
class Slow:
    """A campaign that dials one at a time: people who do not pick up, 12 s each."""

    campaign_id: str
    people: list[str]


def slow_draft(stack: RunningStack, books: Books, folder: Path, number: int) -> Slow:
    people = [f"+15553000{number}{place}{NO_ANSWER}" for place in range(8)]
    campaign_id = made(stack, folder, f"Slow {number}", people, "--attempts", "1")
    books.bridge.patch(f"/campaigns/{campaign_id}", json={"config": {"concurrency_limit": 1}}).raise_for_status()
    return Slow(campaign_id, people)


def until(what: str, happened: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not happened():
        assert time.monotonic() < deadline, f"not within {within_s:.0f} s: {what}"
        time.sleep(0.2)


# Put on the do-not-call list, excluded, or in a campaign that is stopped: the word, and how the rest ends.
WORDS = {"/dnc": "excluded", "/campaigns/{id}/exclude": "excluded", "/campaigns/{id}/stop": "manual_stopped"}


def test_nobody_is_dialled_after_the_word_that_forbids_it(stack: RunningStack, tmp_path: Path) -> None:
    """A campaign for each word, side by side."""
    books = Books(stack)
    slow = {word: slow_draft(stack, books, tmp_path, number) for number, word in enumerate(WORDS)}
    for each in slow.values():
        books.bridge.post(f"/campaigns/{each.campaign_id}/start").raise_for_status()
    for word, each in slow.items():
        until(f"the first is rung before {word}", lambda each=each: bool(_rung(books) & {*each.people}))
    for word, each in slow.items():
        said = None if word.endswith("stop") else {"phone_numbers": each.people}
        books.bridge.post(word.format(id=each.campaign_id), json=said).raise_for_status()
    time.sleep(1)  # an order that was on its way is allowed a second
    rung = _rung(books)
    spared = {word: {*each.people} - rung for word, each in slow.items()}
    assert all(len(people) >= 6 for people in spared.values()), spared
    for word, each in slow.items():
        status = f"/campaigns/{each.campaign_id}"
        until(f"{word}: it is over", lambda status=status: books.get(status)["status"] == "completed", 90)
    for word, each in slow.items():
        ended = f"{word}: the rest is settled"
        until(ended, lambda word=word, each=each: _states(books, each.campaign_id, spared[word]) == {WORDS[word]})
    time.sleep(3)  # more than a turn of the dialler
    assert not [word for word in WORDS if _rung(books) & spared[word]]


def _rung(books: Books) -> set[str]:
    return {order["to"] for order in books.orders()}


def _states(books: Books, campaign_id: str, people: set[str]) -> set[str]:
    return {contact["status"] for contact in books.contacts(campaign_id) if contact["phone_number"] in people}
