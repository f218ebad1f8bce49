"""Fixtures of the deploy suite: this machine's Docker engine for images, and hosts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..containers.engine import running_engine
from .hosts import Lab, lab
from .village import Village
from .village import village as built_village


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Docker engine of this machine answers: images come from it."""
    with running_engine(tmp_path_factory.mktemp("dockerd")):
        yield


@pytest.fixture(scope="session")
def two_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """fleet1 and fleet2, without an image, for as long as this pytest process lasts; a test cleans up after itself."""
    with lab(tmp_path_factory.mktemp("lab"), ["fleet1", "fleet2"]) as machines:
        yield machines


@pytest.fixture(scope="session")
def village(docker_engine: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Village]:
    """The whole control plane on two real hosts; a test leaves it on one release, with nothing in hand."""
    with built_village(tmp_path_factory.mktemp("village")) as made:
        yield made
