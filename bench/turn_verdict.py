"""How often a turn is called finished too late or too early: by the turn model alone, and with the recogniser's words.

The local voice speaks the sentences of `turn_sentences.txt`, also slower and deeper and faster and higher, on a clean
line and on a quiet one with noise. Each clip goes through the worker's own voice detection, is cut where the model
would be asked after some silence, and is judged by the worker's own rule with the text that the local recogniser reads.

    python bench/turn_verdict.py            some minutes on two cores
    python bench/turn_verdict.py --quick    one pace, clean line
    python bench/turn_verdict.py --misses   also names each sentence that the rule judges wrongly after 0.2 s
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from loguru import logger
from pipecat.audio.vad.vad_analyzer import VADState
from voxcore.pipeline.turns.ending import FINISHED, FINISHED_WITH_MARK, finished
from voxcore.pipeline.turns.model import TurnModel
from voxcore.pipeline.vad import PAUSE_S, InlineSilero
from voxkit.contracts.runtime_config import Vad
from voxvoice.offline import synthesize, transcribe

RATE = 8000
BATCH = int(0.04 * RATE)
SENTENCES = Path(__file__).with_name("turn_sentences.txt")
SILENCES_S = (0.2, 0.4, 0.6, 0.8)
PACES = (1.0, 0.9, 1.15)
LINES = {"clean": (1.0, 0.0), "-12 dB, noise": (0.25, 20.0)}  # gain, size of the noise in steps of 16 bits
PRE_SPEECH_S = 0.7  # what the model hears before VAD says that somebody speaks
TEXT_BEFORE_S, TEXT_AFTER_S = 1.0, 0.1  # what the recogniser hears around it
AUDIBLE = 300
MARKS = (0.03, 0.05, 0.1, 0.2, 0.3)


@dataclass(frozen=True)
class Clip:
    """One spoken sentence and what was made of it. `probability` is the model's after each silence."""

    text: str
    whole: bool
    half: int
    probability: dict[float, float]
    heard: str
    pauses: int

    def done(self, silence_s: float, with_mark: float = FINISHED_WITH_MARK) -> bool:
        return finished(self.probability[silence_s], self.heard, "en", with_mark)

    @property
    def hesitates(self) -> bool:
        return self.text.endswith(("um,", "uh,"))

    def done_by_model(self, silence_s: float) -> bool:
        return self.probability[silence_s] > FINISHED


def sentences() -> list[tuple[bool, str]]:
    """(whether the turn is whole, text), in the order of the file."""
    lines = SENTENCES.read_text().splitlines()
    return [(line[0] == "+", line[2:].strip()) for line in lines if line[:2] in ("+ ", "- ")]


def speak(text: str, pace: float) -> np.ndarray:
    """Samples of a text. Behind a "/" nothing is said; the cut lies in the quietest moment near it."""
    said, _, rest = (part.strip() for part in text.partition("/"))
    audio = synthesize(f"{said} {rest}".strip(), RATE).astype(np.float32)
    if rest:
        loud = np.flatnonzero(np.abs(audio) > AUDIBLE)
        share = (len(said) + 0.5) / (len(said) + len(rest) + 1)
        about = int(loud[0] + (loud[-1] - loud[0]) * share)
        near = max(0, about - 640)
        energy = np.convolve(audio**2, np.ones(160), "same")[near : about + 640]
        audio = audio[: near + int(np.argmin(energy))]
        audio[-80:] *= np.linspace(1, 0, 80)
    return audio if pace == 1 else soxr.resample(audio, pace, 1)


def on_the_line(audio: np.ndarray, gain: float, noise: float, random: np.random.Generator) -> np.ndarray:
    """The clip between silences; where it begins is not aligned to the batches."""
    before = np.zeros(int(1.5 * RATE) + int(random.integers(0, BATCH)))
    line = np.concatenate([before, audio * gain, np.zeros(2 * RATE)])
    return np.clip(line + random.normal(0, noise, len(line)), -32768, 32767).astype("<i2")


async def listen(pcm: np.ndarray) -> tuple[int, int, int] | None:
    """(where speech starts, where its last stop is, pauses told early) by the worker's detection; None when unheard."""
    told: list[bool] = []
    vad = InlineSilero(Vad(), lambda: told.append(True))
    vad.set_sample_rate(RATE)
    start = stop = 0
    before = VADState.QUIET
    for at in range(BATCH, len(pcm), BATCH):
        state = await vad.analyze_audio(pcm[at - BATCH : at].tobytes())
        if state == VADState.SPEAKING and not start:
            start = at
        if state == VADState.QUIET and before != VADState.QUIET and start:
            stop = at
        before = state
    await vad.cleanup()
    return (start, stop, len(told)) if stop else None


