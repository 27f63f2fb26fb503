"""Passes are kept whole and read back as they were."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import shapely

from geofences.geodesy import LonLat
from patrol.errors import UsageError
from patrol.passing import PassKeeper, find_pass, read_pass, write_pass
from patrol.watching import Watching
from tests.patrol.cli.test_watch import PLACED
from tests.vision.builders import CAMERA, HOME, BlankSource, ScriptedDetector, pose
from vision.detections import Detections
from vision.ground_context import GroundContext
from vision.passes import PassRecord, SeenThing
from vision.pipeline import JudgedFrame, WatchSettings
from vision.rules.schema import load_rules

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
RECORD = PassRecord(
    "heron-1",
    NOON,
    NOON,
    shapely.box(115.61, 33.15, 115.62, 33.16),
    {"C2": 0.5, "C1": 1.0},
    (SeenThing("s1", "09001", "stall", LonLat(115.615, 33.155), 2.5, "C1", 7.25),),
    {"06010": ("garbage",), "09001": ("stall", "truck")},
    {4.5: shapely.box(115.61, 33.15, 115.62, 33.16), 9.0: shapely.Polygon()},
    ("mine 0123456789ab", "new"),
)


def looking_straight_down() -> Watching:
    """Three pictures from 40 m, of which the detector is shown half as large ones."""
    straight_down = pose(pitch_deg=-90.0)
    ground = GroundContext(camera=CAMERA, pose_at=lambda _: straight_down)
    settings = WatchSettings("heron", "1", start_utc=NOON)
    source, detector = BlankSource(3, fps=2.0), ScriptedDetector({}, scale=0.5)
    return Watching(source, detector, load_rules(), ground, settings, "")


def test_a_pass_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Area, cells and things; the folder is made."""
    path = tmp_path / "passes" / "heron-1.pass.json"
    write_pass(RECORD, path)
    found = read_pass(path)
    assert (found.name, found.start_utc, found.end_utc) == ("heron-1", NOON, NOON)
    assert (found.cells, found.things) == (RECORD.cells, RECORD.things)
    assert shapely.equals(found.area, RECORD.area)
    assert (found.could_tell, found.models) == (RECORD.could_tell, RECORD.models)
    assert {level: area.wkt for level, area in found.grounds.items()} == {
        level: area.wkt for level, area in RECORD.grounds.items()
    }
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_a_pass_shows_is_as_large_as_the_detector_is_shown_it(tmp_path: Path) -> None:
    """Of each thing it is kept how large a metre must be shown to the next pass."""
    watching = looking_straight_down()
    source, detector = watching.source, watching.detector
    # A tenth of the picture's height: the detector is shown 36 px of 72.
    told = replace(
        PLACED, position=HOME, observed_at=NOON, xyxy_frac=(0.5, 0.5, 0.5 + 0.1 * 9 / 16, 0.6)
    )
    with PassKeeper(tmp_path, watching) as keeper:
        for frame in source:
            keeper.frame(JudgedFrame(frame, Detections.empty(), detector.class_names, ()))
        keeper.sighting(told)
    (path,) = tmp_path.iterdir()
    kept = read_pass(path)
    px_per_m = 0.5 * CAMERA.focal_px / 40.0
    assert kept.things[0].needs_px_per_m == pytest.approx(px_per_m * 16 / 36, abs=0.001)
    shown = [level for level, area in kept.grounds.items() if not area.is_empty]
    assert shown == [level for level in kept.grounds if level < px_per_m]
    assert 0 < len(shown) < len(kept.grounds)
    assert shapely.equals(kept.area, kept.grounds[9.0])


