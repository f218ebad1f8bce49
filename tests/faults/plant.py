"""The embedded stack with every part in the test's own hand: any of them can be killed, left away and started again.

`vox up` ends the whole stack when a part dies, which is right for people and useless here, so the same table of parts
is started by the test itself.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from voxctl.api import Bridge
from voxctl.children import free_port, free_run_of_ports, signal_group, spawn
from voxctl.settings import VoxctlSettings
from voxctl.up.data import DataFolder, load_secrets
from voxctl.up.parts import Stack, build_parts
from voxctl.up.supervisor import Part
from voxkit.registry import RegistryClient
from voxphone.persona import Persona, parse_persona
from voxphone.phone import PhoneCall
from voxphone.report import CallReport, Moment
from voxphone.target import CallOptions, CallTarget
from voxphone.voice import Voice

ADMIN_EMAIL = "admin@example.com"
READY_WITHIN_S = 180.0  # of parts that start together
BOT: dict[str, Any] = {
    "name": "fault",
    "opening_message": "Hello, this is Vox Parcels. How can I help you?",
    "system_prompt": "You are the telephone assistant of Vox Parcels.",
    "builtin_tools": {"end_call": {"enabled": True}},
    "re_engagement": None,
}


def callee(name: str, steps: str) -> Persona:
    """A persona from its steps in YAML."""
    return parse_persona(f"name: {name}\nabout: The customer of this test.\nsteps:\n{steps}", name)


@dataclass
class Plant:
    """A running stack. `kill`, `start` and `restart` act on one part by its name (`voxcore-3`, `secantusdb`)."""

    folder: Path
    stack: Stack
    parts: dict[str, Part]
    voice: Voice
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    lives: dict[str, int] = field(default_factory=dict)
    seat_urls: dict[str, str] = field(default_factory=dict)

    # --- parts ------------------------------------------------------------------------------------------------

    def log_path(self, name: str) -> Path:
        return self.folder / "logs" / f"{name}.log"

    async def start_all(self) -> None:
        """Every part, each once those that it needs are ready, as `vox up` does."""
        ready = {name: asyncio.Event() for name in self.parts}

        async def bring_up(part: Part) -> None:
            for need in ready.keys() & part.after:
                await ready[need].wait()
            await self.start(part.name)
            ready[part.name].set()

        async with asyncio.TaskGroup() as tasks:
            for part in list(self.parts.values()):
                tasks.create_task(bring_up(part))

    async def start(self, name: str, env: Mapping[str, str] | None = None) -> None:
        """Start a part and wait until it is ready; `env` changes its environment from now on."""
        part = self.parts[name] = replace(self.parts[name], env={**self.parts[name].env, **(env or {})})
        self.processes[name] = spawn(part.argv, log_path=self.log_path(name), env=part.env, cwd=self.folder)
        self.lives[name] = self.lives.get(name, 0) + 1
        async with asyncio.timeout(READY_WITHIN_S):
            while not await part.ready():
                code = self.processes[name].poll()
                assert code is None, f"{name} ended with {code}:\n{self.log_path(name).read_text()[-3000:]}"
                await asyncio.sleep(0.1)

    def signal(self, number: signal.Signals, *names: str) -> None:
        """To a part and all processes that it has started."""
        for name in names:
            signal_group(self.processes[name], number)

    def kill(self, *names: str) -> None:
        """SIGKILL; returns when the processes are gone."""
        self.signal(signal.SIGKILL, *names)
        for name in names:
            self.processes[name].wait()

    def end_all(self) -> None:
        self.kill(*[name for name, process in self.processes.items() if process.poll() is None])

    # --- what is seen -----------------------------------------------------------------------------------------

    def log(self, name: str) -> list[dict[str, Any]]:
        """The JSON lines a part has written so far."""
        found: list[dict[str, Any]] = []
        with suppress(FileNotFoundError):
            for text in self.log_path(name).read_text(errors="replace").splitlines():
                with suppress(ValueError):
                    line = json.loads(text)
                    if isinstance(line, dict):
                        found.append(line)
        return found

    async def until_logged(self, name: str, wanted: Callable[[dict[str, Any]], bool], within_s: float = 60) -> None:
        """Wait for a line in the log of a part."""
        async with asyncio.timeout(within_s):
            while not any(wanted(line) for line in self.log(name)):
                await asyncio.sleep(0.02)

    @property
    def worker_names(self) -> list[str]:
        return [name for name in self.parts if name.startswith("voxcore-")]

    def url_of(self, worker: str) -> str:
        """Of a worker or a seat."""
        if url := self.seat_urls.get(worker):
            return url
        return self.stack.core_urls[int(worker.rpartition("-")[2]) - 1]

    def bridge(self) -> Bridge:
        password = (self.stack.data.root / "first-admin").read_text().strip()
        return Bridge(f"{self.stack.bridge_url}/api/v1", ADMIN_EMAIL, password)

    async def make_bot(self, **fields: Any) -> str:
        async with self.bridge() as bridge:
            return str((await bridge.post("/bots", {**BOT, **fields}))["bot_id"])

    # --- seats -----------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def seats(self, host: str, count: int, env: Mapping[str, str] | None = None) -> AsyncIterator[list[str]]:
        """`vox seats` as one more host of this stack: so many forked workers, whose ids these are."""
        first = free_run_of_ports(count)
        url = "http://127.0.0.1:{port}"
        own = {"VOXCORE_PORT": str(first), "VOXCORE_WORKER_ID": f"{host}-1", "VOXCORE_HOST_ID": host}
        own |= {"VOXCORE_PUBLIC_URL": url, "VOXCORE_DIRECT_URL": url}
        argv = (str(Path(sys.executable).parent / "vox"), "seats", str(count))

        async def ready() -> bool:
            async with self.registry() as registry:
                return len(await registry.seats(host_id=host, state="idle")) == count

        self.parts[host] = replace(self.parts["voxcore-1"], name=host, argv=argv, port=first, ready=ready)
        try:
            await self.start(host, own | dict(env or {}))
            urls = {f"{host}-{seat}": url.format(port=first + seat - 1) for seat in range(1, count + 1)}
            self.seat_urls |= urls
            yield [*urls]
        finally:
            self.kill(host)
            del self.parts[host], self.processes[host]

    # --- the registry -----------------------------------------------------------------------------------------

    @asynccontextmanager
    async def registry(self, client: str = "default") -> AsyncIterator[RegistryClient]:
        registry = RegistryClient(self.stack.registry_url, self.stack.secrets["VOXCORE_SECRET"], client=client)
        try:
            yield registry
        finally:
            await registry.aclose()

    # --- calls ------------------------------------------------------------------------------------------------

    async def call(
        self,
        worker: str,
        bot_id: str,
        persona: Persona,
        *,
        stream: str,
        on_event: Callable[[Moment], None] | None = None,
    ) -> CallReport:
        """A spoken call at one worker; `stream` finds its record later."""
        clips = await self.voice.clips(persona.texts(), persona.voice)
        target = CallTarget.for_bot(self.url_of(worker), bot_id)
        options = CallOptions(transcribe="off", stream_id=stream)
        return await PhoneCall(target, persona, clips, options=options, on_event=on_event).run()

    async def until_free(self, *workers: str, within_s: float = 120) -> None:
        """Until these workers are idle with nothing left in their outbox."""
        waiting = set(workers)
        deadline = time.monotonic() + within_s
        last: dict[str, Any] = {}
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            while waiting:
                assert time.monotonic() < deadline, f"not free after {within_s:.0f} s: {last}"
                for worker in list(waiting):
                    with suppress(httpx.TransportError):
                        health = last[worker] = (await client.get(f"{self.url_of(worker)}/health")).json()
                        if health["state"] == "idle" and not health["outbox_pending"]:
                            waiting.discard(worker)
                await asyncio.sleep(0.2)

    async def records(self, stream: str) -> list[dict[str, Any]]:
        """Every stored call of a stream, whole."""
        async with self.bridge() as bridge:
            items = (await bridge.get("/calls", stream_id=stream))["items"]
            return [await bridge.get(f"/calls/{item['session_id']}") for item in items]

    async def settled(self, stream: str, within_s: float = 120) -> dict[str, Any]:
        """The one record of a stream, once its result is there. Fails when there are two, or none in time."""
        deadline = time.monotonic() + within_s
        while True:
            found = await self.records(stream)
            if len(found) == 1 and found[0].get("result_received_at"):
                return found[0]
            assert len(found) <= 1, f"{stream} was stored {len(found)} times"
            assert time.monotonic() < deadline, f"the result of {stream} never came: {found}"
            await asyncio.sleep(0.5)

    def undelivered(self) -> list[str]:
        """Files of the outbox that still wait, or died: results, journals, dead letters."""
        outbox = self.stack.data.outbox
        return sorted(
            str(path.relative_to(outbox))
            for box in ("results", "open", "dead")
            for path in (outbox / box).rglob("*")
            if path.is_file()
        )


NOBODY_DIALS = ("voxphone", "voxdialler")


@asynccontextmanager
async def plant(
    folder: Path,
    *,
    workers: int,
    without: Collection[str] = NOBODY_DIALS,
    env: Mapping[str, str] | None = None,
    console: Path | None = None,
) -> AsyncIterator[Plant]:
    """All parts of `vox up` but those named, killed at the end; all are given `env` too. `console`: built.

    Without voxregistry the others are told that there is none.
    """
    ports = {
        f"vox_{name}_port": free_port()
        for name in ("bridge", "voice", "phone", "registry", "dialler", "mongodb", "valkey")
    }
    settings = VoxctlSettings(
        _env_file=None,
        vox_data_dir=str(folder / "data"),
        vox_core_port=free_run_of_ports(workers),
        mongodb_uri="",
        redis_url="",
        first_admin_email=ADMIN_EMAIL,
        **ports,
    )
    data = DataFolder(settings.data_dir)
    data.prepare()
    stack = Stack(settings, data, load_secrets(data, {}), workers, ui_dist=console)
    for server in (stack.mongodb, stack.valkey):
        assert server is not None  # both are embedded here
        server.prepare()
    parts, _ = build_parts(stack)
    told = {**(env or {}), **({"REGISTRY_URL": ""} if "voxregistry" in without else {})}
    wanted = {part.name: _without_own_world(part, told) for part in parts if part.name not in without}
    voice = Voice(f"{stack.voice_url}/v1", folder / "clips")
    here = Plant(folder, stack, wanted, voice)
    try:
        await here.start_all()
        yield here
    finally:
        await voice.close()
        here.end_all()


def _without_own_world(part: Part, told: Mapping[str, str]) -> Part:
    """The part without what the machine of the developer says about a Vox of its own, and with what the test tells."""
    own = {"MONGODB_URI", "REDIS_URL"} if part.name in ("voxcore", "voxvoice") else set()
    given = {name for name in os.environ if name.startswith("VOX") and os.environ[name] == part.env.get(name)}
    return replace(part, env={**{key: value for key, value in part.env.items() if key not in own | given}, **told})
