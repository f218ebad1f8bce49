"""A provider that dies in a call and takes the customer's line down with it, without a word."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from .backend import Backend
from .outcome import Outcome
from .scenario import PROVIDER_KEY, Scenario, stage
from .words import heard, words

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ASKS_TWICE = """
- wait_for_bot
- say: What are your opening hours?
- wait_for_bot: {silence_s: 1.5, timeout_s: 30}
- say: Where is my order number four four seven one?
- wait_for_bot: {silence_s: 2.0, timeout_s: 30}
- say: Thank you very much. That is all. Goodbye.
- silence: {for_s: 25}
"""
APOLOGY = {"apology_message": "I am sorry, our system has a problem. Please call again tomorrow."}
LONGEST_SILENCE_S = 8.0
GIVEN_UP_WITHIN_S = 20.0


def dying(kind: str, name: str, lives: int, **fields: Any) -> Scenario:
    """A call whose `kind` (stt, tts) dies after `lives` requests; `fields` are further ones of the stage."""

    def bot(backend: Backend) -> dict[str, Any]:
        return {**APOLOGY, kind: stage(base_url=backend.dying(name, lives), **fields)}

    return Scenario(name, ASKS_TWICE, bot)


def lively(kind: str) -> dict[str, Any]:
    """A fallback that works."""
    return stage(**({"model": "default"} if kind == "llm" else {}))


def errors(call: Outcome, kind: str) -> list[dict[str, Any]]:
    return [event for event in call.events("service_error") if event["stage"] == kind]


def assert_went_on(call: Outcome, kind: str) -> None:
    """The call was switched to its fallback once and came to its own end, without a long silence."""
    assert [error["action"] for error in errors(call, kind)][-1] == "fallback", call.talk()
    assert [error["action"] for error in errors(call, kind)].count("fallback") == 1
    assert call.result["disconnected_by"] == "bot", call.talk()
    assert any(said.startswith("I found order") for said in call.said("assistant")), call.talk()
    assert any("Have a nice day" in said for said in call.said("assistant")), call.talk()
    assert call.longest_silence_s() <= LONGEST_SILENCE_S, call.talk()
    assert PROVIDER_KEY not in str(call.result)


def assert_given_up(call: Outcome, kind: str) -> None:
    """The call ended as an error in time, and as a failed one."""
    assert call.result["disconnected_by"] == "error", call.talk()
    assert call.result["status"] == "failed"
    assert (call.result["disposition"], call.result["sub_disposition"]) == ("Failed", "fallback")
    failures = errors(call, kind)
    assert failures[-1]["action"] == "give_up"
    assert [failure["action"] for failure in failures].count("give_up") == 1
    assert call.report.ended_by == "bot"
    assert call.report.reason == "error"
    ended_ms = call.events("call_ended")[0]["offset_ms"]
    assert call.recorded_s() - failures[0]["offset_ms"] / 1000 <= GIVEN_UP_WITHIN_S, call.talk()
    assert ended_ms >= failures[0]["offset_ms"]
    assert call.longest_silence_s() <= LONGEST_SILENCE_S, call.talk()


LLM_FALLBACK = Scenario("llm_fallback", ASKS_TWICE, {"llm": stage(model="fault-error", fallbacks=[lively("llm")])})
LLM_STALL = Scenario("llm_stall", ASKS_TWICE, {"llm": stage(model="fault-stall", fallbacks=[lively("llm")])})
LLM_DEAD = Scenario("llm_dead", ASKS_TWICE, {**APOLOGY, "llm": stage(model="fault-overload")})
STT_FALLBACK = dying("stt", "stt_fallback", 1, fallbacks=[lively("stt")])
STT_DEAD = dying("stt", "stt_dead", 1)
# The opening message has two sentences, each a request of its own.
TTS_FALLBACK = dying("tts", "tts_fallback", 2, fallbacks=[lively("tts")])
TTS_DEAD = dying("tts", "tts_dead", 2)


@pytest.mark.call(LLM_FALLBACK)
def test_a_model_that_fails_is_replaced_and_its_turn_is_answered(call: Outcome) -> None:
    assert_went_on(call, "llm")
    assert [error["action"] for error in errors(call, "llm")] == ["retry", "fallback"], call.talk()
    assert any(said.startswith("We are open from") for said in call.said("assistant")), call.talk()


@pytest.mark.call(LLM_STALL)
def test_a_model_that_falls_silent_in_a_sentence_is_replaced(call: Outcome) -> None:
    assert_went_on(call, "llm")


@pytest.mark.call(LLM_DEAD)
def test_without_another_model_the_bot_apologises_and_hangs_up(call: Outcome) -> None:
    assert_given_up(call, "llm")
    assert "our system has a problem" in " ".join(words(heard(call, "bot"))), call.talk()


@pytest.mark.call(STT_FALLBACK)
def test_a_recogniser_that_dies_is_replaced_and_the_customer_need_not_repeat(call: Outcome) -> None:
    assert_went_on(call, "stt")
    assert len(call.said("user")) == 3, call.talk()


@pytest.mark.call(STT_DEAD)
def test_without_another_recogniser_the_bot_apologises_and_hangs_up(call: Outcome) -> None:
    assert_given_up(call, "stt")
    assert "our system has a problem" in " ".join(words(heard(call, "bot"))), call.talk()


@pytest.mark.call(TTS_FALLBACK)
def test_a_voice_that_dies_is_replaced_and_says_the_same_words(call: Outcome) -> None:
    assert_went_on(call, "tts")
    spoken = " ".join(words(heard(call, "bot")))
    assert "in the evening monday to saturday" in spoken, call.talk()


@pytest.mark.call(TTS_DEAD)
def test_without_another_voice_three_tones_end_the_call(call: Outcome) -> None:
    assert_given_up(call, "tts")
    assert call.said("user") == ["What are your opening hours?"], call.talk()
    tones = call.bot_speech(gap_s=0.05)[-3:]
    assert len(tones) == 3
    lengths = [end - start for start, end in tones]
    assert max(lengths) - min(lengths) <= 0.06, f"three tones are alike: {lengths}"
    samples, rate = call.channel(1)
    for start, end in tones:
        assert purity(samples[int(start * rate) : int(end * rate)]) > 0.5, call.talk()


def purity(samples: np.ndarray) -> float:
    """Share of the energy in the three strongest neighbouring frequencies: near 1 for a tone, small for speech."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    peak = int(spectrum.argmax())
    return float(spectrum[max(0, peak - 2) : peak + 3].sum() / spectrum.sum())
