"""Each built-in function must do to the call what its name says, whatever a model writes into its arguments."""

from __future__ import annotations

from typing import Any

import pytest
from voxcore.pipeline.context import Digits

pytestmark = [pytest.mark.unit]


async def test_end_call_hangs_up_as_bot_and_the_llm_adds_nothing(bench: Any) -> None:
    made = bench("end_call")
    answer = await made.call("end_call", reason="done")
    assert not answer.run_llm
    assert made.host.log == ["hang up bot"]
    assert made.host.record.disconnected_by == "bot"


async def test_end_call_works_without_a_reason(bench: Any) -> None:
    made = bench("end_call")
    await made.call("end_call")
    assert made.host.record.disconnected_by == "bot"


async def test_a_voicemail_gets_its_message_after_a_second_of_silence(bench: Any) -> None:
    made = bench("detected_voicemail", voicemail_message="Please call us back.")
    answer = await made.call("detected_voicemail")
    assert made.host.log == ["silence 1 of 15", "say Please call us back.", "said", "hang up voicemail"]
    assert made.host.record.disconnected_by == "voicemail"
    assert not answer.run_llm


async def test_a_voicemail_without_a_message_is_only_hung_up(bench: Any) -> None:
    made = bench("detected_voicemail")
    await made.call("detected_voicemail")
    assert made.host.log == ["silence 1 of 15", "hang up voicemail"]


async def test_a_machine_that_hangs_up_during_its_greeting_is_a_voicemail_all_the_same(bench: Any) -> None:
    made = bench("detected_voicemail", voicemail_message="Please call us back.")
    causes: list[str | None] = []

    async def hung_up(seconds: float, max_seconds: float) -> bool:
        made.host.record.end("customer")
        causes.append(made.host.record.disconnected_by)
        return False

    made.host.wait_for_silence = hung_up
    await made.call("detected_voicemail")
    assert causes == ["voicemail"]
    assert [event["cause"] for event in made.host.events("call_ended")] == ["voicemail", "customer"]


async def test_keys_are_sent_after_the_words_and_noted(bench: Any) -> None:
    made = bench("send_dtmf")
    assert (await made.call("send_dtmf", digits="1w2#")).data == {"status": "success"}
    assert made.host.log == ["played", "keys 1w2#"]
    assert made.host.events("dtmf_sent") == [{"digits": "1w2#"}]


@pytest.mark.parametrize("digits", ["", "12a", "1" * 33, "+49", None])
async def test_what_is_no_key_is_not_sent(bench: Any, digits: Any) -> None:
    made = bench("send_dtmf")
    assert (await made.call("send_dtmf", digits=digits)).data["status"] == "failure"
    assert made.host.log == []


async def test_collected_digits_reach_the_llm(bench: Any) -> None:
    made = bench("collect_digits")
    made.host.digits = Digits("success", "4711")
    answer = await made.call("collect_digits", min_digits=4, max_digits=4)
    assert answer.data == {"status": "success", "digits": "4711"}
    assert answer.run_llm
    assert made.host.digits_asked == {
        "min_digits": 4,
        "max_digits": 4,
        "timeout_seconds": 8.0,
        "finish_on_key": "#",
    }


async def test_a_collection_that_ran_out_of_time_says_what_came(bench: Any) -> None:
    made = bench("collect_digits")
    made.host.digits = Digits("timeout", "47")
    assert (await made.call("collect_digits")).data == {"status": "timeout", "digits": "47"}


async def test_nonsense_in_the_arguments_of_a_collection_becomes_its_defaults_and_limits(bench: Any) -> None:
    made = bench("collect_digits")
    await made.call("collect_digits", min_digits="many", max_digits="900", timeout_seconds=None, finish_on_key="enter")
    assert made.host.digits_asked == {
        "min_digits": 1,
        "max_digits": 32,
        "timeout_seconds": 8.0,
        "finish_on_key": "",
    }


async def test_the_default_descriptions_exist_and_the_bots_own_text_replaces_them(bench: Any) -> None:
    names = ["end_call", "detected_voicemail", "send_dtmf", "collect_digits", "transfer_call"]
    made = bench(*names, transfer_numbers={"sales": "2001"})
    assert sorted(made.specs) == sorted(names)
    assert all(spec.description and spec.parameters["type"] == "object" for spec in made.specs.values())
    own = bench({"name": "end_call", "description": "Only after a goodbye."})
    assert own.specs["end_call"].description == "Only after a goodbye."


async def test_a_builtins_own_runtime_and_parameters_are_ignored(bench: Any) -> None:
    made = bench(
        {
            "name": "end_call",
            "url": "http://127.0.0.1:1/",
            "parameters": {"type": "object", "properties": {"secret": {"type": "string"}}},
        }
    )
    assert set(made.specs["end_call"].parameters["properties"]) == {"reason"}
    await made.call("end_call")
    assert made.host.log == ["hang up bot"]


async def test_a_knowledge_search_is_not_offered_where_there_is_none(bench: Any) -> None:
    assert bench("search_knowledge", "end_call").specs.keys() == {"end_call"}


async def test_a_name_that_comes_twice_is_offered_once(bench: Any) -> None:
    made = bench({"name": "note", "description": "first"}, {"name": "note", "description": "second"})
    assert made.specs["note"].description == "first"
