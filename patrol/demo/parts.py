"""The demo's parts: commands of our own, run as processes that speak JSON lines."""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Self

from patrol.errors import DemoError

STOP_PATIENCE_S = 10.0
POLL_S = 0.2


@dataclass(frozen=True)
class Line:
    """One JSON object that a part printed; `value` is None when the part has ended."""

    part: str
    value: dict[str, object] | None


@dataclass
class Part:
    """One running command.

    Attributes:
        name: what the demo calls it.
        process: the operating system's process.
        log: where its remarks go.
    """

    name: str
    process: subprocess.Popen[str]
    log: Path
    reader: threading.Thread | None = field(default=None)

    def stop(self) -> None:
        """Ask it to end, and end it if it does not."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.reader:
            self.reader.join()

    def check(self) -> None:
        """Raise if it ended with anything but success.

        Raises:
            DemoError: it did; the message carries the last of its remarks.
        """
        if self.process.returncode:
            remarks = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise DemoError(
                f"`{self.name}` ended with code {self.process.returncode}: "
                + (" ".join(remarks[-3:]) or "it said nothing")
                + f" (all of it in {self.log})."
            )


class Parts:
    """All running parts, and the lines that they print in the order of arrival."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = dict(environment)
        self._lines: queue.Queue[Line] = queue.Queue()
        self._parts: list[Part] = []
        self._pause = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Stop whatever still runs, the last started first."""
        for part in reversed(self._parts):
            part.stop()

    def start(self, name: str, arguments: Sequence[str]) -> Part:
        """Start `patrol ARGUMENTS` as a process of its own."""
        log = self._folder / f"{name}.log"
        with log.open("w", encoding="utf-8") as remarks:
            process = subprocess.Popen(
                [sys.executable, "-m", "patrol.cli.main", *arguments],
                stdout=subprocess.PIPE,
                stderr=remarks,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                text=True,
                # Ctrl-C reaches the demo alone, which then stops its parts in order.
                start_new_session=True,
            )
        part = Part(name, process, log)
        assert process.stdout is not None
        part.reader = threading.Thread(target=self._read, args=(part, process.stdout), daemon=True)
        part.reader.start()
        self._parts.append(part)
        return part

    def wait_a_little(self) -> None:
        """Wait a moment for a part to come up.

        Raises:
            DemoError: a part ended instead.
        """
        for part in self._parts:
            if part.process.poll() is not None:
                part.check()
                raise DemoError(f"`{part.name}` ended at once; its remarks are in {part.log}.")
        self._pause.wait(POLL_S)

    def lines(self, timeout_s: float) -> Iterator[Line]:
        """Yield what the parts print, and one line without a value when a part ends.

        Raises:
            DemoError: nothing was printed by any part for `timeout_s`.
        """
        while True:
            try:
                yield self._lines.get(timeout=timeout_s)
            except queue.Empty:
                raise DemoError(
                    f"No part of the demo has said anything for {timeout_s:.0f} s; their remarks "
                    f"are in {self._folder}."
                ) from None

    def _read(self, part: Part, stream: IO[str]) -> None:
        for text in stream:
            try:
                value = json.loads(text)
            except json.JSONDecodeError:
                continue
            if isinstance(value, dict):
                self._lines.put(Line(part.name, value))
        stream.close()
        part.process.wait()
        self._lines.put(Line(part.name, None))
