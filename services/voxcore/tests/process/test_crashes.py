"""A process that dies between any two writes, or a disk that is full, neither loses a result nor doubles it (J1-J4)."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from voxcore.delivery import Courier
from voxcore.durable import LockedFile
from voxcore.journal import FileJournal, read_journal
from voxcore.outbox import Outbox
from voxcore.persist import Persister
from voxcore.record import CallRecord
from voxcore.recovery import Recovery
from voxcore.spool import Spool, mend_wav
from voxcore_fakes import wav

pytestmark = [pytest.mark.faults]

HEAD = {
    "v": 1,
    "session_id": "s-1",
    "result_id": "r-1",
    "webhook_url": "http://bridge/api/v1/call-results",
    "recording_key": "s-1.wav",
    "auto_dispositions": {"error": {"DISPOSITION": "Technical"}},
    "payload": {"session_id": "s-1", "call_id": "c-1", "caller_id": "+15550100", "call_direction": "incoming"},
}

# Runs a call's whole life on disk and kills itself at the n-th touch of it.
DYING_WORKER = """
import json, os, signal, sys
from pathlib import Path
from voxcore.journal import FileJournal
from voxcore.outbox import Outbox
from voxcore.persist import _forget

outbox, limit, touched = Outbox(Path(sys.argv[1])), int(sys.argv[2]), 0

def mortal(call):
    def touch(*args, **more):
        global touched
        touched += 1
        if touched > limit:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **more)
    return touch

head = json.loads(sys.argv[3])
if sys.argv[4] == "persist":
    journal = FileJournal.begin(outbox.journal_of("s-1"), head)
for name in ("open", "write", "fsync", "replace", "unlink", "ftruncate"):
    setattr(os, name, mortal(getattr(os, name)))
if sys.argv[4] == "journal":
    journal = FileJournal.begin(outbox.journal_of("s-1"), head)
    print("begun", flush=True)
    journal.write("end", {"disconnected_by": "customer"})
else:
    with outbox.put_result("s-1", head["webhook_url"], head["payload"] | {"result_id": "r-1"}):
        journal.delete()
