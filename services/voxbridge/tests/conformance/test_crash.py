"""An acknowledged write that is gone after the embedded server was killed in the middle of its work."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import PyMongoError
from voxctl.children import free_port
from voxctl.embedded import SecantusServer

pytestmark = [pytest.mark.faults]
KILLS, WRITERS = 3, 4


class Writer(threading.Thread):
    """Inserts and updates until told to stop; remembers what was acknowledged."""

    def __init__(self, uri: str, number: int, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._uri, self.number, self._stop_asked = uri, number, stop
        self.inserted: list[str] = []
        self.counted = 0
        self.maybe = 0  # sent, but the answer got lost: it may be there or not

    def run(self) -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(
            self._uri, serverSelectionTimeoutMS=300, retryWrites=False, socketTimeoutMS=5000
        )
        col = client["crash"]["rows"]
        key = f"counter-{self.number}"
        n = 0
        while not self._stop_asked.is_set():
            n += 1
            name = f"{self.number}-{id(self)}-{n}"
            try:
                col.insert_one({"_id": name, "payload": "x" * 500})
                self.inserted.append(name)
            except PyMongoError:
                continue
            try:
                col.update_one({"_id": key}, {"$inc": {"n": 1}}, upsert=True)
                self.counted += 1
            except PyMongoError:
                self.maybe += 1
        client.close()


def test_no_acknowledged_write_is_lost_by_kill_9(tmp_path: Path) -> None:
    server = SecantusServer(free_port(), tmp_path / "store")
    inserted: list[str] = []
    counted = [0] * WRITERS
    maybe = [0] * WRITERS
    server.start()
    server.wait_ready(60)
    try:
        setup: MongoClient[dict[str, Any]] = MongoClient(server.uri)
        setup["crash"]["rows"].create_index("payload_kind", sparse=True, name="kind")
        setup.close()
        for _ in range(KILLS):
            stop = threading.Event()
            writers = [Writer(server.uri, number, stop) for number in range(WRITERS)]
            for writer in writers:
                writer.start()
            deadline = time.monotonic() + 60
            while sum(len(writer.inserted) for writer in writers) < 150 and time.monotonic() < deadline:
                time.sleep(0.05)
            server.kill()  # while all of them write
            stop.set()
            for writer in writers:
                writer.join(30)
                inserted += writer.inserted
                counted[writer.number] += writer.counted
                maybe[writer.number] += writer.maybe
            server.start()
            server.wait_ready(60)
        client: MongoClient[dict[str, Any]] = MongoClient(server.uri)
        col = client["crash"]["rows"]
        kept = {row["_id"] for row in col.find({}, {"_id": 1})}
        assert len(inserted) >= KILLS * 150
        assert set(inserted) <= kept
        for number in range(WRITERS):
            stored = col.find_one({"_id": f"counter-{number}"})["n"]
            assert counted[number] <= stored <= counted[number] + maybe[number]
        assert "kind" in col.index_information()
        client.close()
    finally:
        server.stop()
