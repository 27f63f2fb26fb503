"""A headless Chromium, spoken to over its debugging pipe: no driver and no port is needed."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--no-sandbox",  # tests also run as root, in containers
    "--no-first-run",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",  # the map needs WebGL 2, and there may be no graphics card
    "--enable-unsafe-swiftshader",
    "--hide-scrollbars",
)
POLL_S = 0.05


def find_chromium() -> str | None:
    """Return the path of a Chromium, or none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class Browser:
    """A browser, and the one tab of its present visitor.

    Attributes:
        complaints: Errors that the page wrote to its console, and requests it was refused.
        requested: Every address that the page asked for.
    """

    def __init__(self, to_browser: int, from_browser: int) -> None:
        self._to_browser = to_browser
        self._from_browser = from_browser
        self._rest = b""
        self._last_id = 0
        self._session = ""
        self.complaints: list[str] = []
        self.requested: list[str] = []

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> Iterator[Self]:
        """Start a browser, and end it."""
        path = find_chromium()
        assert path is not None
        child_reads, to_browser = os.pipe()
        from_browser, child_writes = os.pipe()
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            command = [path, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
            pid = _spawn(command, child_reads, child_writes)
            os.close(child_reads)
            os.close(child_writes)
            browser = cls(to_browser, from_browser)
            try:
                yield browser
            finally:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                os.close(to_browser)
                os.close(from_browser)

    @contextlib.contextmanager
    def visitor(
        self, language: str = "en-GB", size_wh_px: tuple[int, int] = (1400, 860)
    ) -> Iterator[Self]:
        """Give a tab for somebody who has never been here, and forget them at the end."""
        context_id = self._call("Target.createBrowserContext")["browserContextId"]
        try:
            self._attach(context_id, language, size_wh_px)
            yield self
        finally:
            self._session = ""
            self._call("Target.disposeBrowserContext", browserContextId=context_id)

    def go(self, url: str) -> None:
        """Open an address."""
        self._call("Page.navigate", url=url)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited if it is a promise."""
        answer = self._call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def wait_for(self, expression: str, timeout_s: float = 60.0) -> Any:
        """Return the expression's value once it is true; until the page is there, it may fail."""
        deadline_s = time.monotonic() + timeout_s
        guarded = f"(() => {{ try {{ return {expression}; }} catch {{ return false; }} }})()"
        while not (value := self.evaluate(guarded)):
            assert time.monotonic() < deadline_s, f"never true: {expression}\n{self.complaints}"
            self.evaluate(f"new Promise((done) => setTimeout(done, {POLL_S * 1000}))")
        return value

    def press(self, key: str, code: int) -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            text = {"text": "\r"} if key == "Enter" and kind == "keyDown" else {}
            self._call(
                "Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, **text
            )

    def screenshot(self, path: Path) -> None:
        """Save what the tab shows as PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot")["data"]))

    def _attach(self, context_id: str, language: str, size_wh_px: tuple[int, int]) -> None:
        self.complaints, self.requested = [], []
        target = self._call("Target.createTarget", url="about:blank", browserContextId=context_id)[
            "targetId"
        ]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setLocaleOverride", locale=language)
        agent = self._call("Runtime.evaluate", expression="navigator.userAgent")
        self._call(
            "Emulation.setUserAgentOverride",
            userAgent=agent["result"]["value"],
            acceptLanguage=language,  # what navigator.language says
        )
        width_px, height_px = size_wh_px
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width_px,
            height=height_px,
            deviceScaleFactor=1,
            mobile=False,
        )

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._last_id += 1
        message = {"id": self._last_id, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self._last_id:
                assert "error" not in answer, f"{method}: {answer['error']}"
                result: dict[str, Any] = answer["result"]
                return result
            self._note(answer)

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._from_browser, 1 << 16)
            assert piece, "the browser ended by itself"
            self._rest += piece
        text, self._rest = self._rest.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        return message

    def _note(self, event: dict[str, Any]) -> None:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(parameters["exceptionDetails"]))
        elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
            self.complaints.append(json.dumps(parameters["entry"]))
        elif method == "Network.requestWillBeSent":
            self.requested.append(parameters["request"]["url"])


def _spawn(command: list[str], child_reads: int, child_writes: int) -> int:
    """Start the browser with the two ends of the pipe where it looks for them: 3 and 4."""
    # First out of the way: an end may have been given number 3 or 4 itself.
    reads = fcntl.fcntl(child_reads, fcntl.F_DUPFD_CLOEXEC, 20)
    writes = fcntl.fcntl(child_writes, fcntl.F_DUPFD_CLOEXEC, 20)
    actions = [
        (os.POSIX_SPAWN_DUP2, reads, 3),
        (os.POSIX_SPAWN_DUP2, writes, 4),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    try:
        return os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    finally:
        os.close(reads)
        os.close(writes)
