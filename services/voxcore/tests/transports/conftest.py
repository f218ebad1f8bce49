"""A socket without a network, and a listener that keeps what it is told."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loguru import logger
from voxcore.record import CallRecord

sys.path.insert(0, str(Path(__file__).parent.parent))

from media_fakes import FakeSocket, Heard


@pytest.fixture(autouse=True, scope="session")
def quiet_pipecat() -> None:
    logger.remove()


@pytest.fixture
def socket() -> FakeSocket:
    return FakeSocket()


@pytest.fixture
def socket_with() -> Callable[[str], FakeSocket]:
    """A socket whose URL had a query string."""
    return FakeSocket


@pytest.fixture
def record() -> CallRecord:
    return CallRecord(call_id="c-1", bot_id="demo", transport="ws")


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def until() -> Callable[..., Any]:
    """Wait until something becomes true; the test fails when it does not."""

    async def wait(condition: Callable[[], bool], within_s: float = 20.0) -> None:
        async with asyncio.timeout(within_s):
            while not condition():
                await asyncio.sleep(0.005)

    return wait
