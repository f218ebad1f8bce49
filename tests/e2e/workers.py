"""A worker of one test alone: with settings of its own, beside the stack, and ended by the test."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from voxctl.children import free_port

from .switchboard import MEDIA_TOKEN, Switchboard

READY_WITHIN_S = 120


@dataclass
class OwnWorker:
    """A worker process; `outbox` is its folder alone."""

    process: subprocess.Popen[bytes]
    url: str
    outbox: Path
    log: Path

    async def exit_code(self, within_s: float = 60) -> int:
        return await asyncio.to_thread(self.process.wait, within_s)


@asynccontextmanager
async def own_worker(
    board: Switchboard, name: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[OwnWorker]:
    """Start a worker that belongs to the stack of `board` as far as `settings` do not say otherwise."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder = board.folder / name
    folder.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("VOX")} | {
        "VOXCORE_HOST": "127.0.0.1",
        "VOXCORE_PORT": str(port),
        "VOXCORE_WORKER_ID": name,
        "VOXCORE_HOST_ID": name,
        "VOXBRIDGE_CONFIG_URL": f"{board.bridge_url}/api/v1/config",
        "VOXCORE_SECRET": board.secrets["VOXCORE_SECRET"],
        "OUTBOX_DIR": str(folder / "outbox"),
        "OBJECT_STORE_URL": (board.up.data / "objects").as_uri(),
        "OUTBOUND_URL_ALLOWLIST": f"127.0.0.1:{board.backend.port}",
        "REGISTRY_URL": "",
        "WS_MEDIA_TOKENS": MEDIA_TOKEN,
        "LOG_FORMAT": "json",
        **(settings or {}),
    }
    log = folder / "worker.log"
    board.logs[url] = log
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(Path(sys.executable).parent / "voxcore")],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    worker = OwnWorker(process, url, folder / "outbox", log)
    try:
        await _until_ready(worker)
        yield worker
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


async def _until_ready(worker: OwnWorker) -> None:
    async with httpx.AsyncClient(timeout=5, trust_env=False) as client, asyncio.timeout(READY_WITHIN_S):
        while True:
            assert worker.process.poll() is None, worker.log.read_text()[-2000:]
            try:
                if (await client.get(f"{worker.url}/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
