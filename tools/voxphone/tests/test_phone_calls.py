"""A phone that speaks the wire protocol wrongly, or misreads its end, makes every test of a worker worthless."""

import asyncio

import pytest
from voxphone import pcm
from voxphone.phone import PhoneCall, place_call
from voxphone.recording import read_stereo
from voxphone.target import CallOptions, CallTarget

pytestmark = [pytest.mark.contract]

QUIET = CallOptions(transcribe="off", max_call_s=15)


async def speak_then_hang_up(talk):
    await talk.speak(0.6)
    await asyncio.sleep(0.25)
    await talk.hang_up()


async def test_the_handshake_is_connected_start_answer_and_then_audio(fake_worker, persona, voice):
    async with fake_worker(speak_then_hang_up).running() as worker:
        options = CallOptions(
            transcribe="off", caller="+15550123", did="+15550177", extra={"city": "Pune"}, max_call_s=15
        )
        report = await place_call(worker.target(), persona("silence"), options=options, voice=voice)
    received = worker.talks[0].received
    assert [frame["event"] for frame in received[:4]] == ["connected", "start", "answer", "media"]
    assert received[0] == {
        "event": "connected", "callerId": "+15550123", "did": "+15550177", "callDirection": "incoming",
        "streamId": report.stream_id, "city": "Pune",
    }  # fmt: skip
    assert received[1] == {
        "event": "start", "streamId": report.stream_id,
        "mediaFormat": {"encoding": "LINEAR", "sampleRate": 8000, "channels": 1},
    }  # fmt: skip
    assert all(len(frame) == pcm.FRAME_BYTES for frame in pcm.frames_of(worker.talks[0].heard()))


async def test_a_hang_up_by_the_bot_is_answered_and_the_report_is_clean(fake_worker, persona, voice):
    async with fake_worker(speak_then_hang_up).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    assert (report.outcome, report.ended_by, report.reason, report.close_code) == ("completed", "bot", "bot", 1000)
    assert worker.talks[0].of("hangup-call") == [{"event": "hangup-call", "disconnectedBy": "bot"}]
    assert report.protocol_errors == []
    assert report.ok
    assert report.pacing.chunks == 30
    assert report.pacing.runs == 1
    assert report.cut_ms == 0
    assert report.first_heard_ms is not None


async def test_silence_is_sent_all_the_time_as_a_line_does(fake_worker, persona, voice):
    async with fake_worker(speak_then_hang_up).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    heard = worker.talks[0].heard()
    assert set(heard) == {0}
    assert pcm.seconds_of(heard) == pytest.approx(report.duration_s, abs=0.1)


async def test_a_caller_who_hangs_up_says_so_and_waits_for_the_close(fake_worker, persona, voice):
    async def wait_for_end(talk):
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    async with fake_worker(wait_for_end).running() as worker:
        report = await place_call(worker.target(), persona("pause: 0.2", "hang_up"), options=QUIET, voice=voice)
    assert worker.talks[0].received[-1] == {"event": "hangup-call", "disconnectedBy": "customer"}
    assert (report.ended_by, report.close_code) == ("caller", 1000)
    assert report.hang_up_to_close_ms is not None


async def test_a_hang_up_in_mid_sentence_cuts_the_voice_there(fake_worker, persona, voice):
    async def wait_for_end(talk):
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    line = "say: {text: 'a sentence of some length that is never finished', hang_up_after_s: 0.5}"
    async with fake_worker(wait_for_end).running() as worker:
        report = await place_call(worker.target(), persona(line), options=QUIET, voice=voice)
    loud = [f for f in pcm.frames_of(worker.talks[0].heard()) if pcm.level_dbfs(f) > pcm.AUDIBLE_DBFS]
    assert len(loud) == 25
    assert report.reason == "hung up in mid-sentence"


async def test_a_lost_line_is_an_abrupt_end_without_a_frame(fake_worker, persona, voice):
    async def nothing(talk):
        await talk.closed.wait()

    async with fake_worker(nothing).running() as worker:
        report = await place_call(
            worker.target(), persona("hang_up: {abrupt: true, after_s: 0.2}"), options=QUIET, voice=voice
        )
        await asyncio.wait_for(worker.talks[0].closed.wait(), 10)
    assert worker.talks[0].of("hangup-call") == []
    assert worker.talks[0].socket.close_code == 1006
    assert report.ended_by == "caller"


