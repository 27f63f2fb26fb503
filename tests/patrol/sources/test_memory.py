"""What sources remember, kept on the supervisor's side: for who holds the source, and no other."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from events_api.outbox import Outbox
from patrol.settings import Settings
from patrol.sources.memory import FarMemory, HomeMemory, Keep, Keeper, SupersededError
from tests.events_api.factories import make_report

FILE = "0123.pass"


class Slow(HomeMemory):
    """A memory whose writing waits until it may go on."""

    def __init__(self, home: Path) -> None:
        super().__init__(Settings(home), None)
        self.writing, self.may_write = threading.Event(), threading.Event()

    def keep(self, file: str, data: bytes) -> None:
        """Wait, then keep."""
        self.writing.set()
        assert self.may_write.wait(30.0)
        super().keep(file, data)


def test_what_is_asked_from_afar_is_kept_at_home(tmp_path: Path) -> None:
    """States, and reports with their evidence; all is safe when the asking returns."""
    with Outbox(tmp_path / "outbox") as outbox:
        keeper = Keeper(HomeMemory(Settings(tmp_path), outbox))
        keeper.grant("gate", 1)
        far = FarMemory(keeper, "gate", 1, reports=True)
        assert far.recall(FILE) is None
        far.keep(FILE, b"state")
        assert (tmp_path / "sources" / FILE).read_bytes() == b"state"
        assert far.recall(FILE) == b"state"
        far.drop(FILE)
        assert far.recall(FILE) is None
        report = make_report()
        far.put(report, [])
        far.put(report, [])
        assert outbox.pending() == 1


def test_who_was_superseded_neither_writes_nor_reports(tmp_path: Path) -> None:
    """A process that was thought dead and is not must not tell anything twice."""
    with Outbox(tmp_path / "outbox") as outbox:
        keeper = Keeper(HomeMemory(Settings(tmp_path), outbox))
        keeper.grant("gate", 1)
        old = FarMemory(keeper, "gate", 1, reports=True)
        old.keep(FILE, b"old")
        keeper.grant("gate", 2)
        attempts: list[Callable[[], object]] = [
            lambda: old.keep(FILE, b"older"),
            lambda: old.drop(FILE),
            lambda: old.put(make_report(), []),
            lambda: old.recall(FILE),
        ]
        for attempt in attempts:
            with pytest.raises(SupersededError, match="gate is watched by another process"):
                attempt()
        new = FarMemory(keeper, "gate", 2, reports=True)
        assert new.recall(FILE) == b"old"
        assert outbox.pending() == 0


def test_who_takes_over_waits_for_what_is_being_written(tmp_path: Path) -> None:
    """So that he goes on from the newest."""
    memory = Slow(tmp_path)
    keeper = Keeper(memory)
    keeper.grant("gate", 1)
    old = FarMemory(keeper, "gate", 1, reports=False)
    writing = threading.Thread(target=old.keep, args=(FILE, b"newest"))
    writing.start()
    assert memory.writing.wait(30.0)
    granting = threading.Thread(target=keeper.grant, args=("gate", 2))
    granting.start()
    memory.may_write.set()
    granting.join(30.0)
    assert FarMemory(keeper, "gate", 2, reports=False).recall(FILE) == b"newest"
    writing.join(30.0)


def test_nothing_but_the_methods_of_a_memory_can_be_asked(tmp_path: Path) -> None:
    """Whatever a broken process says."""
    keeper = Keeper(HomeMemory(Settings(tmp_path), None))
    keeper.grant("gate", 1)
    for question in ("hello", Keep("gate", 1, "__init__")):
        with pytest.raises(TypeError, match="nothing that sources ask"):
            keeper(question)


def test_a_supervisor_that_is_gone_ends_the_watching(tmp_path: Path) -> None:
    """Nothing is told that is not kept."""

    def gone(_question: object) -> object:
        raise EOFError

    with pytest.raises(SupersededError, match="the supervisor is gone"):
        FarMemory(gone, "gate", 1, reports=True).put(make_report(), [])
