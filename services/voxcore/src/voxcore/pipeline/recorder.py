"""The recording of a call, taken at the wire and written to disk while the call runs.

Stereo, 16-bit: left is the customer, right the bot. Samples that came in are the clock of both channels: what the bot
sent is placed where it was sent, and a flush cuts it back to what can have been heard.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
from voxkit.log import get_logger

log = get_logger("voxcore.recorder")

WRITE_S = 0.5
HELD_S = 1.0
FLUSH_GRACE_S = 0.04
HEADER_BYTES = 44


def wav_header(rate: int, data_bytes: int, channels: int = 2) -> bytes:
    """The 44-byte header of 16-bit PCM."""
    block = channels * 2
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block, block, 16)
    return struct.pack("<4sI4s", b"RIFF", 36 + data_bytes, b"WAVE") + form + struct.pack("<4sI", b"data", data_bytes)


class WireRecorder:
    """Writes one call to `path`. Memory holds at most 1 s; a file that was not closed lacks only its sizes."""

    def __init__(self, path: Path, rate: int) -> None:
        self.rate = rate
        self._path = path
        self._file: BinaryIO | None = path.open("wb")
        self._file.write(wav_header(rate, 0))
        self._written = 0  # samples of each channel on disk
        self._customer = bytearray()
        self._bot = bytearray()
        self._failed = False

    @property
    def seconds(self) -> float:
        """Length so far by the clock of the customer's channel."""
        return (self._written + len(self._customer) // 2) / self.rate

    def inbound(self, pcm: bytes) -> None:
        """The customer's audio; it moves the clock."""
        self._customer += pcm
        if len(self._customer) >= int(WRITE_S * self.rate) * 2:
            self._write(len(self._customer) // 2)

    def outbound(self, pcm: bytes) -> None:
        """The bot's audio, sent now: it begins at the clock, or behind what is still being played."""
        if len(self._bot) < len(self._customer):
            self._bot += bytes(len(self._customer) - len(self._bot))
        self._bot += pcm
        ahead = len(self._bot) - len(self._customer)
        # A far end that sends nothing while the bot speaks stops the clock: silence stands in for it.
        if ahead > int(HELD_S * self.rate) * 2:
            self.inbound(bytes(ahead))

    def flush(self) -> None:
        """The far end dropped what it had not played."""
        del self._bot[len(self._customer) + int(FLUSH_GRACE_S * self.rate) * 2 :]

    def _write(self, samples: int) -> None:
        size = samples * 2
        if len(self._bot) < size:
            self._bot += bytes(size - len(self._bot))
        both = np.empty(samples * 2, dtype=np.int16)
        both[0::2] = np.frombuffer(bytes(self._customer[:size]), dtype=np.int16)
        both[1::2] = np.frombuffer(bytes(self._bot[:size]), dtype=np.int16)
        del self._customer[:size]
        del self._bot[:size]
        self._written += samples
        if self._file is None or self._failed:
            return
        try:
            self._file.write(both.tobytes())
            self._file.flush()
        except OSError as error:  # a full disk must not end the call
            self._failed = True
            log.error("recording.write_failed", error=str(error))

    def close(self) -> bool:
        """Write what is held and the right header, and sync. False when the file could not be written."""
        if self._file is None:
            return not self._failed
        if rest := max(len(self._customer), len(self._bot)) // 2:
            self._customer += bytes(rest * 2 - len(self._customer))
            self._write(rest)
        file, self._file = self._file, None
        try:
            file.flush()
            end = file.seek(0, os.SEEK_END)
            file.seek(0)
            file.write(wav_header(self.rate, max(0, end - HEADER_BYTES)))
            file.flush()
            os.fsync(file.fileno())
        except OSError as error:
            self._failed = True
            log.error("recording.close_failed", error=str(error))
        finally:
            file.close()
        return not self._failed
