"""Days of a fleet as files: a rule that makes callers wait longer, or lets fewer in, shows here as other numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from .pool import Pool
from .scenario import Play, read
from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]

FILES = sorted((Path(__file__).parent / "scenarios").glob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_day_goes_as_its_file_says(path: Path, new_pool: Callable[[], Pool]) -> None:
    """T11. Every step is compared with the model as well, and no index differs from what the records imply."""
    scenario = read(path)
    play = Play(scenario, Fleet(new_pool()))
    assert play.run() == scenario.expect
    assert play.most_in_use == scenario.most_in_use
