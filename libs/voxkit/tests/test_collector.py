"""A collector that looks through all that is loaded while a request waits."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from voxkit.collector import keep_loaded

pytestmark = [pytest.mark.unit]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_is_loaded_is_looked_at_no_more_and_what_comes_later_is() -> None:
    early = [[] for _ in range(1_000)]
    keep_loaded()
    late = [[] for _ in range(1_000)]
    looked_at = {id(each) for each in gc.get_objects()}
    assert not looked_at & {id(each) for each in early}
    assert {id(each) for each in late} <= looked_at