@pytest.mark.parametrize(
    ("status", "error"), [(429, "at_capacity"), (403, "forbidden"), (409, "stale_reservation"), (503, "no_capacity")]
)
async def test_a_refused_upgrade_is_an_outcome_with_status_and_body(fake_worker, persona, voice, status, error):
    body = f'{{"error":"{error}","message":"At capacity"}}'
    async with fake_worker(speak_then_hang_up, refuse=(status, body)).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    assert report.outcome == "refused"
    assert report.refusal is not None
    assert (report.refusal.status, report.refusal.error, report.refusal.body) == (status, error, body)
    assert report.refusal.retry_after == "1"
    assert not report.ok


async def test_a_close_with_1013_before_any_audio_is_a_refusal_too(fake_worker, persona, voice):
    async def shut(talk):
        await talk.socket.close(1013, "at capacity")

    async with fake_worker(shut).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    assert (report.outcome, report.close_code) == ("refused", 1013)


async def test_nobody_at_the_address_is_told_in_words(persona, voice):
    report = await place_call(CallTarget("ws://127.0.0.1:9/ws/demo"), persona("silence"), options=QUIET, voice=voice)
    assert report.outcome == "failed"
    assert "cannot reach ws://127.0.0.1:9/ws/demo" in report.reason


@pytest.mark.parametrize(("code", "by"), [(1011, "line_lost"), (1000, "worker_closed")])
async def test_a_close_without_a_hang_up_frame_is_told_apart(fake_worker, persona, voice, code, by):
    async def shut(talk):
        await talk.speak(0.2)
        await talk.socket.close(code)

    async with fake_worker(shut).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    assert (report.outcome, report.ended_by, report.close_code) == ("completed", by, code)


async def test_an_outgoing_call_rings_before_it_is_answered(fake_worker, persona, voice):
    options = CallOptions(transcribe="off", direction="outgoing", answer_after_s=0.5, max_call_s=15)
    async with fake_worker(speak_then_hang_up).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=options, voice=voice)
    assert worker.talks[0].first["callDirection"] == "outgoing"
    kinds = [moment.kind for moment in report.moments]
    assert kinds[:4] == ["dialling", "connected", "ringing", "answered"]
    assert report.ok


async def test_a_callee_lost_while_it_rings_never_answers(fake_worker, persona, voice):
    options = CallOptions(transcribe="off", direction="outgoing", hang_up_before_answer_s=0.1)
    async with fake_worker(speak_then_hang_up).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=options, voice=voice)
        await asyncio.wait_for(worker.talks[0].closed.wait(), 10)
    assert [f["event"] for f in worker.talks[0].received] == ["connected", "start", "hangup-call"]
    assert report.outcome == "not_answered"


async def test_keys_and_pings_are_sent_and_a_pong_is_measured(fake_worker, persona, voice):
    async def answer_pings(talk):
        await talk.until(lambda t: bool(t.of("ping")))
        await talk.send(event="pong")
        await talk.until(lambda t: len(t.of("dtmf")) == 3)
        await talk.hang_up()

    options = CallOptions(transcribe="off", ping_every_s=0.2, max_call_s=15)
    async with fake_worker(answer_pings).running() as worker:
        report = await place_call(
            worker.target(), persona("dtmf: {digits: '12#', gap_s: 0.1}", "silence"), options=options, voice=voice
        )
    assert [frame["digit"] for frame in worker.talks[0].of("dtmf")] == ["1", "2", "#"]
    assert report.dtmf == "12#"
    assert report.ping_ms is not None


async def test_a_transfer_that_is_accepted_ends_the_call(fake_worker, persona, voice):
    async def transfer(talk):
        await talk.transfer("2001")
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    who = persona("silence", on_transfer="accept", transfer_after_s=0.1)
    async with fake_worker(transfer).running() as worker:
        report = await place_call(worker.target(), who, options=QUIET, voice=voice)
    assert report.ended_by == "transfer"
    assert [(t.to, t.answer) for t in report.transfers] == [("2001", "accept")]


