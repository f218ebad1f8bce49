"""Keypad tones and digits: tones made for the wire, digits gathered into a turn or an answer."""

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np

from voxcore.pipeline.context import Digits

ON_S, OFF_S, PAUSE_S = 0.16, 0.08, 0.5
TURN_AFTER_S = 1.5
FREQUENCIES: dict[str, tuple[int, int]] = {
    "1": (697, 1209), "2": (697, 1336), "3": (697, 1477),
    "4": (770, 1209), "5": (770, 1336), "6": (770, 1477),
    "7": (852, 1209), "8": (852, 1336), "9": (852, 1477),
    "*": (941, 1209), "0": (941, 1336), "#": (941, 1477),
}  # fmt: skip
_LEVEL = 0.35  # of full scale, each of the two tones
_RAMP_S = 0.004


def tones(digits: str, rate: int) -> bytes:
    """16-bit mono PCM of keypad tones: 160 ms on, 80 ms off, `w` = 500 ms of silence.

    Raises: ValueError for a character that has no tone.
    """
    parts: list[np.ndarray] = []
    for digit in digits:
        if digit == "w":
            parts.append(np.zeros(int(PAUSE_S * rate)))
            continue
        if digit not in FREQUENCIES:
            raise ValueError(f"{digit!r} has no tone; use 0-9, *, # and w")
        at = np.arange(int(ON_S * rate)) / rate
        low, high = FREQUENCIES[digit]
        tone = _LEVEL * (np.sin(2 * np.pi * low * at) + np.sin(2 * np.pi * high * at))
        ramp = np.linspace(0, 1, int(_RAMP_S * rate))
        tone[: len(ramp)] *= ramp
        tone[-len(ramp) :] *= ramp[::-1]
        parts += [tone, np.zeros(int(OFF_S * rate))]
    return (np.concatenate(parts) * 32767).astype("<i2").tobytes() if parts else b""


def beeps(rate: int, count: int = 3) -> bytes:
    """Three short tones: something is wrong and nobody can say so."""
    at = np.arange(int(0.2 * rate)) / rate
    tone = np.concatenate([0.3 * np.sin(2 * np.pi * 950 * at), np.zeros(int(0.2 * rate))])
    return (np.tile(tone, count) * 32767).astype("<i2").tobytes()


class Keypad:
    """Digits of the customer: gathered when somebody asked for them, else a turn 1.5 s after the last key."""

    def __init__(self, turn: Callable[[str], Awaitable[None]], stop_bot: Callable[[], Awaitable[None]]) -> None:
        self._turn = turn
        self._stop_bot = stop_bot
        self._pending = ""
        self._task: asyncio.Task[None] | None = None
        self._queue: asyncio.Queue[str] | None = None

    @property
    def collecting(self) -> bool:
        return self._queue is not None

    async def press(self, digit: str) -> None:
        """A key of the customer."""
        if self._queue is not None:
            self._queue.put_nowait(digit)
            return
        self._pending += digit
        if self._task:
            self._task.cancel()
        self._task = asyncio.create_task(self._turn_soon())

    async def _turn_soon(self) -> None:
        await asyncio.sleep(TURN_AFTER_S)
        digits, self._pending, self._task = self._pending, "", None
        await self._turn(f"[keypad: {digits}]")

    async def collect(
        self, *, min_digits: int, max_digits: int, timeout_seconds: float, finish_on_key: str, played: Awaitable[None]
    ) -> Digits:
        """Gather digits. `played` ends when the bot's words are out; the first key stops them, then the timeout runs.

        Keys pressed just before count: a customer who knows the menu is faster than the bot.
        """
        queue = self._queue = asyncio.Queue[str]()
        for early in self._pending:
            queue.put_nowait(early)
        self._pending = ""
        if self._task:
            self._task.cancel()
            self._task = None
        words = asyncio.ensure_future(played)
        digits = ""
        try:
            while len(digits) < max_digits:
                key = await self._next(queue, words, timeout_seconds)
                if key is None:
                    return Digits("success" if len(digits) >= min_digits else "timeout", digits)
                if not words.done():
                    words.cancel()
                    await self._stop_bot()
                if key == finish_on_key:
                    break
                digits += key
            return Digits("success" if len(digits) >= min_digits else "timeout", digits)
        finally:
            self._queue = None
            words.cancel()

    async def _next(self, queue: asyncio.Queue[str], words: "asyncio.Future[None]", timeout_s: float) -> str | None:
        key = asyncio.ensure_future(queue.get())
        try:
            if not words.done():
                await asyncio.wait({key, words}, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.wait({key}, timeout=timeout_s)
            return key.result() if key.done() else None
        finally:
            key.cancel()

    def stop(self) -> None:
        if self._task:
            self._task.cancel()
