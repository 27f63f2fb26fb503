"""What OpenVINO does to the process that it runs in."""

import subprocess
import sys
import textwrap

SCRIPT = textwrap.dedent(
    """
    import gc
    import os
    import signal
    import threading

    import numpy as np

    from vision.engine.model_detector import ModelDetector
    from vision.frames import Frame
    from vision.models.registry import load_model

    heard = []
    signal.signal(signal.SIGINT, lambda *_: heard.append(True))
    used = [ModelDetector(load_model("patrol9"))]
    frame = Frame(0, 0.0, np.zeros((64, 64, 3), np.uint8))
    for _ in used[0].detect([frame]):
        pass

    def drop():
        used.clear()
        gc.collect()

    thread = threading.Thread(target=drop)
    thread.start()
    thread.join()
    os.kill(os.getpid(), signal.SIGINT)
    print(heard)
    """
)


def test_ctrl_c_is_heard_after_another_thread_dropped_the_last_detector() -> None:
    """Signals are handled on a stack that OpenVINO lends, and must not take back."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout) == (0, "[True]\n"), ran.stderr
