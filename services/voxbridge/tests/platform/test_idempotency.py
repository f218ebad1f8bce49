"""A client that repeats a request after a lost answer must not add twice, call twice, or be refused for ever."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel
from voxbridge.actors import Actor
from voxbridge.idempotency import Once
from voxkit.errors import Conflict, NotFound, RateLimited, Unavailable, Upstream, VoxError

pytestmark = [pytest.mark.integration]
CRM = Actor("api_key", key_id="k1")


class Body(BaseModel):
    number: str = "1"


class Answer(BaseModel):
    count: int


class Work:
    """Counts how often it is done; fails with `error` while there is one."""

    def __init__(self, error: Exception | None = None) -> None:
        self.done = 0
        self.error = error

    async def __call__(self) -> Answer:
        self.done += 1
        if self.error:
            raise self.error
        return Answer(count=self.done)


def asked(bridge: Any, work: Any, *, actor: Actor = CRM, key: str = "a1", body: str = "1", route: str = "POST /x",
          repeatable: bool = True) -> Any:  # fmt: skip
    return Once(bridge.ctx, route, key).run(actor, Body(number=body), Answer, work, repeatable=repeatable)


async def test_a_repeat_gets_the_first_answer(bridge) -> None:
    work = Work()
    assert [(await asked(bridge, work)).count for _ in range(3)] == [1, 1, 1]


async def test_without_a_key_every_request_is_new(bridge) -> None:
    work = Work()
    assert [(await asked(bridge, work, key="")).count for _ in range(2)] == [1, 2]


async def test_a_key_belongs_to_one_credential_and_one_route(bridge) -> None:
    work = Work()
    await asked(bridge, work)
    await asked(bridge, work, actor=Actor("api_key", key_id="k2"))
    await asked(bridge, work, route="POST /y")
    assert work.done == 3


async def test_another_body_under_the_same_key_is_refused(bridge) -> None:
    work = Work()
    await asked(bridge, work)
    with pytest.raises(VoxError) as caught:
        await asked(bridge, work, body="2")
    assert (caught.value.http_status, caught.value.wire_code, work.done) == (422, "idempotency_mismatch", 1)


async def test_a_repeat_during_the_first_request_is_told_to_wait(bridge) -> None:
    inside, go = asyncio.Event(), asyncio.Event()

    async def slow() -> Answer:
        inside.set()
        await go.wait()
        return Answer(count=1)

    first = asyncio.create_task(asked(bridge, slow))
    await inside.wait()
    with pytest.raises(Conflict) as caught:
        await asked(bridge, slow)
    go.set()
    assert (caught.value.wire_code, (await first).count) == ("in_progress", 1)


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (NotFound("gone", code="campaign_not_found"), 1),
        (Conflict("no", code="invalid_state", extra={"reasons": ["x"]}), 1),
        (Upstream("who knows", code="start_unknown"), 1),
        (Upstream("refused", code="carrier_refused"), 2),
        (Unavailable("away"), 2),
        (RateLimited("slowly"), 2),
        (RuntimeError("a mistake of ours"), 2),
    ],
)
async def test_a_refusal_is_kept_when_a_repeat_could_not_help_or_might_do_harm(
    bridge, error: Exception, times: int
) -> None:
    work = Work(error)
    for _ in range(2):
        with pytest.raises(type(error) if times == 2 else VoxError) as caught:
            await asked(bridge, work)
        assert str(caught.value) == str(error)
        if isinstance(error, VoxError):
            assert (caught.value.wire_code, caught.value.extra) == (error.wire_code, error.extra)
    assert work.done == times


@pytest.mark.parametrize("repeatable", [True, False])
async def test_a_claim_of_a_process_that_died_is_taken_over_only_where_the_work_may_be_repeated(
    bridge, repeatable: bool
) -> None:
    async def died() -> Answer:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await asked(bridge, died)
    with pytest.raises(Conflict):
        await asked(bridge, Work(), repeatable=repeatable)
    later = bridge.ctx.clock() + timedelta(minutes=3)
    bridge.ctx.clock = lambda: later
    if repeatable:
        assert (await asked(bridge, Work(), repeatable=True)).count == 1
    else:
        with pytest.raises(Conflict):
            await asked(bridge, Work(), repeatable=False)


async def test_a_key_is_free_again_after_a_day(bridge) -> None:
    work = Work()
    await asked(bridge, work)
    later = bridge.ctx.clock() + timedelta(hours=24)
    bridge.ctx.clock = lambda: later
    assert (await asked(bridge, work, body="2")).count == 2
