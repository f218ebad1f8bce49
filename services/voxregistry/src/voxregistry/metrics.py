"""Figures: counters of this process, or of all of them when several serve one port, and gauges read from the store."""

import os
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from voxkit.contracts.registry import ReplaceReason
from voxkit.metrics import new_registry

from voxregistry.store import Reply

_FAST = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
_LONG = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 180)


GAUGES = (
    ("seats", "Seats.", "seats_by", "state"),
    ("free_seats", "Seats that a reserve could be given.", "free", None),
    ("waiting", "Waiting reservations.", "waiting_by", "priority"),
    ("reservations", "Open reservations.", "rs", "state"),
    ("quota_used", "Units.", "used", "client"),
    ("heartbeat_age_seconds", "Oldest heartbeat of a live seat.", "oldest_beat_s", None),
    ("check_findings", "Index entries that no record implies, at the last turn.", "findings", None),
)


class Metrics:
    """`seen` is a watcher of the store: all that steps did is counted from their own words."""

    def __init__(self) -> None:
        self._several = "PROMETHEUS_MULTIPROC_DIR" in os.environ
        self.registry = CollectorRegistry() if self._several else new_registry()

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"voxregistry_{name}", text, labels, registry=self.registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(f"voxregistry_{name}_seconds", text, labels, registry=self.registry, buckets=buckets)

        self.grants = counter("grants_total", "Seats handed out.", "priority")
        self.refusals = counter("refusals_total", "Reserves that got neither a seat nor a place.", "reason")
        self.over = counter("over_total", "Reservations that ended.", "state", "reason")
        self.moved = counter("moved_total", "Reservations that lost their seat before the start.", "cause")
        self.replaced = counter("replace_total", "Seats that holders sent back.", "reason")
        self.heartbeats = counter("heartbeats_total", "Heartbeats.", "result")
        self.notified = counter("notify_total", "Words to workers.", "call", "result")
        self.generations = counter("generations_total", "New or emptied stores.")
        self.superseded = counter("superseded_total", "Heartbeats of a process whose name another one has taken.")
        self.doubled = counter("double_start_total", "Second calls of one reservation.")
        self.illegal = counter("illegal_total", "Heartbeats that no state allows.")
        self.clock_jumps = counter("clock_jumps_total", "Jumps of the store's clock over 2 s.")
        self.queue_wait = histogram("queue_wait", "From reserve to grant.", _LONG, "priority")
        self.hold = histogram("hold", "From grant to end.", _LONG, "outcome")
        self.requests = histogram("request", "Requests.", _FAST, "route", "code")
        self.steps = histogram("step", "Steps, as this process sees them.", _FAST, "function")
        self.settle_lag = histogram("settle_lag", "How late the sweeper found what was due.", _FAST)
        self.sse_clients = Gauge(
            "voxregistry_sse_clients", "Open event streams.", registry=self.registry, multiprocess_mode="livesum"
        )

    def seen(self, name: str, reply: Reply, seconds: float) -> None:
        """Count one reply of the store."""
        self.steps.labels(name).observe(seconds)
        out = reply.out
        if name == "heartbeat":
            self.heartbeats.labels(reply.result).inc()
            if reply.result == "superseded":
                self.superseded.inc()
        if name == "reserve" and reply.result not in ("granted", "waiting", "repeat", "over", "id_reused"):
            self.refusals.labels(reply.result).inc()
        if "illegal" in out:
            self.illegal.inc(out["illegal"])
        if "doubled" in out:
            self.doubled.inc(out["doubled"])
        for event, data in reply.events:
            self._happened(event, data)

    def _happened(self, event: str, data: Mapping[str, Any]) -> None:
        if event == "reservation.held" and "waited_ms" in data:
            self.grants.labels(data["priority"]).inc()
            self.queue_wait.labels(data["priority"]).observe(data["waited_ms"] / 1000)
        elif event == "reservation.moved":
            asked = data["reason"] in get_args(ReplaceReason)
            (self.replaced if asked else self.moved).labels(data["reason"]).inc()
        elif event in ("reservation.expired", "reservation.released", "reservation.ended"):
            state = event.partition(".")[2]
            self.over.labels(state, data["reason"]).inc()
            if "held_ms" in data:
                self.hold.labels(state).observe(data["held_ms"] / 1000)
        elif event == "generation":
            self.generations.inc()

    def page(self, pools: Mapping[str, Mapping[str, Any]]) -> bytes:
        """The text page; `pools`: what the store says of each pool."""
        registry = CollectorRegistry()
        registry.register(_Store(pools))
        if self._several:
            MultiProcessCollector(registry)
            return generate_latest(registry)
        return generate_latest(self.registry) + generate_latest(registry)


class _Store(Collector):
    def __init__(self, pools: Mapping[str, Mapping[str, Any]]) -> None:
        self._pools = pools

    def collect(self) -> Iterator[Metric]:
        """Gauges of every pool: one number, or one for each key of a table."""
        for name, text, field, label in GAUGES:
            family = GaugeMetricFamily(f"voxregistry_{name}", text, labels=["pool", label] if label else ["pool"])
            for pool, figures in self._pools.items():
                value = figures[field]
                table: dict[str, float] = value if label else {"": value}
                for key, number in table.items():
                    family.add_metric([pool, key] if label else [pool], number)
            yield family
        limits = GaugeMetricFamily("voxregistry_quota_limit", "Limits.", labels=["pool", "client", "kind"])
        for pool, figures in self._pools.items():
            quotas: dict[str, dict[str, Any]] = figures["quotas"]
            for client, quota in quotas.items():
                for kind in ("max", "min"):
                    if quota[kind] is not None:
                        limits.add_metric([pool, client, kind], quota[kind])
        yield limits