print("done", flush=True)
"""


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    box = Outbox(tmp_path / "outbox")
    box.prepare()
    return box


def die_after(outbox: Outbox, touches: int, part: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", DYING_WORKER, str(outbox.root), str(touches), json.dumps(HEAD), part],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.stdout


async def neighbours(outbox: Outbox, *, recover_first: bool = False) -> list[dict[str, Any]]:
    """What two idle neighbours make of the folder by delivering and recovering, in either order; what arrived."""
    arrived: list[dict[str, Any]] = []

    async def take(request: httpx.Request) -> httpx.Response:
        arrived.append(json.loads(request.content))
        return httpx.Response(200)

    client = httpx.AsyncClient(transport=httpx.MockTransport(take))
    couriers = [Courier(outbox, client, idle=lambda: True) for _ in range(2)]
    for turn in range(2):
        if turn or not recover_first:
            await couriers[0].deliver_due()
        await Recovery(outbox, Spool(outbox.recordings), found=couriers[1].adopt).look()
        await couriers[1].deliver_due()
    return arrived


@pytest.mark.parametrize("recover_first", [False, True])
async def test_a_kill_at_any_write_of_the_end_leaves_exactly_one_result(recover_first: bool, outbox: Outbox) -> None:
    """J3: the result is fsynced, then the journal goes; a result on disk is never replaced by a recovered one."""
    touches = 0
    while True:
        finished = "done" in die_after(outbox, touches, "persist")
        kept = outbox.path_of("s-1").exists()
        arrived = await neighbours(outbox, recover_first=recover_first)
        assert [each["session_id"] for each in arrived] == ["s-1"], f"killed after {touches} touches of the disk"
        assert arrived[0]["result_id"] == "r-1"
        assert ("events" in arrived[0]) is not kept  # only a recovered result has them here
        assert list(outbox.open.glob("*.jsonl")) == []
        assert list(outbox.box("results").glob("*.json")) == []
        if finished:
            break
        touches += 1
    assert touches >= 6  # temporary file, write, fsync, rename, fsync of the folder, deletion, fsync of the folder


async def test_a_kill_at_any_write_of_the_journal_leaves_a_whole_journal_or_none(outbox: Outbox) -> None:
    touches = 0
    while True:
        said = die_after(outbox, touches, "journal")
        arrived = await neighbours(outbox)
        assert len(arrived) <= 1
        if "begun" in said:
            assert len(arrived) == 1
        if "done" in said:
            assert arrived[0]["disconnected_by"] == "customer"
            break
        touches += 1
    assert touches >= 5


async def test_a_dead_workers_journal_becomes_a_result_with_what_it_knew(outbox: Outbox) -> None:
    """J2, with the bot's own disposition and the recording that was cut off in mid-frame."""
    journal = FileJournal.begin(outbox.journal_of("s-1"), HEAD)
    record = CallRecord("c-1", "demo", "ws", journal=journal)
    record.answered()
    record.say("assistant", "Hello.", start_ms=0)
    record.say("user", "hello", start_ms=800)
    spool = Spool(outbox.recordings)
    spool.part("s-1.wav").write_bytes(wav(100) + b"\x01")
    later = datetime.now(UTC) + timedelta(seconds=30)
    os.utime(spool.part("s-1.wav"), (later.timestamp(), later.timestamp()))
    assert await Recovery(outbox, spool, found=lambda path: None).look() == 0  # it lives
    journal.file.close()  # what the death of its process does
    assert await Recovery(outbox, spool, found=lambda path: None).look() == 1
    [result] = await neighbours(outbox)
    assert result["disconnected_by"] == "error"
    assert result["post_call_analysis"] == {
        "DISPOSITION": "Technical", "SUB_DISPOSITION": "fallback", "CALLING_REMARKS": "A system error ended the call",
    }  # fmt: skip
    assert [entry["content"] for entry in result["transcript"]] == ["Hello.", "hello"]
    assert [event["type"] for event in result["events"]] == ["answered", "worker_crashed"]
    assert 29 <= result["call_duration_seconds"] <= 31  # until the last sound that was written
    assert result["recording_key"] == "s-1.wav"
    assert (outbox.recordings / "s-1.wav").read_bytes() == wav(100)


async def test_the_cause_in_the_journal_is_kept_and_torn_lines_are_skipped(outbox: Outbox) -> None:
    journal = FileJournal.begin(outbox.journal_of("s-1"), HEAD)
    journal.write("end", {"disconnected_by": "bot"})
    path = outbox.journal_of("s-1")
    with path.open("ab") as file:
        file.write(b'{"kind":"transcript","data":{"role":"us')
    journal.file.close()
    await Recovery(outbox, Spool(outbox.recordings), found=lambda path: None).look()
    [result] = await neighbours(outbox)
    assert result["disconnected_by"] == "bot"
    assert result["transcript"] == []


async def test_a_file_that_is_no_journal_is_put_aside(outbox: Outbox) -> None:
    (outbox.open / "x.jsonl").write_text("hello\n")
    assert await Recovery(outbox, Spool(outbox.recordings), found=lambda path: None).look() == 0
    assert [path.name for path in outbox.open.iterdir()] == ["x.unreadable"]


def test_a_recording_without_sound_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "a.wav.part"
    for data, usable in ((b"", False), (b"RIFF", False), (wav(0), False), (b"x" * 200, False), (wav(1), True)):
        path.write_bytes(data)
        assert mend_wav(path) is usable


# --- a full disk --------------------------------------------------------------------------------------------------

