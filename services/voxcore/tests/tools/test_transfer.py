"""A caller who asks for a person must reach the right one, and whatever happens must stand in the result (X1)."""

from __future__ import annotations

from typing import Any

import pytest
from voxcore.conversation import TransferOutcome
from voxcore.pipeline.transfer import TransferError, candidates, resolve, valid_targets

pytestmark = [pytest.mark.unit]

WS = frozenset({"websocket_reverse_transfer"})


def target(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "label": name.upper(),
        "method": "websocket_reverse_transfer",
        "type": "extension",
        "value": f"ext-{name}",
    } | more


@pytest.mark.parametrize(
    ("method", "kind", "value", "valid"),
    [
        ("websocket_reverse_transfer", "extension", "2001", True),
        ("websocket_reverse_transfer", "phone_number", "+15550100", True),
        ("websocket_reverse_transfer", "sip_uri", "sip:a@b", False),
        ("livekit_sip_refer", "sip_uri", "sip:a@b", True),
        ("livekit_sip_refer", "sip_uri", "a@b", False),
        ("livekit_sip_refer", "tel_uri", "tel:+15550100", True),
        ("livekit_sip_refer", "tel_uri", "+15550100", False),
        ("livekit_sip_refer", "phone_number", "+15550100", True),
        ("livekit_sip_refer", "extension", "2001", False),
        ("agent_desk", "agent_queue", "support", True),
        ("agent_desk", "extension", "2001", False),
        ("websocket_reverse_transfer", "extension", " ", False),
        ("pigeon", "extension", "2001", False),
    ],
)
def test_method_type_and_value_must_fit(method: str, kind: str, value: str, valid: bool) -> None:
    targets, problems = valid_targets([{"id": "t", "method": method, "type": kind, "value": value}])
    assert (len(targets), len(problems)) == ((1, 0) if valid else (0, 1))


def test_an_invalid_target_is_dropped_with_an_event_and_the_rest_works(bench: Any) -> None:
    made = bench("transfer_call", transfer_targets=[target("bad", type="sip_uri"), {"x": 1}, target("good")])
    errors = made.host.events("service_error")
    assert [error["code"] for error in errors] == ["invalid_transfer_target"] * 2
    assert "bad" in errors[0]["message"]
    assert "transfer_call" in made.specs


def resolved(wanted: str, entries: list[dict[str, Any]], numbers: dict[str, str] | None = None) -> tuple[str, str]:
    targets, _ = valid_targets(entries)
    found = resolve(wanted, candidates(targets, WS), numbers or {}, WS)
    return found.name, found.value


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ("sales", ("sales", "ext-sales")),
        ("SUPPORT", ("support", "ext-support")),
        ("sUpPoRt", ("support", "ext-support")),
        ("night desk", ("night desk", "+15550111")),
        ("", ("support", "ext-support")),
    ],
)
def test_a_target_is_found_by_id_then_label_then_legacy_number_then_default(
    wanted: str, expected: tuple[str, str]
) -> None:
    entries = [target("sales"), target("support", is_default=True)]
    assert resolved(wanted, entries, {"night desk": "+15550111"}) == expected


def test_an_exact_id_comes_before_another_targets_label() -> None:
    assert resolved("a", [target("b", label="a"), target("a", label="b")]) == ("a", "ext-a")


def test_without_a_default_the_first_candidate_is_taken_and_then_the_first_number() -> None:
    assert resolved("", [target("sales"), target("support")]) == ("sales", "ext-sales")
    assert resolved("", [], {"desk": "2001", "other": "2002"}) == ("desk", "2001")


def test_disabled_targets_are_no_candidates() -> None:
    with pytest.raises(TransferError, match="unknown_target"):
        resolved("sales", [target("sales", enabled=False)])
    with pytest.raises(TransferError, match="no_target"):
        resolved("", [target("sales", enabled=False)])


def test_refer_and_the_agent_desk_are_never_candidates_on_a_websocket() -> None:
    entries = [
        target("r", method="livekit_sip_refer", type="phone_number"),
        target("d", method="agent_desk", type="agent_queue"),
    ]
    targets, problems = valid_targets(entries)
    assert problems == []
    assert candidates(targets, WS, desk_enabled=True) == []


