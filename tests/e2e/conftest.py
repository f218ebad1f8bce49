"""`@pytest.mark.call(SCENARIO, …)` on a test and its fixture `call`: the outcome of the spoken call it judges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from voxctl.children import free_port as find_free_port

from .outcome import Outcome
from .scenario import Scenario
from .switchboard import Calls


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "call(*scenarios): the spoken calls that this test judges")


def scenarios_of(item: pytest.Item) -> list[Scenario]:
    return [scenario for mark in item.iter_markers("call") for scenario in mark.args]


@pytest.fixture(scope="session")
def calls(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    """The stack of this run, with the calls of every selected test placed on it."""
    with Calls(tmp_path_factory.mktemp("calls"), find_free_port) as calls:
        for item in request.session.items:
            calls.place(scenarios_of(item))
        yield calls


@pytest.fixture
def call(request: pytest.FixtureRequest, calls: Calls) -> Outcome:
    """The call of this test; a test of several calls is parametrized over them."""
    callspec = getattr(request.node, "callspec", None)
    scenario = callspec.params.get("scenario") if callspec else None
    if scenario is None:
        (scenario,) = scenarios_of(request.node)
    return calls.outcome(scenario)
