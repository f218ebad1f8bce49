"""A WAV header of another client must not turn speech into noise or an error 500."""

import struct

import numpy as np
import pytest
from voxvoice.wav import WavError, float_to_int16, parse_wav, pcm16_to_float, wav_bytes

pytestmark = [pytest.mark.unit]

RAMP = np.linspace(-0.9, 0.9, 50, dtype=np.float32)


def wav(code: int, bits: int, body: bytes, *, channels: int = 1, rate: int = 8000, before: bytes = b"") -> bytes:
    width = bits // 8 * channels
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, code, channels, rate, rate * width, width, bits)
    inside = b"WAVE" + fmt + before + struct.pack("<4sI", b"data", len(body)) + body
    return struct.pack("<4sI", b"RIFF", len(inside)) + inside


@pytest.mark.parametrize(
    ("code", "bits", "body", "tolerance"),
    [
        (1, 8, ((RAMP * 128) + 128).astype("u1").tobytes(), 0.01),
        (1, 16, (RAMP * 32768).astype("<i2").tobytes(), 1e-4),
        (1, 24, b"".join(int(v * 2**23).to_bytes(3, "little", signed=True) for v in RAMP), 1e-6),
        (1, 32, (RAMP.astype(np.float64) * 2**31).astype("<i4").tobytes(), 1e-6),
        (3, 32, RAMP.astype("<f4").tobytes(), 0),
        (3, 64, RAMP.astype("<f8").tobytes(), 0),
    ],
)
def test_every_width_gives_the_same_samples(code: int, bits: int, body: bytes, tolerance: float) -> None:
    assert np.allclose(parse_wav(wav(code, bits, body)).mono(), RAMP, atol=tolerance)


def test_unknown_chunks_and_odd_sizes_are_stepped_over() -> None:
    extra = struct.pack("<4sI", b"LIST", 3) + b"abc\0"
    assert len(parse_wav(wav(1, 16, bytes(20), before=extra)).samples) == 10


def test_channels_are_mixed_or_picked() -> None:
    stereo = np.array([[0.5, -0.5], [0.25, 0.25]], np.float32)
    parsed = parse_wav(wav(3, 32, stereo.astype("<f4").tobytes(), channels=2))
    assert parsed.mono().tolist() == [0.0, 0.25]
    assert parsed.mono(1).tolist() == [-0.5, 0.25]
    with pytest.raises(WavError, match="has 2"):
        parsed.mono(2)


@pytest.mark.parametrize("size", [0, 0xFFFFFFFF, 4000])
def test_a_stream_without_a_true_length_is_read_to_its_end(size: int) -> None:
    data = bytearray(wav_bytes(bytes(200), 8000))
    data[40:44] = struct.pack("<I", size)
    assert len(parse_wav(bytes(data)).samples) == 100


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"ID3 not a wav",
        b"RIFF\0\0\0\0WAVE",
        wav(1, 16, b"")[:24],
        wav(6, 8, bytes(10)),
        wav(1, 16, bytes(10), rate=1),
        wav(1, 16, bytes(10), channels=0),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data: bytes) -> None:
    with pytest.raises(WavError):
        parse_wav(data)


def test_16_bit_goes_out_as_it_came_in_and_never_wraps() -> None:
    samples = np.array([-32768, -1, 0, 1, 32767], "<i2")
    assert float_to_int16(pcm16_to_float(samples.tobytes())).tolist() == samples.tolist()
    assert float_to_int16(np.array([-3.0, 3.0])).tolist() == [-32768, 32767]
    assert len(pcm16_to_float(b"\0\0\0")) == 1
