"""A whole stack with what a busy deployment has: many calls, bots, one long call with its recording, many seats."""

from __future__ import annotations

import asyncio
import math
import os
import random
import struct
import wave
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from console_lists import counted, fill
from voxbridge_calls import BOTS, result_of
from voxctl.children import free_port
from voxctl.embedded import SecantusServer, ValkeyServer
from voxkit.clock import iso

from consolebench.seats import beating
from tests.browser.conftest import signed_in
from tests.stacks import VoxUp, vox_up

LONG_S, ENTRIES, RATE_HZ = 600, 300, 8_000
KEY = "bench-long.wav"


@dataclass(frozen=True)
class Stage:
    """`state`: what a browser keeps of the administrator who has signed in. `long_call`: its id."""

    url: str
    state: Any
    long_call: str


@contextmanager
def ready(folder: Path, calls: int, seats: int) -> Iterator[Stage]:
    """Everything stands while the block runs, and is gone afterwards."""
    with vox_up(folder, free_port, "--no-call") as stack:
        stack.wait_for("stack.waiting")
        email, password = stack.admin
        http = httpx.Client(base_url=stack.api_url, timeout=60)
        token = _asked(http, "POST", "/auth/login", json={"email": email, "password": password})["access_token"]
        http.headers["Authorization"] = f"Bearer {token}"
        long_call = _furnish(http, stack)
        asyncio.run(_history(stack, folder, calls))
        url = stack.api_url.removesuffix("/api/v1")
        with beating(stack.stack["registry_url"], stack.secrets["VOXCORE_SECRET"], seats):
            yield Stage(url, signed_in(url, token), long_call)


def _asked(http: httpx.Client, method: str, path: str, **more: Any) -> Any:
    answer = http.request(method, path, **more)
    answer.raise_for_status()
    return answer.json()


def _furnish(http: httpx.Client, stack: VoxUp) -> str:
    """Bots beside the first one, and the long call; gives its id."""
    for number in range(BOTS):
        copy = _asked(http, "POST", "/bots/demo/clone")
        _asked(http, "PUT", f"/bots/{copy['bot_id']}", json={"name": f"Bench {number:02d}"})
    result = long_result()
    secret = {"X-VoxCore-Secret": stack.secrets["VOXCORE_SECRET"]}
    _asked(http, "POST", "/call-results", json=result, headers=secret)
    write_recording(stack.data / "objects" / KEY)
    return str(result["session_id"])


async def _history(stack: VoxUp, folder: Path, calls: int) -> None:
    """The calls of 90 days, and the figures that voxbridge counts of them."""
    uri = SecantusServer(int(stack.environment["VOX_MONGODB_PORT"]), folder).uri
    redis = ValkeyServer(int(stack.environment["VOX_VALKEY_PORT"]), folder).uri
    environment: Mapping[str, str] = {
        **os.environ, **stack.secrets, "MONGODB_URI": uri, "REDIS_URL": redis, "REGISTRY_URL": "",
        "VOX_DATA_DIR": str(folder),
    }  # fmt: skip
    await fill(uri, calls, datetime.now(UTC))
    await counted(uri, environment)


def long_result() -> dict[str, Any]:
    """A call of ten minutes as its worker reports it: 300 entries, 150 answers with their latency."""
    rng, began = random.Random(3), datetime.now(UTC) - timedelta(minutes=15)
    result = result_of(0, rng, began)
    apart_ms = LONG_S * 1_000 // ENTRIES
    entry, sample, event = result["transcript"][0], result["latency_samples"][0], result["events"][0]
    return {
        **result,
        "bot_id": "demo", "disconnected_by": "customer", "caller_id": "+15550142",
        "call_duration_seconds": float(LONG_S), "ended_at": iso(began + timedelta(seconds=LONG_S)),
        "recording_key": KEY,
        "transcript": [
            {**entry, "turn": at // 2, "role": ("assistant", "user")[at % 2], "start_ms": at * apart_ms,
             "end_ms": at * apart_ms + 1_600, "interrupted": at % 20 == 0}
            for at in range(ENTRIES)
        ],
        "latency_samples": [
            {**sample, "turn": turn, "total_ms": rng.randrange(660, 1_600)} for turn in range(ENTRIES // 2)
        ],
        "events": [
            {**event, "type": "interruption" if at % 40 == 0 else "user_started", "offset_ms": at * apart_ms // 2}
            for at in range(2 * ENTRIES)
        ],
    }  # fmt: skip


def write_recording(path: Path) -> None:
    """Stereo as a worker records a telephone call: the customer left, the bot right, in turns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = [round(9_000 * math.sin(at * 2 * math.pi * 300 / RATE_HZ)) for at in range(RATE_HZ)]
    customer, bot = (
        b"".join(struct.pack("<hh", *((sample, 0) if left else (0, sample))) for sample in tone) for left in (1, 0)
    )
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((bot + bot + customer + customer) * (LONG_S // 4))
