"""Whatever happens to the supervisor or to a part, no process of the stack may stay behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ..stacks import vox_up, wait_until_gone

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


@pytest.mark.skipif(sys.platform != "linux", reason="only the Linux kernel ends children with their parent")
def test_kill_9_of_the_supervisor_leaves_nothing_and_ctrl_c_ends_the_next_start_within_seconds(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    with vox_up(tmp_path, free_port, "--no-call") as up:
        up.wait_for("stack.up")
        pids = list(up.stack["pids"].values())
        up.process.kill()
        wait_until_gone(pids)
    with vox_up(tmp_path, free_port, "--no-call") as again:
        again.wait_for("stack.up")
        pids = list(again.stack["pids"].values())
        again.process.send_signal(signal.SIGINT)
        assert again.read_to_the_end() == 0
        wait_until_gone(pids, within_s=5)
    assert not (tmp_path / "data" / "stack.json").exists()


def test_a_dead_part_ends_the_stack_with_its_name_and_log(tmp_path: Path, free_port: Callable[[], int]) -> None:
    with vox_up(tmp_path, free_port, "--no-call") as up:
        up.wait_for("stack.up")
        pids = up.stack["pids"]
        os.kill(pids["voxbridge"], signal.SIGKILL)
        assert up.read_to_the_end() == 1
        (error,) = up.saw("error")
        assert "voxbridge was ended by SIGKILL" in error["message"]
        assert "voxbridge.log" in error["message"]
        wait_until_gone(list(pids.values()))
