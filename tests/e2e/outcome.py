"""What is left of one spoken call, seen from every side: the phone, the stored record, the recording, the log."""

from __future__ import annotations

import wave
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from voxphone.report import CallReport

AUDIBLE_DBFS = -50.0
FRAME_S = 0.02


@dataclass(repr=False)
class Outcome:
    """One call after its end.

    `record` is the call as voxbridge stores it, None when none was made; `recording` the worker's WAV (left: customer,
    right: bot); `log` the worker's lines of that time; `extra` what a scenario of its own saw besides.
    """

    name: str
    report: CallReport
    record: dict[str, Any] | None
    recording: Path | None
    log: list[dict[str, Any]]
    persona_texts: list[str] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<the call {self.name}>"

    @property
    def result(self) -> dict[str, Any]:
        """The stored record; fails the test when there is none."""
        assert self.record is not None, f"{self.name}: no record was stored; the phone saw {self.report.outcome}"
        return self.record

    def events(self, kind: str) -> list[dict[str, Any]]:
        """`data` of the events of a type, each with its `offset_ms`."""
        found = [event for event in self.result.get("events") or [] if event["type"] == kind]
        return [{"offset_ms": event["offset_ms"], **(event.get("data") or {})} for event in found]

    def entries(self, role: str) -> list[dict[str, Any]]:
        """Transcript entries of a role."""
        return [entry for entry in self.result.get("transcript") or [] if entry["role"] == role]

    def said(self, role: str) -> list[str]:
        return [entry["content"] for entry in self.entries(role)]

    def talk(self) -> str:
        """The transcript on one page, for the message of a failed assertion."""
        lines = [
            f"{entry['start_ms'] / 1000:6.1f} {entry['role']:<9} {entry['content']}"
            for entry in self.result.get("transcript") or []
        ]
        phone = [f"{at:6.1f} {who:<9} {words}" for at, who, words in self.report.transcript()]
        kinds = [(event["type"], event["offset_ms"], event.get("data")) for event in self.result.get("events") or []]
        return "\n".join(
            [
                f"{self.name}: {self.result['status']}, {self.result.get('disconnected_by')}",
                *lines,
                "the phone:",
                *phone,
                *map(str, kinds),
                *self.report.notes,
            ]
        )

    def channel(self, number: int) -> tuple[np.ndarray, int]:
        """(samples, rate) of a channel of the worker's recording."""
        assert self.recording is not None, f"{self.name}: no recording"
        return read_channel(self.recording, number)

    def recorded_s(self) -> float:
        samples, rate = self.channel(0)
        return len(samples) / rate

    def bot_speech(self, gap_s: float = 0.3) -> list[tuple[float, float]]:
        """(start, end) in seconds of each stretch of bot speech in the recording."""
        return stretches(*self.channel(1), gap_s=gap_s)

    def longest_silence_s(self) -> float:
        """Longest time in which neither side is heard in the recording."""
        spoken = sorted(stretches(*self.channel(0)) + stretches(*self.channel(1)))
        longest, until = 0.0, 0.0
        for start, end in spoken:
            longest, until = max(longest, start - until), max(until, end)
        return max(longest, self.recorded_s() - until)


def read_channel(path: Path, number: int) -> tuple[np.ndarray, int]:
    """(samples, rate) of a channel of a stereo recording."""
    with wave.open(str(path)) as file:
        assert file.getnchannels() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, 2)
        return samples[:, number], file.getframerate()


def stretches(samples: np.ndarray, rate: int, gap_s: float = 0.3) -> list[tuple[float, float]]:
    """(start, end) in seconds of audible stretches; pauses up to `gap_s` are inside one."""
    step = int(rate * FRAME_S)
    frames = samples[: len(samples) // step * step].reshape(-1, step).astype(np.float64)
    level = 20 * np.log10(np.sqrt((frames**2).mean(axis=1)) / 32768 + 1e-9)
    found: list[tuple[float, float]] = []
    for number in np.flatnonzero(level > AUDIBLE_DBFS):
        at = number * FRAME_S
        if found and at - found[-1][1] <= gap_s:
            found[-1] = (found[-1][0], at + FRAME_S)
        else:
            found.append((at, at + FRAME_S))
    return found
