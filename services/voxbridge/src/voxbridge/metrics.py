"""Every metric of voxbridge in one place; labels never hold ids or numbers."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """The metrics, bound to one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"voxbridge_{name}", text, labels, registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"voxbridge_{name}", text, labels, registry=registry)

        self.http_request_seconds = Histogram(
            "voxbridge_http_request_seconds", "Duration of requests", ("route", "method", "status"),
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self.config_build_seconds = Histogram(
            "voxbridge_config_build_seconds",
            "Duration of building a runtime config",
            registry=registry,
            buckets=_SECONDS,
        )
        self.config_builds = counter("config_builds", "Runtime configs", "outcome")
        self.results = counter("results", "Call results received", "outcome")
        self.outbox_jobs = gauge("outbox_jobs", "Outbox jobs", "kind", "status")
        self.outbox_oldest_seconds = gauge("outbox_oldest_seconds", "Age of the oldest job not done", "kind")
        self.fleet_picks = counter("fleet_picks", "Choices of a worker host", "source", "outcome")
        self.integration_requests = counter("integration_requests", "Requests to CRMs", "kind", "outcome")
        self.orphans = counter("orphans", "Calls closed because no result came")
        self.event_streams = gauge("event_streams", "Open event streams")
        self.leader = gauge("leader", "1 while this process runs the leader jobs")
        self.job_last_success = gauge("job_last_success_timestamp", "Unix time of a job's last success", "job")
