"""A project of compose.yaml on free ports, with a `.env` of its own made by `vox init`."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
from voxctl.api import Bridge
from voxctl.children import free_port
from voxctl.compose import Compose
from voxctl.up.data import read_env_file
from voxphone.persona import parse_persona
from voxphone.phone import place_call
from voxphone.report import CallReport, Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

from .engine import CLASSIC_BUILDER, PROJECTS, ROOT, docker, make_bases, run

VOX = Path(sys.prefix) / "bin" / "vox"
PORTS = ("BRIDGE", "CORE", "VOICE", "PHONE", "REGISTRY", "UI")
OURS = ("voxbridge", "voxcore-worker", "voxdialler", "voxregistry", "voxui", "voxvoice", "voxphone")
UP_WITHIN_S = 240
FREE_WITHIN_S = 90
# Long enough to restart a service in the middle, short enough for a dozen of calls.
CUSTOMER = parse_persona(
    """
name: customer
about: Asks one thing, thanks and says goodbye.
steps:
  - wait_for_bot: {timeout_s: 20}
  - say: Hello, where is my order 4471?
  - wait_for_bot: {timeout_s: 20}
  - say: Thank you very much. That is all. Goodbye.
  - silence: {for_s: 20}
""",
    "customer",
)


@dataclass
class Stack:
    """The running project. `secrets` are those of its `.env`."""

    folder: Path
    project: str = field(default_factory=lambda: f"{PROJECTS}{uuid.uuid4().hex[:8]}")
    worker_count: int = 1

    def __post_init__(self) -> None:
        run(str(VOX), "init", str(self.env_file), env={"VOX_DATA_DIR": str(self.folder / "data")})
        ports = {f"VOX_{name}_PORT": str(free_port()) for name in PORTS}
        self.env = {
            **CLASSIC_BUILDER,
            **ports,
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_ENV_FILES": str(self.env_file),
            "VOX_STANDINS": "1",
        }
        self.compose = Compose(ROOT, standins=True, env=self.env)
        written = read_env_file(self.env_file)
        self.secrets = {name: value for name, value in written.items() if len(value) >= 16 and "@" not in value}
        self.admin = (written["FIRST_ADMIN_EMAIL"], written["FIRST_ADMIN_PASSWORD"])

    @property
    def env_file(self) -> Path:
        return self.folder / ".env"

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self.env['VOX_BRIDGE_PORT']}/api/v1"

    def up(self, *services: str) -> None:
        """Start what is not running, and wait until all of it is healthy."""
        self.compose.up(*services, timeout_s=UP_WITHIN_S)

    @property
    def voice_url(self) -> str:
        return f"http://127.0.0.1:{self.env['VOX_VOICE_PORT']}"

    @property
    def phone_url(self) -> str:
        return f"http://127.0.0.1:{self.env['VOX_PHONE_PORT']}"

    async def until_free(self) -> None:
        """Wait until the registry would give each worker to a caller; of a kill it learns from the successor."""
        url, secret = f"http://127.0.0.1:{self.env['VOX_REGISTRY_PORT']}/v1/workers", self.secrets["VOXCORE_SECRET"]
        seen: object = "nothing"
        async with httpx.AsyncClient(headers={"X-VoxCore-Secret": secret}, trust_env=False) as registry:
            for _ in range(FREE_WITHIN_S * 2):
                with contextlib.suppress(httpx.TransportError, ValueError, KeyError):
                    seen = [seat["state"] for seat in (await registry.get(url)).json()["items"]]
                    if seen == ["idle"] * self.worker_count:
                        return
                await asyncio.sleep(0.5)
        raise AssertionError(f"not every worker is to be had within {FREE_WITHIN_S} s: {seen}")

    def down(self) -> None:
        self.compose.run("--profile", "*", "down", "--volumes", "--timeout", "5", timeout_s=120)

    def container(self, service: str) -> str:
        """Id of a service's container."""
        return self.compose.run("ps", "--all", "--quiet", service).strip()

    def inspect(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(docker("inspect", self.container(service)))[0]
        return found

    def inside(self, service: str, *command: str, check: bool = True) -> str:
        """Run a command in a container."""
        return docker("exec", self.container(service), *command, check=check)

    def vox(self, *arguments: str, timeout_s: float = 300) -> CompletedProcess[str]:
        """Run `vox` where this stack's `.env` is."""
        return subprocess.run(
            [str(VOX), *arguments],
            cwd=self.folder,
            env={**os.environ, **self.env, "VOX_API_URL": self.api_url},
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
        )


@dataclass
class Caller:
    """Places spoken calls to a bot of a stack, through the sockets that browsers use."""

    stack: Stack
    bridge: Bridge
    voice: Voice
    bot_id: str

    async def call(self, meanwhile: Callable[[], Awaitable[None]] | None = None) -> CallReport:
        """One call to its end. `meanwhile` runs once the bot is heard, and must be done before the call counts."""
        heard = asyncio.Event()

        def on_event(moment: Moment) -> None:
            if moment.kind == "first_word":
                heard.set()

        clips = await self.voice.clips(CUSTOMER.texts(), CUSTOMER.voice)
        start = await self.bridge.post(f"/bots/{self.bot_id}/browser-call")
        call = asyncio.create_task(
            place_call(
                CallTarget(start["ws_url"]),
                CUSTOMER,
                options=CallOptions(transcribe="off", extra={"_context": start["context_id"]}),
                voice=self.voice,
                clips=clips,
                on_event=on_event,
            )
        )
        listening = asyncio.create_task(heard.wait())
        await asyncio.wait({call, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if meanwhile is not None and not call.done():
            await meanwhile()
        return await call

    async def record(self, report: CallReport, within_s: float = 60) -> dict[str, Any]:
        """The one stored record of a call. Fails when there is none in time, or more than one."""
        record = await self.bridge.finished_call(report.stream_id, within_s)
        found = (await self.bridge.get("/calls", stream_id=report.stream_id))["items"]
        assert len(found) == 1, f"{len(found)} records of one call"
        return record


@contextlib.asynccontextmanager
async def caller(stack: Stack) -> AsyncIterator[Caller]:
    """A caller with a bot of its own."""
    await stack.until_free()
    voice = Voice(f"{stack.voice_url}/v1", stack.folder / "voxphone-cache")
    async with Bridge(stack.api_url, *stack.admin) as bridge:
        bot = await bridge.post(
            "/bots",
            {
                "name": f"Containers {uuid.uuid4().hex[:6]}",
                "opening_message": "Hello, this is the parcel service. How can I help you?",
                "system_prompt": "You are a friendly assistant on the telephone. Answer in one short sentence.",
                "builtin_tools": {"end_call": {"enabled": True}},
            },
        )
        try:
            yield Caller(stack, bridge, voice, str(bot["bot_id"]))
        finally:
            await voice.close()


def build_images() -> None:
    """Fetch the wheels, make the bases beside it, and build every image; what is up to date takes seconds."""
    with ThreadPoolExecutor(1) as beside:
        bases = beside.submit(make_bases)
        run("make", "--no-print-directory", "wheelhouse", timeout_s=900)
        bases.result()
    print(run("make", "--no-print-directory", "images", timeout_s=1500, env={"VOX_STANDINS": "1"}))
