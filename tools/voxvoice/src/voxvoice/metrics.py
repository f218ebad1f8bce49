"""What voxvoice counts."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from prometheus_client import Counter, Gauge, Histogram
from voxkit.metrics import new_registry

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 2, 5, 15, 60)


class Metrics:
    """One registry a server. Kinds of request: stt, stt_interim, tts, tts_first_audio, chat."""

    def __init__(self) -> None:
        self.registry = new_registry()
        self.seconds = Histogram(
            "voxvoice_request_seconds", "Seconds by kind", ["kind"], registry=self.registry, buckets=BUCKETS
        )
        self.audio_in = Counter("voxvoice_audio_in_seconds", "Seconds of audio transcribed", registry=self.registry)
        self.audio_out = Counter("voxvoice_audio_out_seconds", "Seconds of audio synthesized", registry=self.registry)
        self.depth = Gauge("voxvoice_queue_depth", "Pieces of work that wait", ["lane"], registry=self.registry)
        self.cache = Gauge("voxvoice_speech_cache_bytes", "Audio held for repeated texts", registry=self.registry)
        self.interims_skipped = Counter(
            "voxvoice_interims_skipped", "Interims left out because the server was behind", registry=self.registry
        )

    @contextmanager
    def timed(self, kind: str) -> Generator[None]:
        """Measure what happens inside as one request of `kind`, also when it fails."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.seconds.labels(kind).observe(time.perf_counter() - started)
