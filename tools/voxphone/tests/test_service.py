"""The service is what consoles and scripts use; a test call without its report, or open to everybody, is a hole."""

import asyncio

import httpx
import pytest
from voxphone.app import create_app
from voxphone.cli import app as command_line
from voxphone.cli import main
from voxphone.errors import PhoneError
from voxphone.persona import builtin_names
from voxphone.settings import ServiceSettings

pytestmark = [pytest.mark.contract]


@pytest.fixture
async def service(tmp_path, speech):
    settings = ServiceSettings(_env_file=None, vox_data_dir=str(tmp_path), voxphone_api_token="token")
    app = create_app(settings, voice=speech.voice(tmp_path / "cache"))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app=app), base_url="http://phone", auth=("voxphone", "token"), timeout=60
        ) as http,
    ):
        yield http


async def answer_once(talk):
    await talk.speak(0.3)
    await talk.speech_from_caller()
    await talk.speak(0.3)
    await talk.hang_up()


async def test_a_test_call_answers_with_its_report_and_keeps_its_recording(service, fake_worker):
    async with fake_worker(answer_once).running() as worker:
        response = await service.post("/calls", json={"url": worker.target().url, "persona": "goodbye_quick"})
    assert response.status_code == 200
    made = response.json()["report"]
    assert (made["outcome"], made["ended_by"], made["persona"]) == ("completed", "bot", "goodbye_quick")
    assert made["latencies_ms"]
    again = (await service.get(f"/calls/{made['call_id']}")).json()
    assert again == {"running": False, "report": made}
    recording = await service.get(f"/calls/{made['call_id']}/recording.wav")
    assert recording.headers["content-type"] == "audio/wav"
    assert recording.content[:4] == b"RIFF"
    assert [c["report"]["call_id"] for c in (await service.get("/calls")).json()] == [made["call_id"]]


async def test_a_test_call_can_be_started_and_read_later(service, fake_worker):
    async with fake_worker(answer_once).running() as worker:
        order = {"url": worker.target().url, "persona": "goodbye_quick", "wait": False, "record": False}
        response = await service.post("/calls", json=order)
        assert response.status_code == 202
        assert response.json()["running"]
        call_id = response.json()["report"]["call_id"]
        assert (await service.get(f"/calls/{call_id}/recording.wav")).status_code == 404
        for _ in range(2000):
            state = (await service.get(f"/calls/{call_id}")).json()
            if not state["running"]:
                break
            await asyncio.sleep(0.01)
    assert state["report"]["outcome"] == "completed"


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"url": "http://x"},
        {"url": "ws://x/ws/d", "persona": "/etc/passwd"},
        {"url": "ws://x/ws/d", "colour": "red"},
    ],
)
async def test_a_wrong_order_is_refused_with_422(service, order):
    assert (await service.post("/calls", json=order)).status_code == 422


async def test_calls_and_recordings_need_credentials_and_health_does_not(service):
    for path in ("/calls", "/calls/x", "/calls/x/recording.wav"):
        assert (await service.get(path, auth=("voxphone", "wrong"))).status_code == 403
    assert (await service.get("/calls/nothing")).status_code == 404
    assert (await service.get("/health", auth=None)).json()["status"] == "ok"
    assert "voxphone_active_calls" in (await service.get("/metrics", auth=None)).text
    names = [item["name"] for item in (await service.get("/personas", auth=None)).json()]
    assert names == builtin_names()


def test_the_service_does_not_start_with_a_numbering_plan_that_has_faults(tmp_path):
    for text, problem in (
        ("endings: {'0x': {}}", "endings"),
        ("default: {persona: nobody}", "nobody"),
        ("default: {ring: maybe}", "default.ring"),
        ("numbers: [", "not valid YAML"),
    ):
        (tmp_path / "numbers.yaml").write_text(text)
        settings = ServiceSettings(
            _env_file=None, voxphone_api_token="token", voxphone_population=tmp_path / "numbers.yaml"
        )
        with pytest.raises(PhoneError, match=problem):
            create_app(settings)


# --- the command line ---------------------------------------------------------------------------------------------


def run(monkeypatch, *words: str) -> int:
    monkeypatch.setattr("sys.argv", ["voxphone", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def test_the_command_line_lists_and_checks_personas(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "personas") == 0
    assert "friendly" in capsys.readouterr().out
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text("name: x\nabout: y\nsteps: [silence]\n")
    bad.write_text("name: x\nabout: y\nsteps:\n  - sya: hi\n")
    assert run(monkeypatch, "personas", str(good)) == 0
    assert run(monkeypatch, "personas", str(bad)) == 1
    assert "line 4: steps[0]: unknown step 'sya'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("call", "ftp://x", "--persona", "silent"), "ws:// or wss://"),
        (("call", "--persona", "nobody"), "no persona 'nobody'"),
        (("load", "ws://127.0.0.1:9", "--lines", "0"), "1 to 2000 lines"),
    ],
)
def test_a_wrong_command_is_one_line_and_exit_2(monkeypatch, capsys, words, problem):
    assert run(monkeypatch, *words) == 2
    err = capsys.readouterr().err
    assert problem in err
    assert "Traceback" not in err


def test_a_call_that_reaches_nobody_is_exit_1_and_still_has_its_files(monkeypatch, capsys, tmp_path):
    words = ("call", "ws://127.0.0.1:9/ws/demo", "--persona", "silent", "--transcribe", "off", "--out", str(tmp_path))
    assert run(monkeypatch, *words) == 1
    assert "cannot reach ws://127.0.0.1:9/ws/demo" in capsys.readouterr().out
    assert (tmp_path / "report.json").is_file()
    assert (tmp_path / "report.html").is_file()
    assert command_line.name == ("voxphone",)
