"""What there is to watch: streams, films, and the films of folders."""

import os
from pathlib import Path

import numpy as np

from patrol.settings import Settings
from patrol.sources.file import SourcesFile
from patrol.sources.tasks import SourceTask, tasks_of
from tests.patrol.builders import CAR_ROW, car_detector
from tests.vision.builders import write_clip, write_model


def tasks(folder: Path, **entry: object) -> dict[str, SourceTask]:
    """The tasks of a file with one source."""
    return tasks_of(
        SourcesFile.model_validate({"version": 1, "sources": [{"name": "a", **entry}]}), folder
    )


def test_a_stream_and_a_film_are_one_task_each(tmp_path: Path) -> None:
    """A film's path counts from the file's folder."""
    assert tasks(tmp_path, url="rtsp://x/y")["a"].request.is_live
    film = tasks(tmp_path, file="one.mp4")["a"].request
    assert (film.address, film.is_live) == (str(tmp_path / "one.mp4"), False)


def test_the_device_of_one_source_comes_before_that_of_all(tmp_path: Path) -> None:
    """By the name that it has everywhere; without a word the processor."""
    sources = [
        {"name": "a", "url": "rtsp://x/a", "device": "TensorRT:1"},
        {"name": "b", "url": "rtsp://x/b"},
    ]
    file = {"version": 1, "device": "cuda", "sources": sources}
    found = tasks_of(SourcesFile.model_validate(file), tmp_path)
    assert [task.device for task in found.values()] == ["tensorrt:1", "cuda:0"]
    assert found["b"].request.engine.device == "cuda:0"
    assert tasks(tmp_path, url="rtsp://x/y")["a"].device == "CPU"


def test_each_film_of_a_folder_is_a_task_and_pictures_are_one_together(tmp_path: Path) -> None:
    """Under the source's name, so that sightings name the drone."""
    for name in ("b.MP4", "a.mkv", "notes.txt"):
        (tmp_path / name).touch()
    found = tasks(tmp_path, directory=".")
    assert list(found) == ["a:a.mkv", "a:b.MP4"]
    assert {task.request.source for task in found.values()} == {"a"}
    assert list(tasks(tmp_path, glob="*.mkv")) == ["a:a.mkv"]
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "1.jpg").touch()
    assert tasks(tmp_path, directory="pictures")["a"].request.address == str(pictures)


def test_a_folder_that_is_followed_may_be_empty(tmp_path: Path) -> None:
    """Films will come; one that is not followed and empty is told when it is opened."""
    assert tasks(tmp_path, directory=".", follow=True) == {}
    assert list(tasks(tmp_path, directory=".")) == ["a"]


def test_films_of_a_folder_that_is_followed_are_taken_when_they_are_whole(tmp_path: Path) -> None:
    """The others of the file are taken as they are: who names a film means it as it is now."""
    for name in ("whole.mp4", "coming.mp4"):
        (tmp_path / name).touch()
    entry = {"name": "a", "directory": "."}
    for follow, expected in ((True, ["a:whole.mp4"]), (False, ["a:coming.mp4", "a:whole.mp4"])):
        file = {"version": 1, "sources": [{**entry, "follow": follow}]}
        found = tasks_of(
            SourcesFile.model_validate(file), tmp_path, lambda film: film.stem == "whole"
        )
        assert list(found) == expected


def test_a_pass_is_of_the_same_only_if_nothing_changed(tmp_path: Path) -> None:
    """Another pace, rule file, model or film begins anew; a copy on another machine does not."""
    settings = Settings(tmp_path / "home")
    model, rules = car_detector(tmp_path / "car"), tmp_path / "rules.yaml"
    film = write_clip(tmp_path / "one.mp4", 3)
    rules.write_text("one")

    def about(**more: object) -> str:
        entry = {"file": "one.mp4", "model": str(model), "rules": "rules.yaml", **more}
        return tasks(tmp_path, **entry)["a"].about(settings)

    first = about()
    for copied in (film, *model.iterdir()):
        os.utime(copied, (1, 1))
    assert about() == first
    others = {about(fps=1), about(cell="341299001001001")}
    rules.write_text("two")
    others.add(about())
    rules.write_text("one")
    write_clip(film, 4)
    others.add(about())
    write_clip(film, 3)
    write_model(model, np.array([[*CAR_ROW[:4], 0.8, CAR_ROW[5]]], np.float32))
    others.add(about())
    assert first not in others
    assert len(others) == 5