async def judge(model: TurnModel, pcm: np.ndarray, text: str, whole: bool, half: int) -> Clip | None:
    if (found := await listen(pcm)) is None:
        return None
    start, stop, pauses = found
    spoken_to = stop - int(Vad().stop_secs * RATE)
    heard = pcm.astype(np.float32) / 32768
    first = max(0, start - int(PRE_SPEECH_S * RATE))
    probability = {
        silence_s: model._predict_endpoint(heard[first : spoken_to + int(silence_s * RATE)])["probability"]
        for silence_s in SILENCES_S
    }
    read = pcm[max(0, start - int(TEXT_BEFORE_S * RATE)) : stop].tobytes() + bytes(2 * int(TEXT_AFTER_S * RATE))
    return Clip(text, whole, half, probability, transcribe(read, rate_hz=RATE), pauses)


async def clips(paces: Iterable[float], lines: Iterable[str]) -> list[Clip]:
    model = TurnModel(1.2)
    model.set_sample_rate(RATE)
    random = np.random.default_rng(1)
    judged = []
    for number, (whole, text) in enumerate(sentences()):
        for pace in paces:
            audio = speak(text, pace)
            for line in lines:
                pcm = on_the_line(audio, *LINES[line], random)
                if clip := await judge(model, pcm, text, whole, number % 2):
                    judged.append(clip)
                else:
                    print(f"not heard by the voice detection, left out: {text} (pace {pace:g}, {line})")
    await model.cleanup()
    return judged


def percent(judged: Iterable[bool]) -> str:
    counted = list(judged)
    return f"{100 * sum(counted) / len(counted):5.1f}"


def print_row(head: str, judged: list[Clip], rule: Callable[[Clip], bool]) -> None:
    def late(clips: list[Clip]) -> str:
        return percent(not rule(clip) for clip in clips if clip.whole)

    def early(clips: list[Clip]) -> str:
        return percent(rule(clip) for clip in clips if not clip.whole)

    halves = [[clip for clip in judged if clip.half == half] for half in (0, 1)]
    um = percent(rule(clip) for clip in judged if clip.hesitates)
    print(
        f"{head:<24}{late(judged):>8}{early(judged):>8}{um:>8}   "
        + "  ".join(f"{late(half)} {early(half)}" for half in halves)
    )


def print_table(judged: list[Clip]) -> None:
    """Percent. late: whole turns not called finished; early: ones that go on called so; um: those that hesitate."""
    print(f"{'silence, rule':<24}{'late':>8}{'early':>8}{'um':>8}   late and early of each half")
    for silence_s in SILENCES_S:
        print_row(f"{silence_s:g} s, model alone", judged, lambda clip, at=silence_s: clip.done_by_model(at))
        print_row(f"{silence_s:g} s, with words", judged, lambda clip, at=silence_s: clip.done(at))
    for mark in MARKS:
        print_row(f"{PAUSE_S:g} s, mark at {mark:g}", judged, lambda clip, at=mark: clip.done(PAUSE_S, at))
    pauses = sum(clip.pauses for clip in judged)
    print(f"{len(judged)} clips; asked in every pause the model is asked {pauses / len(judged):.2f} times a clip")


def print_misses(judged: list[Clip]) -> None:
    for whole, title in ((True, "late"), (False, "early")):
        wrong = Counter(clip.text for clip in judged if clip.whole == whole and clip.done(PAUSE_S) != whole)
        for text, count in wrong.most_common():
            read = next(clip.heard for clip in judged if clip.text == text and clip.done(PAUSE_S) != whole)
            print(f"{title:<6} {count} x  {text}   [{read}]")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one pace, clean line")
    parser.add_argument("--misses", action="store_true", help="name what the rule judges wrongly")
    given = parser.parse_args()
    logger.remove()
    paces, lines = (PACES[:1], ("clean",)) if given.quick else (PACES, tuple(LINES))
    judged = asyncio.run(clips(paces, lines))
    print_table(judged)
    if given.misses:
        print_misses(judged)


if __name__ == "__main__":
    main()
