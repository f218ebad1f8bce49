"""Line audio: signed 16-bit PCM, 8,000 Hz, mono, in frames of 20 ms. Pure arithmetic, no I/O."""

import math

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
SILENCE = bytes(FRAME_BYTES)
FLOOR_DBFS = -96.0
# Below this a person on the line hears nothing; synthetic speech pauses are at the floor, its quietest vowels at -40.
AUDIBLE_DBFS = -50.0

Samples = NDArray[np.int16]


def level_dbfs(pcm: bytes | Samples) -> float:
    """RMS level in dB relative to full scale; `FLOOR_DBFS` for digital silence and for nothing at all."""
    samples = np.frombuffer(pcm, dtype="<i2") if isinstance(pcm, bytes | bytearray | memoryview) else pcm
    if samples.size == 0:
        return FLOOR_DBFS
    wide = samples.astype(np.float32)
    power = float(np.dot(wide, wide)) / samples.size
    if power <= 0.0:
        return FLOOR_DBFS
    return max(FLOOR_DBFS, 10.0 * math.log10(power / (32768.0 * 32768.0)))


def seconds_of(pcm: bytes) -> float:
    """Duration in seconds of raw line audio."""
    return len(pcm) / (2 * RATE_HZ)


def frames_of(pcm: bytes) -> list[bytes]:
    """Cut into 20 ms frames; the last one is padded with silence."""
    return [pcm[i : i + FRAME_BYTES].ljust(FRAME_BYTES, b"\0") for i in range(0, len(pcm), FRAME_BYTES)]


def to_samples(pcm: bytes) -> Samples:
    """Raw little-endian PCM as an int16 array (an odd last byte is dropped)."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], dtype="<i2")


def _active(samples: Samples, threshold_dbfs: float) -> NDArray[np.bool_]:
    """One flag per 20 ms: louder than the threshold."""
    count = -(-samples.size // FRAME_SAMPLES)
    padded = np.zeros(count * FRAME_SAMPLES, dtype=np.float32)
    padded[: samples.size] = samples
    power = np.mean(padded.reshape(count, FRAME_SAMPLES) ** 2, axis=1) / (32768.0 * 32768.0)
    return power > 10.0 ** (threshold_dbfs / 10.0)


def trim(samples: Samples, threshold_dbfs: float = AUDIBLE_DBFS) -> Samples:
    """Without the inaudible frames at both ends, so that "end of own speech" is a sound and not a file's padding."""
    flags = np.flatnonzero(_active(samples, threshold_dbfs))
    if flags.size == 0:
        return samples[:0]
    return samples[flags[0] * FRAME_SAMPLES : (flags[-1] + 1) * FRAME_SAMPLES]


def at_level(samples: Samples, target_dbfs: float) -> Samples:
    """Scale so that the audible frames have the RMS level `target_dbfs`; peaks are limited, never wrapped."""
    flags = _active(samples, AUDIBLE_DBFS)
    if not flags.any():
        return samples
    spoken = np.repeat(flags, FRAME_SAMPLES)[: samples.size]
    gain = 10.0 ** ((target_dbfs - level_dbfs(samples[spoken])) / 20.0)
    scaled = samples.astype(np.float32) * gain
    return np.clip(np.round(scaled), -32767, 32767).astype(np.int16)


def tone(hz: float, seconds: float, dbfs: float) -> Samples:
    """A sine with RMS level `dbfs`, 5 ms of fade at both ends so that it does not click."""
    count = round(seconds * RATE_HZ)
    peak = 32768.0 * math.sqrt(2.0) * 10.0 ** (dbfs / 20.0)
    wave = peak * np.sin(2.0 * math.pi * hz * np.arange(count) / RATE_HZ)
    return np.clip(_faded(wave, 0.005), -32767, 32767).astype(np.int16)


def noise(seconds: float, dbfs: float, seed: int, kind: str = "white") -> Samples:
    """Seeded noise with RMS level `dbfs`.

    `white` is a steady rush; `cough` is two short bursts with a sharp attack and a fast decay, coloured like a throat.
    """
    count = round(seconds * RATE_HZ)
    if count == 0:
        return np.zeros(0, dtype=np.int16)
    raw = np.random.default_rng(seed).standard_normal(count)
    if kind == "cough":
        raw = np.convolve(raw, np.ones(6) / 6.0, mode="same")
        position = np.arange(count) / count
        burst = np.exp(-9.0 * (position % 0.5)) * np.minimum(1.0, (position % 0.5) * 40.0)
        raw = raw * burst
    rms = math.sqrt(float(np.mean(raw**2))) or 1.0
    wave = raw / rms * 32768.0 * 10.0 ** (dbfs / 20.0)
    return np.clip(_faded(wave, 0.005), -32767, 32767).astype(np.int16)


def _faded(wave: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    edge = min(round(seconds * RATE_HZ), wave.size // 2)
    if edge:
        ramp = np.linspace(0.0, 1.0, edge)
        wave[:edge] *= ramp
        wave[-edge:] *= ramp[::-1]
    return wave
