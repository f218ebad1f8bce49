"""Prometheus figures of the network. Labels never hold a number."""

from prometheus_client import Counter, Gauge, Histogram
from voxkit.contracts.carrier import CarrierCall
from voxkit.metrics import new_registry

from voxphone.report import CallReport


class Metrics:
    """One registry a service."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.calls = Counter("voxphone_calls_total", "Carrier calls by result.", ["result"], registry=self.registry)
        self.active = Gauge("voxphone_active_calls", "Carrier calls that hold a channel.", registry=self.registry)
        self.refusals = Counter(
            "voxphone_media_refused_total", "Media sockets refused, by HTTP status.", ["status"], registry=self.registry
        )
        self.callbacks = Counter(
            "voxphone_callbacks_total", "Status callbacks by result of a try.", ["result"], registry=self.registry
        )
        self.protocol_errors = Counter(
            "voxphone_protocol_errors_total", "Rules of the media protocol broken by workers.", registry=self.registry
        )
        self.latency = Histogram(
            "voxphone_turn_latency_seconds",
            "Own last sound to first bot sound, at the phone.",
            buckets=(0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2, 3, 5, 10),
            registry=self.registry,
        )

    def carrier_call(self, report: CallReport | None, call: CarrierCall) -> None:
        """Count a call that is over."""
        self.calls.labels(call.result or "none").inc()
        if report is None:
            return
        if report.refusal:
            self.refusals.labels(str(report.refusal.status)).inc()
        self.protocol_errors.inc(sum(error.count for error in report.protocol_errors))
        for latency_ms in report.latencies_ms:
            self.latency.observe(latency_ms / 1000)

    def callback(self, result: str) -> None:
        self.callbacks.labels(result).inc()
