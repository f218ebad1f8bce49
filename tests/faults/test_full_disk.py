"""A full disk under the outbox: the result is delivered from memory, and the worker takes no further call."""

from __future__ import annotations

import asyncio
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from voxphone.report import Moment

from .plant import callee, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

CALLEE = callee(
    "asks_once",
    "  - wait_for_bot: {timeout_s: 20}\n  - say: Where is my order 4471?\n  - wait_for_bot: {timeout_s: 20}\n"
    "  - say: No, thank you. Goodbye.\n  - silence: {for_s: 20}",
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], check=True)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def fill(disk: Path) -> None:
    """Write until nothing more fits."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"\0" * 65_536)
        except OSError:
            pass
        try:
            while True:
                ballast.write(b"\0")
        except OSError:
            return


async def test_a_result_survives_a_disk_that_fills_up_during_the_call(tmp_path: Path, small_disk: Path) -> None:
    told = {"OUTBOX_DIR": str(small_disk / "outbox"), "OUTBOX_MIN_FREE_MB": "1"}
    async with plant(tmp_path / "plant", workers=1, env=told) as stack:
        bot = await stack.make_bot()
        spoke = asyncio.Event()

        def on_event(moment: Moment) -> None:
            if moment.kind == "caller_says":
                spoke.set()

        stream = f"st-{uuid.uuid4().hex[:8]}"
        call = asyncio.create_task(stack.call("voxcore-1", bot, CALLEE, stream=stream, on_event=on_event))
        await asyncio.wait_for(spoke.wait(), 60)
        fill(small_disk)
        report = await call
        assert (report.outcome, report.ended_by) == ("completed", "bot"), report.reason
        record = await stack.settled(stream)
        assert (record["status"], record["disconnected_by"]) == ("completed", "bot")
        assert len(record["transcript"]) >= 4
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            health = (await client.get(f"{stack.url_of('voxcore-1')}/health")).json()
        assert health["draining"], health
