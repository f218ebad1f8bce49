"""Reloads with live calls, on both layers: none is dropped, none doubled, old processes stay few (L13, L14)."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest
from voxctl.output import CommandError

from .conftest import Host
from .harness import Start, TalkingCall, hung_up, ingress_of, running_balancer, short_folder, until_up

pytestmark = [pytest.mark.ingress]

RELOADS = int(os.environ.get("INGRESS_RELOADS", "16"))
CHURN_S = float(os.environ.get("INGRESS_CHURN_S", "15"))


async def test_reloads_of_both_layers_drop_no_call_and_refuse_none(busy_host: Host, haproxy: list[str]) -> None:
    """Section 7 a: some calls talk all the time, new ones come and go on the four other seats."""
    host = busy_host
    count = len(host.seats.ids)
    with short_folder() as folder, running_balancer(haproxy, ingress_of(folder, ("fleet1", host.lb, count))) as ingress:
        await until_up(ingress, "main", "fleet1")
        live = [TalkingCall(await ingress.ws("/ws/demo")).begin() for _ in range(count - 4)]
        over = asyncio.Event()
        passing: list[Start] = []

        async def stream() -> None:
            while not over.is_set():
                start = await (ingress.ws("/ws/demo") if len(passing) % 2 else host.lb.ws("/exotel/demo"))
                passing.append(start)
                await asyncio.sleep(0.02)
                async with hung_up(start):
                    pass
                # A seat that still saves its result is not free yet. Two are: one for each stream.
                while len(await host.seats.idle()) < 2:
                    await asyncio.sleep(0.01)

        streaming = asyncio.gather(stream(), stream())
        first = {*host.lb.pids(), *ingress.pids()}
        for number in range(RELOADS):
            # Waiting for an old process blocks, and its calls end in this loop.
            await asyncio.to_thread((host.lb, ingress)[number % 2].reload, wait_s=60)
            assert len(host.lb.generations().old) <= 3
        over.set()
        await streaming
        for call in live:
            await call.hang_up()
        sent, heard = sum(call.sent for call in live), sum(call.heard for call in live)
        refused = [each for each in passing if not each.taken]
        print(f"{RELOADS} reloads, {len(live)} live calls, {heard} of {sent} frames, {len(passing)} passing calls")
        assert first.isdisjoint({host.lb.generations().current, ingress.generations().current})
        assert [call.broken for call in live] == [""] * len(live)
        assert sent == heard
        assert len(passing) >= RELOADS
        assert not refused, refused[0]


async def test_old_processes_stay_at_three_under_churn_and_none_dies_with_a_call(host: Host) -> None:
    """Section 7 f: calls of very different lengths, a reload wanted again and again."""
    rng = random.Random(7)
    loop = asyncio.get_running_loop()
    over = loop.time() + CHURN_S
    broken: list[str] = []
    most = done = refused = 0

    async def caller() -> None:
        while loop.time() < over:
            start = await host.lb.ws("/ws/demo")
            if not start.taken:
                await asyncio.sleep(0.05)
                continue
            call = TalkingCall(start).begin()
            await asyncio.sleep(rng.choice([0.2, 0.5, 2, 6]))
            await call.hang_up()
            if call.broken or call.sent != call.heard:
                broken.append(f"{call.broken} {call.heard}/{call.sent}")

    callers = [asyncio.create_task(caller()) for _ in range(6)]
    while loop.time() < over:
        if len(host.lb.generations().old) < 3:
            await asyncio.to_thread(host.lb.reload)
            done += 1
        else:
            with suppress(CommandError):  # a call may end between the look and the reload
                await asyncio.to_thread(host.lb.reload)
                done, refused = done + 1, refused - 1
            refused += 1
        most = max(most, len(host.lb.generations().old))
        await asyncio.sleep(0.1)
    await asyncio.gather(*callers)
    print(f"{done} reloads done, {refused} refused, at most {most} old processes")
    assert broken == []
    assert most == 3
    assert done > 3


async def test_a_drained_seat_stays_drained_over_a_reload(host: Host) -> None:
    """L14: without the saved state it would come back open."""
    host.lb.change("set server calls/fleet1-7 state drain")
    host.lb.reload()
    starts = [await host.lb.post() for _ in range(8)]
    assert [each.status for each in starts] == [200] * 7 + [429]
    assert (await host.seats.health("fleet1-7"))["worker_calls"] == 0


async def test_a_broken_configuration_changes_nothing(host: Host) -> None:
    """L14: calls and new starts go on, and a mended reload works."""
    good = host.lb.config.read_text()
    begun = await host.lb.ws("/ws/demo")
    async with hung_up(begun):
        host.lb.config.write_text(good.replace("balance leastconn", "balance nonsense"))
        with pytest.raises(CommandError, match="did not take the configuration"):
            host.lb.reload()
        assert begun.link
        await begun.link.send(b"x")
        assert await asyncio.wait_for(begun.link.recv(), 5) == b"x"
        assert (await host.lb.post()).status == 200
        host.lb.config.write_text(good)
        host.lb.reload()
        assert (await host.lb.post()).status == 200


async def test_a_seat_leaves_and_returns_by_the_admin_socket_without_a_reload(host: Host, run_dir: Path) -> None:
    """L12, L13: the next start follows the change, the process stays the same."""
    before = host.lb.pids()
    for seat in host.seats.ids[1:]:
        host.lb.change(f"set server calls/{seat} state drain")
    assert [(await host.lb.post()).status for _ in range(2)] == [200, 429]
    assert (await host.seats.health("fleet1-1"))["worker_calls"] == 1
    host.lb.change("set server calls/fleet1-2 state ready")
    await until_up(host.lb, "calls", "fleet1-2")
    assert (await host.lb.post()).status == 200
    assert (await host.seats.health("fleet1-2"))["worker_calls"] == 1
    assert host.lb.pids() == before
