"""The models as they ship: what is spoken must be understood again, on the wire's rates and over the socket."""

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import jiwer
import numpy as np
import pytest
import uvicorn
import websockets
from voxkit.health import probe
from voxkit.listen import bound
from voxvoice.app import build_app
from voxvoice.dialogue.text import normal
from voxvoice.offline import synthesize, transcribe
from voxvoice.settings import VoxvoiceSettings
from voxvoice.wav import parse_wav, wav_bytes

pytestmark = [pytest.mark.integration]

SENTENCES = [
    "Hello, I would like to know where my order is.",
    "My order number is four five one two.",
    "Can I speak to a real person, please?",
    "Could you deliver it on Friday afternoon?",
    "What time do you open on Saturday morning?",
    "No, thank you. That is all for today. Goodbye.",
]
SILENCE = bytes(8000)  # half a second at 8 kHz


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """`host:port` of a server with the models loaded, in a thread with a loop of its own."""
    listener = bound("127.0.0.1", 0)
    config = uvicorn.Config(build_app(VoxvoiceSettings.load()), log_config=None, timeout_graceful_shutdown=1)
    running = uvicorn.Server(config)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
    thread.start()
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    try:
        deadline = time.monotonic() + 120
        while probe(f"http://{address}/health") is not None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield address
    finally:
        running.should_exit = True
        thread.join(30)


@pytest.fixture
async def client(server: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{server}/v1", timeout=120) as client:
        yield client


async def say(client: httpx.AsyncClient, text: str, rate_hz: int = 8000) -> bytes:
    body = {"model": "tts-1", "voice": "default", "input": text, "response_format": "pcm"}
    response = await client.post(f"/audio/speech?sample_rate={rate_hz}", json=body)
    response.raise_for_status()
    assert response.headers["x-sample-rate"] == str(rate_hz)
    return response.content


async def hear(client: httpx.AsyncClient, pcm: bytes, rate_hz: int = 8000) -> str:
    response = await client.post("/audio/transcriptions", files={"file": ("a.wav", wav_bytes(pcm, rate_hz))})
    response.raise_for_status()
    return response.json()["text"]


async def test_what_is_spoken_at_8_khz_is_understood(client: httpx.AsyncClient) -> None:
    heard = [await hear(client, await say(client, sentence)) for sentence in SENTENCES]
    wrong = jiwer.wer([normal(sentence) for sentence in SENTENCES], [normal(text) for text in heard])
    assert wrong <= 0.15, heard


@pytest.mark.parametrize("rate_hz", [8000, 16000, 24000, 48000])
async def test_speech_lasts_as_long_at_every_rate(client: httpx.AsyncClient, rate_hz: int) -> None:
    seconds = len(await say(client, SENTENCES[0], rate_hz)) / 2 / rate_hz
    assert 1.8 <= seconds <= 4.0


async def test_a_faster_voice_is_shorter(client: httpx.AsyncClient) -> None:
    async def length(speed: float) -> int:
        body = {"input": SENTENCES[0], "speed": speed, "response_format": "pcm"}
        return len((await client.post("/audio/speech", json=body)).content)

    assert await length(2.0) < 0.7 * await length(1.0)


async def test_the_voice_begins_at_once(client: httpx.AsyncClient) -> None:
    samples = np.frombuffer(await say(client, "Hello there."), "<i2")
    begin_s = np.flatnonzero(np.abs(samples.astype(int)) > 300)[0] / 8000
    assert begin_s < 0.06


async def test_the_first_sentence_comes_before_the_last_is_made(client: httpx.AsyncClient) -> None:
    body = {"input": "One moment. " + " ".join(f"This is sentence number {n}." for n in range(20))}
    async with client.stream("POST", "/audio/speech", json=body | {"response_format": "pcm"}) as response:
        parts = response.aiter_raw()
        first = await anext(parts)
        rest = b"".join([part async for part in parts])
    assert 0 < len(first) < len(rest) / 5


async def test_the_same_words_again_are_the_same_audio(client: httpx.AsyncClient) -> None:
    text = "Welcome to Vox Parcels. How can I help?"
    assert await say(client, text) == await say(client, text)


async def test_silence_and_noise_are_nothing(client: httpx.AsyncClient) -> None:
    noise = np.random.default_rng(7).normal(0, 300, 24000).astype("<i2").tobytes()
    for pcm in (b"", SILENCE, bytes(8000 * 2 * 5), noise):
        assert await hear(client, pcm) == ""


async def test_a_quiet_caller_is_understood(client: httpx.AsyncClient) -> None:
    quiet = (np.frombuffer(await say(client, SENTENCES[2]), "<i2") / 40).astype("<i2")  # about -34 dBFS at its peak
    assert "real person" in await hear(client, quiet.tobytes())


async def test_a_stereo_recording_of_more_than_a_minute_is_read_whole_and_by_channel(
    client: httpx.AsyncClient,
) -> None:
    left, right = [], []
    for turn in range(22):
        pcm = np.frombuffer(await say(client, SENTENCES[turn % 6], 8000), "<i2")
        quiet = np.zeros(len(pcm) + 8000, "<i2")
        spoken = np.concatenate([pcm, np.zeros(8000, "<i2")])
        left.append(spoken if turn % 2 == 0 else quiet)
        right.append(quiet if turn % 2 == 0 else spoken)
    stereo = np.stack([np.concatenate(left), np.concatenate(right)], axis=1)
    wav = wav_bytes(stereo.astype("<i2").tobytes(), 8000, channels=2)
    assert parse_wav(wav).seconds > 60

    async def read(**form: str) -> str:
        response = await client.post("/audio/transcriptions", files={"file": ("call.wav", wav)}, data=form)
        return normal(response.json()["text"])

    expected = [normal(SENTENCES[turn % 6]) for turn in range(22)]
    assert jiwer.wer(" ".join(expected), await read()) <= 0.15
    assert jiwer.wer(" ".join(expected[0::2]), await read(channel="0")) <= 0.15
    assert jiwer.wer(" ".join(expected[1::2]), await read(channel="1")) <= 0.15


@contextlib.asynccontextmanager
async def stream(server: str, rate_hz: int = 8000) -> AsyncIterator[websockets.ClientConnection]:
    url = f"ws://{server}/v1/audio/transcriptions/stream?model=whisper-1&language=en&sample_rate={rate_hz}"
    async with websockets.connect(url) as socket:
        yield socket


async def until_final(socket: websockets.ClientConnection) -> tuple[list[str], str]:
    """Interims, and the final that ends them."""
    interims: list[str] = []
    async with asyncio.timeout(60):
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "final":
                return interims, message["text"]
            assert message["type"] == "interim"
            interims.append(message["text"])


async def feed(socket: websockets.ClientConnection, pcm: bytes, pace: float = 1.0) -> None:
    """20 ms frames at the pace of a line, sent by a clock so that a slow machine does not slow the speech."""
    clock = asyncio.get_running_loop().time
    started = clock()
    for index in range(0, len(pcm), 320):
        await socket.send(pcm[index : index + 320])
        await asyncio.sleep(max(0, started + pace * index / 16000 - clock()))


async def test_interims_come_while_a_person_speaks_and_one_final_for_each_finalize(
    client: httpx.AsyncClient, server: str
) -> None:
    speech = SILENCE + await say(client, SENTENCES[0]) + SILENCE
    async with stream(server) as socket:
        for _ in range(2):
            await feed(socket, speech)
            await socket.send('{"type":"finalize"}')
            interims, final = await until_final(socket)
            assert "order" in final
            assert interims
            assert len(set(interims)) > 1
        await socket.send('{"type":"finalize"}')
        await socket.send('{"type":"finalize"}')
        assert [await until_final(socket), await until_final(socket)] == [([], ""), ([], "")]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.5)


