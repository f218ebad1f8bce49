"""`vox fleet drain` on a host that carries calls: nothing new lands there, and nothing that runs is cut."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from voxkit.errors import AtCapacity
from voxkit.registry import new_reservation_id

from .light_call import LightCall
from .plant import Plant, plant

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600), pytest.mark.asyncio(loop_scope="module")]

CALLS = 8


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plant]:
    async with plant(tmp_path_factory.mktemp("drains"), workers=1) as running:
        yield running


class Command:
    """A running `vox fleet … --json` and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[dict[str, Any]] = []
        self._reading = asyncio.create_task(self._read())
        self._news = asyncio.Event()

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.events.append(json.loads(line))
            self._news.set()

    async def until(self, event: str, **said: Any) -> dict[str, Any]:
        async with asyncio.timeout(30):
            while True:
                self._news.clear()
                for seen in self.events:
                    if seen["event"] == event and said.items() <= seen.items():
                        return seen
                await self._news.wait()

    async def exit_code(self, within_s: float = 60) -> int:
        async with asyncio.timeout(within_s):
            await self._reading
            return await self.process.wait()


def environment(stack: Plant) -> Mapping[str, str]:
    beneath = {name: value for name, value in os.environ.items() if not name.startswith("VOX")}
    return beneath | {
        "REGISTRY_URL": stack.stack.registry_url,
        "VOXCORE_SECRET": stack.stack.secrets["VOXCORE_SECRET"],
        "VOX_DATA_DIR": str(stack.folder / "elsewhere"),
    }


@asynccontextmanager
async def vox_fleet(stack: Plant, *arguments: str) -> AsyncIterator[Command]:
    process = await asyncio.create_subprocess_exec(
        str(Path(sys.executable).parent / "vox"),
        *("fleet", *arguments, "--json"),
        env=environment(stack),
        cwd=stack.folder,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Command(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def reserved_calls(stack: Plant, bot: str, host: str, count: int) -> list[LightCall]:
    """Calls on reserved seats of one host, each begun with its fence."""

    async def one() -> LightCall:
        async with stack.registry() as registry:
            grant = await registry.reserve(new_reservation_id(), hold=60, need={"host_id": host})
            url = f"{grant.lb_url.replace('http', 'ws', 1)}/ws/{bot}/{grant.fence}"
            return await LightCall.placed(url, f"st-{uuid.uuid4().hex[:12]}")

    return list(await asyncio.gather(*(one() for _ in range(count))))


async def until_busy(stack: Plant, host: str, count: int) -> None:
    async with stack.registry() as registry, asyncio.timeout(10):
        while len(await registry.seats(host_id=host, state="busy")) < count:
            await asyncio.sleep(0.1)


async def test_a_drained_host_takes_nothing_new_while_its_eight_calls_end_by_themselves(stack: Plant) -> None:
    bot = await stack.make_bot()
    async with stack.seats("host-1", CALLS):
        calls = await reserved_calls(stack, bot, "host-1", CALLS)
        await until_busy(stack, "host-1", CALLS)
        async with (
            vox_fleet(stack, "drain", "host-1", "--reason", "new image") as command,
            stack.registry() as registry,
        ):
            assert (await command.until("drain.set"))["selector"] == "host:host-1"
            await command.until("drain.progress", busy=CALLS, drained=0)
            for number, call in enumerate(calls[:-1], start=1):
                await call.hang_up()
                await command.until("drain.progress", busy=CALLS - number)
                # The seat that came free is not given to anybody, not even to one who wants just this host.
                with pytest.raises(AtCapacity):
                    await registry.reserve(new_reservation_id(), hold=5, need={"host_id": "host-1"})
                elsewhere = await registry.reserve(new_reservation_id(), hold=5)
                assert elsewhere.host_id == "local-1"
                await registry.release(elsewhere)
            assert command.process.returncode is None, "one call still runs"
            assert not any(call.lost for call in calls)
            await calls[-1].hang_up()
            assert await command.exit_code() == 0
            assert (command.events[-1]["event"], command.events[-1]["seats"]) == ("drain.empty", CALLS)
            assert len(await registry.seats(host_id="host-1", state="draining")) == CALLS
        for call in calls:
            record = await stack.settled(call.stream)
            assert (record["status"], record["disconnected_by"]) == ("completed", "customer")
        async with vox_fleet(stack, "undrain", "host-1") as command, stack.registry() as registry:
            assert await command.exit_code() == 0
            async with asyncio.timeout(10):
                while len(await registry.seats(host_id="host-1", state="idle")) < CALLS:
                    await asyncio.sleep(0.1)


async def test_a_wait_that_is_interrupted_or_over_leaves_the_drain_standing(stack: Plant) -> None:
    bot = await stack.make_bot()
    async with stack.seats("host-2", 1):
        (call,) = await reserved_calls(stack, bot, "host-2", 1)
        await until_busy(stack, "host-2", 1)
        async with vox_fleet(stack, "drain", "host:host-2", "--timeout", "2") as command:
            assert await command.exit_code() == 5
            assert command.events[-1]["event"] == "drain.timeout"
        async with vox_fleet(stack, "drain", "host:host-2") as command:
            await command.until("drain.progress", busy=1)
            command.process.send_signal(signal.SIGINT)
            assert await command.exit_code() == 130
            assert command.events[-1] == {"event": "drain.left", "selector": "host:host-2"}
        async with stack.registry() as registry:
            (drain,) = await registry.drains()
            assert (drain.selector, drain.busy) == ("host:host-2", 1)
        await call.hang_up()
        # Repeated, it waits on where it was left.
        async with vox_fleet(stack, "drain", "host:host-2") as command:
            assert await command.exit_code() == 0
        async with vox_fleet(stack, "undrain", "host:host-2") as command:
            assert await command.exit_code() == 0
        assert (await stack.settled(call.stream))["status"] == "completed"