FULL_DISK = """
import asyncio, json, resource, signal, sys
from pathlib import Path
import httpx
from voxcore.journal import FileJournal
from voxcore.outbox import Outbox
from voxcore.persist import Persister

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
outbox = Outbox(Path(sys.argv[1]))
journal = FileJournal.begin(outbox.journal_of("s-1"), json.loads(sys.argv[2]))
answers, drained, slept = [503, 503, 200], [], []

async def take(request):
    return httpx.Response(answers.pop(0))

async def main():
    # No file may grow from here on: every write of more than nothing fails with EFBIG, as ENOSPC does.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    for n in range(50):
        journal.write("event", {"type": "user_started", "n": n})
    async def sleep(seconds):
        slept.append(seconds)
        if sys.argv[3] == "space comes back" and len(slept) == 2:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    client = httpx.AsyncClient(transport=httpx.MockTransport(take))
    keep = Persister(outbox, client, disk_full=lambda: drained.append(1), sleep=sleep)
    path = await keep.keep("s-1", "http://bridge/r", {"session_id": "s-1", "result_id": "r-1"}, journal)
    print(json.dumps({"file": path.name if path else None, "slept": slept, "drained": len(drained),
                      "answers": answers, "journal": outbox.journal_of("s-1").exists()}), flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("story", ["space comes back", "it stays full"])
def test_with_the_disk_full_a_result_is_held_in_memory_until_it_is_safe(story: str, outbox: Outbox) -> None:
    """J4."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(outbox.root), json.dumps(HEAD), story],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["slept"] == [5.0, 10.0]
    assert told["journal"] is False
    assert told["drained"] >= 2
    if story == "space comes back":
        assert (told["file"], told["answers"]) == ("s-1.json", [200])
        assert (outbox.box("results") / "s-1.json").exists()
    else:
        assert (told["file"], told["answers"]) == (None, [])
        assert list(outbox.box("results").iterdir()) == []


TORN = """
import os, resource, signal, sys
from pathlib import Path
from voxcore.journal import FileJournal

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
journal = FileJournal.begin(path, {})
journal.write("event", {"type": "a"})
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 9, resource.RLIM_INFINITY))
journal.write("event", {"type": "torn"})
journal.write("event", {"type": "lost"})
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.write("event", {"type": "b"})
"""


def test_a_journal_goes_on_after_the_disk_was_full(tmp_path: Path) -> None:
    """A torn line costs itself, not what comes after it."""
    path = tmp_path / "s-1.jsonl"
    subprocess.run([sys.executable, "-c", TORN, str(path)], capture_output=True, timeout=120, check=True)
    assert b'{"kind":"' + b"\n" in path.read_bytes()  # the write really was cut
    file = LockedFile.take(path)
    assert file
    content = read_journal(file)
    assert content
    assert [event["type"] for event in content.events] == ["a", "b"]


async def test_what_no_json_can_carry_does_not_cost_the_result(outbox: Outbox) -> None:
    async def never(request: httpx.Request) -> httpx.Response:
        raise AssertionError("nothing is sent")

    client = httpx.AsyncClient(transport=httpx.MockTransport(never))
    keep = Persister(outbox, client, disk_full=lambda: None)
    payload = {"session_id": "s-1", "result_id": "r-1", "odd": "\ud800", "path": Path("x"), "nan": float("nan")}
    path = await asyncio.wait_for(keep.keep("s-1", "http://bridge/r", payload, None), 30)
    assert path
    assert json.loads(path.read_text())["payload"]["path"] == "x"


async def test_half_written_files_of_the_dead_are_swept_those_of_the_living_are_not(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.prepare()
    folder = outbox.box("results")
    dead, living, young = (folder / f".s-{n}.json.{n}.tmp" for n in range(3))
    for path in (dead, living, young):
        path.write_bytes(b'{"half')
    for path in (dead, living):
        os.utime(path, (0, 0))
    held = LockedFile.take(living)
    assert held is not None
    assert await Recovery(outbox, Spool(outbox.recordings), found=lambda path: None).look() == 0
    assert (dead.exists(), living.exists(), young.exists()) == (False, True, True)
    held.close()
