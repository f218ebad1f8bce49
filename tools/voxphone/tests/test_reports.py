"""A report that cannot be drawn, or that runs what a bot said as HTML, is worse than none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from voxphone import pcm
from voxphone.errors import PhoneError, TargetError, VoiceUnavailable
from voxphone.load import LoadPlan, run_load
from voxphone.pages import call_page, load_page, write_page
from voxphone.persona import load_persona
from voxphone.phone import place_call
from voxphone.report import BotUtterance, CallReport, ProtocolError, Refusal, Turn
from voxphone.target import CallOptions, CallTarget
from voxphone.text import call_text, load_text

pytestmark = [pytest.mark.unit]
QUIET = CallOptions(transcribe="off", max_call_s=15)


def report(**fields) -> CallReport:
    base = {
        "call_id": "c1", "persona": "friendly", "protocol": "vox", "url": "ws://h/ws/demo", "stream_id": "st-1",
        "caller": "+15550100", "did": "+15550199", "direction": "incoming", "started_at": "2026-01-31T09:15:02.123Z",
    }  # fmt: skip
    return CallReport.model_validate(base | fields)


async def talk_a_little(talk):
    await talk.speech_from_caller()
    await talk.speak(0.4)
    await talk.hang_up()


# --- pages --------------------------------------------------------------------------------------------------------


def assert_self_contained(html: str) -> None:
    assert html.startswith("<!doctype html>")
    assert html.endswith("</html>\n")
    for outside in ("<script", "<link", "src=", "@import", "url(", "http://", "https://"):
        assert outside not in html
    assert "prefers-color-scheme: dark" in html


async def test_the_page_of_a_real_call_has_its_charts_and_needs_nothing_else(fake_worker, persona, voice, tmp_path):
    options = replace(QUIET, recording=tmp_path / "call.wav", transcribe="after")
    async with fake_worker(talk_a_little).running() as worker:
        made = await place_call(worker.target(), persona("say: where is it", "silence"), options=options, voice=voice)
    write_page(tmp_path / "pages" / "call.html", made)
    html = (tmp_path / "pages" / "call.html").read_text()
    assert_self_contained(html)
    assert html.count("<svg") == 3
    assert html.count('class="wave') == 2
    assert f"{made.turns[0].latency_ms} ms" in html
    assert "thank you for calling" in html
    assert CallReport.model_validate_json(made.model_dump_json()) == made


def test_words_of_a_bot_are_text_and_never_html():
    evil = "<script>alert(1)</script><img src=x onerror=y>"
    made = report(
        outcome="completed",
        duration_s=2.0,
        persona="friendly",
        turns=[Turn(index=1, said=evil, started_s=0, ended_s=1, latency_ms=500, reply_started_s=1.5)],
        bot=[BotUtterance(started_s=1.5, ended_s=2, text=evil)],
        notes=[evil],
        protocol_errors=[ProtocolError(rule=evil, count=1, example=evil)],
    )
    silence = np.zeros(16000, np.int16)
    html = call_page(made, (silence, silence))
    assert "<script" not in html
    assert "<img" not in html
    assert html.count("&lt;script&gt;") >= 5


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"outcome": "failed", "reason": "cannot reach <x>"}, {"outcome": "not_answered"},
        {"outcome": "refused", "refusal": Refusal(status=429, body='{"error":"at_capacity"}', after_ms=3)},
    ],
)  # fmt: skip
def test_a_call_that_never_was_has_a_page_and_a_text_too(fields):
    made = report(**fields)
    assert_self_contained(call_page(made))
    assert made.outcome in call_text(made)


def test_one_silent_sample_can_be_drawn():
    tracks = (np.zeros(1, np.int16), np.zeros(0, np.int16))
    assert "<svg" in call_page(report(outcome="completed", duration_s=0.0), tracks)


# --- load ---------------------------------------------------------------------------------------------------------


async def test_a_load_run_adds_up_all_calls_and_prints_and_draws_them(fake_worker, persona, voice, speech):
    plan_persona = persona("say: hello there", "silence")
    async with fake_worker(talk_a_little).running() as worker:
        plan = LoadPlan([worker.target()], [plan_persona], lines=3, ramp_s=0.2, calls=5, options=QUIET)
        made = await run_load(plan, voice=voice)
    assert (made.placed, made.admitted, made.dropped, made.refused) == (5, 5, 0, {})
    assert made.most_at_once == 3
    assert made.ended_by == {"bot": 5}
    assert made.latency_ms is not None
    assert made.latency_ms.count == 5
    assert sum(made.offset_histogram) == sum(call.pacing.chunks - call.pacing.runs for call in made.calls)
    assert len({call.caller for call in made.calls}) == 5
    assert speech.spoken == ["hello there"], "each text is synthesised once, however many calls speak it"
    assert_self_contained(load_page(made))
    assert "turn latency ms" in load_text(made)


async def test_refusals_of_a_load_run_are_counted_by_status(fake_worker, persona, voice):
    async with fake_worker(talk_a_little, refuse=(429, '{"error":"at_capacity"}')).running() as worker:
        plan = LoadPlan([worker.target()], [persona("silence")], lines=2, calls=2, options=QUIET)
        made = await run_load(plan, voice=voice)
    assert (made.placed, made.admitted, made.refused) == (2, 0, {"429": 2})
    assert made.refusal_ms is not None
    assert not made.ok
    assert "2 x 429" in load_text(made)
    assert_self_contained(load_page(made))


async def test_an_address_where_nobody_listens_is_counted_as_failed(persona, voice):
    plan = LoadPlan([CallTarget("ws://127.0.0.1:9/ws/demo")], [persona("silence")], lines=1, options=QUIET)
    made = await run_load(plan, voice=voice)
    assert sum(made.failed.values()) == 1


async def test_time_bounds_a_load_run_too(fake_worker, persona, voice):
    async with fake_worker(talk_a_little).running() as worker:
        plan = LoadPlan([worker.target()], [persona("say: hi", "silence")], lines=1, for_s=0.1, options=QUIET)
        made = await run_load(plan, voice=voice)
    assert made.placed == 1, "the call under way ends, no other begins"


@pytest.mark.parametrize("fields", [{"lines": 0}, {"lines": 5000}, {"calls": 0}, {"ramp_s": -1}, {"for_s": 0}])
def test_a_plan_outside_its_bounds_is_refused(fields, persona):
    with pytest.raises(PhoneError):
        LoadPlan([CallTarget("ws://h/ws/demo")], [persona("silence")], **fields)


# --- addresses and voices -----------------------------------------------------------------------------------------


def test_an_address_is_built_from_its_parts_and_shown_without_its_token():
    target = CallTarget.for_bot(
        "https://fleet1.example.com/", "demo", fence="v1.fleet1-3.a", media_token="s3cret", worker_id="fleet1-3"
    )
    assert target.url == "wss://fleet1.example.com/ws/demo/v1.fleet1-3.a?token=s3cret"
    assert target.headers == {"X-Vox-Worker": "fleet1-3"}
    assert target.public_url == "wss://fleet1.example.com/ws/demo/v1.fleet1-3.a"
    header = CallTarget.for_bot("ws://h:1", "demo", media_token="s3cret", send_as="header")
    assert (header.url, header.headers) == ("ws://h:1/ws/demo", {"X-Vox-Media-Token": "s3cret"})
    basic = CallTarget.for_bot("ws://h:1", "demo", media_token="s3cret", send_as="basic", protocol="exotel")
    assert basic.url == "ws://carrier:s3cret@h:1/exotel/demo"
    assert "s3cret" not in basic.public_url


@pytest.mark.parametrize("url", ["http://h/ws/demo", "ws://", "", "ws://h:port/ws", "ftp://h/x"])
def test_a_wrong_address_is_refused_in_words(url):
    with pytest.raises(TargetError):
        CallTarget(url)


async def test_a_clip_is_synthesised_once_and_then_comes_from_disk(speech, tmp_path: Path):
    for _ in range(2):
        voice = speech.voice(tmp_path)
        samples = await voice.speak("hello")
        await voice.close()
        assert samples.size == 800 + 1600 + 800
    assert speech.spoken == ["hello"]
    speech.status = 503
    voice = speech.voice(tmp_path)
    assert (await voice.speak("hello")).size == 3200
    with pytest.raises(VoiceUnavailable, match="503"):
        await voice.speak("something new")
    await voice.close()


async def test_speech_at_another_rate_is_resampled(tmp_path):
    import httpx
    from voxphone.voice import Voice

    tone = np.sin(np.arange(24000) / 24000 * 2 * np.pi * 400) * 8000

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=tone.astype("<i2").tobytes())

    voice = Voice("http://speech.test/v1", tmp_path, transport=httpx.MockTransport(answer))
    samples = await voice.speak("x")
    await voice.close()
    assert samples.size == pytest.approx(8000, abs=10)
    assert pcm.level_dbfs(samples) == pytest.approx(pcm.level_dbfs(tone.astype(np.int16)), abs=0.3)


def test_every_built_in_persona_can_be_planned(persona):
    plan = LoadPlan([CallTarget("ws://h/ws/demo")], [load_persona("friendly")], lines=4)
    assert plan.total == 4
