"""Seats that share an id, a port or a start lock are no workers of their own (SE1 to SE3, H9)."""

import sys
import threading
from pathlib import Path

import pytest
from voxcore.preload import StartLock
from voxcore.seats import pause_s, seat_id, seat_settings
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.unit]


def test_a_seat_has_its_own_id_and_port_in_every_url(settings_for) -> None:
    settings = settings_for(
        seats=3, voxcore_worker_id="fleet1-9", voxcore_port=8000, voxcore_socket="/run/{worker_id}.sock",
        voxcore_public_url="https://x.example/{worker_id}", voxcore_direct_url="http://10.0.0.1:{port}/",
    )  # fmt: skip
    third = seat_settings(settings, 3)
    assert (third.voxcore_worker_id, third.voxcore_port, third.seats) == ("fleet1-11", 8002, 1)
    assert third.voxcore_socket == "/run/fleet1-11.sock"
    assert (third.voxcore_public_url, third.voxcore_direct_url) == (
        "https://x.example/fleet1-11",
        "http://10.0.0.1:8002",
    )
    assert (third.outbox_dir, third.voxcore_workers) == (settings.outbox_dir, 3)


def test_urls_that_were_not_given_follow_the_port_of_the_seat(settings_for) -> None:
    second = seat_settings(settings_for(seats=2, voxcore_port=8000), 2)
    assert second.voxcore_public_url == second.voxcore_direct_url == "http://localhost:8001"


@pytest.mark.parametrize(
    ("first", "seat", "name"), [("fleet1-1", 1, "fleet1-1"), ("a-09-b", 2, "a-10-b"), ("h2-s99", 2, "h2-s100")]
)
def test_the_last_number_of_the_id_is_raised(first: str, seat: int, name: str) -> None:
    assert seat_id(first, seat) == name


def test_an_id_without_a_number_or_one_socket_for_all_is_refused(settings_for) -> None:
    with pytest.raises(ConfigurationError, match="VOXCORE_WORKER_ID"):
        seat_id("fleet", 1)
    with pytest.raises(ConfigurationError, match="VOXCORE_SOCKET"):
        seat_settings(settings_for(seats=2, voxcore_socket="/run/vox.sock"), 1)


def test_a_seat_that_dies_young_waits_longer_each_time() -> None:
    assert [pause_s(n) for n in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


def test_at_most_two_processes_load_at_once_and_a_third_goes_on_after_its_patience(tmp_path: Path) -> None:
    with StartLock(tmp_path) as first, StartLock(tmp_path) as second:
        assert (first.held, second.held) == (True, True)
        with StartLock(tmp_path, wait_s=0.05) as third:
            assert not third.held


def test_a_waiting_process_loads_when_another_has_loaded(tmp_path: Path) -> None:
    first, second = StartLock(tmp_path), StartLock(tmp_path)
    first.__enter__()
    second.__enter__()
    threading.Timer(0.2, first.__exit__, (None,)).start()
    with StartLock(tmp_path, wait_s=60) as third:
        assert third.held
    second.__exit__(None)


def test_the_server_side_imports_no_numbers_library() -> None:
    """The parent's and the worker's own modules must not load numpy before its thread count is set."""
    import subprocess

    heavy = "('numpy', 'onnxruntime', 'pipecat')"
    code = f"import sys, voxcore.main, voxcore.seats; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"
