"""Fixtures of the container suite: a Docker engine, and the images that tests name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from .engine import make_bases, running_engine


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Docker engine answers for as long as this pytest process lasts."""
    with running_engine(tmp_path_factory.mktemp("dockerd")):
        yield


@pytest.fixture(scope="session")
def bases(docker_engine: None) -> Callable[..., None]:
    """`bases("python", "haproxy")`: these stand-in base images are there afterwards, made once a machine."""
    return make_bases
