"""Seats that exist only at the registry: each beats every 3 s, and at once when its call begins or ends."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

HOST_SEATS = 16
BEAT_S, TALK_S, REST_S, WRAP_S = 3.0, 90.0, 30.0, 3.0
STEP_S = 0.25
BATCH = 64
NEXT = {"idle": ("busy", TALK_S), "busy": ("wrapping", WRAP_S), "wrapping": ("idle", REST_S)}


class Seat:
    """One worker; `changes_at` and `beats_at` by `time.monotonic`."""

    def __init__(self, number: int, rng: random.Random, now: float) -> None:
        self.number, self.seq, self.epoch, self.calls = number, 0, 1, 0
        self.phase = "busy" if rng.random() < TALK_S / (TALK_S + REST_S) else "idle"
        self.changes_at = now + rng.random() * (TALK_S if self.phase == "busy" else REST_S)
        self.beats_at = now + rng.random() * BEAT_S

    def step(self, rng: random.Random, now: float) -> bool:
        """Whether it has something to say now."""
        if now >= self.changes_at:
            self.phase, lasts_s = NEXT[self.phase]
            self.changes_at = now + lasts_s * rng.uniform(0.5, 1.5)
            self.epoch += self.phase == "idle"
            self.calls += self.phase == "busy"
        elif now < self.beats_at:
            return False
        self.beats_at = now + BEAT_S
        return True

    def beat(self) -> dict[str, Any]:
        self.seq += 1
        host = self.number // HOST_SEATS
        call = f"bench-{self.number}-{self.calls}"
        own = {"call_id": call, "session_id": call, "bot_id": "demo"} if self.phase != "idle" else {}
        return {
            "worker_id": f"h{host}-{self.number}", "instance_id": "one", "seq": self.seq, "host_id": f"h{host}",
            "lb_url": f"http://h{host}.invalid:8088", "direct_url": f"http://h{host}.invalid:8088/seats/{self.number}",
            "image_tag": "2026.01.31-1", "version": "0.1.0", "phase": self.phase, "epoch": self.epoch,
            "protocols": ["ws"], **own,
        }  # fmt: skip


@contextmanager
def beating(registry_url: str, secret: str, count: int) -> Iterator[None]:
    """A fleet of `count` seats, three quarters of them in calls, until the block ends. Raises: what a beat raised."""
    rng, stop, failed = random.Random(5), threading.Event(), list[Exception]()
    seats = [Seat(number, rng, time.monotonic()) for number in range(count)]
    http = httpx.Client(base_url=registry_url, headers={"X-VoxCore-Secret": secret}, timeout=10)

    def say(those: list[Seat]) -> None:
        for first in range(0, len(those), BATCH):
            body = {"workers": [seat.beat() for seat in those[first : first + BATCH]]}
            http.put("/v1/workers", json=body).raise_for_status()

    def run() -> None:
        try:
            while not stop.wait(STEP_S):
                now = time.monotonic()
                say([seat for seat in seats if seat.step(rng, now)])
        except httpx.HTTPError as error:
            failed.append(error)

    say(seats)
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        http.close()
    if failed:
        raise failed[0]
