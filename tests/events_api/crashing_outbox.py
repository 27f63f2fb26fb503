"""A process that puts three reports into an outbox, delivers them, and dies at a step.

Run as `python -m tests.events_api.crashing_outbox FOLDER STEP`; what arrived is in FOLDER/log.
"""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import threading
from pathlib import Path
from uuid import UUID

from events_api.outbox import Blob, Outbox
from events_api.schemas import Receipt, Report
from tests.events_api.factories import JPEG, make_report

REPORTS = 3


def picture(number: int) -> Blob:
    """Return a picture like no other."""
    return Blob(JPEG + str(number).encode(), "image/jpeg")


class CrashingApi:
    """Writes down what it is sent; before and after it, there is a step.

    Args:
        log: The file for it.
        crash_at: The step at which the process dies; 0 for none.
    """

    def __init__(self, log: Path, crash_at: int) -> None:
        self._log = log
        self._left = crash_at
        self._lock = threading.Lock()

    def step(self) -> None:
        """Die, if it is time."""
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def put_evidence(self, data: bytes, _media_type: str) -> str:
        """Take a picture."""
        sha256 = hashlib.sha256(data).hexdigest()
        self._note(sha256)
        return sha256

    def submit_report(self, report: Report) -> Receipt:
        """Take a report."""
        self._note(str(report.report_id))
        return Receipt(
            report_id=report.report_id, event_id=UUID(int=1), created=True, merged_why="New"
        )

    def _note(self, name: str) -> None:
        self.step()
        with self._lock, self._log.open("a") as file:
            file.write(name + "\n")
        self.step()


def main(folder: Path, crash_at: int) -> None:
    """Put the reports and deliver them."""
    api = CrashingApi(folder / "log", crash_at)
    with Outbox(folder) as outbox:
        for number in range(REPORTS):
            blob = picture(number)
            outbox.put(make_report(number, evidence=[blob.sha256]), [blob])
            api.step()
        outbox.deliver(api)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
