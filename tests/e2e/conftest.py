"""`@pytest.mark.call(SCENARIO, …)` on a test and its fixture `call`: the outcome of the spoken call it judges."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from voxctl.children import free_port

from ..stacks import VoxUp, ground, kind_of_stack, vox_up
from .outcome import Outcome
from .scenario import Scenario
from .switchboard import Calls


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "call(*scenarios): the spoken calls that this test judges")
    config.addinivalue_line("markers", "embedded(reason): a test that makes no sense on a stack of containers")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if kind_of_stack() == "embedded":
        return
    for item in items:
        if mark := item.get_closest_marker("embedded"):
            item.add_marker(pytest.mark.skip(reason=mark.args[0]))


def scenarios_of(item: pytest.Item) -> list[Scenario]:
    return [scenario for mark in item.iter_markers("call") for scenario in mark.args]


@pytest.fixture(scope="session")
def host_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Stacks can be started now; their services reach this machine there."""
    with ground(tmp_path_factory.mktemp("ground")) as address:
        yield address


@pytest.fixture(scope="session")
def vox_up_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VoxUp]:
    """A new `vox up` of one worker, for tests of it in their order."""
    with vox_up(tmp_path_factory.mktemp("stack"), free_port, "--no-call") as up:
        up.wait_for("stack.up")
        yield up


@pytest.fixture(scope="session")
def calls(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, host_address: str
) -> Iterator[Calls]:
    """The stack of this run, with the calls of every selected test placed on it."""
    with Calls(tmp_path_factory.mktemp("calls"), host_address) as calls:
        calls.place(scenario for item in request.session.items for scenario in scenarios_of(item))
        yield calls


@pytest.fixture
def call(request: pytest.FixtureRequest, calls: Calls) -> Outcome:
    """The call of this test; a test of several calls is parametrized over them."""
    callspec = getattr(request.node, "callspec", None)
    scenario = callspec.params.get("scenario") if callspec else None
    if scenario is None:
        (scenario,) = scenarios_of(request.node)
    return calls.outcome(scenario)
