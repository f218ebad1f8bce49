"""Calls by voxphone whose every frame is noted on CLOCK_MONOTONIC, joined with what the fakes noted."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from voxphone import steps
from voxphone.persona import Persona
from voxphone.phone import PhoneCall
from voxphone.report import CallReport
from voxphone.target import CallOptions, CallTarget
from voxphone.wire.base import Audio, Flush

from callbench import clips
from callbench.processes import BenchError, Fakes, Worker

# The bot's answers have pauses between sentences of up to half a second.
BOT_SILENT_S = 0.8


@dataclass
class Noted:
    """One finished call. Times are seconds of the monotonic clock."""

    report: CallReport
    sent: list[tuple[float, bytes]]
    """When each 20 ms frame was given to the socket, and the frame; from the answer on."""
    audio: list[float]
    """When each chunk of the bot's audio came."""
    flushes: list[float]
    marks: list[dict[str, Any]] = field(default_factory=list)
    result: dict[str, Any] = field(default_factory=dict)
    began_at: float = 0.0
    ended_at: float = 0.0
    """When the caller hung up."""
    idle_at: float = 0.0
    """When the worker was seen free again."""

    @property
    def minutes(self) -> float:
        return self.report.duration_s / 60

    @property
    def samples(self) -> list[dict[str, Any]]:
        """The worker's own latency samples, one a turn."""
        return list(self.result.get("latency_samples") or [])


def talking(turns: int) -> Persona:
    """Waits for the bot, speaks a sentence, and so on; hangs up after the last answer."""
    todo: list[Any] = []
    for turn in range(turns):
        todo += [steps.WaitForBot(silence_s=BOT_SILENT_S), steps.Say(text=clips.CUSTOMER[turn % len(clips.CUSTOMER)])]
    todo += [steps.WaitForBot(silence_s=BOT_SILENT_S), steps.HangUp()]
    return Persona(name="talking", about="Speaks when the bot has spoken.", steps=tuple(todo))


def quiet(seconds: float) -> Persona:
    """Says nothing."""
    return Persona(name="quiet", about="Says nothing.", steps=(steps.Silence(for_s=seconds), steps.HangUp()))


def interrupting(times: int) -> Persona:
    """Asks once, then speaks over every answer."""
    todo: list[Any] = [steps.WaitForBot(silence_s=BOT_SILENT_S), steps.Say(text=clips.CUSTOMER[0])]
    todo += [steps.Say(text=clips.BARGE_IN, while_bot_speaks_s=1.0 + 0.3 * (k % 3)) for k in range(times)]
    todo += [steps.Pause(for_s=1.0), steps.HangUp()]
    return Persona(name="interrupting", about="Speaks over the bot.", steps=tuple(todo))


class _NotingCall(PhoneCall):
    """A phone call whose wire notes when frames pass."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.noted = Noted(self.report, [], [], [])
        media, read, hang_up = self.wire.media, self.wire.read, self.wire.hang_up

        def noting_media(frame: bytes) -> dict[str, Any]:
            self.noted.sent.append((time.monotonic(), frame))
            return media(frame)

        def noting_read(raw: str | bytes) -> Any:
            now = time.monotonic()
            event = read(raw)
            if isinstance(event, Audio):
                self.noted.audio.append(now)
            elif isinstance(event, Flush):
                self.noted.flushes.append(now)
            return event

        def noting_hang_up(by: str) -> dict[str, Any]:
            self.noted.ended_at = time.monotonic()
            return hang_up(by)

        self.wire.media = noting_media
        self.wire.read = noting_read
        self.wire.hang_up = noting_hang_up


async def place(
    worker: Worker, fakes: Fakes, bot_id: str, persona: Persona, *, after_s: float = 0.0, strict: bool = True
) -> Noted:
    """One call and everything that is known of it. Raises BenchError when it did not take place as scripted."""
    await asyncio.sleep(after_s)
    options = CallOptions(transcribe="off", stream_id=f"st-{uuid.uuid4().hex[:12]}")
    target = CallTarget.for_bot(worker.url, bot_id)
    speech = {text: clips.customer(text) for text in persona.texts()}
    call = _NotingCall(target, persona, speech, options=options)
    noted = call.noted
    noted.began_at = time.monotonic()
    report = await call.run()
    stream = report.stream_id
    if report.outcome != "completed" or report.ended_by != "caller":
        raise BenchError(
            f"a call ended as {report.outcome} by {report.ended_by}: {report.reason or 'no reason'}; "
            f"log of the worker: {worker.log}"
        )
    noted.idle_at = await worker.until_idle()
    noted.marks = await fakes.marks(stream)
    noted.result = await fakes.result(stream)
    if strict and report.notes:
        raise BenchError(f"a call did not go as scripted: {report.notes[0]}; log of the worker: {worker.log}")
    return noted


async def place_all(workers: Sequence[Worker], fakes: Fakes, bot_id: str, persona: Persona) -> list[Noted]:
    """One call on each worker at once; they begin a little apart, as calls do."""
    tasks = [
        asyncio.create_task(place(worker, fakes, bot_id, persona, after_s=0.37 * number))
        for number, worker in enumerate(workers)
    ]
    try:
        return await asyncio.gather(*tasks)
    finally:
        # One call that failed spoils the measure: the others are not waited for.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
