"""Guards provider failure in mid-call: a silent line, an answer twice, or a key in the record."""

import asyncio
import time

import pytest
from pipecat.frames.frames import ErrorFrame
from pipecat.utils.errors import ErrorCategory
from voxcore.pipeline import fallback
from voxcore.pipeline.fallback import Window, clean, read_failure
from voxcore.pipeline.providers.http import ProviderError, Stalled

pytestmark = [pytest.mark.unit]


def stage(provider, **fields):
    return {"provider": "openai_compatible", "base_url": provider.base_url, "base_url_trusted": True, **fields}


async def one_turn(call, until) -> None:
    """Opening, one keypad turn, hang-up by the customer once the answer has been said."""
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    before = len(call.said("assistant"))
    call.press("1")
    await until(lambda: len(call.said("assistant")) > before or held.done(), 40)
    call.hang_up()
    await held


def actions(call) -> list[tuple[str, str, str]]:
    return [(event["stage"], event["code"], event["action"]) for event in call.events("service_error")]


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ([500], [("llm", "500", "retry")]),
        ([429], [("llm", "429", "retry")]),
        (["drop", "drop"], [("llm", "transport", "retry")]),
        ([503, 503], [("llm", "503", "retry"), ("llm", "503", "fallback")]),
        ([401], [("llm", "401", "fallback")]),
        ([403], [("llm", "403", "fallback")]),
        ([400], [("llm", "400", "fallback")]),
    ],
    ids=str,
)
async def test_pf1_pf3_llm_failures_are_tried_once_more_then_replaced(line, provider, until, faults, expected):
    provider.faults["llm"] = list(faults)
    call = line(llm=stage(provider, model="first", fallbacks=[stage(provider, model="second")]))
    await one_turn(call, until)
    assert actions(call) == expected
    assert call.said("assistant") == ["Hello. How are you?", "I heard you. Thank you."]
    last = "second" if expected[-1][2] == "fallback" else "first"
    assert provider.asked("llm")[-1]["model"] == last


async def test_pf1_a_switch_lasts_for_the_rest_of_the_call(line, provider, until):
    provider.faults["llm"] = [401]
    call = line(llm=stage(provider, model="first", fallbacks=[stage(provider, model="second")]))
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    for turn in (2, 3):
        call.press("1")
        await until(lambda turn=turn: len(call.said("assistant")) == turn)
    call.hang_up()
    await held
    assert [body["model"] for body in provider.asked("llm")] == ["first", "second", "second"]


async def test_a_silent_llm_is_replaced_after_its_time(line, provider, until, monkeypatch):
    assert fallback.LLM_SILENCE_S == 6.0
    monkeypatch.setattr("voxcore.pipeline.stages.LLM_SILENCE_S", 0.2)
    provider.faults["llm"] = ["stall"]
    call = line(llm=stage(provider, model="first", fallbacks=[stage(provider, model="second")]))
    await one_turn(call, until)
    assert actions(call) == [("llm", "stalled", "fallback")]
    assert call.said("assistant")[-1] == "I heard you. Thank you."


async def test_half_an_answer_that_nobody_heard_is_said_once(line, provider, until):
    provider.answer = "This is one long sentence without an end"
    provider.faults["llm"] = ["cut"]
    call = line(llm=stage(provider, model="first"))
    await one_turn(call, until)
    assert actions(call) == [("llm", "transport", "retry")]
    assert call.said("assistant")[-1] == "This is one long sentence without an end"


async def test_pf2_without_a_candidate_the_apology_is_spoken_and_the_call_ends_as_error(line, provider, until):
    provider.faults["llm"] = [500, 500]
    call = line(apology_message="We are broken.")
    began = time.monotonic()
    await one_turn(call, until)
    assert call.record.disconnected_by == "error"
    assert actions(call)[-1] == ("llm", "500", "give_up")
    assert call.said("assistant")[-1] == "We are broken."
    assert time.monotonic() - began < 20


async def test_pf2_the_default_apology(line, provider, until):
    provider.faults["llm"] = [401]
    call = line()
    await one_turn(call, until)
    assert call.said("assistant")[-1] == "Sorry, we have a technical problem. Please try again later."


@pytest.mark.parametrize("fault", [500, 401, "drop"])
async def test_tts_failures_let_the_next_voice_say_the_same_words(line, provider, until, fault):
    provider.faults["tts"] = [fault] * (2 if fault == "drop" else 1)
    call = line(tts=stage(provider, voice="first", fallbacks=[stage(provider, voice="second")]))
    await one_turn(call, until)
    assert [action for *_, action in actions(call)] == ["fallback"]
    assert call.said("assistant") == ["Hello. How are you?", "I heard you. Thank you."]
    assert call.events("opening_spoken") == [{"interrupted": False}]  # whoever waits for the words learns of them
    by_second = [body["input"] for body in provider.asked("tts") if body["voice"] == "second"]
    assert by_second == ["Hello.", "How are you?", "I heard you.", "Thank you."]


