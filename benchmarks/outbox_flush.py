"""Reports a second from an outbox on disk into the event API, by batches."""

import os
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.local_api import running_api
from benchmarks.processor_time import used_ms
from benchmarks.report_load import reports
from benchmarks.result import Benchmark, Figure, Result
from events_api.client import EventApiClient
from events_api.outbox import Blob, Outbox
from events_api.schemas import Report

REPORTS, WITH_PICTURES, SEED = 10_000, 200, 5
FAR, ROUND_TRIP_S = 120, 0.2
"""Reports with a picture each over a village's link, where every request waits so long."""

PICTURE_BYTES = 40_000
REACH = 3000.0


class FarTransport(httpx.HTTPTransport):
    """A link on which every request waits for a round trip beside what the server takes."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request some time later."""
        time.sleep(ROUND_TRIP_S)
        return super().handle_request(request)


def run() -> Result:
    """Deliver ten thousand reports, two hundred with pictures, and some over a far link."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_api(Path(folder) / "api") as api,
        Outbox(Path(folder) / "outbox") as outbox,
        EventApiClient(api.url, api.drone_token) as client,
        EventApiClient(api.url, api.drone_token, transport=FarTransport()) as far_client,
    ):
        sent = [Report.model_validate(each) for each in reports(REPORTS, SEED)]
        before_ms = used_ms(api.process_id)
        plain_s = _delivered_s(outbox, client, sent, b"")
        processor_ms = (used_ms(api.process_id) - before_ms) / REPORTS
        picture = b"\xff\xd8\xff" + bytes(PICTURE_BYTES)
        some = [Report.model_validate(each) for each in reports(WITH_PICTURES, SEED + 1)]
        pictures_s = _delivered_s(outbox, client, some, picture)
        some = [Report.model_validate(each) for each in reports(FAR, SEED + 2)]
        far_s = _delivered_s(outbox, far_client, some, picture)
    rate = REPORTS / plain_s
    return Result(
        name=BENCHMARK.name,
        figures={
            "reports": Figure(REPORTS, "reports"),
            "rate": Figure(rate, "reports/s"),
            "processor of the API": Figure(processor_ms, "ms/report"),
            "with a picture each": Figure(WITH_PICTURES / pictures_s, "reports/s"),
            "the same over 200 ms": Figure(FAR / far_s, "reports/s"),
            "load average": Figure(os.getloadavg()[0], "processes"),
        },
        ratio=rate / REACH,
        against="3,000 reports/s",
        reach="at least 1",
        met=rate >= REACH,
    )


def _delivered_s(
    outbox: Outbox, client: EventApiClient, reports: list[Report], picture: bytes
) -> float:
    for number, report in enumerate(reports):
        blobs = [Blob(picture + str(number).encode(), "image/jpeg")] if picture else []
        cited = tuple(blob.sha256 for blob in blobs)
        outbox.put(report.model_copy(update={"evidence": cited}), blobs)
    began_s = time.perf_counter()
    delivery = outbox.deliver(client)
    took_s = time.perf_counter() - began_s
    if len(delivery.receipts) != len(reports):
        raise RuntimeError(f"only {len(delivery.receipts)} of {len(reports)} reports arrived")
    return took_s


BENCHMARK = Benchmark("outbox-flush", "reports/s from an outbox on disk, by batches", run)
