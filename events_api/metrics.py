"""What a monitoring system is told: requests, reports and how much lies here.

Counted in this process alone; where several serve one API, each is asked for its own.
"""

from __future__ import annotations

import collections
from collections.abc import Iterable
from enum import StrEnum

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from events_api.intake import Intake
from events_api.store.stock import Stock

BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Around the limits that are promised: 50 ms for a report, 100 ms for a list, 500 ms for any."""


class Outcome(StrEnum):
    """What became of a report."""

    OPENED = "opened"
    MERGED = "merged"
    REPEATED = "repeated"


class Metrics:
    """The figures of one process."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Histogram(
            "gridpatrol_request_seconds",
            "How long requests took; a stream, until it began.",
            ("method", "route", "status"),
            buckets=BUCKETS_S,
            registry=registry,
        )
        self._reports = Counter(
            "gridpatrol_reports", "Reports taken in.", ("outcome",), registry=registry
        )
        for outcome in Outcome:  # told as none before the first one comes
            self._reports.labels(outcome)
        self._events = Gauge(
            "gridpatrol_events_open", "Open events.", ("status",), registry=registry
        )
        self._deliveries = Gauge(
            "gridpatrol_webhook_messages", "Messages to webhooks.", ("state",), registry=registry
        )
        self._streams = Gauge("gridpatrol_streams", "Live streams.", registry=registry)
        self._evidence = Gauge(
            "gridpatrol_evidence_bytes", "Size of pictures and clips.", registry=registry
        )
        self._pictures = Gauge(
            "gridpatrol_evidence_files", "How many pictures and clips there are.", registry=registry
        )

    def count_request(self, method: str, route: str, status: int, took_s: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(method, route, str(status)).observe(took_s)

    def count_report(self, intake: Intake) -> None:
        """Count a report that was taken in."""
        self.count_reports([intake])

    def count_reports(self, intakes: Iterable[Intake]) -> None:
        """Count reports that were taken in."""
        for outcome, count in collections.Counter(map(_outcome, intakes)).items():
            self._reports.labels(outcome).inc(count)

    def exposition(self, stock: Stock, streams: int) -> bytes:
        """Write all figures in Prometheus's text format.

        Args:
            stock: How much lies in the database just now.
            streams: How many listen to the live stream.
        """
        self._events.clear()
        for status, count in stock.open_events.items():
            self._events.labels(status).set(count)
        self._deliveries.labels("waiting").set(stock.waiting_deliveries)
        self._deliveries.labels("dead").set(stock.dead_deliveries)
        self._evidence.set(stock.evidence_bytes)
        self._pictures.set(stock.evidence_count)
        self._streams.set(streams)
        return generate_latest(self._registry)


def _outcome(intake: Intake) -> Outcome:
    if not intake.is_new:
        return Outcome.REPEATED
    return Outcome.OPENED if intake.receipt.created else Outcome.MERGED