async def test_tts_that_fails_in_mid_answer_goes_on_with_the_cut_sentence(line, provider, until):
    provider.faults["tts"] = ["ok", "ok", "ok", 500]
    call = line(tts=stage(provider, voice="first", fallbacks=[stage(provider, voice="second")]))
    await one_turn(call, until)
    assert call.said("assistant")[-1] == "I heard you. Thank you."
    by_second = [body["input"] for body in provider.asked("tts") if body["voice"] == "second"]
    assert by_second == ["Thank you."]


async def test_a_silent_tts_is_replaced_after_its_time(line, provider, until, monkeypatch):
    assert fallback.TTS_SILENCE_S == 4.0
    monkeypatch.setattr("voxcore.pipeline.stages.TTS_SILENCE_S", 0.2)
    provider.faults["tts"] = ["stall"]
    call = line(tts=stage(provider, voice="first", fallbacks=[stage(provider, voice="second")]))
    await one_turn(call, until)
    assert actions(call) == [("tts", "stalled", "fallback")]
    assert call.said("assistant")[0] == "Hello. How are you?"


async def test_pf2_without_a_voice_three_tones_are_played(line, provider):
    provider.faults["tts"] = [500]
    call = line()
    await call.connect()
    await call.hold()
    assert call.record.disconnected_by == "error"
    assert actions(call) == [("tts", "500", "give_up")]
    assert call.said("assistant") == []  # nothing was heard of it
    assert abs(call.heard_s - 1.2) < 0.1


async def test_an_address_that_must_not_be_reached_ends_the_call_as_error(line, provider):
    call = line(llm={"provider": "openai_compatible", "base_url": "http://127.0.0.1:9/v1", "model": "x"})
    await call.connect()
    await call.hold()
    assert call.record.disconnected_by == "error"
    assert actions(call) == [("llm", "unusable", "give_up")]
    assert provider.asked("llm") == []


async def test_a_candidate_that_cannot_be_made_is_passed_over_before_the_call(line, provider, until):
    broken = {"provider": "openai_compatible", "base_url": "", "model": "x"}
    call = line(llm={**broken, "fallbacks": [stage(provider, model="second")]})
    await one_turn(call, until)
    assert actions(call) == [("llm", "unusable", "fallback")]
    assert call.said("assistant")[-1] == "I heard you. Thank you."


async def test_pf1_no_key_and_no_long_text_reaches_the_record(line, provider, until):
    provider.faults["llm"] = [401]
    call = line(llm=stage(provider, model="m", api_key="planted-key-value"))
    await one_turn(call, until)
    text = repr(call.record.events)
    assert "planted-key-value" not in text
    assert "sk-secret" not in text
    assert all(len(event["message"]) <= 300 for event in call.events("service_error"))


@pytest.mark.parametrize(
    ("error", "code", "transient", "final"),
    [
        (ErrorFrame("x", exception=ProviderError("x", 429)), "429", True, False),
        (ErrorFrame("x", exception=ProviderError("x", 500)), "500", True, False),
        (ErrorFrame("x", exception=ProviderError("x", 401)), "401", False, True),
        (ErrorFrame("x", exception=ProviderError("x", 404)), "404", False, False),
        (ErrorFrame("x", exception=Stalled("x")), "stalled", False, False),
        (ErrorFrame("x", exception=ConnectionResetError("x")), "transport", True, False),
        (ErrorFrame("x", category=ErrorCategory.AUTHENTICATION), "unauthorized", False, True),
        (ErrorFrame("x", category=ErrorCategory.QUOTA), "quota", False, False),
    ],
)
def test_what_an_error_of_a_service_means(error, code, transient, final):
    failure = read_failure(error)
    assert (failure.code, failure.transient, failure.final) == (code, transient, final)


def test_keys_are_taken_out_of_messages():
    assert clean("bad key planted-one and Bearer abcdef", "planted-one") == "bad key … and …"
    assert len(clean("x" * 1000, "")) == 300


def test_three_failures_in_ten_seconds_are_counted():
    now = [0.0]
    window = Window(3, 10.0, lambda: now[0])
    assert [window.full(), window.full()] == [False, False]
    now[0] = 11.0
    assert [window.full(), window.full(), window.full()] == [False, False, True]
