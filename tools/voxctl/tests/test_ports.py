"""A taken port must be reported before anything starts, with who needs it and which variable moves it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator

import pytest
from voxctl.output import CommandError
from voxctl.up.ports import Port, check_ports

pytestmark = [pytest.mark.unit]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        yield listener.getsockname()[1]


def test_free_ports_pass(free_port: Callable[[], int]) -> None:
    check_ports([Port("voxbridge", free_port(), "VOX_BRIDGE_PORT")])


def test_a_taken_port_names_service_port_holder_and_variable(taken: int) -> None:
    with pytest.raises(CommandError) as refusal:
        check_ports([Port("voxbridge", taken, "VOX_BRIDGE_PORT")])
    message = str(refusal.value)
    for part in ("voxbridge", str(taken), str(os.getpid()), "VOX_BRIDGE_PORT", "--port-offset"):
        assert part in message
    assert refusal.value.exit_code == 2


def test_every_taken_port_has_its_own_line(taken: int, free_port: Callable[[], int]) -> None:
    with pytest.raises(CommandError) as refusal:
        check_ports(
            [
                Port("voxbridge", taken, "VOX_BRIDGE_PORT"),
                Port("voxvoice", free_port(), "VOX_VOICE_PORT"),
                Port("voxphone", 70_000, "VOX_PHONE_PORT"),
            ]
        )
    assert [line.split()[0] for line in str(refusal.value).splitlines()] == ["voxbridge", "voxphone"]


def test_two_parts_that_want_one_port_are_told_apart(free_port: Callable[[], int]) -> None:
    port = free_port()
    with pytest.raises(CommandError, match="voxphone and voxcore-9 both want"):
        check_ports([Port("voxcore-9", port, "VOX_CORE_PORT"), Port("voxphone", port, "VOX_PHONE_PORT")])