async def test_a_transfer_that_is_refused_leaves_the_call_with_the_bot(fake_worker, persona, voice):
    async def transfer(talk):
        await talk.transfer("2001")
        await talk.until(lambda t: bool(t.of("transfer-failed")))
        await talk.hang_up()

    who = persona("silence", on_transfer="refuse", transfer_after_s=0.1, transfer_reason="busy")
    async with fake_worker(transfer).running() as worker:
        report = await place_call(worker.target(), who, options=QUIET, voice=voice)
    assert worker.talks[0].of("transfer-failed") == [{"event": "transfer-failed", "reason": "busy"}]
    assert report.ended_by == "bot"


async def test_the_phone_hangs_up_at_its_limit(fake_worker, persona, voice):
    async def nothing(talk):
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    options = CallOptions(transcribe="off", max_call_s=0.4)
    async with fake_worker(nothing).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=options, voice=voice)
    assert report.ended_by == "limit"
    assert report.duration_s == pytest.approx(0.4, abs=0.03)


async def test_a_stop_frame_after_a_barge_in_silences_the_phone_and_is_measured(fake_worker, persona, voice):
    async def interrupted(talk):
        speech = asyncio.create_task(talk.speak(8.0))
        await talk.until(lambda t: any(pcm.level_dbfs(f) > -50 for f in pcm.frames_of(t.heard())))
        speech.cancel()
        await talk.stop()
        await talk.speech_from_caller()
        await talk.speak(0.4)
        await asyncio.sleep(0.25)
        await talk.hang_up()

    who = persona("say: {text: 'no wait please', while_bot_speaks_s: 0.5}", "silence")
    async with fake_worker(interrupted).running() as worker:
        report = await place_call(worker.target(), who, options=QUIET, voice=voice)
    assert [(b.stopped, b.said) for b in report.barge_ins] == [(True, "no wait please")]
    assert report.barge_ins[0].stop_frame_ms is not None
    assert report.turns[0].over_bot
    assert report.turns[0].latency_ms is not None, "the answer after the interruption has a latency"
    assert report.protocol_errors == []


async def test_a_backchannel_that_does_not_stop_the_bot_is_told_apart(fake_worker, persona, voice):
    async def unmoved(talk):
        await talk.speak(2.5)
        await asyncio.sleep(0.25)
        await talk.hang_up()

    who = persona("say: {text: 'hmm', while_bot_speaks_s: 0.5}", "silence")
    async with fake_worker(unmoved).running() as worker:
        report = await place_call(worker.target(), who, options=QUIET, voice=voice)
    assert [b.stopped for b in report.barge_ins] == [False]


async def test_a_hang_up_that_cuts_the_last_word_is_a_fault_of_the_worker(fake_worker, persona, voice):
    async def hasty(talk):
        for _ in range(20):
            await talk.send(**talk.media_frame(b"\x00\x20" * 160))
        await talk.hang_up()

    async with fake_worker(hasty).running() as worker:
        report = await place_call(worker.target(), persona("silence"), options=QUIET, voice=voice)
    rules = {error.rule for error in report.protocol_errors}
    assert {"the hang-up waits for the last word", "audio is at most 60 ms ahead of the clock"} <= rules
    assert report.cut_ms > 100


