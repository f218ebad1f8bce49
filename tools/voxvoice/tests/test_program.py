"""Whoever starts `voxvoice` must get one clear line when it cannot start, and a quiet stop when it is told to."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.integration]


def start(tmp_path: Path, **env: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "voxvoice.main"],
        env={**os.environ, "VOXVOICE_HOST": "127.0.0.1", **env},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def one_line_and_status(program: subprocess.Popen[str]) -> tuple[str, int]:
    out, err = program.communicate(timeout=120)
    assert "Traceback" not in out + err
    assert len(err.splitlines()) == 1
    return err, program.returncode


def test_a_taken_port_is_one_line_and_status_1(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line, status = one_line_and_status(start(tmp_path, VOXVOICE_PORT=port))
    assert (port in line, "VOXVOICE_PORT" in line, status) == (True, True, 1)


@pytest.mark.parametrize(
    ("env", "told"),
    [
        ({"VOXVOICE_DIALOGUES": "nowhere"}, "VOXVOICE_DIALOGUES"),
        ({"VOXVOICE_GGUF": "nothing.gguf"}, "VOXVOICE_GGUF"),
        ({"VOXVOICE_PORT": "high"}, "PORT"),
        ({"VOXVOICE_THREADS": "0"}, "VOXVOICE_THREADS"),
    ],
)
def test_a_wrong_setting_is_one_line_and_status_1(tmp_path: Path, env: dict[str, str], told: str) -> None:
    line, status = one_line_and_status(start(tmp_path, **{"VOXVOICE_PORT": "0", **env}))
    assert (told in line, status) == (True, 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_quietly_and_soon(tmp_path: Path, number: signal.Signals) -> None:
    port = free_port()
    program = start(tmp_path, VOXVOICE_PORT=str(port))
    try:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as answer:
                    assert answer.status == 200
                    break
            except OSError:
                time.sleep(0.1)
        asked = time.monotonic()
        program.send_signal(number)
        out, err = program.communicate(timeout=60)
        took = time.monotonic() - asked
    finally:
        program.kill()
    assert (program.returncode, err) == (0, "")
    assert "Traceback" not in out
    assert took < 10  # three seconds on a quiet machine
