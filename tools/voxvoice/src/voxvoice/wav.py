"""WAV in and out: PCM of every common width, any rate, any number of channels, as float samples."""

import struct
from dataclasses import dataclass

import numpy as np

PCM, FLOAT, EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
MIN_RATE_HZ, MAX_RATE_HZ = 4000, 192_000


class WavError(ValueError):
    """The bytes are not a WAV file that can be read; the text says why."""


@dataclass(frozen=True)
class Wav:
    """Decoded audio. `samples` is float32 of shape (frames, channels) in [-1, 1]."""

    samples: np.ndarray
    rate_hz: int

    @property
    def channels(self) -> int:
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz

    def mono(self, channel: int | None = None) -> np.ndarray:
        """One channel, or the mean of all. Raises: WavError: there is no such channel."""
        if channel is None:
            return self.samples[:, 0] if self.channels == 1 else self.samples.mean(axis=1)
        if not 0 <= channel < self.channels:
            raise WavError(f"channel {channel} does not exist: the file has {self.channels}, counted from 0")
        return self.samples[:, channel]


def parse_wav(data: bytes) -> Wav:
    """Read RIFF/WAVE with 8, 16, 24 or 32 bit PCM or 32/64 bit float samples.

    A data chunk whose size is 0, 0xFFFFFFFF or larger than the file (a stream cut short) is read to the end.
    Raises: WavError.
    """
    if len(data) < 12 or data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise WavError("not a WAV file (RIFF/WAVE header missing); send PCM WAV")
    fmt: tuple[int, int, int, int] | None = None
    position = 12
    while position + 8 <= len(data):
        chunk, size = data[position : position + 4], struct.unpack_from("<I", data, position + 4)[0]
        body = position + 8
        if chunk == b"fmt ":
            fmt = _parse_format(data[body : body + size])
        elif chunk == b"data":
            if fmt is None:
                raise WavError("the data chunk comes before the fmt chunk")
            end = len(data) if size in (0, 0xFFFFFFFF) else min(body + size, len(data))
            return _decode(memoryview(data)[body:end], *fmt)
        position = body + size + (size & 1)
    raise WavError("no audio data in the WAV file" if fmt else "no fmt chunk in the WAV file")


def _parse_format(body: bytes) -> tuple[int, int, int, int]:
    if len(body) < 16:
        raise WavError("the fmt chunk is too short")
    code, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if code == EXTENSIBLE and len(body) >= 26:
        code = struct.unpack_from("<H", body, 24)[0]
    if not 1 <= channels <= 32:
        raise WavError(f"{channels} channels cannot be read")
    if not MIN_RATE_HZ <= rate <= MAX_RATE_HZ:
        raise WavError(f"sample rate {rate} Hz is outside {MIN_RATE_HZ} to {MAX_RATE_HZ}")
    return code, channels, rate, bits


def _decode(raw: memoryview, code: int, channels: int, rate: int, bits: int) -> Wav:
    width = bits // 8
    if (code, bits) not in {(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)}:
        raise WavError(f"WAV format {code:#06x} with {bits} bit cannot be read; send 8, 16, 24 or 32 bit PCM or float")
    frames = len(raw) // (width * channels)
    raw = raw[: frames * width * channels]
    if code == FLOAT:
        samples = np.clip(np.nan_to_num(np.frombuffer(raw, f"<f{width}").astype(np.float32)), -1, 1)
    elif bits == 8:  # the only unsigned width
        samples = (np.frombuffer(raw, np.uint8).astype(np.float32) - 128) / 128
    elif bits == 24:
        wide = np.zeros((frames * channels, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
        samples = wide.view("<i4")[:, 0].astype(np.float32) / 2**31
    else:
        samples = np.frombuffer(raw, f"<i{width}").astype(np.float32) / 2 ** (bits - 1)
    return Wav(samples.reshape(frames, channels), rate)


def wav_bytes(pcm: bytes, rate_hz: int, channels: int = 1) -> bytes:
    """A WAV file around 16-bit PCM."""
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(pcm), b"WAVE", b"fmt ", 16, PCM, channels),
        *(rate_hz, rate_hz * channels * 2, channels * 2, 16, b"data", len(pcm)),
    )
    return header + pcm


def pcm16_to_float(pcm: bytes) -> np.ndarray:
    """Little-endian 16-bit samples to float32 in [-1, 1); an odd last byte is left out."""
    return np.frombuffer(pcm, "<i2", count=len(pcm) // 2).astype(np.float32) / 32768


def float_to_int16(samples: np.ndarray) -> np.ndarray:
    """Float samples to int16; what is beyond full scale is clipped."""
    return (np.clip(samples, -1, 32767 / 32768) * 32768).astype("<i2")
