"""How all sources go, for Prometheus."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from patrol.errors import UsageError
from patrol.sources.status import SourceState
from patrol.sources.watched import SourceRow

PREFIX = "gridpatrol_source"
_GAUGES = (
    ("fps", "Frames analysed a second, of late."),
    ("lag_seconds", "From decoding a frame to having judged it, of late."),
    ("stream_seconds", "Stream time of the latest frame."),
)
_COUNTERS = (
    ("frames", "Frames analysed."),
    ("dropped", "Frames of a live stream that were dropped because judging was slower."),
    ("damaged", "Pieces that could not be decoded."),
    ("reconnects", "Times a live stream was opened again."),
    ("restarts", "Times the source's process died."),
    ("sightings", "Sightings told."),
    ("clip_wait_seconds", "Time that frames waited for clips of evidence to be encoded."),
)


class SourceMetrics(Collector):
    """Answers a scrape with the newest rows."""

    def __init__(self) -> None:
        self._rows: tuple[SourceRow, ...] = ()

    def rows(self, rows: tuple[SourceRow, ...]) -> None:
        """Take the newest rows."""
        self._rows = rows

    def collect(self) -> Iterable[Metric]:
        """Give every metric, with the source's name as its label."""
        rows = self._rows
        values = [(row.status.name, _values(row)) for row in rows]
        for key, text in _GAUGES:
            gauge = GaugeMetricFamily(f"{PREFIX}_{key}", text, labels=["source"])
            for name, value in values:
                gauge.add_metric([name], value[key])
            yield gauge
        for key, text in _COUNTERS:
            counter = CounterMetricFamily(f"{PREFIX}_{key}", text, labels=["source"])
            for name, value in values:
                counter.add_metric([name], value[key])
            yield counter
        state = GaugeMetricFamily(
            f"{PREFIX}_state", "1 for what the source is doing.", labels=["source", "state"]
        )
        for row in rows:
            for each in SourceState:
                is_so = float(row.status.state is each)
                state.add_metric([row.status.name, each.value], is_so)
        yield state


@contextmanager
def served(metrics: SourceMetrics, host: str, port: int) -> Iterator[int]:
    """Serve metrics at `/metrics` until the context is left; gives the port.

    Raises:
        UsageError: the port cannot be had.
    """
    registry = CollectorRegistry()
    registry.register(metrics)
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise UsageError(
            f"Metrics cannot be served at {host}:{port} ({error.strerror}); name another "
            "--metrics-port."
        ) from error
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _values(row: SourceRow) -> dict[str, float]:
    status = row.status
    return {
        "fps": status.fps,
        "lag_seconds": status.lag_s,
        "stream_seconds": status.time_s,
        "frames": status.frames,
        "dropped": status.dropped,
        "damaged": status.damaged,
        "reconnects": status.reconnects,
        "restarts": row.restarts,
        "sightings": status.sightings,
        "clip_wait_seconds": status.clips_s,
    }
