"""Work that waits in a library, and a person who does not."""

import signal
import subprocess
import sys
import threading

import pytest

from vision.errors import SourceError
from vision.interruptible import interruptible

WAITS = """
import sys, threading, time
from vision.interruptible import interruptible

def work():
    print("begun", flush=True)
    time.sleep(600)

try:
    interruptible(work, "work")
except KeyboardInterrupt:
    sys.exit(7)
"""


def test_it_gives_what_the_work_gives() -> None:
    """Done in a thread of the given name."""
    assert interruptible(lambda: threading.current_thread().name, "elsewhere") == "elsewhere"


def test_it_raises_what_the_work_raises() -> None:
    """With its own words."""

    def broken() -> None:
        raise SourceError("the camera is gone")

    with pytest.raises(SourceError, match="the camera is gone"):
        interruptible(broken, "work")


def test_a_ctrl_c_ends_the_waiting() -> None:
    """The work goes on, and ends with the process."""
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(60.0) == 7
