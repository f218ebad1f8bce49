"""Fixtures of the container suite: a Docker engine, the images, and one running stack of compose.yaml."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from .engine import make_bases, running_engine
from .stack import Caller, Stack, build_images, caller

HERE = Path(__file__).parent


# The first test of a new machine waits for every base and image.
FIRST_WITHIN_S = 1800


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whichever test comes first has the time that building takes; those with the stack of compose.yaml come last.

    It stays to the end, and the health checks of its dozen containers would take from all others what they measure.
    """
    items.sort(key=lambda item: item.path.parent == HERE and "stack" in getattr(item, "fixturenames", ()))
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.timeout(FIRST_WITHIN_S))


@pytest.fixture(scope="session")
def docker_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A Docker engine answers for as long as this pytest process lasts."""
    with running_engine(tmp_path_factory.mktemp("dockerd")):
        yield


@pytest.fixture(scope="session")
def bases(docker_engine: None) -> Callable[..., None]:
    """`bases("python", "haproxy")`: these stand-in base images are there afterwards, made once a machine."""
    return make_bases


@pytest.fixture(scope="session")
def images(docker_engine: None, pytestconfig: pytest.Config) -> None:
    """Every image of this checkout, built on the stand-in bases. IMAGES_READY=1: the ones that are there will do."""
    if os.environ.get("IMAGES_READY"):
        return
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        build_images()


@pytest.fixture(scope="session")
def stack(images: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """compose.yaml with the profile `demo` and the stand-ins, healthy; gone with its volumes afterwards."""
    running = Stack(tmp_path_factory.mktemp("stack"))
    try:
        running.up()
        yield running
    finally:
        running.down()


@pytest_asyncio.fixture
async def phone(stack: Stack) -> AsyncIterator[Caller]:
    """A caller with a bot of its own on the stack."""
    async with caller(stack) as ready:
        yield ready
