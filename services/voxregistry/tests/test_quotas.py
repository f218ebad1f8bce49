"""A client above its cap, or one below its minimum that gets nothing (Q1 to Q3, QU1 to QU5)."""

from __future__ import annotations

from typing import Any

import pytest

from .workers import Fleet

pytestmark = [pytest.mark.integration, pytest.mark.virtual_time]


def quota(fleet: Fleet, client: str, **doc: Any) -> None:
    fleet.step("quota", client=client, doc={"max": None, "min": 0, "weight": 1, "campaigns": {}, **doc})


def test_q1_a_client_gets_no_more_than_its_cap(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2", "h1-3")
    quota(fleet, "main", max=2)
    fleet.granted("r-first-1")
    fleet.granted("r-second1")
    out = fleet.reserve("r-third-1")
    assert (out["result"], out["scope"], out["limit"], out["used"]) == ("quota_client", "client", 2, 2)
    assert fleet.granted("r-other-1", "other")


def test_q1_a_campaign_gets_no_more_than_its_cap(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    quota(fleet, "main", campaigns={"spring": {"max": 1, "min": 0}})
    fleet.granted("r-first-1", campaign="spring")
    out = fleet.reserve("r-second1", campaign="spring")
    assert (out["result"], out["scope"], out["limit"], out["used"]) == ("quota_campaign", "campaign", 1, 1)
    assert fleet.granted("r-second1", campaign="summer")


def test_q3_free_seats_are_kept_for_a_client_below_its_minimum(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2", "h1-3")
    quota(fleet, "main", min=2)
    fleet.granted("r-other-1", "other")
    assert fleet.reserve("r-other-2", "other")["result"] == "kept_for_others"
    fleet.granted("r-main-01")
    assert fleet.reserve("r-other-2", "other")["result"] == "kept_for_others"
    fleet.granted("r-main-02")
    assert fleet.reserve("r-main-03")["result"] == "no_idle_seat"


def test_q3_the_minimum_of_a_campaign_is_kept_from_the_clients_other_campaigns_too(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    quota(fleet, "main", campaigns={"spring": {"max": None, "min": 1}})
    fleet.granted("r-first-1", campaign="summer")
    assert fleet.reserve("r-second1", campaign="summer")["result"] == "kept_for_others"
    assert fleet.granted("r-second1", campaign="spring")


def test_q3_inbound_headroom_is_kept_from_every_other_priority(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.step("configure", placement="pack", inbound_headroom=1)
    fleet.granted("r-first-1")
    assert fleet.reserve("r-second1", priority="callback")["result"] == "kept_for_others"
    assert fleet.granted("r-second1", priority="inbound")


def test_qu2_what_is_borrowed_comes_back_when_its_call_ends_and_never_by_force(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-other-1", "other")
    fleet.granted("r-other-2", "other")
    quota(fleet, "main", min=1)
    assert fleet.reserve("r-main-01")["result"] == "no_idle_seat"
    assert fleet.state("r-other-2") == "held"
    fleet.release("r-other-2")
    assert fleet.reserve("r-other-3", "other")["result"] == "kept_for_others"
    assert fleet.granted("r-main-01")


def test_qu3_a_cap_below_present_use_refuses_new_grants_only(fleet: Fleet) -> None:
    fleet.seats("h1-1", "h1-2")
    fleet.granted("r-first-1")
    quota(fleet, "main", max=0)
    assert fleet.state("r-first-1") == "held"
    fleet.beat("h1-2", "busy", call_id="call-1", client="main")
    assert fleet.read("quotas")["used"] == {"main": 2}
    assert fleet.reserve("r-second1")["result"] == "quota_client"


def test_qu3_calls_that_nobody_reserved_count_for_their_client_or_as_direct(fleet: Fleet) -> None:
    fleet.beat("h1-1", "busy", call_id="call-1")
    fleet.beat("h1-2", "busy", call_id="call-2", client="main", campaign_id="spring")
    members = fleet.pool.store.smembers
    assert members(f"{fleet.pool.prefix}use:c:direct") == {b"w:h1-1"}
    assert members(f"{fleet.pool.prefix}use:k:main/spring") == {b"w:h1-2"}


def test_qu4_more_kept_than_there_are_seats_is_said(fleet: Fleet) -> None:
    fleet.beat("h1-1")
    quota(fleet, "main", min=1)
    assert fleet.read("quotas")["overcommitted"] is False
    quota(fleet, "other", campaigns={"spring": {"max": None, "min": 1}})
    assert fleet.read("quotas")["overcommitted"] is True


def test_qu5_the_newest_word_about_a_quota_wins_and_so_does_its_deletion(fleet: Fleet) -> None:
    call = fleet.pool.call
    doc = {"max": 1, "min": 0, "weight": 1, "campaigns": {}}
    call("quota", {"client": "main", "doc": doc, "rev_ms": 1_000})
    call("quota", {"client": "main", "doc": {**doc, "max": 2}, "rev_ms": 999})
    assert call("read", {"what": "quotas"})["out"]["quotas"]["main"]["max"] == 1
    call("quota", {"client": "main", "rev_ms": 1_001})
    call("quota", {"client": "main", "doc": doc, "rev_ms": 1_000})
    assert call("read", {"what": "quotas"})["out"]["quotas"]["main"]["deleted"] is True
    assert call("read", {"what": "quotas"})["out"]["used"] == {}


def test_a_campaigns_limits_are_changed_one_field_at_a_time(fleet: Fleet) -> None:
    call = fleet.pool.call
    call("quota", {"client": "main", "campaign": "spring", "limits": {"max": 3}})
    call("quota", {"client": "main", "campaign": "spring", "limits": {"min": 1}})
    call("quota", {"client": "main", "campaign": "summer", "limits": {"max": None}})
    assert call("read", {"what": "quotas"})["out"]["quotas"]["main"]["campaigns"] == {
        "spring": {"max": 3, "min": 1}, "summer": {"max": None, "min": 0},
    }  # fmt: skip
    call("quota", {"client": "main", "campaign": "spring"})
    assert set(call("read", {"what": "quotas"})["out"]["quotas"]["main"]["campaigns"]) == {"summer"}
