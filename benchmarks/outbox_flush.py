"""Reports a second from an outbox on disk into the event API, by batches."""

import os
import tempfile
import time
from pathlib import Path

from benchmarks.local_api import running_api
from benchmarks.processor_time import used_ms
from benchmarks.report_load import reports
from benchmarks.result import Benchmark, Figure, Result
from events_api.client import EventApiClient
from events_api.outbox import Blob, Outbox
from events_api.schemas import Report

REPORTS, WITH_PICTURES, SEED = 10_000, 200, 5
PICTURE_BYTES = 40_000
REACH = 3000.0


def run() -> Result:
    """Put ten thousand reports into an outbox, deliver them, and then two hundred with pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running_api(Path(folder) / "api") as api,
        Outbox(Path(folder) / "outbox") as outbox,
        EventApiClient(api.url, api.drone_token) as client,
    ):
        sent = [Report.model_validate(each) for each in reports(REPORTS, SEED)]
        before_ms = used_ms(api.process_id)
        plain_s = _delivered_s(outbox, client, sent, b"")
        processor_ms = (used_ms(api.process_id) - before_ms) / REPORTS
        some = [Report.model_validate(each) for each in reports(WITH_PICTURES, SEED + 1)]
        pictures_s = _delivered_s(outbox, client, some, b"\xff\xd8\xff" + bytes(PICTURE_BYTES))
    rate = REPORTS / plain_s
    return Result(
        name=BENCHMARK.name,
        figures={
            "reports": Figure(REPORTS, "reports"),
            "rate": Figure(rate, "reports/s"),
            "processor of the API": Figure(processor_ms, "ms/report"),
            "with a picture each": Figure(WITH_PICTURES / pictures_s, "reports/s"),
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
