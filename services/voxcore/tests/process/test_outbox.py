"""A delivery tried too eagerly, given up too early or made by two workers loses or doubles a result (P3, 25.2)."""

import asyncio
import fcntl
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis.strategies import integers
from voxcore.delivery import Courier, Outcome, backoff_s, judge, retry_after
from voxcore.durable import LockedFile, file_stem
from voxcore.outbox import Outbox, read_stored
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.unit, pytest.mark.virtual_time]

T0 = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Clock:
    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now


class Receiver:
    """The other side: answers by script, then always the last; remembers when it was asked."""

    def __init__(self, clock: Clock, *answers: Any) -> None:
        self.clock, self.answers, self.asked = clock, list(answers), list[datetime]()
        self.requests: list[httpx.Request] = []

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(self.clock.now)
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer) if isinstance(answer, int) else answer


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    box = Outbox(tmp_path / "outbox")
    box.prepare()
    return box


def put(outbox: Outbox, session_id: str, clock: Clock) -> Path:
    payload = {"result_id": f"r-{session_id}", "session_id": session_id}
    with outbox.put_result(session_id, "http://bridge/api/v1/call-results", payload) as file:
        stored = read_stored(file.read())
        assert stored
        file.rewrite(stored.model_copy(update={"created_at": clock.now, "next_attempt_at": clock.now}).to_bytes())
        return file.path


async def drive(courier: Courier, clock: Clock, span: timedelta, step: timedelta = timedelta(seconds=1)) -> None:
    end = clock.now + span
    while clock.now < end:
        await courier.deliver_due()
        clock.now += step


def courier_for(outbox: Outbox, clock: Clock, receiver: Receiver, *, idle: bool = True) -> Courier:
    client = httpx.AsyncClient(transport=httpx.MockTransport(receiver))
    return Courier(outbox, client, idle=lambda: idle, now=clock, jitter=lambda: 1.0)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(each, Outcome.DELIVERED) for each in (200, 201, 204)]
    + [(each, Outcome.RETRY) for each in (None, 408, 425, 429, 500, 502, 503, 504)]
    + [(each, Outcome.RETRY) for each in (301, 302, 401, 403, 404, 405, 409, 410)]
    + [(each, Outcome.DEAD) for each in (400, 413, 415, 422)],
)
def test_a_first_answer_means_what_the_table_says(status: int | None, outcome: Outcome) -> None:
    verdict = judge(status, attempts=1, age=timedelta(), refused_for=timedelta(), retry_after_s=None)
    assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("status", "age", "refused_for", "outcome"),
    [
        (503, 7 * DAY - HOUR, timedelta(), Outcome.RETRY),
        (503, 7 * DAY, timedelta(), Outcome.DEAD),
        (None, 7 * DAY, timedelta(), Outcome.DEAD),
        (200, 9 * DAY, timedelta(), Outcome.DELIVERED),
        (401, DAY - HOUR, DAY - HOUR, Outcome.RETRY),
        (401, DAY, DAY, Outcome.DEAD),
        (401, 3 * DAY, timedelta(), Outcome.RETRY),  # two days of outage before: the secret may still be repaired
    ],
)
def test_patience_ends_after_seven_days_or_a_day_of_refusals(
    status: int | None, age: timedelta, refused_for: timedelta, outcome: Outcome
) -> None:
    assert judge(status, attempts=9, age=age, refused_for=refused_for, retry_after_s=None).outcome is outcome


def test_the_pauses_double_up_to_five_minutes() -> None:
    assert [backoff_s(n) for n in range(1, 10)] == [5, 10, 20, 40, 80, 160, 300, 300, 300]


@given(attempts=integers(1, 10_000), asked=integers(0, 100_000))
def test_no_pause_is_ever_longer_than_five_minutes(attempts: int, asked: int) -> None:
    for header in (None, float(asked)):
        verdict = judge(503, attempts=attempts, age=timedelta(), refused_for=timedelta(), retry_after_s=header)
        assert 0 <= verdict.after_s <= 300


