"""kill -9 of the control plane or a store, at five moments of a call: without this a deploy or a crash loses results.

Five calls run beside each other, each at another moment when the part dies; it stays away for some seconds, then comes
back. A live call must not notice, and each call ends as exactly one result.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from voxphone.report import CallReport, Moment

from .plant import Plant, callee, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900), pytest.mark.asyncio(loop_scope="module")]

AWAY_S = 6.0
QUESTIONS = "\n".join(
    f"  - wait_for_bot: {{timeout_s: 20}}\n  - say: {text}"
    for text in ("Where is my order 4471?", "What are your opening hours?", "No, thank you. Goodbye.")
)
TALKS = callee("talks", f"{QUESTIONS}\n  - silence: {{for_s: 15}}")
LEAVES = callee("leaves", "  - wait_for_bot\n  - say: Where is my order?\n  - pause: 0.3\n  - hang_up: {}")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with plant(tmp_path_factory.mktemp("kills"), workers=1) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def workers(stack: Plant) -> AsyncIterator[list[str]]:
    """Five, of which four are seats of one parent: they start in the time of one."""
    async with stack.seats("kills", 4) as seats:
        yield [*stack.worker_names, *seats]


class Stage:
    """Lets a call go on until the moment it has to be in when the part dies."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()

    def at(self, kind: str, text: str = "") -> Any:
        def on_event(moment: Moment) -> None:
            if moment.kind == kind and text in moment.text:
                self.reached.set()

        return on_event


@pytest.mark.parametrize("victims", [("voxbridge",), ("secantusdb",), ("valkey",), ("secantusdb", "voxbridge")])
async def test_every_call_settles_once_whatever_dies_beside_it(
    stack: Plant, workers: list[str], victims: tuple[str, ...]
) -> None:
    bot = await stack.make_bot(name=f"kill {' '.join(victims)}")
    run = uuid.uuid4().hex[:8]
    streams = {moment: f"st-{run}-{moment}" for moment in ("stored", "hung-up", "talking", "opening", "dialled")}
    stages = {moment: Stage() for moment in streams}

    # 1: its result is stored already. 2: it has just hung up. 3: in mid-conversation. 4: in the opening message.
    storing = asyncio.create_task(stack.call(workers[0], bot, LEAVES, stream=streams["stored"]))
    talking = asyncio.create_task(
        stack.call(
            workers[2], bot, TALKS, stream=streams["talking"], on_event=stages["talking"].at("caller_says", "Where")
        )
    )
    await asyncio.wait_for(stages["talking"].reached.wait(), 60)
    leaving = asyncio.create_task(
        stack.call(workers[1], bot, LEAVES, stream=streams["hung-up"], on_event=stages["hung-up"].at("ended"))
    )
    await storing
    await stack.until_free(workers[0])
    opening = asyncio.create_task(
        stack.call(workers[3], bot, TALKS, stream=streams["opening"], on_event=stages["opening"].at("first_word"))
    )
    await asyncio.wait_for(stages["opening"].reached.wait(), 60)
    await asyncio.wait_for(stages["hung-up"].reached.wait(), 60)
    stack.kill(*victims)
    # 5: dialled while the part is away.
    dialled = asyncio.create_task(stack.call(workers[4], bot, TALKS, stream=streams["dialled"]))
    await asyncio.sleep(AWAY_S)
    for victim in victims:
        await stack.start(victim)

    reports = dict(
        zip(
            ("talking", "hung-up", "opening", "dialled"),
            await asyncio.gather(talking, leaving, opening, dialled),
            strict=True,
        )
    )
    for moment in ("talking", "opening"):
        _did_not_notice(reports[moment], moment)
    await stack.until_free(*workers)
    for moment in ("stored", "hung-up", "talking", "opening"):
        record = await stack.settled(streams[moment])
        assert record["status"] == "completed", (moment, record["disconnected_by"], record["events"])
        assert record.get("result_conflicts", 0) == 0, moment
        assert record["transcript"], moment
    assert (await stack.settled(streams["talking"]))["disconnected_by"] == "bot"
    await _dialled_while_away_settles(stack, streams["dialled"], reports["dialled"], victims)
    assert stack.undelivered() == []


def _did_not_notice(report: CallReport, moment: str) -> None:
    assert (report.outcome, report.ended_by) == ("completed", "bot"), (moment, report.reason, report.close_reason)
    assert report.protocol_errors == [], (moment, report.protocol_errors)
    answered = [turn for turn in report.turns if turn.latency_ms is not None]
    assert len(answered) >= 3, (moment, report.turns)


async def _dialled_while_away_settles(stack: Plant, stream: str, report: CallReport, victims: tuple[str, ...]) -> None:
    """Without a configuration there is no conversation, but never a hung line, and the try is on record."""
    if victims == ("valkey",):  # caches only: the call goes on as ever
        assert (await stack.settled(stream))["disconnected_by"] == "bot"
        return
    assert report.ended_by in ("bot", "worker_closed"), report.reason
    record = await stack.settled(stream)
    assert (record["status"], record["disconnected_by"]) == ("failed", "error")
