"""Workers in processes of their own, with the fake conversation: for tests that signal, freeze and kill them."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import websockets
from voxcore_fakes import SECRET
from voxctl.children import free_port

CONNECTED = {"event": "connected", "callerId": "+15550100", "did": "+15550199", "callDirection": "incoming"}
START = {"event": "start", "streamId": "st-1"}
PROGRAM = Path(__file__).parent / "voxcore_fakes.py"


@dataclass
class Child:
    """A worker process with the fake conversation."""

    process: asyncio.subprocess.Process
    port: int
    outbox: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def health(self) -> dict:
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            return (await client.get(f"{self.url}/health")).json()

    async def until(self, state: str) -> None:
        async with asyncio.timeout(120):
            while True:
                with suppress(httpx.TransportError):
                    if (await self.health())["state"] == state:
                        return
                assert self.process.returncode is None, self.log.read_text()[-3000:]
                await asyncio.sleep(0.05)

    async def dial(self, **extra: object) -> websockets.ClientConnection:
        query = extra.pop("query", "")
        link = await websockets.connect(f"ws://127.0.0.1:{self.port}/ws/demo{query}", proxy=None)
        await link.send(json.dumps(CONNECTED | extra))
        await link.send(json.dumps(START))
        return link

    async def journal(self) -> Path:
        async with asyncio.timeout(60):
            while not (found := list((self.outbox / "open").glob("*.jsonl"))):
                await asyncio.sleep(0.02)
        return found[0]

    async def conversing(self) -> None:
        journal = await self.journal()
        async with asyncio.timeout(60):
            while '"role":"user"' not in journal.read_text():
                await asyncio.sleep(0.02)

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    async def ended(self, within_s: float = 60) -> int:
        return await asyncio.wait_for(self.process.wait(), within_s)

    @property
    def lines(self) -> str:
        return self.log.read_text()


Spawn = Callable[..., AbstractAsyncContextManager[Child]]


def spawner(config_url: str, folder: Path) -> Spawn:
    """A worker process for `async with`; it is killed at the end if it has not left by itself. `env` wins."""

    @asynccontextmanager
    async def start(name: str = "child-1", program: str = "", **env: str) -> AsyncIterator[Child]:
        port = int(env.pop("VOXCORE_PORT", free_port()))
        log = folder / f"{name}.log"
        given = {
            **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
            "VOXBRIDGE_CONFIG_URL": config_url,
            "VOXCORE_SECRET": SECRET,
            "VOXCORE_HOST": "127.0.0.1",
            "VOXCORE_PORT": str(port),
            "VOXCORE_WORKER_ID": name,
            "OUTBOX_DIR": str(folder / "outbox"),
            "OUTBOX_MIN_FREE_MB": "1",
            "REGISTRY_URL": "",
        }
        with log.open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(["-m", program] if program else [str(PROGRAM)]),
                env=given | env,
                stdout=out,
                stderr=out,
                cwd=folder,
            )
        child = Child(process, port, folder / "outbox", log)
        try:
            yield child
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    return start


def announced(registry_url: str, port: int | None = None) -> dict[str, str]:
    """Environment of a worker that this registry hears and reaches, with POST starts."""
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    return {
        "REGISTRY_URL": registry_url, "VOXCORE_PORT": str(port), "VOXCORE_PUBLIC_URL": url, "VOXCORE_DIRECT_URL": url,
        "LIVEKIT_URL": "ws://127.0.0.1:9",
    }  # fmt: skip
