"""Workers and holders for tests that tell one story: every step is compared with the model as well."""

from __future__ import annotations

from typing import Any

from .pool import Pool

EPOCH = 1_769_850_000_123


class Fleet:
    """Sends what a test says, with everything else as a healthy worker or caller would send it."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.seqs: dict[str, int] = {}
        self.epochs: dict[str, int] = {}
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.notes: list[dict[str, Any]] = []

    def step(self, name: str, **args: Any) -> dict[str, Any]:
        said = self.pool.step(name, {key: value for key, value in args.items() if value is not None})
        self.events, self.notes = said["events"] or [], said["notes"] or []
        return said["out"]

    def tick(self, ms: int) -> None:
        self.pool.tick(ms)

    def settle(self) -> dict[str, Any]:
        return self.step("settle", limit=1_000_000)

    def beat(self, worker: str, phase: str = "idle", *, up: bool = False, **said: Any) -> dict[str, Any]:
        """Send a heartbeat; `up`: the epoch has risen."""
        return self.step("heartbeat", **self.said(worker, phase, up=up, **said))

    def said(self, worker: str, phase: str = "idle", *, up: bool = False, **said: Any) -> dict[str, Any]:
        """The next heartbeat of a worker."""
        self.seqs[worker] = self.seqs.get(worker, 0) + 1
        self.epochs[worker] = self.epochs.get(worker, EPOCH) + (1 if up else 0)
        beat: dict[str, Any] = {
            "worker_id": worker,
            "instance_id": f"{worker}.1",
            "seq": self.seqs[worker],
            "host_id": worker.split("-")[0],
            "lb_url": f"http://{worker.split('-')[0]}",
            "direct_url": f"http://{worker}",
            "image_tag": "v1",
            "version": "1",
            "phase": phase,
            "draining": False,
            "epoch": self.epochs[worker],
            "outbox_pending": 0,
            "protocols": ["ws"],
        }
        return {**beat, **said}

    def seats(self, *workers: str) -> None:
        """Idle seats, each idle one millisecond longer than the next."""
        for worker in workers:
            self.beat(worker)
            self.tick(1)

    def alive(self, ms: int) -> None:
        """Time passes, and every known worker goes on saying that nothing has changed."""
        while ms > 0:
            step = min(ms, 3_000)
            self.tick(step)
            ms -= step
            for worker, seat in list(self.pool.model.seats.items()):
                if seat.lost_at is None:
                    self.beat(
                        worker, "idle" if seat.phase == "reserved" else seat.phase, call_id=seat.call_id,
                        reservation_id=seat.named, draining=seat.draining, client=None,
                    )  # fmt: skip

    def reserve(self, rid: str, client: str = "main", **said: Any) -> dict[str, Any]:
        body = {"reservation_id": rid, "fp": f"fp-{rid}", "client": client, "priority": "outbound", "hold_ms": 15_000,
                "wait_ms": 0}  # fmt: skip
        return self.step("reserve", **{**body, **said})

    def granted(self, rid: str, client: str = "main", **said: Any) -> str:
        """Reserve, and the worker that was given."""
        out = self.reserve(rid, client, **said)
        assert out["result"] == "granted", out
        return out["view"]["worker_id"]

    def confirm(self, rid: str, worker: str, **said: Any) -> dict[str, Any]:
        return self.step("confirm", reservation_id=rid, worker_id=worker, epoch=self.epochs.get(worker, EPOCH), **said)

    def replace(self, rid: str, worker: str, reason: str = "refused") -> dict[str, Any]:
        epoch = self.pool.model.reservations[rid].epoch if rid in self.pool.model.reservations else EPOCH
        return self.step("replace", reservation_id=rid, worker_id=worker, epoch=epoch, reason=reason)

    def release(self, rid: str) -> str:
        return self.step("release", reservation_id=rid)["result"]

    def extend(self, rid: str, hold_ms: int) -> dict[str, Any]:
        return self.step("extend", reservation_id=rid, hold_ms=hold_ms)

    def state(self, rid: str) -> str | None:
        """What the store says of a reservation."""
        record = self.pool.dump()["r"].get(rid)
        return record["state"] if record else None

    def record(self, rid: str) -> dict[str, str]:
        return self.pool.dump()["r"][rid]

    def seat(self, worker: str) -> dict[str, str]:
        return self.pool.dump()["w"][worker]

    def phase(self, worker: str) -> str:
        return self.seat(worker)["phase"]

    def read(self, what: str, **args: Any) -> dict[str, Any]:
        return self.pool.call("read", {"what": what, **args})["out"]

    def names(self) -> list[str]:
        """What happened in the last step."""
        return [name for name, _ in self.events]

    def told(self) -> list[tuple[str, str]]:
        """Notes of the last step: (call, worker)."""
        return [(note["call"], note["worker_id"]) for note in self.notes]
