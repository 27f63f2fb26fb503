"""A foreign Open311 server on loopback that misbehaves as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

Said = tuple[int, bytes] | None
"""A status and a body; none hangs up without an answer."""


@dataclass
class Foreign:
    """What was asked, and what to answer: the next of `answers`, and the last again and again."""

    url: str = ""
    answers: list[Said] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def next(self, method: str, path: str, fields: dict[str, str]) -> Said:
        """Note a question and return the answer to it."""
        self.asked.append((method, path, fields))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def misbehaving(*answers: Said) -> Iterator[Foreign]:
    """Run a server that gives these answers."""
    foreign = Foreign(answers=list(answers))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(foreign))
    server.daemon_threads = True
    foreign.url = f"http://127.0.0.1:{server.server_address[1]}/open311/v2"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield foreign
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(foreign: Foreign) -> Callable[..., BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer("POST", body.decode())

        def _answer(self, method: str, text: str) -> None:
            fields = {name: values[0] for name, values in parse_qs(text).items()}
            said = foreign.next(method, urlsplit(self.path).path, fields)
            if said is None:
                self.close_connection = True
                return
            status, content = said
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
