"""The first thing a newcomer does must work: one command, one spoken call, nothing left behind."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest
from voxctl.children import free_port

from ..stacks import VoxUp, vox_up, wait_until_gone

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.embedded("`vox up` itself is what is judged; containers have tests of their own"),
]


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VoxUp, list[int]]]:
    """`vox up --once` and the pids of its parts; its call runs beside the other tests, which have another stack."""
    with vox_up(tmp_path_factory.mktemp("once"), free_port, "--once", workers=2) as up:
        up.wait_for("stack.up")
        yield up, list(up.stack["pids"].values())


@pytest.mark.usefixtures("once")
def test_the_smoke_test_passes_on_a_fresh_stack(vox_up_stack: VoxUp) -> None:
    done = vox_up_stack.vox("smoke", "--json")
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, steps[-1]
    assert [step["step"] for step in steps if step["event"] == "smoke.passed"] == [1, 2, 3, 4, 5, 6, 8, 9, 11, 12]


def test_a_second_stack_on_the_same_data_is_refused(vox_up_stack: VoxUp) -> None:
    done = vox_up_stack.vox("up", "--no-call")
    assert done.returncode == 2
    assert "already running" in done.stderr
    assert "VOX_DATA_DIR" in done.stderr


def test_a_call_of_an_unknown_bot_is_refused_with_a_sentence(vox_up_stack: VoxUp) -> None:
    done = vox_up_stack.vox("call", "nobody")
    assert done.returncode == 1
    assert "404" in done.stderr
    assert "Traceback" not in done.stderr


def test_secrets_stand_in_no_log(vox_up_stack: VoxUp) -> None:
    secrets = [line.partition("=")[2] for line in (vox_up_stack.data / "secrets.env").read_text().splitlines()]
    password = (vox_up_stack.data / "first-admin").read_text().strip()
    for log in (vox_up_stack.data / "logs").glob("*.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in (*secrets, password) if secret in text], log.name


def test_up_once_places_a_call_keeps_what_is_left_of_it_and_ends_with_0(once: tuple[VoxUp, list[int]]) -> None:
    up, pids = once
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