async def test_what_comes_after_a_finalize_belongs_to_the_next(client: httpx.AsyncClient, server: str) -> None:
    first, second = await say(client, SENTENCES[2]), await say(client, SENTENCES[4])
    async with stream(server) as socket:
        await socket.send(SILENCE + first + SILENCE)
        await socket.send('{"type":"finalize"}')
        await socket.send(second + SILENCE)
        await socket.send('{"type":"finalize"}')
        finals = [(await until_final(socket))[1], (await until_final(socket))[1]]
    assert "real person" in finals[0]
    assert "Saturday" in finals[1]
    assert "person" not in finals[1]


async def test_silence_gives_no_interim_and_an_empty_final(server: str) -> None:
    async with stream(server) as socket:
        await feed(socket, SILENCE * 4, pace=0.2)
        await socket.send('{"type":"finalize"}')
        assert await until_final(socket) == ([], "")


async def test_a_minute_without_a_finalize_is_kept_whole(client: httpx.AsyncClient, server: str) -> None:
    spoken = [await say(client, sentence) + SILENCE for sentence in SENTENCES] * 4
    async with stream(server) as socket:
        for pcm in spoken:
            await socket.send(pcm)
        await socket.send('{"type":"finalize"}')
        final = (await until_final(socket))[1]
    assert jiwer.wer(" ".join(normal(s) for s in SENTENCES * 4), normal(final)) <= 0.15


async def test_several_callers_at_once_each_hear_their_own_words(client: httpx.AsyncClient, server: str) -> None:
    async def call(sentence: str) -> str:
        async with stream(server) as socket:
            await feed(socket, SILENCE + await say(client, sentence) + SILENCE)
            await socket.send('{"type":"finalize"}')
            return (await until_final(socket))[1]

    finals = await asyncio.gather(*(call(sentence) for sentence in SENTENCES[:4]))
    for sentence, final in zip(SENTENCES, finals, strict=False):
        assert jiwer.wer(normal(sentence), normal(final)) <= 0.3, final


async def test_an_unknown_message_is_told_and_the_stream_goes_on(server: str) -> None:
    async with stream(server) as socket:
        for odd in ("hello", '{"type":"begin"}', "[]"):
            await socket.send(odd)
            assert json.loads(await asyncio.wait_for(socket.recv(), 30))["type"] == "error"
        await socket.send('{"type":"finalize"}')
        assert await until_final(socket) == ([], "")


async def test_the_models_work_without_a_server() -> None:
    audio = synthesize(SENTENCES[1], 16000)
    assert audio.dtype == np.int16
    assert "4512" in normal(transcribe(audio.tobytes(), rate_hz=16000))
    assert "4512" in normal(transcribe(wav_bytes(audio.tobytes(), 16000)))
