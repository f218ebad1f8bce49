"""A worker of one test alone: with settings of its own, beside the stack, and ended by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx

from ..stacks import SingleWorker
from .switchboard import Switchboard

READY_WITHIN_S = 120


@asynccontextmanager
async def own_worker(
    board: Switchboard, name: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[SingleWorker]:
    """Start a worker that belongs to the stack of `board` as far as `settings` do not say otherwise."""
    folder = board.folder / name
    folder.mkdir()
    block = board.stack.single_worker(folder, name, settings or {})
    # In threads: calls that are under way in this loop must not stand still meanwhile.
    worker = await asyncio.to_thread(block.__enter__)
    try:
        board.logs[worker.url] = worker.log
        await _until_ready(worker)
        yield worker
    finally:
        await asyncio.to_thread(block.__exit__, None, None, None)


async def _until_ready(worker: SingleWorker) -> None:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client, asyncio.timeout(READY_WITHIN_S):
        while True:
            assert await asyncio.to_thread(worker.exit_code, 0) is None, worker.log()[-2000:]
            try:
                if (await client.get(f"{worker.url}/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
