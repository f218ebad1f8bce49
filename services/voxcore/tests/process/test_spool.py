"""A recording deleted before the store has it byte for byte is gone for ever (section 27)."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from voxcore.durable import LockedFile
from voxcore.spool import RecordingStore, Spool
from voxcore_fakes import served, wav
from voxkit.errors import ConfigurationError

pytestmark = [pytest.mark.integration]


@dataclass
class FakeS3:
    """A bucket that keeps what it gets; it may be away, or keep something else."""

    url: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    parts: dict[str, bytes] = field(default_factory=dict)
    status: int = 200
    spoils: bool = False
    puts: int = 0

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/bucket/{key:path}", methods=["PUT", "GET", "HEAD", "POST", "DELETE"])
        async def objects(key: str, request: Request) -> Response:
            if self.status != 200:
                return Response(status_code=self.status)
            query = request.query_params
            if request.method == "POST" and "uploads" in query:
                self.types[key] = request.headers.get("content-type", "")
                begun = f"<UploadId>u1</UploadId><Key>{key}</Key>"
                return Response(
                    f"<InitiateMultipartUploadResult>{begun}</InitiateMultipartUploadResult>",
                    media_type="application/xml",
                )
            if request.method == "POST":
                self.objects[key] = b"".join(self.parts[number] for number in sorted(self.parts, key=int))
                return Response(
                    '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>',
                    media_type="application/xml",
                )
            if request.method == "PUT":
                self.puts += 1
                data = await request.body()
                if "partNumber" in query:
                    self.parts[query["partNumber"]] = data
                else:
                    self.objects[key] = data[:-1] + b"!" if self.spoils else data
                    self.types[key] = request.headers.get("content-type", "")
                return Response(headers={"ETag": '"e"'})
            if key not in self.objects:
                return Response(status_code=404)
            head = {"ETag": '"e"', "Last-Modified": "Sat, 31 Jan 2026 09:00:00 GMT"}
            if request.method == "HEAD":
                return Response(headers=head | {"Content-Length": str(len(self.objects[key]))})
            return Response(self.objects[key], headers=head)

        return app


@pytest.fixture
async def s3() -> AsyncIterator[FakeS3]:
    fake = FakeS3()
    async with served(fake.app()) as url:
        fake.url = url
        yield fake


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def spool_for(tmp_path: Path, url: str, clock: Clock | None = None) -> Spool:
    folder = tmp_path / "recordings"
    folder.mkdir(exist_ok=True)
    store = RecordingStore.from_url(url, access_key="a", secret_key="s") if url else None
    return Spool(folder, store, monotonic=clock or Clock())


def recorded(spool: Spool, key: str, frames: int = 2000) -> bytes:
    spool.part(key).write_bytes(wav(frames))
    return spool.finish(key).read_bytes()


async def test_a_recording_reaches_an_s3_bucket_and_leaves_the_disk(s3: FakeS3, tmp_path: Path) -> None:
    spool = spool_for(tmp_path, f"s3://bucket?endpoint={s3.url}")
    data = recorded(spool, "s-1.wav")
    assert spool.own_waiting == 1
    assert await spool.upload("s-1.wav")
    assert s3.objects["s-1.wav"] == data
    assert s3.types["s-1.wav"] == "audio/wav"
    assert spool.url("s-1.wav") == f"{s3.url}/bucket/s-1.wav"
    assert (spool.own_waiting, list(spool.folder.iterdir())) == (0, [])


async def test_a_long_recording_goes_in_parts(s3: FakeS3, tmp_path: Path) -> None:
    spool = spool_for(tmp_path, f"s3://bucket?endpoint={s3.url}")
    data = recorded(spool, "s-1.wav", frames=2_300_000)  # 9.2 MB
    assert await spool.upload("s-1.wav")
    assert s3.puts == 2
    assert hashlib.sha256(s3.objects["s-1.wav"]).digest() == hashlib.sha256(data).digest()


async def test_an_object_that_differs_by_one_byte_does_not_cost_the_file(s3: FakeS3, tmp_path: Path) -> None:
    clock = Clock()
    spool = spool_for(tmp_path, f"s3://bucket?endpoint={s3.url}", clock)
    data = recorded(spool, "s-1.wav")
    s3.spoils = True
    assert not await spool.upload("s-1.wav")
    assert (spool.folder / "s-1.wav").read_bytes() == data
    s3.spoils = False
    await spool.upload_due()
    assert s3.puts == 1  # not yet due
    clock.now += 6
    await spool.upload_due()
    assert s3.objects["s-1.wav"] == data
    assert list(spool.folder.iterdir()) == []


async def test_a_store_that_is_away_is_tried_again_and_the_file_stays(s3: FakeS3, tmp_path: Path) -> None:
    spool = spool_for(tmp_path, f"s3://bucket?endpoint={s3.url}")
    recorded(spool, "s-1.wav")
    s3.status = 403
    assert not await spool.upload("s-1.wav")
    assert spool.find("s-1.wav") == spool.folder / "s-1.wav"
    assert spool.own_waiting == 1


async def test_a_folder_is_a_store_too_and_keeps_serving(tmp_path: Path) -> None:
    store = tmp_path / "store"
    spool = spool_for(tmp_path, f"file://{store}")
    data = recorded(spool, "s-1.wav")
    assert await spool.upload("s-1.wav")
    assert (store / "s-1.wav").read_bytes() == data
    assert spool.find("s-1.wav") == store / "s-1.wav"
    assert spool.url("s-1.wav") == f"file://{store}/s-1.wav"


async def test_without_a_store_recordings_stay(tmp_path: Path) -> None:
    spool = spool_for(tmp_path, "")
    recorded(spool, "s-1.wav")
    assert not await spool.upload("s-1.wav")
    assert (spool.find("s-1.wav"), spool.url("s-1.wav"), spool.own_waiting) == (spool.folder / "s-1.wav", None, 0)


async def test_a_recording_that_a_neighbour_holds_is_left_to_it(tmp_path: Path) -> None:
    spool = spool_for(tmp_path, f"file://{tmp_path / 'store'}")
    recorded(spool, "s-1.wav")
    held = LockedFile.take(spool.folder / "s-1.wav")
    assert held
    assert not await spool.upload("s-1.wav")
    held.close()
    assert await spool.upload("s-1.wav")
    assert await spool.upload("s-1.wav")  # gone because it is stored


def test_a_store_url_that_cannot_work_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for url in (f"file://{tmp_path}/file/store", "s3://?endpoint=http://x"):
        with pytest.raises(ConfigurationError, match="OBJECT_STORE_URL"):
            RecordingStore.from_url(url)
