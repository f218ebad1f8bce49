"""Every figure of a worker. No label carries a bot, a number or a session."""

from collections.abc import Iterable, Iterator

from fastapi import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest
from voxkit.metrics import new_registry

registry: CollectorRegistry = new_registry()

_SHORT = (0.005, 0.01, 0.02, 0.03, 0.06, 0.1, 0.25, 0.5, 1.0, 2.5)
_TURN = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.8, 2.5, 4.0, 8.0)
_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200)


def _counter(name: str, text: str, *labels: str) -> Counter:
    return Counter(f"voxcore_{name}", text, labels, registry=registry)


def _gauge(name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"voxcore_{name}", text, labels, registry=registry)


def _histogram(name: str, text: str, buckets: Iterable[float], *labels: str) -> Histogram:
    return Histogram(f"voxcore_{name}", text, labels, registry=registry, buckets=tuple(buckets))


slot_state = _gauge("slot_state", "1 for the state the slot is in.", "state")
draining = _gauge("draining", "1 while nothing new is taken.")
build_info = _gauge("build_info", "1; what runs here.", "version", "image_tag")
calls = _counter("calls_total", "Calls that ended.", "transport", "disconnected_by")
call_states = _counter("call_states_total", "Changes of a call's state.", "state")
starts_refused = _counter("starts_refused_total", "Starts that were refused.", "route", "error")
call_duration = _histogram("call_duration_seconds", "From answer to end.", _LONG, "transport")
setup_seconds = _histogram("setup_seconds", "Steps before the first word (config, build, first_audio).", _TURN, "step")
turn_seconds = _histogram("turn_seconds", "Stages of a turn (stt, turn, rag, tool, llm, tts, total).", _TURN, "stage")
added_latency = _histogram("added_latency_seconds", "What the worker itself adds (in, out).", _SHORT, "direction")
barge_in = _histogram("barge_in_seconds", "Rule met to stop frame sent.", _SHORT)
frame_jitter = _histogram("frame_jitter_seconds", "How late an outbound frame leaves.", _SHORT)
loop_lag = _histogram("loop_lag_seconds", "How late the event loop wakes.", _SHORT)
interruptions = _counter(
    "interruptions_total", "Barge-ins (words, vad, high_intent) and words let pass (backchannel_ignored).", "kind"
)
provider_errors = _counter("provider_errors_total", "Failures of a provider.", "stage", "provider", "action")
tool_calls = _counter("tool_calls_total", "Tools that ran.", "status")
tool_seconds = _histogram("tool_seconds", "How long tools ran.", _TURN, "status")
postcall_seconds = _histogram("postcall_seconds", "Passes after a call (analysis, qc).", _TURN, "pass", "outcome")
postcall = _counter("postcall_total", "Passes after a call (analysis, qc).", "pass", "outcome")
outbox_pending = _gauge("outbox_pending", "Deliveries that wait, of the whole folder.", "box")
outbox_oldest = _gauge("outbox_oldest_seconds", "Age of the oldest delivery that waits.", "box")
outbox_dead = _gauge("outbox_dead", "Deliveries that were given up.", "box")
outbox_deliveries = _counter("outbox_deliveries_total", "Tries (delivered, retry, dead).", "box", "outcome")
recording_uploads = _counter("recording_uploads_total", "Uploads of recordings (stored, failed).", "outcome")
recording_upload_seconds = _histogram("recording_upload_seconds", "How long an upload took.", _TURN, "outcome")
journals_recovered = _counter("journals_recovered_total", "Calls of dead workers that became a result.")
heartbeat_failures = _counter("heartbeat_failures_total", "Heartbeats that the registry did not take.")
heartbeat_age = _gauge("heartbeat_age_seconds", "Time since the registry last answered.")
fence_refused = _counter("fence_refused_total", "Fences refused (mac, worker, epoch, deadline, reservation).", "reason")


class _WithConstantLabels:
    """The registry's families, each sample with the worker's own labels."""

    def __init__(self, labels: dict[str, str]) -> None:
        self._labels = labels

    def collect(self) -> Iterator[Metric]:
        for family in registry.collect():
            family.samples = [sample._replace(labels={**sample.labels, **self._labels}) for sample in family.samples]
            yield family


def page(worker_id: str, host_id: str) -> Response:
    """All figures as Prometheus text, labelled with the worker and its host."""
    labelled = _WithConstantLabels({"worker_id": worker_id, "host_id": host_id})
    return Response(generate_latest(labelled), media_type=CONTENT_TYPE_LATEST)
