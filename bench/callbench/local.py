"""The local speech server as a child process."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
from voxctl.children import free_port, last_lines, spawn

from callbench.processes import BIN, BenchError, keep_niceness

LOADED_WITHIN_S = 120.0


@asynccontextmanager
async def running_voice(folder: Path) -> AsyncIterator[str]:
    """Its address, once the models are loaded; it ends with the block. Raises BenchError."""
    port, log = free_port(), folder / "voxvoice.log"
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VOXVOICE")}
    process = spawn([str(BIN / "voxvoice")], log_path=log, env=environment | {"VOXVOICE_PORT": str(port)}, cwd=folder)
    keep_niceness(process.pid)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + LOADED_WITHIN_S
        async with aiohttp.ClientSession() as http:
            while not await _loaded(http, url):
                if process.poll() is not None or time.monotonic() > deadline:
                    said = "\n".join(last_lines(log, 5))
                    raise BenchError(f"voxvoice did not load its models; the end of its log:\n{said}")
                await asyncio.sleep(0.2)
        yield url
    finally:
        process.kill()
        process.wait()


async def _loaded(http: aiohttp.ClientSession, url: str) -> bool:
    with suppress(aiohttp.ClientError):
        async with http.get(f"{url}/health") as answer:
            return answer.status == 200
    return False
