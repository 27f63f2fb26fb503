"""Metrics as Prometheus reads them."""

import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families

from patrol.errors import UsageError
from patrol.sources.metrics import SourceMetrics, served
from patrol.sources.status import SourceState, SourceStatus
from patrol.sources.watched import SourceRow

ROW = SourceRow(
    SourceStatus("gate", SourceState.WATCHING, 40, 8.0, 5.1, 0.2, 3, 2, 1, 4, 1.5), restarts=6
)


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """What a scrape gives, by name, source and state."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        families = text_string_to_metric_families(answer.read().decode())
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_count_of_every_source_is_told() -> None:
    """With the newest values; before the first there is none."""
    metrics = SourceMetrics()
    with served(metrics, "127.0.0.1", 0) as port:
        assert scraped(port) == {}
        metrics.rows((ROW,))
        found = scraped(port)
    assert found["gridpatrol_source_frames_total", "gate"] == 40
    assert found["gridpatrol_source_dropped_total", "gate"] == 3
    assert found["gridpatrol_source_restarts_total", "gate"] == 6
    assert found["gridpatrol_source_sightings_total", "gate"] == 4
    assert found["gridpatrol_source_clip_wait_seconds_total", "gate"] == 1.5
    assert found["gridpatrol_source_lag_seconds", "gate"] == 0.2
    assert found["gridpatrol_source_state", "gate", "watching"] == 1
    assert found["gridpatrol_source_state", "gate", "failed"] == 0


def test_a_port_in_use_is_told() -> None:
    """With the option to change."""
    with (
        served(SourceMetrics(), "127.0.0.1", 0) as port,
        pytest.raises(UsageError, match="another --metrics-port"),
        served(SourceMetrics(), "127.0.0.1", port),
    ):
        pass
