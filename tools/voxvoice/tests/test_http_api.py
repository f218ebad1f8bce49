"""Errors in another shape than OpenAI's, or a missing limit, would break every client that is pointed here."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from voxvoice.app import build_app
from voxvoice.lanes import Urgency
from voxvoice.metrics import Metrics
from voxvoice.settings import VoxvoiceSettings
from voxvoice.stt import Segment
from voxvoice.wav import parse_wav, wav_bytes

pytestmark = [pytest.mark.unit]

WAV = wav_bytes(bytes(8000), 8000)


class TalkingSpeech:
    """Stands in for the models: hears what it was told to, speaks a sample a character."""

    def __init__(self, heard: list[Segment]) -> None:
        self.metrics = Metrics()
        self.heard = heard
        self.asked: list[tuple[int, Urgency]] = []

    remembered_bytes = 0

    async def transcribe(self, audio: np.ndarray, urgency: Urgency, *_: Any) -> list[Segment]:
        self.asked.append((len(audio), urgency))
        return self.heard

    async def speak(self, text: str, speed: float, rate_hz: int) -> AsyncIterator[bytes]:
        for word in text.split():
            yield bytes(2 * len(word))


def app_with(speech: TalkingSpeech | None = None, **settings: Any) -> FastAPI:
    app = build_app(VoxvoiceSettings.load(**settings))
    app.state.server.speech = speech
    return app


@pytest.fixture
def speech() -> TalkingSpeech:
    return TalkingSpeech([Segment(0.1, 0.4, "hello there", -0.2, 0.01)])


@pytest.fixture
async def client(speech: TalkingSpeech) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_with(speech), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voxvoice") as client:
        yield client


def told(response: httpx.Response) -> tuple[int, str, str]:
    error = response.json()["error"]
    assert set(error) == {"message", "type", "code"}
    assert error["message"]
    return response.status_code, error["type"], error["code"]


async def transcribe(client: httpx.AsyncClient, wav: bytes = WAV, **form: str) -> httpx.Response:
    return await client.post("/v1/audio/transcriptions", files={"file": ("a.wav", wav)}, data=form)


async def test_the_transcript_comes_in_the_asked_form(client: httpx.AsyncClient, speech: TalkingSpeech) -> None:
    assert (await transcribe(client)).json() == {"text": "hello there"}
    assert (await transcribe(client, response_format="text")).text == "hello there\n"
    verbose = (await transcribe(client, response_format="verbose_json")).json()
    assert (verbose["duration"], verbose["segments"][0]["text"]) == (0.5, "hello there")
    assert speech.asked[0] == (8000, Urgency.FINAL)  # 4,000 samples at 8 kHz are read at 16 kHz


async def test_a_long_recording_does_not_go_before_callers(client: httpx.AsyncClient, speech: TalkingSpeech) -> None:
    await transcribe(client, wav_bytes(bytes(2 * 8000 * 60), 8000))
    assert speech.asked[0][1] is Urgency.FILE


@pytest.mark.parametrize(
    ("form", "status", "code"),
    [
        ({"model": "whisper-9"}, 404, "model_not_found"),
        ({"language": "hi"}, 400, "unsupported_language"),
        ({"response_format": "srt"}, 400, "invalid_value"),
        ({"channel": "3"}, 400, "invalid_audio"),
        ({"temperature": "9"}, 400, "invalid_value"),
    ],
)
async def test_a_wrong_form_field_is_named(
    client: httpx.AsyncClient, form: dict[str, str], status: int, code: str
) -> None:
    assert told(await transcribe(client, **form)) == (status, "invalid_request_error", code)


@pytest.mark.parametrize("form", [{"language": "en-US"}, {"language": "en_GB"}, {"model": "whisper-1"}, {"model": ""}])
async def test_common_values_are_accepted(client: httpx.AsyncClient, form: dict[str, str]) -> None:
    assert (await transcribe(client, **form)).status_code == 200


async def test_what_is_not_audio_is_a_bad_request(client: httpx.AsyncClient) -> None:
    assert told(await transcribe(client, b"no audio")) == (400, "invalid_request_error", "invalid_audio")
    assert told(await client.post("/v1/audio/transcriptions"))[::2] == (400, "invalid_value")


async def test_too_much_audio_is_refused_with_and_without_a_length(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        for _ in range(66):
            yield bytes(2**20)

    headers = {"content-type": "multipart/form-data; boundary=x"}
    declared = await client.post("/v1/audio/transcriptions", headers=headers, content=bytes(65 * 2**20))
    chunked = await client.post("/v1/audio/transcriptions", headers=headers, content=chunks())
    assert told(declared) == told(chunked) == (413, "invalid_request_error", "audio_too_large")


async def test_speech_comes_as_pcm_or_wav_at_the_asked_rate(client: httpx.AsyncClient) -> None:
    body = {"model": "tts-1", "voice": "default", "input": "hello you", "response_format": "pcm"}
    pcm = await client.post("/v1/audio/speech?sample_rate=8000", json=body)
    assert (pcm.headers["x-sample-rate"], pcm.headers["content-type"], len(pcm.content)) == ("8000", "audio/pcm", 16)
    wav = await client.post("/v1/audio/speech", json=body | {"response_format": "wav"})
    assert (parse_wav(wav.content).rate_hz, len(parse_wav(wav.content).samples)) == (24000, 8)


@pytest.mark.parametrize(
    ("change", "query", "status", "code"),
    [
        ({"input": "x" * 5001}, "", 400, "text_too_long"),
        ({"input": "  "}, "", 400, "invalid_value"),
        ({"voice": "zoe"}, "", 400, "unknown_voice"),
        ({"model": "tts-9"}, "", 404, "model_not_found"),
        ({"response_format": "mp3"}, "", 400, "invalid_value"),
        ({"speed": 9}, "", 400, "invalid_value"),
        ({}, "?sample_rate=4000", 400, "invalid_value"),
        ({}, "?sample_rate=x", 400, "invalid_value"),
    ],
)
async def test_a_wrong_speech_request_is_named(
    client: httpx.AsyncClient, change: dict[str, Any], query: str, status: int, code: str
) -> None:
    response = await client.post(f"/v1/audio/speech{query}", json={"input": "hi"} | change)
    assert told(response) == (status, "invalid_request_error", code)


@pytest.mark.parametrize("voice", ["", "default", "joe", "alloy", "nova"])
async def test_openais_voice_names_are_accepted(client: httpx.AsyncClient, voice: str) -> None:
    assert (await client.post("/v1/audio/speech", json={"input": "hi", "voice": voice})).status_code == 200


async def test_an_unknown_voice_is_told_the_known_ones(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/audio/speech", json={"input": "hi", "voice": "zoe"})
    assert "default, joe" in response.json()["error"]["message"]


async def test_unknown_paths_and_unexpected_errors_have_the_same_shape(
    client: httpx.AsyncClient, speech: TalkingSpeech
) -> None:
    assert told(await client.get("/v1/nothing"))[::2] == (404, "not_found")
    speech.heard = None
    assert told(await transcribe(client)) == (500, "server_error", "internal_error")


async def test_while_the_models_load_health_and_requests_say_so() -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app_with(None)), base_url="http://voxvoice") as client:
        assert (await client.get("/health")).status_code == 503
        assert told(await transcribe(client)) == (503, "server_error", "loading")
        assert (await client.get("/v1/models")).status_code == 200


async def test_a_key_is_asked_for_when_one_is_set(speech: TalkingSpeech) -> None:
    app = app_with(speech, voxvoice_api_key="new-key,old-key")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://voxvoice") as client:
        assert told(await client.get("/v1/models")) == (401, "authentication_error", "unauthorized")
        wrong = await client.get("/v1/models", headers={"authorization": "Bearer other"})
        assert wrong.status_code == 401
        for key in ("new-key", "old-key"):
            right = await client.get("/v1/models", headers={"authorization": f"Bearer {key}"})
            assert right.status_code == 200
        assert (await client.get("/metrics")).status_code == 200


@pytest.mark.parametrize(
    ("query", "key", "status"),
    [
        ("sample_rate=8000", "", 401),
        ("sample_rate=8000&language=hi", "k", 400),
        ("sample_rate=8000&model=other", "k", 404),
        ("sample_rate=800", "k", 400),
        ("sample_rate=fast", "k", 400),
    ],
)
def test_a_stream_is_refused_before_the_upgrade(speech: TalkingSpeech, query: str, key: str, status: int) -> None:
    from starlette.testclient import WebSocketDenialResponse

    client = TestClient(app_with(speech, voxvoice_api_key="k"))
    headers = {"authorization": f"Bearer {key}"} if key else {}
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        client.websocket_connect(f"/v1/audio/transcriptions/stream?{query}", headers=headers),
    ):
        pass
    assert refused.value.status_code == status
    assert told(refused.value)[0] == status


def test_metrics_count_by_kind(speech: TalkingSpeech) -> None:
    client = TestClient(app_with(speech))
    client.post("/v1/chat/completions", json={"model": "default", "messages": [{"role": "user", "content": "hi"}]})
    page = client.get("/metrics").text
    assert 'voxvoice_request_seconds_count{kind="chat"} 1.0' in page
    assert 'voxvoice_queue_depth{lane="whisper"} 0.0' in page


def test_a_folder_that_does_not_exist_is_an_error_at_start(tmp_path: Path) -> None:
    from voxvoice.dialogue.files import DialogueError

    with pytest.raises(DialogueError):
        app_with(None, voxvoice_dialogues=tmp_path / "missing")