async def test_the_recording_holds_what_was_heard_left_and_said_right(fake_worker, persona, voice, tmp_path):
    path = tmp_path / "call.wav"
    options = CallOptions(transcribe="off", recording=path, max_call_s=15)

    async def answer(talk):
        await talk.speech_from_caller()
        await talk.speak(0.5)
        await asyncio.sleep(0.25)
        await talk.hang_up()

    async with fake_worker(answer).running() as worker:
        report = await place_call(worker.target(), persona("say: hello there", "silence"), options=options, voice=voice)
    heard, said = read_stereo(path)
    assert report.recording == str(path)
    assert heard.size == said.size == round(report.duration_s * pcm.RATE_HZ)
    turn = report.turns[0]
    assert pcm.level_dbfs(said[: round(turn.ended_s * 8000)]) > -40
    assert pcm.level_dbfs(heard[: round(turn.ended_s * 8000)]) == pcm.FLOOR_DBFS
    loud = [i for i in range(heard.size // 160) if pcm.level_dbfs(heard[i * 160 : i * 160 + 160]) > -50]
    assert len(loud) == 25
    assert turn.latency_ms == (loud[0] - round(turn.ended_s * 50) + 1) * 20


async def test_what_the_bot_said_is_transcribed_and_expectations_are_judged(fake_worker, persona, voice, speech):
    speech.words = "Your order is on its way."
    told = []
    options = CallOptions(transcribe="live", max_call_s=15)
    who = persona("wait_for_bot", "expect: ORDER is on", "expect: {heard: refund, scope: call}", "silence")

    async def answer(talk):
        await talk.speak(0.5)
        await asyncio.sleep(1.2)
        await talk.hang_up()

    async with fake_worker(answer).running() as worker:
        report = await place_call(worker.target(), who, options=options, voice=voice, on_event=told.append)
    assert report.bot_text == "Your order is on its way."
    assert [e.passed for e in report.expectations] == [True, False]
    assert not report.ok
    words = [moment.kind for moment in told]
    assert words.index("bot_said") < words.index("ended"), "live means before the end"


async def test_a_speech_server_that_is_away_spoils_the_transcript_only(fake_worker, persona, voice, speech):
    await voice.speak("hello")
    speech.status = 503
    async with fake_worker(speak_then_hang_up).running() as worker:
        report = await place_call(worker.target(), persona("expect: {heard: x, scope: call}", "silence"), voice=voice)
    assert report.outcome == "completed"
    assert report.transcription_error is not None
    assert "503" in report.transcription_error
    assert report.expectations[0].passed is None


async def test_a_call_can_be_ended_from_outside_while_it_rings_and_while_it_talks(fake_worker, persona):
    async def nothing(talk):
        await talk.until(lambda t: bool(t.of("hangup-call")))
        await talk.socket.close(1000)

    async with fake_worker(nothing).running() as worker:
        ringing = PhoneCall(
            worker.target(), persona("silence"), {}, options=CallOptions(transcribe="off", answer_after_s=30)
        )
        task = asyncio.create_task(ringing.run())
        while not any(m.kind == "ringing" for m in ringing.report.moments):
            await asyncio.sleep(0.01)
        ringing.hang_up("cancelled")
        report = await asyncio.wait_for(task, 10)
        assert (report.outcome, report.reason) == ("not_answered", "cancelled")


async def test_exotel_has_its_own_frames_and_a_close_is_the_hang_up(fake_worker, persona, voice):
    async def exotel(talk):
        await talk.speech_from_caller()
        await talk.speak(0.6, chunk_ms=200)
        await asyncio.sleep(0.5)
        await talk.hang_up()

    options = CallOptions(transcribe="off", extra={"_context": "ctx_1"}, max_call_s=15)
    async with fake_worker(exotel).running() as worker:
        report = await place_call(
            worker.target(protocol="exotel"),
            persona("say: hello", "dtmf: '5'", "silence"),
            options=options,
            voice=voice,
        )
    talk = worker.talks[0]
    assert talk.path == "/exotel/demo"
    assert [f["event"] for f in talk.received[:3]] == ["connected", "start", "media"]
    start = talk.received[1]["start"]
    assert (start["from"], start["to"], start["stream_sid"]) == ("+15550100", "+15550199", report.stream_id)
    assert start["custom_parameters"] == {"_context": "ctx_1"}
    assert start["media_format"]["sample_rate"] == "8000"
    media = talk.of("media")
    assert [f["media"]["chunk"] for f in media] == list(range(1, len(media) + 1))
    assert [f["sequence_number"] for f in talk.received[1:]] == list(range(1, len(talk.received)))
    assert talk.of("dtmf")[0]["dtmf"]["digit"] == "5"
    assert (report.ended_by, report.close_code, report.protocol_errors) == ("bot", 1000, [])


async def test_exotel_callers_hang_up_with_stop(fake_worker, persona, voice):
    async def nothing(talk):
        await talk.until(lambda t: bool(t.of("stop")))
        await talk.socket.close(1000)

    async with fake_worker(nothing).running() as worker:
        report = await place_call(
            worker.target(protocol="exotel"), persona("pause: 0.2", "hang_up"), options=QUIET, voice=voice
        )
    assert worker.talks[0].received[-1]["stop"]["reason"] == "callended"
    assert report.ended_by == "caller"
