"""Stereo recordings: left what the phone heard, right what it said, both on the phone's own clock."""

import wave
from pathlib import Path

import numpy as np

from voxphone import pcm
from voxphone.voice import wav_bytes


def write_stereo(path: Path, heard: bytes, said: bytes) -> None:
    """Write both tracks, the shorter one padded with silence. Makes the folder."""
    length = max(len(heard), len(said))
    left = pcm.to_samples(heard.ljust(length, b"\0"))
    right = pcm.to_samples(said.ljust(length, b"\0"))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav_bytes(np.column_stack((left, right)).astype("<i2").tobytes(), channels=2))


def read_stereo(path: Path) -> tuple[pcm.Samples, pcm.Samples]:
    """(heard, said) of a file that `write_stereo` made. Raises OSError, ValueError."""
    with wave.open(str(path), "rb") as file:
        if file.getnchannels() != 2 or file.getsampwidth() != 2:
            raise ValueError(f"{path}: not a stereo recording of 16 bits")
        samples = pcm.to_samples(file.readframes(file.getnframes())).reshape(-1, 2)
    return samples[:, 0], samples[:, 1]
