"""Many sources: what dies is started again, and nothing is lost or told twice."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from patrol.errors import UsageError
from patrol.passing import PassKeeper, read_pass
from patrol.settings import Settings
from patrol.sources.file import read_sources
from patrol.sources.status import SourceState
from patrol.sources.supervisor import ManySources
from patrol.sources.tasks import tasks_of
from patrol.watching import prepare
from tests.patrol.builders import car_detector
from tests.patrol.sources.builders import Heard, watched
from tests.vision.builders import write_clip
from vision.pipeline import Observers
from vision.pipeline import watch as watch_source

SAMPLE = Path(__file__).parents[3] / "sample_footage" / "market_patrol.mp4"
ZONE = "zones: [{kind: watch, box: [0, 0, 1, 1]}]"


def write_sources(folder: Path, *entries: str, shared: str = "") -> Path:
    """Write a file of sources that a made-up detector looks at, which always sees a car."""
    model = folder / "car"
    if not model.exists():
        car_detector(model)
    lines = ["version: 1", f"model: {model}", "fps: 0", shared, "sources:"]
    path = folder / "sources.yaml"
    path.write_text("\n".join([*lines, *(f"  - {{{each}}}" for each in entries)]) + "\n")
    return path


def clip_entry(folder: Path, name: str, frames: int = 20) -> str:
    """An entry of a clip of its own."""
    write_clip(folder / f"{name}.mp4", frames)
    return f"name: {name}, file: {name}.mp4, {ZONE}"


def test_each_source_is_watched_to_its_end(tmp_path: Path) -> None:
    """No frame is lost, each sighting is told, and one that fails fails alone."""
    path = write_sources(
        tmp_path, clip_entry(tmp_path, "a"), clip_entry(tmp_path, "b", 33), "name: c, file: no.mp4"
    )
    with watched(path, tmp_path / "home") as found:
        rows = {row.status.name: row.status for row in found.finish()}
        assert not found.many.process_ids
    assert (rows["a"].state, rows["a"].frames, rows["a"].sightings) == ("finished", 20, 1)
    assert (rows["b"].state, rows["b"].frames, rows["b"].sightings) == ("finished", 33, 1)
    assert rows["c"].state is SourceState.FAILED
    assert "no.mp4: there is no such file" in rows["c"].told
    assert sorted(each.source for each in found.heard.sightings) == ["a", "b"]


def test_a_pass_survives_the_death_of_all_that_work_on_it(tmp_path: Path) -> None:
    """Killed in the middle, judge and detector go on: same sightings, same places, each once."""
    path = tmp_path / "sources.yaml"
    path.write_text(
        f"version: 1\nfps: 3\ninput_width_px: 640\nsources: [{{name: market, file: {SAMPLE}}}]\n"
    )
    home = tmp_path / "home"
    with watched(path, home) as found:
        found.until(lambda: found.heard.frames("market") > 12)
        found.kill(found.many.workers_of()["market"])
        found.until(lambda: found.heard.newest["market"].restarts == 1)
        found.until(lambda: found.heard.frames("market") > 40)
        found.kill("detector CPU")
        (row,) = found.finish()
    assert (row.status.state, row.restarts) == (SourceState.FINISHED, 1)
    (task,) = tasks_of(read_sources(path), tmp_path).values()
    alone = prepare(task.request, Settings(home), datetime.now(UTC))
    expected = []
    with PassKeeper(tmp_path / "alone", alone) as keeper:
        parts = (alone.source, alone.detector, alone.rules, alone.ground, alone.settings)
        for sighting in watch_source(*parts, Observers(on_frame=keeper.frame)):
            keeper.sighting(sighting)
            expected.append(sighting)
    (kept,) = (home / "passes").iterdir()
    looked, undisturbed = read_pass(kept), read_pass(tmp_path / "alone" / kept.name)
    assert looked.things == undisturbed.things
    assert looked.area.symmetric_difference(undisturbed.area).area < 0.001 * looked.area.area
    assert sorted(found.heard.ids) == sorted(each.sighting_id for each in expected)
    assert row.status.sightings == len(expected)
    places = {each.sighting.sighting_id: each.sighting.position for each in found.heard.sightings}
    assert places == {each.sighting_id: each.position for each in expected}


def test_what_was_stopped_goes_on_when_it_is_watched_again(tmp_path: Path) -> None:
    """A person may end it at any time: the next run begins where this one ended."""
    path = write_sources(tmp_path, clip_entry(tmp_path, "long", 1500))
    home = tmp_path / "home"
    with watched(path, home) as first:
        first.until(lambda: first.heard.frames("long") > 50)
        first.many.stop()
        first.until(lambda: not first.thread.is_alive())
    with watched(path, home) as second:
        (row,) = second.finish()
    before = first.ended[0].status
    assert before.state is SourceState.STOPPED
    assert before.frames + row.status.frames == 1500
    assert len(first.heard.ids) == 1
    assert second.heard.ids == []


def test_sources_come_and_go_by_editing_the_file(tmp_path: Path) -> None:
    """The others go on; a file with a fault changes nothing and is told."""
    stays = clip_entry(tmp_path, "stays", 3000)
    path = write_sources(tmp_path, stays, clip_entry(tmp_path, "goes", 3000))
    with watched(path, tmp_path / "home") as found:
        found.until(lambda: found.heard.frames("stays") > 0)
        path.write_text("version: 1\nsources: [{nmae: x}]\n")
        found.many.reload()
        found.until(lambda: bool(found.heard.notices))
        assert (
            "line 2: source 1, nmae: there is no such key; did you mean name?"
            in found.heard.notices[-1]
        )
        assert set(found.heard.newest) == {"stays", "goes"}
        write_sources(tmp_path, stays, clip_entry(tmp_path, "comes"))
        found.many.reload()
        found.until(lambda: found.heard.state("comes") is SourceState.FINISHED)
        assert set(found.heard.newest) == {"stays", "comes"}
        found.until(lambda: found.heard.state("stays") is SourceState.FINISHED)
        assert found.heard.newest["stays"].restarts == 0


def test_a_film_is_watched_on_when_its_model_cannot_be_used(tmp_path: Path) -> None:
    """A slip in the file ends nothing that goes well, and is told once."""
    path = write_sources(tmp_path, clip_entry(tmp_path, "long", 1500))
    with watched(path, tmp_path / "home") as found:
        found.until(lambda: found.heard.frames("long") > 0)
        model = f"model: {tmp_path / 'car'}"
        assert model in path.read_text()
        path.write_text(path.read_text().replace(model, "model: crr"))
        found.many.reload()
        found.until(lambda: bool(found.heard.notices))
        (row,) = found.finish()
    assert (row.status.state, row.status.frames) == (SourceState.FINISHED, 1500)
    (told,) = found.heard.notices
    assert told.startswith("long: crr: no such model")
    assert told.endswith("It is watched on as it was.")


def test_films_that_appear_in_a_folder_are_watched(tmp_path: Path) -> None:
    """Drones come home and their films are put into a folder."""
    films = tmp_path / "films"
    path = write_sources(tmp_path, f"name: drone, directory: films, follow: true, {ZONE}")
    with watched(path, tmp_path / "home") as found:
        found.until(lambda: any("no such folder yet" in each for each in found.heard.notices))
        films.mkdir()
        write_clip(tmp_path / "one.mp4", 10).rename(films / "one.mp4")
        found.until(lambda: found.heard.state("drone:one.mp4") is SourceState.FINISHED)
        write_clip(tmp_path / "two.mp4", 12).rename(films / "two.mp4")
        found.until(lambda: found.heard.state("drone:two.mp4") is SourceState.FINISHED)
        assert found.thread.is_alive()
    assert {each.sighting.source for each in found.heard.sightings} == {"drone"}


def test_a_file_that_kills_its_process_is_given_up(tmp_path: Path) -> None:
    """Its neighbours get processes of their own and are watched to their end."""
    path = write_sources(
        tmp_path, clip_entry(tmp_path, "bad", 20_000), clip_entry(tmp_path, "good", 300)
    )
    with watched(path, tmp_path / "home") as found:
        for deaths in range(1, 6):
            found.until(lambda: bool(found.heard.state("bad")))
            worker = found.many.workers_of()["bad"]
            found.until(lambda name=worker: name in found.many.process_ids)  # type: ignore[misc]
            found.kill(worker)
            found.until(lambda n=deaths: found.heard.newest["bad"].restarts == n)  # type: ignore[misc]
        rows = {row.status.name: row for row in found.finish()}
    assert rows["bad"].status.state is SourceState.FAILED
    assert "5 times in a row" in rows["bad"].status.told
    assert rows["good"].status.state is SourceState.FINISHED
    assert rows["good"].restarts <= 2


def test_two_do_not_watch_with_the_same_memory(tmp_path: Path) -> None:
    """They would tell things twice."""
    path = write_sources(tmp_path, clip_entry(tmp_path, "long", 3000))
    with watched(path, tmp_path / "home") as found:
        found.until(lambda: found.heard.frames("long") > 0)
        with pytest.raises(UsageError, match="Another `patrol watch`"):
            ManySources(path, Settings(tmp_path / "home"), Heard(), reports=False).run()