def test_the_agent_desk_is_a_candidate_only_when_it_is_on() -> None:
    targets, _ = valid_targets([target("d", method="agent_desk", type="agent_queue")])
    methods = frozenset({"livekit_sip_refer", "agent_desk"})
    assert candidates(targets, methods) == []
    assert candidates(targets, methods, desk_enabled=True) == targets


def test_transfer_is_not_offered_where_the_transport_has_none(bench: Any) -> None:
    made = bench("transfer_call", methods=frozenset(), transfer_targets=[target("s")], transfer_numbers={"a": "2001"})
    assert made.specs == {}


def test_transfer_is_not_offered_without_any_target(bench: Any) -> None:
    assert bench("transfer_call").specs == {}


async def test_a_transfer_that_worked_ends_the_call_as_bot_with_all_its_facts(bench: Any) -> None:
    made = bench("transfer_call", transfer_targets=[target("sales")], pre_transfer_message="I connect you.")
    made.host.transport.outcome = TransferOutcome(done=True)
    answer = await made.call("transfer_call", reason="asked for a person", target="sales")
    assert not answer.run_llm
    assert made.host.log == ["say I connect you.", "said", "transfer ext-sales (asked for a person)", "hang up bot"]
    facts = made.host.record.transfer
    assert (facts.done, facts.target, facts.destination) == (True, "sales", "ext-sales")
    assert (facts.method, facts.reason) == ("websocket_reverse_transfer", "asked for a person")
    assert facts.at is not None
    assert facts.at >= 0
    assert facts.failed_reason is None
    kinds = [event.type for event in made.host.record.events]
    assert kinds.index("transfer_requested") < kinds.index("transfer_completed") < kinds.index("call_ended")


async def test_words_of_the_llm_replace_the_message_before_a_transfer(bench: Any) -> None:
    made = bench("transfer_call", transfer_targets=[target("sales")], pre_transfer_message="I connect you.")
    made.host.transport.outcome = TransferOutcome(done=True)
    await made.call("transfer_call", spoken="Hold the line, please.", reason="person")
    assert made.host.log[:2] == ["played", "transfer ext-sales (person)"]


@pytest.mark.parametrize("reason", ["no_ack", "busy"])
async def test_a_transfer_that_failed_lets_the_conversation_go_on(bench: Any, reason: str) -> None:
    made = bench("transfer_call", transfer_targets=[target("sales")])
    made.host.transport.outcome = TransferOutcome(done=False, failed_reason=reason)
    answer = await made.call("transfer_call", reason="person")
    assert answer.run_llm
    assert (answer.data["status"], answer.data["error"]) == ("failure", reason)
    assert made.host.record.disconnected_by is None
    facts = made.host.record.transfer
    assert (facts.done, facts.failed_reason, facts.target, facts.destination) == (False, reason, "sales", "ext-sales")
    assert made.host.events("transfer_failed")[0]["reason"] == reason


async def test_an_unknown_target_is_told_with_the_names_that_exist(bench: Any) -> None:
    made = bench("transfer_call", transfer_targets=[target("sales")], transfer_numbers={"night": "2009"})
    answer = await made.call("transfer_call", reason="person", target="nobody")
    assert answer.data["error"] == "unknown_target"
    assert "sales" in answer.data["guidance"]
    assert "night" in answer.data["guidance"]
    assert made.host.log == []
    assert made.host.record.transfer.failed_reason == "unknown_target"


async def test_the_last_attempt_is_the_one_that_is_kept(bench: Any) -> None:
    made = bench("transfer_call", transfer_targets=[target("sales"), target("support")])
    made.host.transport.outcome = TransferOutcome(done=False, failed_reason="busy")
    await made.call("transfer_call", reason="first", target="sales")
    made.host.transport.outcome = TransferOutcome(done=True)
    await made.call("transfer_call", reason="second", target="support")
    facts = made.host.record.transfer
    assert (facts.target, facts.reason, facts.done, facts.failed_reason) == ("support", "second", True, None)
