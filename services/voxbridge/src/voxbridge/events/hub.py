"""Events of this process's streams: who listens to which topic, what waits for each, what a returning reader missed.

No I/O here. A reader that takes nothing in time loses what waits for it and is told `reset`, so no backlog grows.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from voxkit.sse import event

from voxbridge.ids import new_id

WAITING = 200
HELD = 500
LINGER_S = 30.0
"""How long a topic is still watched after its last reader left: a reload or a broken line then misses nothing."""
RESET = "reset"


class Reader:
    """One open stream."""

    def __init__(self, topics: frozenset[str], user_id: str) -> None:
        self.topics = topics
        self.user_id = user_id
        self.ended = False
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()

    def put(self, told: bytes) -> bool:
        """False: too much waits already; it is dropped for one `reset`."""
        if len(self._waiting) >= WAITING:
            return False
        self._waiting.append(told)
        self._news.set()
        return True

    def reset(self, told: bytes) -> None:
        self._waiting.clear()
        self.put(told)

    def end(self) -> None:
        self.ended = True
        self._news.set()

    async def take(self, wait_s: float) -> bytes:
        """What waits, as one piece; b"" when nothing came in `wait_s`, or the stream has ended."""
        if not self._waiting and not self.ended:
            try:
                async with asyncio.timeout(wait_s):
                    await self._news.wait()
            except TimeoutError:
                return b""
        self._news.clear()
        found = b"".join(self._waiting)
        self._waiting.clear()
        return found


class Hub:
    """All streams of a process. `epoch` names the time since it listens without a gap; `identity` the process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.identity = new_id()
        self.stopping = False
        self.listening = asyncio.Event()
        """Set while other processes are heard, too."""
        self._clock = clock
        self._readers: set[Reader] = set()
        self._left: dict[str, float] = {}
        self._held: deque[tuple[int, frozenset[str], bytes]] = deque(maxlen=HELD)
        self.begin()

    def begin(self) -> None:
        """From now on without a gap; no id from before is known any more."""
        self._epoch, self._number = new_id()[:12], 0
        self._held.clear()

    @property
    def readers(self) -> Collection[Reader]:
        return self._readers

    def topics(self) -> frozenset[str]:
        """Topics that somebody listens to, or did until a moment ago."""
        now = self._clock()
        self._left = {topic: at for topic, at in self._left.items() if now - at < LINGER_S}
        return frozenset(topic for reader in self._readers for topic in reader.topics) | self._left.keys()

    @contextmanager
    def reading(self, topics: frozenset[str], user_id: str, last_id: str) -> Iterator[Reader]:
        """A new stream. After `last_id` it begins with what was missed, or with `reset` when that is not known here."""
        reader = Reader(topics, user_id)
        if last_id:
            missed = self._missed(last_id, topics)
            if missed is None:
                reader.put(self._reset())
            for each in missed or ():
                reader.put(each)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            self._left |= dict.fromkeys(topics, self._clock())

    @property
    def last_id(self) -> str:
        return f"{self._epoch}-{self._number}"

    def _reset(self) -> bytes:
        return event(RESET, {}, self.last_id)

    def _missed(self, last_id: str, topics: frozenset[str]) -> list[bytes] | None:
        epoch, _, number = last_id.partition("-")
        if epoch != self._epoch or not number.isdecimal() or int(number) > self._number:
            return None
        if not topics <= self.topics():
            return None  # one of them was not watched in between
        after = int(number)
        if after < self._number and self._held[0][0] > after + 1:
            return None
        return [each for at, of, each in self._held if at > after and of & topics]

    def tell(self, name: str, topics: Collection[str], data: dict[str, Any]) -> None:
        """An event, to everybody who listens to one of its topics."""
        of = frozenset(topics)
        told = event(name, data, f"{self._epoch}-{self._number + 1}")
        self._number += 1  # only now: what cannot be written is no event, and no gap in the held ones
        self._held.append((self._number, of, told))
        for reader in self._readers:
            if of & reader.topics and not reader.put(told):
                reader.reset(self._reset())

    def interrupted(self) -> None:
        """Something may have been missed here: everybody asks again."""
        self.begin()
        for reader in self._readers:
            reader.reset(self._reset())

    def stop(self) -> None:
        """The process ends: so do its streams."""
        self.stopping = True
        for reader in self._readers:
            reader.end()
