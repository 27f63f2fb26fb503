"""The demo keeps to its own folder and never removes what is not its own."""

from pathlib import Path

import pytest

from patrol.demo.folder import DemoFolder
from patrol.errors import DemoError


def test_a_fresh_folder_has_a_place_for_everything(tmp_path: Path) -> None:
    """Parents are made too."""
    folder = DemoFolder(tmp_path / "new" / "out")
    folder.prepare()
    for place in (folder.home, folder.truth, folder.flights, folder.logs):
        assert place.is_dir()
        assert list(place.iterdir()) == []


def test_an_empty_folder_may_be_used(tmp_path: Path) -> None:
    """Somebody made it for the demo."""
    DemoFolder(tmp_path).prepare()
    assert (tmp_path / "home").is_dir()


def test_an_earlier_demo_is_removed(tmp_path: Path) -> None:
    """Old events and plans never mix with new ones."""
    folder = DemoFolder(tmp_path / "out")
    folder.prepare()
    folder.plan_file.write_text("old")
    (folder.home / "events.sqlite").write_text("old")
    folder.prepare()
    assert not folder.plan_file.exists()
    assert not (folder.home / "events.sqlite").exists()


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    """The sentence names the folder and the option that helps."""
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(DemoError, match="name another folder with --out") as error:
        DemoFolder(tmp_path).prepare()
    assert str(tmp_path) in str(error.value)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_everything_lies_below_the_folder(tmp_path: Path) -> None:
    """Nothing is written elsewhere."""
    folder = DemoFolder(tmp_path)
    for place in (folder.plan_file, folder.plan_picture, folder.logs):
        assert place.parent == tmp_path
