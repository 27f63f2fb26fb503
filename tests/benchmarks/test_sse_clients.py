"""A few live clients in the place of a thousand."""

import pytest

from benchmarks import sse_clients
from benchmarks.result import BenchmarkUnavailableError


def test_every_client_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times are positive, and the last client is no earlier than the middle one."""
    monkeypatch.setattr(sse_clients, "CLIENTS", 5)
    monkeypatch.setattr(sse_clients, "EVENTS", 2)
    result = sse_clients.run()
    last_ms = result.figures["reached all, slowest"].value
    assert last_ms >= result.figures["p50"].value > 0
    assert result.ratio == last_ms / sse_clients.BOUND_MS


def test_too_few_files_are_told() -> None:
    """Before anything is started."""
    with pytest.raises(BenchmarkUnavailableError, match="open files"):
        sse_clients._need_files(10**9)
