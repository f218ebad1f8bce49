"""Control fields that leak into prompts, forged campaign fields that are believed, events that break the request."""

import json

import pytest
from voxbridge.config.event import context_id, merged_with_context, parse_event, split_event

pytestmark = [pytest.mark.unit]
CONTEXT = "ctx_" + "a1" * 16
LINK = {
    "_campaign_session_id": "s", "_campaign_id": "c", "_campaign_call_id": "k", "_campaign_attempt": 2,
    "_campaign_run_number": "1",
}  # fmt: skip


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "null", "17", "[" * 40_000])
def test_anything_but_an_object_counts_as_empty(text: str) -> None:
    event, warnings = parse_event(text)
    assert event == {}
    assert len(warnings) == (0 if text == "" else 1)


def test_an_event_may_have_16_kib_and_not_a_byte_more() -> None:
    padding = 16 * 1024 - len(json.dumps({"a": ""}))
    assert parse_event(json.dumps({"a": "x" * padding}))[0] != {}
    assert parse_event(json.dumps({"a": "x" * (padding + 1)})) == ({}, ["event_too_large"])


def test_control_fields_leave_the_event_and_every_other_underscore_field_is_dropped() -> None:
    given = {
        **LINK,
        "_skip_prefetch": True,
        "_skip_post_push": "yes",
        "_mock_crm": {"city": "Pune"},
        "_x": 1,
        "city": "Goa",
    }
    event = split_event(given)
    assert event.fields == {"city": "Goa"}
    assert (event.skip_prefetch, event.skip_post_push, event.mock_crm) == (True, True, {"city": "Pune"})
    assert event.claim is not None
    assert (event.claim.attempt, event.claim.run_number) == (2, 1)


@pytest.mark.parametrize("missing", list(LINK))
def test_an_incomplete_campaign_link_claims_nothing_and_says_so(missing: str) -> None:
    event = split_event({key: value for key, value in LINK.items() if key != missing})
    assert event.claim is None
    assert event.warnings == ["campaign_fields_incomplete"]


@pytest.mark.parametrize("key", ["_context", "custom_field", "CustomField"])
def test_a_context_is_found_under_each_of_its_names(key: str) -> None:
    assert context_id({key: CONTEXT}) == CONTEXT
    assert context_id({key: "ctx_short"}) is None
    assert merged_with_context({key: CONTEXT, "city": "Goa"}, {"city": "Pune"}) == {"city": "Pune"}


def test_a_custom_field_that_is_no_context_stays_an_ordinary_field() -> None:
    assert merged_with_context({"custom_field": "gold", "_context": "x"}, None) == {"custom_field": "gold"}


def test_a_context_inside_a_context_is_not_followed() -> None:
    assert merged_with_context({"_context": CONTEXT}, {"_context": CONTEXT, "a": 1}) == {"a": 1}


def test_only_allowed_sip_headers_come_through() -> None:
    given = {"sip_candidate_headers": {"X-Customer-Id": "17", "X-Secret": "s", "x-tier": 3}}
    config = {"enabled": True, "allow": ["x-customer-id", "X-Tier"]}
    assert split_event(given, config).sip_headers == {"sip_header_x_customer_id": "17", "sip_header_x_tier": "3"}
    assert split_event(given, {**config, "enabled": False}).sip_headers == {}
    assert split_event(given, config).fields == {}
