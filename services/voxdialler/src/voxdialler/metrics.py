"""Figures for Prometheus; labels never hold a campaign, a number or a contact."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 45, 90)


class Metrics:
    """All figures of one process."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, told: str, *labels: str) -> Counter:
            return Counter(f"voxdialler_{name}", told, labels, registry=registry)

        def gauge(name: str, told: str, *labels: str) -> Gauge:
            return Gauge(f"voxdialler_{name}", told, labels, registry=registry)

        def seconds(name: str, told: str, *labels: str) -> Histogram:
            return Histogram(f"voxdialler_{name}", told, labels, registry=registry, buckets=SECONDS)

        self.ticks = counter("ticks", "Turns of the loop.")
        self.tick_seconds = seconds("tick_seconds", "Length of a turn.")
        self.leader = gauge("leader", "1 while this process leads.")
        self.takeovers = counter("takeovers", "Times that this process took over from another leader.")
        self.leases = counter(
            "leases", "Contacts leased, and leases that somebody else was quicker to.", "from", "result"
        )
        self.dials = counter("dials", "Attempts that ended without a worker, and conversations.", "carrier", "outcome")
        self.active_calls = gauge("active_calls", "Contacts by active state.", "state")
        self.ring_seconds = seconds("ring_seconds", "Ringing of ended attempts.", "outcome")
        self.answer_to_attach_seconds = seconds("answer_to_attach_seconds", "From the answer to the bot.")
        self.attach = counter("attach", "Bots brought to answered callees.", "result")
        self.abandoned = counter("abandoned", "Answered callees without a bot.", "cause")
        self.amd = counter("amd", "Verdicts of screening.", "decision", "cause")
        self.amd_seconds = seconds("amd_seconds", "From the answer to the verdict.")
        self.checks_refused = counter("checks_refused", "Dials stopped in their last moment.", "check")
        self.reservations = counter("reservations", "Seats asked for.", "grade", "result")
        self.bucket_tokens = gauge("bucket_tokens", "Requests a carrier would take now.", "carrier")
        self.bucket_wait_seconds = seconds("bucket_wait_seconds", "Waiting for a carrier's token.", "carrier")
        self.channels_used = gauge("channels_used", "Calls under way.", "carrier")
        self.fleet_free = gauge("fleet_free", "Free seats as last seen.")
        self.breaker_open = gauge("breaker_open", "Breakers that are not closed.", "kind")
        self.breaker_trips = counter("breaker_trips", "Breakers that opened.", "kind")
        self.recovered = counter("recovered", "Contacts found without a task.", "state", "result")
        self.stale_rows = gauge("stale_rows", "Contacts without a task at the last look.")
        self.cas_lost = counter("cas_lost", "Moves that somebody else had made before.", "transition")
        self.callbacks = counter("callbacks", "Status callbacks of carriers.", "result")
        self.store_seconds = seconds("store_seconds", "Work of the store.", "operation")
        self.clock_skew_seconds = gauge("clock_skew_seconds", "Own clock less voxbridge's.")
