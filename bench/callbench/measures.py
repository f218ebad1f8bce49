"""One function a measure. Each returns lines; goals stand in docs/performance.md."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from itertools import pairwise
from urllib.parse import urlsplit

from voxphone.persona import Persona
from voxphone.steps import HangUp, WaitForBot

from callbench import calls, clips, timeline
from callbench.calls import Noted
from callbench.figures import Goal, Line, single, spread
from callbench.processes import Histogram, OwnWorker, Seats, Worker, memory_of
from callbench.stage import FIXED_MS, Bench

ADDED_GOALS = {"p50": 10.0, "p95": 30.0}
LOAD = 0.7
PAUSE_MS, TOGETHER_MS, AHEAD_CHUNKS = 60, 3, 3


async def _turns(found: list[Noted]) -> list[timeline.Turn]:
    return [turn for call in found for turn in await timeline.turns(call)]


def _added(name: str, text: str, turns: list[timeline.Turn]) -> list[Line]:
    parts = {
        "in": ("  VAD stop frame -> audio at the STT", [turn.inbound for turn in turns]),
        "to_llm": ("  text -> LLM request (turn model taken out)", [turn.to_llm - turn.model_wait for turn in turns]),
        "to_tts": ("  first token -> TTS request", [turn.to_tts for turn in turns]),
        "out": ("  first TTS bytes -> first chunk", [turn.outbound for turn in turns]),
    }
    lines = [spread(name, text, [turn.added for turn in turns], goals=ADDED_GOALS)]
    lines += [
        spread(f"{name}.{key}", label, values, goals=ADDED_GOALS if key == "out" else None)
        for key, (label, values) in parts.items()
    ]
    return lines


async def latency(bench: Bench) -> list[Line]:
    """What the worker adds to a turn, with providers that answer at once."""
    bench.say("one call with instant providers")
    alone = [turn for turn in await timeline.turns(await bench.single()) if not turn.held]
    stream = await bench.crowd("stream")
    segments = await bench.crowd("segments")
    every, newest = [], []
    for call in stream.calls:
        all_frames, batches = timeline.inbound_ms(call)
        every += all_frames
        newest += batches
    busy = [turn for turn in await _turns(segments.calls) if not turn.held]
    streamed = [turn for turn in await _turns(stream.calls) if not turn.held]
    lines = [
        spread("inbound_frame", "frame sent -> at the streaming STT, all frames", every, goals=ADDED_GOALS),
        spread("inbound_frame.newest", "  last frame of each batch", newest),
        *_added("added_1", "added to a turn, 1 call", alone),
        *_added("added_crowd", f"added to a turn, {bench.size.crowd} calls on a core", busy),
        *_added("added_crowd_stream", f"added to a turn, {bench.size.crowd} calls, streaming STT", streamed),
        *(
            single(f"worker.{way}", f"  the worker's own figure: {text}, mean", own.total / own.count * 1000, "ms")
            for way, text in (("in", "hearing -> STT"), ("out", "first TTS bytes -> chunk"))
            if (own := segments.metrics[way]).count
        ),
        spread("turn_model", "turn model after the text (not in the above)", [turn.model_wait for turn in busy]),
    ]
    return lines


async def voice(bench: Bench) -> list[Line]:
    """From the customer's last sound to the bot's first, with providers of fixed speed."""
    bench.say(f"{bench.size.voice_calls} calls with providers of {FIXED_MS} ms")
    bot = await bench.fakes.bot("fixed", delays_ms=FIXED_MS)
    async with Seats(bench.folder, bench.fakes, bench.size.voice_calls, name="voice") as workers:
        noted = await calls.place_all(workers, bench.fakes, bot, calls.talking(bench.size.voice_turns))
    turns = await _turns(noted)
    heard = [float(value) for call in noted for value in call.report.latencies_ms]
    goals = {"p50": 900.0, "p95": 1200.0}
    held = sum(turn.held for turn in turns)
    plain = [turn for turn in turns if not turn.held]
    return [
        spread("voice_to_voice", "voice to voice at the phone", heard, goals=goals, note=f"{held} held as unfinished"),
        spread("voice_to_voice.wire", "voice to voice on the wire", [turn.wire_total for turn in turns], goals=goals),
        spread("voice_to_voice.vad", "  last sound -> VAD stop", [turn.vad for turn in turns]),
        spread("voice_to_voice.in", "  ours: to the STT", [turn.inbound for turn in turns]),
        spread("voice_to_voice.stt", "  STT", [turn.stt for turn in turns]),
        spread("voice_to_voice.to_llm", "  ours: text -> LLM request", [turn.to_llm for turn in plain]),
        spread("voice_to_voice.llm", "  LLM to first token", [turn.llm for turn in turns]),
        spread("voice_to_voice.to_tts", "  ours: first token -> TTS request", [turn.to_tts for turn in turns]),
        spread("voice_to_voice.tts", "  TTS to first bytes", [turn.tts for turn in turns]),
        spread("voice_to_voice.out", "  ours: first bytes -> first chunk", [turn.outbound for turn in turns]),
        spread("voice_to_voice.added", "  ours in all", [turn.added for turn in plain], goals=ADDED_GOALS),
    ]


async def barge_in(bench: Bench) -> list[Line]:
    """The customer speaks over the bot, `min_words_interruption` 0: VAD alone decides."""
    bench.say("barge-ins")
    bot = await bench.fakes.bot(
        "barge", config={"min_words_interruption": 0}, answers=[clips.LONG_ANSWER], heard=clips.BARGE_IN
    )
    onset, ours, late, missed, own = [], [], 0, 0, Histogram()
    async with Seats(bench.folder, bench.fakes, 2, name="barge") as workers:
        noted = await calls.place_all(workers, bench.fakes, bot, calls.interrupting(bench.size.barge_ins))
        for worker in workers:
            own.add(await worker.histogram("barge_in_seconds"))
    for call in noted:
        starts = (await timeline.edges(call.sent)).starts
        missed += sum(not each.stopped for each in call.report.barge_ins)
        for stop in call.flushes:
            start = next((start for start in reversed(starts) if start[1] <= stop), None)
            if start is None or stop - start[0] > 3:
                continue
            onset.append((stop - start[0]) * 1000)
            ours.append((stop - start[1]) * 1000)
            late += sum(stop < at < stop + 0.2 for at in call.audio)
    note = f"{missed} not stopped, {late} chunks after a stop"
    lines = [
        spread("barge_in.onset", "barge-in: first sound -> stop frame", onset, goals={"p95": 250.0}, note=note),
        spread("barge_in.ours", "  ours: VAD start frame sent -> stop frame", ours, goals={"p95": 60.0}),
    ]
    if own.count:
        lines.append(single("barge_in.worker", "  the worker's own figure, mean", own.total / own.count * 1000, "ms"))
    return lines


async def cpu(bench: Bench) -> list[Line]:
    """CPU of the workers alone, forked seats in calls at once, sharing one core."""
    silent, segments, stream = await bench.crowd("silent"), await bench.crowd("segments"), await bench.crowd("stream")
    lines = []
    for key, text, crowd in (
        ("silent", "CPU s per call minute, nobody speaks", silent),
        ("talking", "CPU s per call minute, conversation", segments),
        ("talking_stream", "CPU s per call minute, streaming STT", stream),
    ):
        note = f"core {crowd.core_busy_percent:.0f} % busy"
        lines.append(spread(f"cpu.{key}", text, crowd.cpu_per_minute, "s", shares=(0.5,), note=note))
    per_minute = sum(segments.cpu_per_minute) / len(segments.cpu_per_minute)
    whole = sum(segments.whole_cpu_per_minute) / len(segments.whole_cpu_per_minute)
    lengths = [call.minutes for call in segments.calls]
    ends = max(0.0, whole - per_minute) * sum(lengths) / len(lengths)
    goal = Goal(10, at_most=False)
    lines += [
        single("cpu.ends", "CPU s to begin and end a call", ends, "s"),
        single("calls_per_core.full", "calls a core at 100 %", 60 / per_minute, "calls"),
        single("calls_per_core", "calls a core at 70 % load", LOAD * 60 / per_minute, "calls", goal=goal),
    ]
    return lines


async def pacing(bench: Bench) -> list[Line]:
    """How evenly 20 ms chunks come, with all workers of a core in calls."""
    crowd = await bench.crowd("segments")
    off, lag = [], 0.0
    for call in crowd.calls:
        lag = max(lag, call.report.clock.lag_p99_ms)
        off += _off_interval(call.audio)
    late = crowd.metrics["late"]
    return [
        spread(
            "pacing",
            "20 ms chunks: off their interval at the phone",
            off,
            shares=(0.5, 0.95, 0.99),
            goals={"p99": 5.0},
            note=f"the phone's own clock is p99 {lag:.1f} ms late",
        ),
        single(
            "pacing.worker",
            "  the worker's own figure: chunks <= 5 ms late",
            late.share_upto(0.005),
            "%",
            goal=Goal(99, at_most=False),
            count=int(late.count),
        ),
    ]


def _off_interval(arrivals: list[float]) -> list[float]:
    """How far each interval of 20 ms chunks is off, milliseconds.

    A sentence begins with chunks that may be ahead of the clock and have no interval: after a pause, or after a shorter
    gap that is followed by two chunks at once.
    """
    gaps = [(after - before) * 1000 for before, after in pairwise(arrivals)]
    off, since_begin = [], 0
    for gap, following in zip(gaps, [*gaps[1:], 0.0], strict=True):
        begins = gap > PAUSE_MS or (gap > 25 and following < TOGETHER_MS)
        since_begin = 0 if begins else since_begin + 1
        if since_begin > AHEAD_CHUNKS:
            off.append(abs(gap - 20))
    return off


async def fleet(bench: Bench) -> list[Line]:
    """`/health/fleet` while every worker is in a call."""
    crowd = await bench.crowd("segments")
    goals = {"p99": 1000.0}
    return [spread("fleet_health", "/health/fleet, all in calls", crowd.fleet_ms, shares=(0.5, 0.99), goals=goals)]


async def memory(bench: Bench) -> list[Line]:
    """Private memory: clean and dirty pages that no other process shares."""
    crowd = await bench.crowd("segments")
    bench.say("memory of a worker in a process of its own")
    await bench.fakes.bot("instant")
    async with OwnWorker(bench.folder, bench.fakes, "memory") as worker:
        idle = memory_of(worker.pid)
        talk = asyncio.create_task(calls.place(worker, bench.fakes, "instant", calls.talking(2)))
        fullest = idle
        while not talk.done():
            fullest = max(fullest, memory_of(worker.pid), key=lambda found: found.private)
            await asyncio.sleep(0.5)
        await talk
    own_goal, seat_goal = Goal(150.0), Goal(90.0)
    seats = {
        "idle": ("idle", crowd.idle),
        "call": ("in a call", crowd.busy),
        "after": ("after the call", crowd.after),
    }
    return [
        single("memory.own_idle", "private memory, own process: idle", idle.private, "MB", goal=own_goal),
        single("memory.own_call", "private memory, own process: in a call", fullest.private, "MB", goal=own_goal),
        *(
            single(f"memory.seat_{key}", f"private memory, forked seat: {text}", max(m.private for m in found), "MB",
                   goal=seat_goal)
            for key, (text, found) in seats.items()
        ),
        single("memory.parent", "private memory, parent of the seats", crowd.parent.private, "MB"),
        *await _growth(bench),
    ]  # fmt: skip


async def _growth(bench: Bench) -> list[Line]:
    count, warm = bench.size.growth_calls, bench.size.warm_calls
    bench.say(f"4 seats with {count} short calls each")
    short = Persona(name="short", about="Listens and goes.", steps=(*calls.talking(1).steps,))
    grown, warmed = [], []
    async with Seats(bench.folder, bench.fakes, 4, name="growth") as workers:

        async def repeat(worker: Worker) -> None:
            fresh = memory_of(worker.pid).private
            for _ in range(warm):
                await calls.place(worker, bench.fakes, "instant", short)
            before = memory_of(worker.pid).private
            warmed.append(before - fresh)
            for number in range(1, count + 1):
                await calls.place(worker, bench.fakes, "instant", short)
                if worker is workers[0] and number % 10 == 0:
                    bench.say(f"short calls: {number} of {count} on each seat")
            grown.append(memory_of(worker.pid).private - before)

        await asyncio.gather(*(repeat(worker) for worker in workers))
    goal = {"max": Goal(5.0)} if count >= 100 else {}
    line = spread("memory.growth", f"growth over {count} calls after {warm}", grown, "MB", shares=(0.5,))
    line.goals = goal
    line.note = "" if goal else "100 calls with --full have a goal"
    return [spread("memory.warm", f"growth over the first {warm} calls", warmed, "MB", shares=(0.5,)), line]


async def start(bench: Bench) -> list[Line]:
    """Process start to `idle`."""
    took, cpu_used = [], []
    for number in range(bench.size.starts):
        bench.say(f"start {number + 1} of {bench.size.starts}")
        worker = OwnWorker(bench.folder, bench.fakes, f"start-{number}")
        async with worker:
            took.append(worker.start_s * 1000)
            cpu_used.append(worker.start_cpu_s)
    return [
        spread("start", "process start -> idle", took, goals={"p95": 6000.0}),
        spread("start.cpu", "  CPU s of it", cpu_used, "s", shares=(0.5,)),
    ]


async def first_word(bench: Bench) -> list[Line]:
    """The answer to the first audio frame, and the hang-up to the free slot."""
    bench.say("short calls")
    await bench.fakes.bot("instant")
    bot = Persona(name="listener", about="Hears the opening.", steps=(WaitForBot(silence_s=0.5), HangUp()))
    word, free = [], []
    async with OwnWorker(bench.folder, bench.fakes, "first-word") as worker:
        for _ in range(bench.size.short_calls):
            call = await calls.place(worker, bench.fakes, "instant", bot)
            if call.audio:
                word.append((call.audio[0] - call.sent[0][0]) * 1000)
            free.append((call.idle_at - call.ended_at) * 1000)
    return [
        spread("first_word", "answer -> first frame of the bot", word, goals={"p95": 500.0}),
        spread("slot_turnaround", "hang-up -> slot free", free, goals={"p95": 500.0}),
    ]


async def refusal(bench: Bench) -> list[Line]:
    """A second call on a busy worker."""
    bench.say("refusals")
    await bench.fakes.bot("silent", config={"re_engagement": {"enabled": False, "messages": ["?"]}})
    took: list[float] = []
    async with OwnWorker(bench.folder, bench.fakes, "refusal") as worker:
        call = asyncio.create_task(
            calls.place(worker, bench.fakes, "silent", calls.quiet(4 + bench.size.refusals * 0.1), strict=False)
        )
        try:
            await asyncio.sleep(2)
            for _ in range(bench.size.refusals):
                took.append(await _refused_ms(worker))
                await asyncio.sleep(0.05)
            await call
        finally:
            call.cancel()
            with suppress(asyncio.CancelledError):
                await call
    return [spread("refusal", "start on a busy worker -> 429", took, shares=(0.5, 0.99), goals={"p99": 50.0})]


async def _refused_ms(worker: Worker) -> float:
    """One upgrade attempt as plain HTTP, from before the connection to the status line. Raises AssertionError."""
    where = urlsplit(worker.url)
    began = time.monotonic()
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    writer.write(
        b"GET /ws/silent HTTP/1.1\r\nHost: bench\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    status = await reader.readline()
    took = (time.monotonic() - began) * 1000
    writer.close()
    assert b" 429 " in status, f"a busy worker answered {status!r}"
    return took


async def local(bench: Bench) -> list[Line]:
    """Everything on this machine: real speech models beside the worker. Reported, no goal."""
    from callbench.local import running_voice

    bench.say("local speech models")
    async with running_voice(bench.folder) as url:
        bot = await bench.fakes.bot(
            "local",
            provider=f"{url}/v1",
            config={
                name: {"model": model} for name, model in (("stt", "whisper-1"), ("llm", "demo"), ("tts", "tts-1"))
            },
        )
        async with OwnWorker(bench.folder, bench.fakes, "local") as worker:
            call = await calls.place(worker, bench.fakes, bot, calls.talking(bench.size.local_turns), strict=False)
    heard = [float(value) for value in call.report.latencies_ms]
    lines = [spread("local.voice_to_voice", "voice to voice, all models local", heard)]
    for stage in ("stt", "turn", "llm", "tts"):
        values = [float(sample[f"{stage}_ms"]) for sample in call.samples if sample.get(f"{stage}_ms") is not None]
        text = {"stt": "  last sound -> text", "turn": "  turn model, from VAD stop", "llm": "  LLM", "tts": "  TTS"}[
            stage
        ]
        lines.append(spread(f"local.{stage}", text, values))
    return lines


Measure = Callable[[Bench], Awaitable[list[Line]]]
MEASURES: dict[str, Measure] = {
    "start": start,
    "first_word": first_word,
    "refusal": refusal,
    "latency": latency,
    "cpu": cpu,
    "pacing": pacing,
    "fleet": fleet,
    "memory": memory,
    "voice": voice,
    "barge_in": barge_in,
    "local": local,
}
