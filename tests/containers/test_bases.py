"""The stand-in bases hold what the images need, and are not made twice."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from .engine import docker

pytestmark = [pytest.mark.containers]

PROGRAMS = {
    "vox-base/python:3.11": ("python3 -c 'import sys, venv, ssl; assert sys.version_info[:2] == (3, 11)'", "python"),
    "vox-base/nginx:latest": ("nginx -v", "nginx"),
    "vox-base/haproxy:3.0": ("haproxy -v | grep -q 'version 3.0'", "haproxy"),
    "vox-base/valkey:latest": ("valkey-server --version", "valkey"),
}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("image", PROGRAMS)
def test_a_base_runs_its_program(bases: Callable[..., None], image: str) -> None:
    command, name = PROGRAMS[image]
    bases(name)
    docker("run", "--rm", "--network", "none", image, "sh", "-c", command)


@pytest.mark.timeout(900)
def test_a_base_that_is_up_to_date_is_kept(bases: Callable[..., None]) -> None:
    bases("python")
    before = docker("image", "inspect", "--format", "{{.Id}}", "vox-base/python:3.11")
    began = time.monotonic()
    bases("python")
    assert docker("image", "inspect", "--format", "{{.Id}}", "vox-base/python:3.11") == before
    assert time.monotonic() - began < 10


def test_a_base_names_no_mirror(bases: Callable[..., None]) -> None:
    """Whoever runs an image elsewhere must not learn, or wait for, the mirror it was built from."""
    bases("python")
    found = docker("run", "--rm", "vox-base/python:3.11", "sh", "-c", "cat /etc/apt/sources.list* 2>/dev/null; true")
    assert not found.strip()
