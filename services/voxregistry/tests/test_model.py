"""A step that does not do what the rules say: every random one is compared with a plain model (T1, T4).

    VOXREGISTRY_STEPS=10000000 pytest -s services/voxregistry/tests/test_model.py -k random_walk

`VOXREGISTRY_STEPS` is the length of the walk (20,000 unless told; above is the nightly size), `VOXREGISTRY_SEED`
where it starts; each pool of 250 steps has the next seed, and a failure names its own. No sweeper runs here: what is
due is settled by the steps themselves (TM1).
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from voxctl.children import free_port
from voxctl.embedded import ValkeyServer

from .changed import FAULTS, faulty
from .moves import MOVES, Hand
from .pool import Disagreement, Pool, load

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]

STEPS = int(os.environ.get("VOXREGISTRY_STEPS", "20000"))
STEPS_A_POOL = 250
SAY_EVERY = 100_000


def walk(make: Callable[[], Pool], seed: int, steps: int) -> int:
    """Random steps in pools of their own; returns how many were compared. Raises: Disagreement, naming the seed."""
    done, started = 0, time.monotonic()
    while done < steps:
        pool = make()
        hand = Hand(pool, random.Random(seed))
        try:
            while pool.steps < STEPS_A_POOL:
                hand.one()
        except Disagreement as error:
            told = "\n".join(str(step) for step in hand.sent[-8:])
            raise Disagreement(f"VOXREGISTRY_SEED={seed}, step {pool.steps}:\n{told}\n{error}") from None
        done += pool.steps
        pool.clear()
        seed += 1
        if done // SAY_EVERY > (done - pool.steps) // SAY_EVERY:
            rate = done / (time.monotonic() - started)
            print(f"{done:,} of {steps:,} steps agree, next seed {seed}, {rate:,.0f} steps/s", flush=True)
    return done


@pytest.mark.timeout(24 * 3600)
def test_the_store_does_what_the_rules_say_on_every_random_walk(new_pool: Callable[[], Pool]) -> None:
    seed = int(os.environ.get("VOXREGISTRY_SEED", str(time.time_ns() // 1_000_000 % 1_000_000_000)))
    print(f"VOXREGISTRY_SEED={seed} VOXREGISTRY_STEPS={STEPS}")
    assert walk(new_pool, seed, STEPS) >= STEPS


class Machine(RuleBasedStateMachine):
    """The same steps under Hypothesis, which makes a failure as short as it can be."""

    make: Callable[[], Pool]

    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand(type(self).make(), random.Random(0))

    @rule(draw=st.randoms(use_true_random=False), ms=st.sampled_from((0, 0, 0, 1, 999, 1000, 1001, 3000, 9000, 20_000)))
    def step(self, draw: random.Random, ms: int) -> None:
        self.hand.draw = draw
        if ms:
            self.hand.pool.tick(ms)
        draw.choice(MOVES)(self.hand)

    def teardown(self) -> None:
        self.hand.pool.clear()


def test_the_store_does_what_the_rules_say_under_hypothesis(new_pool: Callable[[], Pool]) -> None:
    machine = type("Machine", (Machine,), {"make": staticmethod(new_pool)})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


@pytest.fixture(scope="module")
def broken_store(tmp_path_factory: pytest.TempPathFactory):
    server = ValkeyServer(free_port(), tmp_path_factory.mktemp("broken-valkey") / "data")
    server.start()
    server.wait_ready(60)
    client = redis.Redis(port=server.port)
    yield client
    client.close()
    server.stop()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_library_is_found(fault: str, broken_store: redis.Redis) -> None:
    load(broken_store, faulty(fault, test_clock=True))
    broken_store.flushall()

    def make() -> Pool:
        pool = Pool(broken_store, "broken")
        pool.step("settle", {"limit": 64})
        pool.tick(4_000)
        return pool

    with pytest.raises(Disagreement):
        walk(make, seed=1, steps=20_000)
