"""A dead part must end the whole stack with its last words, and no process may be left behind."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import psutil
import pytest
from voxctl.up.supervisor import Part, PartFailed, Supervisor

pytestmark = [pytest.mark.integration]

PATIENT = "import time; print('hello', flush=True); time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('hello', flush=True); time.sleep(600)"
WITH_CHILD = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    "print('hello', child.pid, flush=True); time.sleep(600)"
)


def part(name: str, script: str, logs: Path, **options: object) -> Part:
    """A tiny Python program; it is ready once it has printed something."""

    async def ready() -> bool:
        log = logs / f"{name}.log"
        return log.exists() and log.stat().st_size > 0

    return Part(name, (sys.executable, "-c", script), 1, ready, env=dict(os.environ), **options)


def all_gone(pids: list[int]) -> bool:
    return all(not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE for pid in pids)


async def test_parts_start_in_the_order_of_their_needs(tmp_path: Path) -> None:
    order: list[str] = []
    supervisor = Supervisor(
        [part("bridge", PATIENT, tmp_path, after=("store",)), part("store", PATIENT, tmp_path)],
        tmp_path,
        on_ready=lambda ready, _seconds: order.append(ready.name),
    )
    await supervisor.start()
    pids = list(supervisor.pids.values())
    await supervisor.stop()
    assert order == ["store", "bridge"]
    assert all_gone(pids)


async def test_nobody_waits_for_a_late_part_and_it_ends_with_the_others(tmp_path: Path) -> None:
    parts = [part("store", PATIENT, tmp_path), part("dialler", PATIENT, tmp_path, after=("store",), late=True)]
    supervisor = Supervisor(parts, tmp_path)
    await supervisor.start()
    assert list(supervisor.pids) == ["store"]
    assert supervisor.waiting == []
    await supervisor.start_late()
    pids = list(supervisor.pids.values())
    assert len(pids) == 2
    await supervisor.stop()
    assert all_gone(pids)


async def test_a_late_part_that_dies_while_starting_is_told(tmp_path: Path) -> None:
    supervisor = Supervisor([part("dialler", "import sys; sys.exit('no store')", tmp_path, late=True)], tmp_path)
    await supervisor.start()
    with pytest.raises(PartFailed, match="dialler ended with exit code 1"):
        await supervisor.start_late()


async def test_a_part_that_dies_while_starting_gives_its_last_words(tmp_path: Path) -> None:
    supervisor = Supervisor([part("store", "import sys; sys.exit('port taken')", tmp_path)], tmp_path)
    with pytest.raises(PartFailed, match="store ended with exit code 1") as failure:
        await supervisor.start()
    assert failure.value.log_lines == ["port taken"]
    assert failure.value.log_path == tmp_path / "store.log"


async def test_a_part_that_was_ready_and_dies_while_others_start_ends_the_start(tmp_path: Path) -> None:
    never = Part("slow", (sys.executable, "-c", PATIENT), 1, _never, env=dict(os.environ), after=("brief",))
    brief = part("brief", "import time; print('hello', flush=True); time.sleep(0.5)", tmp_path)
    supervisor = Supervisor([never, brief], tmp_path)
    with pytest.raises(PartFailed, match="brief ended"):
        await asyncio.wait_for(supervisor.start(), 60)
    await supervisor.stop()


async def _never() -> bool:
    return False


async def test_a_dead_part_is_noticed_and_the_others_are_stopped(tmp_path: Path) -> None:
    supervisor = Supervisor([part("one", PATIENT, tmp_path), part("two", PATIENT, tmp_path)], tmp_path)
    await supervisor.start()
    pids = list(supervisor.pids.values())
    os.kill(supervisor.pids["one"], signal.SIGKILL)
    with pytest.raises(PartFailed, match="one was ended by SIGKILL"):
        await asyncio.wait_for(supervisor.watch(), 60)
    await supervisor.stop()
    assert all_gone(pids)


async def test_a_part_that_ignores_its_signal_is_killed(tmp_path: Path) -> None:
    supervisor = Supervisor([part("deaf", DEAF, tmp_path, stop_within_s=0.3)], tmp_path)
    await supervisor.start()
    pids = list(supervisor.pids.values())
    await supervisor.stop()
    assert all_gone(pids)


async def test_what_a_part_forked_goes_with_it(tmp_path: Path) -> None:
    supervisor = Supervisor([part("parent", WITH_CHILD, tmp_path)], tmp_path)
    await supervisor.start()
    child = int((tmp_path / "parent.log").read_text().split()[1])
    await supervisor.stop()
    async with asyncio.timeout(30):  # a grandchild is reaped by init, when it pleases
        while not all_gone([child]):
            await asyncio.sleep(0.05)


async def test_stages_end_one_after_another(tmp_path: Path) -> None:
    say_when_asked = (
        "import signal, sys, time\n"
        "def end(*_):\n    open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit(0)\n"
        "signal.signal(signal.SIGTERM, end); print('hello', flush=True); time.sleep(600)"
    )
    order = tmp_path / "order"
    parts = [
        Part(
            name,
            (sys.executable, "-c", say_when_asked, str(order), name),
            1,
            part(name, "", tmp_path).ready,
            env=dict(os.environ),
            stop_stage=stage,
        )
        for name, stage in (("store", 2), ("worker", 0), ("bridge", 1))
    ]
    supervisor = Supervisor(parts, tmp_path)
    await supervisor.start()
    await supervisor.stop()
    assert order.read_text() == "workerbridgestore"


async def test_a_worker_that_drained_itself_is_started_again(tmp_path: Path) -> None:
    renewed: list[str] = []
    script = (
        "import os, sys, time\n"
        "again = os.path.exists(sys.argv[1]); open(sys.argv[1], 'w').close(); print('hello', flush=True)\n"
        "time.sleep(600 if again else 0.5)"
    )
    worker = Part(
        "voxcore-1",
        (sys.executable, "-c", script, str(tmp_path / "was-here")),
        1,
        part("voxcore-1", "", tmp_path).ready,
        env=dict(os.environ),
        renews=True,
    )
    supervisor = Supervisor([worker], tmp_path, on_renewed=lambda who: renewed.append(who.name))
    await supervisor.start()
    first = supervisor.pids["voxcore-1"]
    watching = asyncio.create_task(supervisor.watch())
    async with asyncio.timeout(60):
        while supervisor.pids["voxcore-1"] == first:
            await asyncio.sleep(0.05)
    watching.cancel()
    assert renewed == ["voxcore-1"]
    await supervisor.stop()


async def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    supervisor = Supervisor([Part("voxcore-1", (str(tmp_path / "voxcore"),), 1, _never)], tmp_path)
    with pytest.raises(PartFailed, match=r"could not be started \(No such file or directory: .*voxcore\)"):
        await supervisor.start()
