"""A contact that is lost, dialled twice in a run or counted wrongly when a process dies between two writes: people, a
dialler and the keeper work on one campaign in any order, each of them may die before any of its writes, and after each
step the store holds what the state table allows."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from voxbridge.actors import Actor
from voxbridge.app import create_app
from voxbridge.audit.service import Author
from voxbridge.campaigns import lifecycle, service
from voxbridge.campaigns.keeper import Keeper
from voxbridge.campaigns.models import CampaignCreate
from voxbridge.campaigns.resetting import Resetting
from voxbridge.campaigns.settling import AT_LEAST, Settling
from voxbridge.campaigns.stats import BY_STATE, recount
from voxbridge.contacts.rows import new_row
from voxbridge.context import Context
from voxbridge.features import FEATURES
from voxbridge.stores import make_indexes
from voxkit.campaigns import Ended, decide
from voxkit.contracts.campaigns import ACTIVE, FREED, WAITING
from voxkit.errors import Conflict

from .drafts import ALWAYS, MONDAY, NUMBER, add_carrier

pytestmark = [pytest.mark.integration]
Document = dict[str, Any]
WHO = Author(Actor("user", user_id="u1"), "")
CONTACTS = 4
WRITES = {"update_one", "update_many", "insert_one", "insert_many", "delete_one", "delete_many", "bulk_write"}
EDGES = {
    ("draft", "running"), ("paused", "running"), ("running", "paused"), ("running", "completed"),
    ("paused", "completed"), ("running", "failed"), ("completed", "draft"), ("failed", "draft"),
    ("draft", "completed"), ("draft", "failed"),
}  # fmt: skip
ACTIONS = ("start", "pause", "stop", "restart", "cancel-restart")
OFFERED = {
    "draft": ("start", "cancel-restart"), "running": ("pause", "stop"), "paused": ("start", "stop"),
    "completed": ("restart",), "failed": ("restart",),
}  # fmt: skip
DEATHS = st.none() | st.integers(0, 8)


class Died(BaseException):
    """The process is gone; nothing of it handles this."""


class Mortal:
    """A database, or a collection of it, whose user dies before its n-th write."""

    def __init__(self, inner: Any, left: list[int | None]) -> None:
        self._inner = inner
        self._left = left

    def __getitem__(self, name: str) -> Mortal:
        return Mortal(self._inner[name], self._left)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        return self._counted(found) if name in WRITES else found

    def _counted(self, write: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*args: Any, **kwargs: Any) -> Any:
            if self._left[0] is not None:
                if self._left[0] == 0:
                    raise Died
                self._left[0] -= 1
            return await write(*args, **kwargs)

        return counted


@pytest.fixture
async def ctx(bridge_settings: Callable[..., Any]) -> AsyncIterator[Context]:
    """A control plane of which no job runs."""
    made: Context = create_app(bridge_settings()).state.ctx
    await make_indexes(made.db, [index for feature in FEATURES for index in feature.indexes])
    yield made
    await made.mongo.close()
    await made.redis.aclose()
    await made.http.aclose()


def machine(ctx: Context, loop: asyncio.AbstractEventLoop) -> type[RuleBasedStateMachine]:
    """The rules are run in a thread of their own; what they await runs in the loop of the store's client."""

    class Campaigns(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.left: list[int | None] = [None]
            self.now = MONDAY
            self.ctx = replace(ctx, db=Mortal(ctx.db, self.left), clock=lambda: self.now)
            self.keeper = Keeper(self.ctx)
            self.campaign_id = ""
            self.rows: set[str] = set()
            self.live: dict[str, str] = {}  # contact -> the call it is in
            self.seen: Document = {}

        def wait(self, work: Coroutine[Any, Any, Any], dies_before: int | None = None) -> Any:
            self.left[0] = dies_before
            try:
                return asyncio.run_coroutine_threadsafe(work, loop).result(60)
            finally:
                self.left[0] = None

        def stored(self) -> Document:
            return self.wait(ctx.db["campaigns"].find_one({"_id": self.campaign_id}))

        def is_on(self) -> bool:
            return self.seen["status"] in ("running", "paused")

        def contacts(self) -> list[Document]:
            return self.wait(ctx.db["campaign_calls"].find({"campaign_id": self.campaign_id}).to_list())

        @initialize()
        def begin(self) -> None:
            self.wait(ctx.db["bots"].replace_one({"_id": "bot-a"}, {"name": "A", "is_active": True}, upsert=True))
            config = {**ALWAYS, "redial_rules": {"max_attempts": 2}}
            body = CampaignCreate.model_validate(
                {"name": "M", "bot_id": "bot-a", "number_pool": [NUMBER], "config": config}
            )
            self.campaign_id = self.wait(service.create(self.ctx, WHO, body, "http://b"))["_id"]
            for _ in range(CONTACTS):
                self.add_contact()
            self.seen = self.stored()

        @rule(choice=st.integers(0, 9), other=st.sampled_from(ACTIONS), death=DEATHS,
              scope=st.sampled_from(["all", "unfinished"]))  # fmt: skip
        def a_person_acts(self, choice: int, other: str, death: int | None, scope: str) -> None:
            """Mostly what the console offers in this state, sometimes anything."""
            offered = OFFERED[self.seen["status"]]
            self.act(other if choice == 0 else offered[choice % len(offered)], death, scope)

        def act(self, action: str, death: int | None, scope: str) -> None:
            work = {
                "start": lambda: lifecycle.start(self.ctx, WHO, self.campaign_id, "start"),
                "pause": lambda: lifecycle.pause(self.ctx, WHO, self.campaign_id),
                "stop": lambda: lifecycle.stop(self.ctx, WHO, self.campaign_id),
                "restart": lambda: lifecycle.restart(self.ctx, WHO, self.campaign_id, scope),
                "cancel-restart": lambda: lifecycle.cancel_restart(self.ctx, WHO, self.campaign_id),
            }[action]
            before = self.stored()
            try:
                self.wait(work(), death)
            except Conflict:
                assert self.stored()["status"] == before["status"]
            except Died:
                self.keeper = Keeper(self.ctx)

        @precondition(lambda self: self.seen.get("status") in ("running", "paused"))
        @rule()
        def add_contact(self) -> None:
            """As a CRM does."""
            campaign = self.stored()
            row_no = campaign["last_row_no"] + 1
            row = new_row(
                self.campaign_id, campaign["run_number"], row_no, number=f"+1555{row_no:07d}", key=f"1555{row_no:07d}",
                variables={}, suppressed=False, source="api", now=self.now,
            )  # fmt: skip
            self.wait(ctx.db["campaigns"].update_one({"_id": self.campaign_id}, {"$inc": {"last_row_no": 1}}))
            self.wait(ctx.db["campaign_calls"].insert_one(row))
            self.rows.add(row["_id"])

        @precondition(lambda self: self.seen.get("status") == "running")
        @rule()
        def the_dialler_calls_somebody(self) -> None:
            run = self.seen["run_number"]
            free = [row for row in self.contacts() if row["status"] in WAITING and row["run_number"] == run]
            if free:
                row, call = free[0], f"s{len(self.live)}-{self.now.timestamp()}"
                taken = {
                    "status": "in_progress", "lease_id": call, "current_session_id": call,
                    "leased_from": row["status"], "attempt_count": row["attempt_count"] + 1,
                }  # fmt: skip
                self.wait(ctx.db["campaign_calls"].update_one({"_id": row["_id"]}, {"$set": taken}))
                self.live[row["_id"]] = call
            self.now += timedelta(seconds=1)

        @precondition(lambda self: self.live)
        @rule(outcome=st.sampled_from(["customer", "no_answer", "voicemail", "abandoned", "given_back"]))
        def a_call_ends(self, outcome: str) -> None:
            row_id, _ = self.live.popitem()
            row = self.wait(ctx.db["campaign_calls"].find_one({"_id": row_id}))
            if outcome == "given_back":
                after: Document = {"status": row["leased_from"]}
            else:
                decision = decide(self.stored(), row, Ended(outcome=outcome, ended_at=self.now))
                after = {"status": decision.status, "next_retry_at": decision.next_retry_at, "last_outcome": outcome,
                         "connected_once": decision.connected}  # fmt: skip
            freed = dict.fromkeys(FREED)
            self.wait(ctx.db["campaign_calls"].update_one({"_id": row_id}, {"$set": {**freed, **after}}))

        @precondition(lambda self: self.seen.get("status") == "running")
        @rule(really=st.integers(0, 3))
        def the_bot_is_away_for_a_minute(self, really: int) -> None:
            if really:
                return
            for present, seconds in ((False, 0), (False, 61), (True, 0)):
                self.wait(ctx.db["bots"].update_one({"_id": "bot-a"}, {"$set": {"is_active": present}}))
                self.now += timedelta(seconds=seconds)
                self.wait(self.keeper.run())
                self.every_move_is_in_the_table()

        @rule(seconds=st.sampled_from([1, 35, 61]))
        def time_passes(self, seconds: int) -> None:
            self.now += timedelta(seconds=seconds)

        @rule(death=DEATHS)
        def the_keeper_looks(self, death: int | None) -> None:
            async def look() -> None:
                await Resetting(self.ctx).run()
                await self.keeper.run()
                await Settling(self.ctx).run()
                await recount(self.ctx, await service.get_campaign(self.ctx, self.campaign_id))

            try:
                self.wait(look(), death)
            except Died:
                self.keeper = Keeper(self.ctx)  # another process leads now

        @precondition(lambda self: self.seen.get("status") == "completed")
        @rule()
        def the_keeper_looks_after_an_end(self) -> None:
            self.the_keeper_looks(None)

        @invariant()
        def every_move_is_in_the_table(self) -> None:
            if not self.campaign_id:
                return
            now = self.stored()
            assert now["status"] == self.seen["status"] or (self.seen["status"], now["status"]) in EDGES
            assert now["run_number"] == len(now["restart_history"]) + 1
            assert (now["completion_reason"] is None) == (now["status"] in ("draft", "running", "paused"))
            self.seen = now

        @invariant()
        def no_contact_is_lost_or_taken_from_its_call(self) -> None:
            if not self.campaign_id:
                return
            rows = {row["_id"]: row for row in self.contacts()}
            assert rows.keys() == self.rows
            for row_id, row in rows.items():
                assert row["run_number"] <= self.seen["run_number"], "its former outcome went with a run that is not"
                assert (row["status"] in ACTIVE) == (row_id in self.live)
                assert row_id not in self.live or row["lease_id"] == self.live[row_id]
                if row["status"] in WAITING and self.is_on() and not self.seen["prepared_run"]:
                    assert row["run_number"] == self.seen["run_number"], "nobody would ever call this contact"
            prepared = self.seen["prepared_run"]
            if prepared and self.seen["status"] == "draft":
                assert all(row["run_number"] < self.seen["run_number"] for row in rows.values())

        def teardown(self) -> None:
            """After the last call and some looks without a death, nothing is owed and the figures equal the rows."""
            if not self.campaign_id:
                return
            while self.live:
                self.a_call_ends("customer")
            for _ in range(3):
                self.now += AT_LEAST + timedelta(seconds=1)
                self.the_keeper_looks(None)
            self.every_move_is_in_the_table()
            campaign, rows = self.stored(), self.contacts()
            assert not campaign["prepared_run"] or campaign["status"] == "draft"
            if campaign["status"] in ("completed", "failed"):
                assert not campaign.get("unsettled")
            if campaign["completion_reason"] in ("manual_stop", "all_contacts_done"):
                assert not [row for row in rows if row["status"] in WAITING]
            of_run = Counter(BY_STATE[row["status"]] for row in rows if row["run_number"] == campaign["run_number"])
            assert {name: campaign["stats"][name] for name in of_run} == dict(of_run)
            assert campaign["stats"]["total_calls"] == of_run.total()

    return Campaigns


async def test_no_order_of_steps_and_deaths_breaks_the_state_table_or_loses_a_contact(ctx: Context) -> None:
    class Holder:
        def __init__(self) -> None:
            self.ctx = ctx

    await add_carrier(Holder())
    few = settings(
        max_examples=20,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    rules = machine(ctx, asyncio.get_running_loop())
    await asyncio.to_thread(run_state_machine_as_test, rules, settings=few)