def test_what_was_promised_before_a_death_is_kept_as_without_it(tmp_path: Path) -> None:
    """It is told before the next frame comes, when only the film has told its size."""
    watching = looking_straight_down()
    source, detector = watching.source, watching.detector
    told = replace(PLACED, position=HOME, observed_at=NOON)
    with PassKeeper(tmp_path / "undisturbed", watching) as keeper:
        for frame in source:
            keeper.frame(JudgedFrame(frame, Detections.empty(), detector.class_names, ()))
        memory = keeper.memory()
        keeper.sighting(told)
    with PassKeeper(tmp_path / "resumed", watching, memory) as keeper:
        keeper.sighting(told)
    (undisturbed,), (resumed,) = (
        read_pass(next((tmp_path / each).iterdir())).things for each in ("undisturbed", "resumed")
    )
    assert undisturbed.needs_px_per_m > 0
    assert resumed == undisturbed


def test_every_model_that_looked_is_kept(tmp_path: Path) -> None:
    """One may take over within a pass, and another when it goes on after a death."""
    watching, detector = looking_straight_down(), ScriptedDetector({})
    watching = replace(watching, detector=detector)
    with PassKeeper(tmp_path, watching) as keeper:
        for frame, detector.model in zip(watching.source, ("a 12", "a 12", "b"), strict=True):
            keeper.frame(JudgedFrame(frame, Detections.empty(), detector.class_names, ()))
        memory = keeper.memory()
    (path,) = tmp_path.iterdir()
    assert read_pass(path).models == ("a 12", "b")
    detector.model = "c"
    with PassKeeper(tmp_path, watching, memory) as keeper:
        for frame in watching.source:
            keeper.frame(JudgedFrame(frame, Detections.empty(), detector.class_names, ()))
    assert read_pass(path).models == ("a 12", "b", "c")


def test_a_pass_of_an_older_version_says_nothing_of_what_it_could_tell(tmp_path: Path) -> None:
    """It is compared as it was."""
    path = tmp_path / "a.pass.json"
    write_pass(replace(RECORD, could_tell=None), path)
    row = json.loads(path.read_text())
    del row["could_tell"], row["grounds"], row["things"][0]["needs_px_per_m"], row["models"]
    path.write_text(json.dumps(row))
    found = read_pass(path)
    assert (found.could_tell, found.grounds, found.models) == (None, {}, ())
    assert found.looked_at(found.things[0])


def test_breaking_off_the_second_time_leaves_what_was_seen_the_first(tmp_path: Path) -> None:
    """A film that is watched again to its end, or another one of the name, takes its place."""
    path = tmp_path / "a.pass.json"
    whole = replace(RECORD, end_utc=NOON + timedelta(minutes=5))
    write_pass(whole, path)
    write_pass(replace(RECORD, end_utc=NOON + timedelta(minutes=4), things=()), path)
    assert read_pass(path).things == RECORD.things
    write_pass(replace(RECORD, end_utc=NOON + timedelta(seconds=299), things=()), path)
    assert read_pass(path).things == ()
    later = NOON + timedelta(minutes=1)
    write_pass(replace(RECORD, start_utc=later, end_utc=later), path)
    assert read_pass(path).start_utc == later


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("POLYGON", "POLYWRONG"),
        ('"lat_deg": 33.155', '"lat_deg": 133.1'),
        ("+00:00", ""),
        ("{", ""),
    ],
)
def test_a_damaged_pass_is_told(tmp_path: Path, old: str, new: str) -> None:
    """With its path."""
    path = tmp_path / "a.pass.json"
    write_pass(RECORD, path)
    text = path.read_text().replace("04:00:00Z", "04:00:00+00:00")
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(UsageError, match="is damaged, or is no pass"):
        read_pass(path)


def test_a_pass_has_a_name_or_a_path(tmp_path: Path) -> None:
    """And one that is neither is told with how to find those there are."""
    assert find_pass("heron-1", tmp_path) == tmp_path / "heron-1.pass.json"
    assert find_pass("other/a.pass.json", tmp_path) == Path("other/a.pass.json")
    with pytest.raises(UsageError, match="none: there is no such pass; `patrol passes list`"):
        read_pass(find_pass("none", tmp_path))
