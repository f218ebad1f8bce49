"""Guards a whole conversation on the wire with fake providers: words that are not played, ends without a cause."""

import asyncio
import wave

import pytest

pytestmark = [pytest.mark.unit]

END_CALL = {"type": "function", "function": {"name": "end_call"}}


async def test_opening_answer_and_hang_up_stand_in_the_record_and_on_the_wire(line, provider, until):
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: call.said("assistant"))
    call.press("4", "2")
    await until(lambda: len(call.said("assistant")) == 2)
    call.hang_up()
    await held
    assert call.said("assistant") == ["Hello. How are you?", "I heard you. Thank you."]
    assert call.said("user") == ["[keypad: 42]"]
    assert call.record.disconnected_by == "customer"
    assert call.states[:3] == ["waiting_answer", "opening", "conversing"]
    messages = provider.asked("llm")[0]["messages"]
    assert [(message["role"], message["content"]) for message in messages] == [
        ("system", "You are a test."),
        ("assistant", "Hello. How are you?"),
        ("user", "[keypad: 42]"),
    ]
    assert call.heard_s >= 4 * provider.speech_s - 0.1
    assert call.record.opening_ms is not None
    assert call.record.usage.llm.prompt_tokens == 11
    assert call.record.usage.tts.characters == len("Hello.How are you?I heard you.Thank you.")
    sample = call.record.latency_samples[0]
    assert sample.turn == 2
    assert sample.llm_ms is not None
    assert sample.total_ms is not None


async def test_pl6_a_customer_who_hangs_up_in_mid_sentence_leaves_only_what_was_played(line, provider, until):
    provider.speech_s = 0.8
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: call.heard_s > 1.0)
    call.hang_up()
    await held
    spoken = [entry for entry in call.record.transcript if entry.role == "assistant"]
    assert [(entry.content, entry.interrupted) for entry in spoken] == [("Hello.", True)]
    assert spoken[0].end_ms >= spoken[0].start_ms + 800


async def test_pl4_direct_prompts_are_static_and_dynamic_with_a_blank_line(line, provider, until):
    parts = {"mode": "direct", "static_system_prompt": "Be kind.", "dynamic_runtime_prompt": "Name: Ada."}
    call = line(prompt_parts=parts, opening_message="")
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    call.press("1")
    await until(lambda: provider.asked("llm"))
    call.hang_up()
    await held
    assert provider.asked("llm")[0]["messages"][0] == {"role": "system", "content": "Be kind.\n\nName: Ada."}
    assert provider.asked("llm")[0]["messages"][1]["role"] == "user"


async def test_end_call_plays_the_goodbye_to_its_end_and_then_hangs_up(line, provider, until):
    provider.speech_s = 0.5
    provider.tool_calls = [
        {"index": 0, "id": "t1", "function": {"name": "end_call", "arguments": '{"reason": "done"}'}}
    ]
    call = line(tools=[END_CALL], opening_message="")
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    call.press("1")
    await held
    assert call.record.disconnected_by == "bot"
    assert call.said("assistant") == ["I heard you. Thank you."]
    assert call.heard_s >= 1.0
    assert call.socket.events[-2:] == ["reverse-media-stop", "reverse-hangup-call"]
    assert call.said("tool") == ['{"status": "success"}']
    assert call.record.usage.tools == {"calls": 1, "failures": 0}
    assert len(provider.asked("llm")) == 1  # the LLM is not asked again after its goodbye


async def test_markup_is_neither_spoken_nor_written_down(line, provider, until):
    provider.answer = "**Sure** 😀. See https://example.com/x."
    call = line(opening_message="")
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    call.press("1")
    await until(lambda: call.said("assistant"))
    call.hang_up()
    await held
    assert call.said("assistant") == ["Sure. See."]
    assert [body["input"] for body in provider.asked("tts")] == ["Sure.", "See."]


async def test_t9_a_silent_customer_is_asked_again_and_let_go(line, provider, until):
    silence = {"timeout_seconds": 3, "messages": ["Still there?"], "final_message": "Bye."}
    call = line(re_engagement=silence)
    await call.connect()
    await call.hold()
    assert call.record.disconnected_by == "RNR"
    assert call.said("assistant") == ["Hello. How are you?", "Still there?", "Bye."]
    assert call.events("re_engagement") == [{"attempt": 1, "text": "Still there?"}]


@pytest.mark.parametrize(("direction", "cause"), [("incoming", "customer"), ("outgoing", "no_answer")])
async def test_w6_a_far_end_that_leaves_before_the_answer(line, direction, cause):
    call = line()
    await call.connect(direction=direction, answer=False)
    call.socket.far_end_closes()
    await call.hold()
    assert call.record.disconnected_by == cause
    assert call.record.answered_at is None
    assert call.call.recording is None


async def test_a_lost_socket_is_noted_and_counts_as_the_customer(line, until):
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "conversing" in call.states)
    call.socket.far_end_closes()
    await held
    assert call.record.disconnected_by == "customer"
    assert call.events("transport_lost") == [{}]


async def test_a_wish_of_the_process_ends_the_call_at_once(line, until):
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: "opening" in call.states)
    call.call.stop.request()
    await held
    assert call.record.disconnected_by == "error"
    assert call.events("worker_stopped") == [{}]


async def test_the_recording_is_closed_under_its_own_name(line, tmp_path, until):
    call = line()
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: call.said("assistant"))
    call.hang_up()
    await held
    assert call.call.recording
    assert call.call.recording.path == tmp_path / "sess-1.wav"
    with wave.open(str(call.call.recording.path)) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        assert file.getnframes() / 8000 >= 2 * 0.2 - 0.1
    assert not list(tmp_path.glob("*.part"))


async def test_no_recording_is_made_when_none_is_wanted(line, tmp_path, until):
    call = line(recording_enabled=False)
    await call.connect()
    held = asyncio.ensure_future(call.hold())
    await until(lambda: call.said("assistant"))
    call.hang_up()
    await held
    assert call.call.recording is None
    assert not list(tmp_path.glob("*.wav*"))
