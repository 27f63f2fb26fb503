"""Files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from flight.errors import PlanFileError
from flight.formats.writing import write_bytes, write_text


def test_a_text_is_written_as_utf8_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """The folder holds the file alone."""
    write_text("柳桥村\n", tmp_path / "a.txt")
    assert (tmp_path / "a.txt").read_bytes() == "柳桥村\n".encode()
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_content_is_on_disk_before_it_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is asked to keep the file before the rename, and the folder after it."""
    seen: list[bool] = []
    synced = os.fsync

    def watched(file: int) -> None:
        seen.append((tmp_path / "a").exists())
        synced(file)

    monkeypatch.setattr(os, "fsync", watched)
    write_bytes(b"1", tmp_path / "a")
    assert seen == [False, True]


def test_what_stood_there_stays_when_writing_fails(tmp_path: Path) -> None:
    """A folder of that name is refused, and no half-written file is left."""
    (tmp_path / "plan").mkdir()
    with pytest.raises(PlanFileError, match=r"plan cannot be written: Is a directory"):
        write_bytes(b"1", tmp_path / "plan")
    assert [file.name for file in tmp_path.iterdir()] == ["plan"]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """The error says which file, and why."""
    with pytest.raises(PlanFileError, match=r"nowhere/a cannot be written: No such file"):
        write_text("", tmp_path / "nowhere" / "a")
