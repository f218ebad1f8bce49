"""The first thing a newcomer does must work: one command, one spoken call, nothing left behind."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from ..stacks import VoxUp, vox_up, wait_until_gone

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.embedded("`vox up` itself is what is judged; containers have tests of their own"),
]


def test_up_once_places_a_call_keeps_what_is_left_of_it_and_ends_with_0(
    tmp_path: Path, free_port: Callable[[], int]
) -> None:
    with vox_up(tmp_path, free_port, "--once", workers=2) as up:
        up.wait_for("stack.up")
        pids = list(up.stack["pids"].values())
        code = up.read_to_the_end()
    assert code == 0, up.events[-5:]
    ready = {event["part"] for event in up.saw("part.ready")}
    assert {"valkey", "voxregistry", "voxbridge", "voxcore-1", "voxcore-2", "voxvoice", "voxphone"} <= ready
    speakers = {event["who"] for event in up.saw("call.line")}
    assert speakers == {"bot", "caller"}
    (result,) = up.saw("call.result")
    assert result["status"] == "completed"
    record = json.loads(Path(result["result"]).read_text())
    assert {entry["role"] for entry in record["transcript"]} >= {"assistant", "user"}
    with wave.open(result["recording"]) as recording:
        assert recording.getnchannels() == 2
        length_s = recording.getnframes() / recording.getframerate()
    assert abs(length_s - record["call_duration_seconds"]) <= 0.5
    wait_until_gone(pids)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> object:
    from voxctl.children import free_port

    with vox_up(tmp_path_factory.mktemp("stack"), free_port, "--no-call") as up:
        up.wait_for("stack.up")
        yield up


def test_the_smoke_test_passes_on_a_fresh_stack(stack: VoxUp) -> None:
    done = stack.vox("smoke", "--json")
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, steps[-1]
    assert [step["step"] for step in steps if step["event"] == "smoke.passed"] == [1, 2, 3, 4, 5, 6, 8, 9, 11, 12]


def test_a_second_stack_on_the_same_data_is_refused(stack: VoxUp) -> None:
    done = stack.vox("up", "--no-call")
    assert done.returncode == 2
    assert "already running" in done.stderr
    assert "VOX_DATA_DIR" in done.stderr


def test_a_call_of_an_unknown_bot_is_refused_with_a_sentence(stack: VoxUp) -> None:
    done = stack.vox("call", "nobody")
    assert done.returncode == 1
    assert "404" in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_stand_in_no_log(stack: VoxUp) -> None:
    secrets = [line.partition("=")[2] for line in (stack.data / "secrets.env").read_text().splitlines()]
    password = (stack.data / "first-admin").read_text().strip()
    for log in (stack.data / "logs").glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in (*secrets, password) if secret in text], log.name
