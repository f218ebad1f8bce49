"""What a machine lacks before it can be a host: each thing is named with its cure, and nothing that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from voxctl.hosts.inventory import Inventory
from voxctl.hosts.machine import LOOK, Machine, missing, parsed

pytestmark = [pytest.mark.unit]

GOOD = """\
user vox
groups 10002 105 10001
time 1000000
memory 8000
client yes
engine 20.10.24+dfsg1
live true
plugin 2.40.3
free 41943040
"""
INVENTORY = Inventory.model_validate(
    {
        "image": "vox/voxcore:dev",
        "balancer_image": "haproxy:3.0",
        "hosts": {
            "fleet1": {"address": "10.0.0.1", "roles": ["fleet"], "seats": 4, "public_url": "https://f.test"},
            "dialler1": {"address": "10.0.0.2", "roles": ["dialler"]},
        },
    }
)


def lacks(machine: Machine, host: str = "fleet1") -> list[str]:
    return missing(machine, INVENTORY, host)


def test_a_good_machine_lacks_nothing() -> None:
    machine = parsed(GOOD, 1_000_000.0)
    assert (machine.engine, machine.plugin, machine.memory_mib, machine.free_gib) == (
        "20.10.24+dfsg1",
        "2.40.3",
        8000,
        40.0,
    )
    assert lacks(machine) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"client": False, "engine": ""}, "Docker is not installed"),
        ({"engine": "", "refused": "permission denied while trying to connect"}, "usermod -aG docker vox"),
        (
            {"engine": "", "refused": "Is the docker daemon running?"},
            "Docker does not answer (Is the docker daemon running?)",
        ),
        ({"engine": "19.03.5"}, "Docker Engine is 19.03.5: 20.10 or newer"),
        ({"live_restore": False}, 'write {"live-restore": true} into /etc/docker/daemon.json'),
        ({"plugin": ""}, "install the compose plugin 2.20"),
        ({"plugin": "v2.9.0"}, "the compose plugin is v2.9.0: 2.20 or newer"),
        ({"groups": frozenset({105})}, "groupadd -g 10001 vox; usermod -aG vox vox"),
        ({"free_gib": 19.4}, "19.4 GiB of disk are free, 20 are needed"),
        ({"memory_mib": 3000}, "3000 MiB of memory carry 3 seats, not 4: seats: 3"),
        ({"skew_s": -600.0}, "its clock is -600 s off: set it by NTP"),
        ({"tools": ("flock",)}, "flock not installed (util-linux, coreutils)"),
    ],
)
def test_what_is_missing_is_named_with_its_cure(change: dict[str, Any], said: str) -> None:
    (found,) = lacks(replace(parsed(GOOD, 1_000_000.0), **change))
    assert said in found


def test_a_host_without_a_balancer_needs_neither_its_group_nor_an_outbox() -> None:
    machine = replace(parsed(GOOD, 1_000_000.0), groups=frozenset({105}), free_gib=6.0)
    assert lacks(machine, "dialler1") == []


def test_root_needs_no_group() -> None:
    assert lacks(replace(parsed(GOOD, 1_000_000.0), user="root", groups=frozenset({0}))) == []


def test_a_machine_without_anything_lacks_everything_at_once() -> None:
    """One look tells all that can be told; what needs Docker comes when it is there."""
    assert lacks(parsed("user vox\ngroups 1000\ntime 5\nmemory 500\ntool flock\nfree 100\n", 5.0))[-1].startswith(
        "Docker is not"
    )
    assert "docker version" in LOOK
