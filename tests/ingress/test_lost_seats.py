"""Workers that die, alone or with a reservation: nobody else is sent to them (section 7 d)."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import httpx
import pytest

from .harness import fleet_of, running_balancer, until_up
from .workers import SECRET, running_seats

pytestmark = [pytest.mark.ingress]


async def test_a_seat_killed_while_its_callee_rings_is_told_to_its_holder_alone(
    haproxy: list[str], bridge_port: int, tmp_path: Path, run_dir: Path
) -> None:
    """L5, L6, L11: the holder hears 503 at once and may ask for another seat; callers without one never notice."""
    with running_seats("fleet9", 3, tmp_path, bridge_port, forked=False) as seats:
        await seats.until_idle()
        with running_balancer(haproxy, fleet_of(seats, run_dir)) as lb:
            await until_up(lb, "calls", *seats.ids)
            fence = await seats.fence("fleet9-2")
            async with httpx.AsyncClient(trust_env=False, headers={"X-VoxCore-Secret": SECRET}) as client:
                held = await client.post(f"{lb.private}/seats/fleet9-2/reserve", json={"fence": fence})
            assert held.status_code == 200

            os.kill((await seats.health("fleet9-2"))["worker_pid"], signal.SIGKILL)
            seats.processes[1].wait(10)
            holder = await lb.post(headers={"X-Vox-Fence": fence})
            assert (holder.status, holder.error) == (503, "worker_unreachable")
            assert holder.took_s < 1
            # Its check has not failed twice yet: the start itself must get past it.
            starts = [await lb.post() for _ in range(3)]
            assert [each.status for each in starts] == [200, 200, 429]
            assert starts[-1].took_s < 1

            await seats.end_rooms("fleet9-1", "fleet9-3")
            os.kill((await seats.health("fleet9-1"))["worker_pid"], signal.SIGKILL)
            seats.processes[0].wait(10)
            assert [(await lb.post()).status for _ in range(2)] == [200, 429]
            await seats.end_rooms("fleet9-3")


async def test_nobody_alive_is_refused_like_a_full_host(
    haproxy: list[str], bridge_port: int, tmp_path: Path, run_dir: Path
) -> None:
    """L10: so that the caller tries the next host."""
    with running_seats("fleet9", 1, tmp_path, bridge_port, forked=False) as seats:
        await seats.until_idle()
        with running_balancer(haproxy, fleet_of(seats, run_dir)) as lb:
            await until_up(lb, "calls", *seats.ids)
            seats.processes[0].kill()
            seats.processes[0].wait(10)
            for _ in range(2):
                for refused in (await lb.ws("/ws/demo"), await lb.post()):
                    assert (refused.status, refused.error, refused.retry_after) == (429, "at_capacity", "1")
            async with httpx.AsyncClient(trust_env=False) as client:
                answer = await client.get(f"{lb.url}/health")
            assert (answer.status_code, answer.json()["error"]) == (503, "no_worker")