def test_retry_after_is_read_in_both_forms() -> None:
    assert retry_after(httpx.Headers({"Retry-After": "17"}), T0) == 17
    assert retry_after(httpx.Headers({"Retry-After": "Sat, 31 Jan 2026 09:00:30 GMT"}), T0) == 30
    assert retry_after(httpx.Headers({"Retry-After": "soon"}), T0) is None
    assert retry_after(httpx.Headers(), T0) is None


async def test_ten_minutes_of_outage_are_followed_by_one_delivery(outbox: Outbox) -> None:
    clock = Clock()
    receiver = Receiver(clock, *[httpx.ConnectError("away")] * 8, 200)
    path = put(outbox, "s-1", clock)
    await drive(courier_for(outbox, clock, receiver), clock, timedelta(minutes=20))
    pauses = [(b - a).total_seconds() for a, b in zip(receiver.asked, receiver.asked[1:], strict=False)]
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300]
    assert not path.exists()
    assert {request.headers["idempotency-key"] for request in receiver.requests} == {"r-s-1"}


async def test_retry_after_is_honoured_up_to_five_minutes(outbox: Outbox) -> None:
    clock = Clock()
    later = [httpx.Response(429, headers={"Retry-After": each}) for each in ("7", "4000")]
    receiver = Receiver(clock, *later, 200)
    put(outbox, "s-1", clock)
    await drive(courier_for(outbox, clock, receiver), clock, timedelta(minutes=6))
    assert [(each - T0).total_seconds() for each in receiver.asked] == [0, 7, 307]


async def test_a_wrong_secret_is_tried_for_a_day_and_then_kept_as_a_dead_letter(outbox: Outbox) -> None:
    clock = Clock()
    receiver = Receiver(clock, 401)
    path = put(outbox, "s-1", clock)
    await drive(courier_for(outbox, clock, receiver), clock, 26 * HOUR, timedelta(seconds=60))
    assert not path.exists()
    assert len(receiver.asked) == 24 * 12 + 1
    status = outbox.status(clock.now)
    assert status["results"] == {"pending": 0, "oldest_seconds": 0, "dead": 1}
    assert status["items"] == [
        {"box": "results", "session_id": "s-1", "attempts": 289, "last_status": 401, "last_error": "HTTP 401",
         "next_attempt_at": status["items"][0]["next_attempt_at"]}
    ]  # fmt: skip
    assert outbox.replay("results", ["other"]) == 0
    assert outbox.replay("results", ["s-1"]) == 1
    receiver.answers = [200]
    clock.now = datetime.now(UTC) + HOUR
    await courier_for(outbox, clock, receiver).deliver_due()
    assert outbox.status(clock.now)["results"] == {"pending": 0, "oldest_seconds": 0, "dead": 0}
    assert json.loads(receiver.requests[-1].content)["session_id"] == "s-1"


async def test_a_busy_worker_delivers_its_own_files_and_an_idle_one_also_those_of_others(outbox: Outbox) -> None:
    clock = Clock()
    receiver = Receiver(clock, 200)
    mine, other = put(outbox, "s-mine", clock), put(outbox, "s-other", clock)
    busy = courier_for(outbox, clock, receiver, idle=False)
    busy.own.add(mine)
    await busy.deliver_due()
    assert (mine.exists(), other.exists()) == (False, True)
    await courier_for(outbox, clock, receiver).deliver_due()
    assert not other.exists()


async def test_the_oldest_goes_first_and_four_at_a_time(outbox: Outbox) -> None:
    clock = Clock()
    for number in (3, 1, 2, *range(4, 12)):
        clock.now = T0 + timedelta(seconds=number)
        put(outbox, f"s-{number:02}", clock)
    clock.now = T0 + HOUR
    running, most, order, four = 0, 0, list[str](), asyncio.Event()

    async def slow(request: httpx.Request) -> httpx.Response:
        nonlocal running, most
        running += 1
        most = max(most, running)
        order.append(json.loads(request.content)["session_id"])
        if running == 4:
            four.set()
        await four.wait()  # the first ones wait for each other: fewer at once would never end
        running -= 1
        return httpx.Response(200)

    client = httpx.AsyncClient(transport=httpx.MockTransport(slow))
    await Courier(outbox, client, idle=lambda: True, now=clock).deliver_due()
    assert set(order[:4]) == {"s-01", "s-02", "s-03", "s-04"}
    assert (most, len(order)) == (4, 11)


