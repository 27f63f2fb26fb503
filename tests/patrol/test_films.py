"""Tests of `patrol.films`."""

from pathlib import Path

from patrol.films import films_in


def test_films_of_a_folder_and_of_a_pattern_are_in_order(tmp_path: Path) -> None:
    """Recorders write many kinds, in capitals too; pictures, notes and folders are none."""
    for name in ("b.FLV", "a.mp4", "c.wmv", "d.jpg", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "e.mp4").mkdir()
    assert [each.name for each in films_in(tmp_path)] == ["a.mp4", "b.FLV", "c.wmv"]
    assert films_in(tmp_path / "*.mp4") == [tmp_path / "a.mp4"]
    assert films_in(tmp_path / "none") == []


def test_a_folder_with_brackets_in_its_name_is_a_folder(tmp_path: Path) -> None:
    """As people name them; a pattern would match another folder."""
    folder = tmp_path / "gate [1]"
    folder.mkdir()
    (folder / "a.mp4").touch()
    assert films_in(folder) == [folder / "a.mp4"]