async def test_a_file_that_another_process_holds_is_left_alone(outbox: Outbox) -> None:
    """Locks are per process and die with it."""
    clock = Clock()
    receiver = Receiver(clock, 200)
    path = put(outbox, "s-1", clock)
    code = (
        "import sys; from pathlib import Path; from voxcore.durable import LockedFile; "
        "f = LockedFile.take(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    courier = courier_for(outbox, clock, receiver)
    await courier.deliver_due()
    assert (receiver.asked, path.exists()) == ([], True)
    holder.kill()
    holder.communicate()
    await courier.deliver_due()
    assert (len(receiver.asked), path.exists()) == (1, False)


def test_a_lock_on_a_file_that_was_replaced_meanwhile_is_no_lock(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between open and lock somebody may write the file anew: the lock would guard what nobody sees any more."""
    path = put(outbox, "s-1", Clock())
    lock = fcntl.flock

    def late(fd: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", lock)
        LockedFile.write(path, b"{}").close()
        lock(fd, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert LockedFile.take(path) is None
    assert LockedFile.take(path) is not None


async def test_two_couriers_over_one_folder_deliver_each_file_once(outbox: Outbox) -> None:
    clock = Clock()
    receiver = Receiver(clock, 200)
    for number in range(30):
        put(outbox, f"s-{number}", clock)
    await asyncio.gather(*(courier_for(outbox, clock, receiver).deliver_due() for _ in range(4)))
    assert sorted(json.loads(each.content)["session_id"] for each in receiver.requests) == sorted(
        f"s-{number}" for number in range(30)
    )


async def test_a_result_waits_while_its_worker_still_holds_the_journal_and_takes_a_dead_ones_along(
    outbox: Outbox,
) -> None:
    """J3: a delivered result is never followed by a recovered one."""
    clock = Clock()
    receiver = Receiver(clock, 200)
    path = put(outbox, "s-1", clock)
    journal = LockedFile.write(outbox.journal_of("s-1"), b"{}\n")
    courier = courier_for(outbox, clock, receiver)
    await courier.deliver_due()
    assert path.exists()
    journal.close()
    await courier.deliver_due()
    assert (path.exists(), outbox.journal_of("s-1").exists()) == (False, False)


async def test_a_file_that_is_no_delivery_harms_nobody(outbox: Outbox) -> None:
    clock = Clock()
    receiver = Receiver(clock, 200)
    (outbox.box("results") / "broken.json").write_text("{")
    put(outbox, "s-1", clock)
    await courier_for(outbox, clock, receiver).deliver_due()
    assert len(receiver.asked) == 1
    assert (outbox.box("results") / "broken.json").exists()


def test_folders_are_private_and_odd_session_ids_get_a_safe_name(outbox: Outbox) -> None:
    for folder in (outbox.root, outbox.open, outbox.recordings, outbox.box("results"), outbox.dead("agent_desk")):
        assert folder.stat().st_mode & 0o777 == 0o700
    path = put(outbox, "../../etc/passwd", Clock())
    assert path.parent == outbox.box("results")
    assert path.stat().st_mode & 0o777 == 0o600
    assert file_stem("s-1_A") == "s-1_A"
    assert len(file_stem("s 1")) == len(file_stem("x" * 129)) == 64


def test_an_outbox_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    """O2."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="OUTBOX_DIR"):
        Outbox(tmp_path / "file" / "outbox").prepare()


def test_seats_of_a_host_that_start_at_once_do_not_take_each_others_probe_away(tmp_path: Path) -> None:
    """Each is process 1 of its own container, so their numbers do not tell them apart; threads have one number too."""
    seats = 8
    with ThreadPoolExecutor(seats) as pool:
        for started in [pool.submit(Outbox(tmp_path / "outbox").prepare) for _ in range(seats * 5)]:
            started.result()
    assert not [path for path in (tmp_path / "outbox").rglob("*") if path.is_file()]
