from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
import shapely

from geofences.cells import Cell, Grid
from geofences.geodesy import LocalFrame, LonLat, distance_m
from geofences.terrain import FlatTerrain
from geofences.view import CameraPose, local_to_pixels
from geofences.zones import Zone, ZoneIndex, ZoneKind
from tests.vision.builders import (
    CAMERA,
    HOME,
    NOISY,
    SHARED_FOOTAGE,
    BlankSource,
    ScriptedDetector,
    boxes,
    pose,
)
from vision.detections import NO_TRACK
from vision.engine.model_detector import ModelDetector
from vision.engine.settings import EngineSettings
from vision.errors import PoseError
from vision.frames import Frame, VideoFile
from vision.ground_context import DeclaredPlace, GroundContext
from vision.models.registry import load_model, shipped_models
from vision.pipeline import (
    JudgedFrame,
    Observers,
    Progress,
    WatchSettings,
    watch,
)
from vision.rules.schema import load_rules
from vision.rules.zones import PictureZone
from vision.sightings import Sighting

FRAME = LocalFrame(HOME)
RULES = load_rules()
CODE = "341299001001001"


def square(east_m: float, north_m: float, side_m: float) -> shapely.Polygon:
    """A square around a place near HOME, in degrees."""
    half = side_m / 2
    ring = shapely.box(east_m - half, north_m - half, east_m + half, north_m + half)
    return FRAME.geometry_to_lonlat(ring)


GRID = Grid([Cell(CODE, square(0, 0, 400), "cell", "town", "village")])
SETTINGS = WatchSettings(pass_id="p1", start_utc=datetime(2026, 5, 1, tzinfo=UTC))


def person_who_stays(count: int = 150) -> ScriptedDetector:
    """One person in the middle of the picture for fifteen seconds."""
    return ScriptedDetector({i: boxes(((600, 200, 680, 420), 0.9, 0)) for i in range(count)})


def fly_over(
    car_m: tuple[float, float], *, lanes: int = 1, sunk_m: float = 0.0
) -> tuple[ScriptedDetector, list[CameraPose]]:
    """Fly north, and back again, at 8 m/s over a parked car; ten frames a second."""
    script, poses = {}, []
    for i in range(100 * lanes):
        lane, along = divmod(i, 100)
        north_m = -20 + 0.8 * along if lane % 2 == 0 else 60 - 0.8 * along
        heading = 0.0 if lane % 2 == 0 else 180.0
        at = pose(north_m, time_s=i / 10, heading_deg=heading, errors=NOISY)
        poses.append(at)
        here = FRAME.to_local(at.position.lon_deg, at.position.lat_deg)
        corners = [
            (car_m[0] + x - here[0], car_m[1] + y - here[1], z - sunk_m)
            for x in (-0.9, 0.9)
            for y in (-2.2, 2.2)
            for z in (0.0, 1.5)
        ]
        px = local_to_pixels(CAMERA, at, np.array(corners))
        inside = (px > 0).all() and (px < (1280, 720)).all()
        if inside:
            script[i] = boxes(((*px.min(axis=0), *px.max(axis=0)), 0.8, 1))
    return ScriptedDetector(script), poses


def watch_flight(car_m: tuple[float, float], zone: ZoneKind, lanes: int = 1) -> list[Sighting]:
    """The sightings of a flight over a car with a zone of ten metres around (5, 20)."""
    detector, poses = fly_over(car_m, lanes=lanes)
    zones = ZoneIndex([Zone("z1", zone, square(5, 20, 10), "Zone")])
    ground = GroundContext(GRID, zones, CAMERA, lambda time_s: poses[round(time_s * 10)])
    return list(watch(BlankSource(len(poses)), detector, RULES, ground, SETTINGS))


def test_a_car_parked_in_a_fire_lane_is_seen_from_the_air_with_place_and_cell() -> None:
    """One sighting, within a metre of the truth, with its error, cell, zone and pictures."""
    (sighting,) = watch_flight((5, 20), ZoneKind.FIRE_LANE)
    assert sighting.rule_id == "fire-lane-blocked"
    assert sighting.matter.code == "09012"
    assert sighting.zone_id == "z1"
    assert sighting.position is not None
    truth = LonLat(*FRAME.to_lonlat(5.0, 20.0))
    assert distance_m(sighting.position, truth) < 0.6
    assert sighting.ce50_m is not None
    assert sighting.ce90_m is not None
    assert 0.5 < sighting.ce50_m < sighting.ce90_m < 4
    assert sighting.cells[0].code == CODE
    assert sighting.cells[0].probability == pytest.approx(1.0, abs=1e-3)
    assert [each.role for each in sighting.evidence] == ["detail", "overview"]
    assert sighting.observed_at > SETTINGS.start_utc


def test_the_last_word_counts_what_came_due_at_the_end() -> None:
    """A sighting that still gathered looks when the pass ended is in the final count."""
    detector, poses = fly_over((5, 20))
    told: list[Progress] = []
    zones = ZoneIndex([Zone("z1", ZoneKind.FIRE_LANE, square(5, 20, 30), "Zone")])
    ground = GroundContext(GRID, zones, CAMERA, lambda time_s: poses[round(time_s * 10)])
    settings = replace(SETTINGS, settle_s=1000.0)
    observers = Observers(told.append)
    still_in_view = max(detector.script) + 1
    found = list(watch(BlankSource(still_in_view), detector, RULES, ground, settings, observers))
    assert len(found) == 1
    assert [told[-2].sightings, told[-1].sightings] == [0, 1]
    assert told[-1].frames == still_in_view


def test_on_terrain_a_car_is_found_where_the_ground_is() -> None:
    """The ground lies 12 m lower than the poses count from: flat ground puts it metres aside."""
    detector, poses = fly_over((5, 20), sunk_m=12.0)
    zones = ZoneIndex([Zone("z1", ZoneKind.FIRE_LANE, square(5, 20, 30), "Zone")])
    truth, errors_m = LonLat(*FRAME.to_lonlat(5.0, 20.0)), []
    for terrain in (FlatTerrain(-12.0), None):
        ground = GroundContext(
            GRID,
            zones,
            CAMERA,
            lambda time_s: replace(poses[round(time_s * 10)], alt_amsl_m=40.0),
            terrain,
        )
        found = watch(BlankSource(len(poses)), detector, RULES, ground, SETTINGS)
        places = [each.position for each in found if each.position is not None]
        errors_m.append(min((distance_m(truth, place) for place in places), default=np.inf))
    assert errors_m[0] < 0.6
    assert errors_m[1] > 2.0


def test_the_same_car_seen_on_two_lanes_is_one_sighting() -> None:
    """Flying back over it from the other side tells nothing twice."""
    assert len(watch_flight((5, 20), ZoneKind.NO_PARKING, lanes=2)) == 1


def test_a_car_outside_the_zone_is_no_sighting() -> None:
    """Fifteen metres away parking is allowed."""
    assert watch_flight((-10, 20), ZoneKind.NO_PARKING) == []


def test_judging_the_same_pass_again_gives_the_same_sightings() -> None:
    """Ids, times, places and pictures: a second delivery changes nothing."""
    assert watch_flight((5, 20), ZoneKind.FIRE_LANE) == watch_flight((5, 20), ZoneKind.FIRE_LANE)


def test_frames_without_a_pose_are_counted_and_passed_over() -> None:
    """Telemetry with a hole does not end the pass."""
    detector, poses = fly_over((5, 20))
    told: list[Progress] = []

    def pose_at(time_s: float) -> CameraPose:
        if time_s < 2:
            raise PoseError("no pose yet")
        return poses[round(time_s * 10)]

    ground = GroundContext(GRID, ZoneIndex([]), CAMERA, pose_at)
    source = BlankSource(100)
    found = list(watch(source, detector, RULES, ground, SETTINGS, Observers(told.append)))
    assert found == []
    assert told[-1].frames == 100
    assert told[-1].without_pose == 20
    assert "20 frames have no pose" in source.report.warning
    assert source.report.warning.endswith("the first: no pose yet")


def test_a_film_of_another_shape_than_its_camera_is_refused() -> None:
    """Where in the camera's picture its pixels lie, nobody knows."""
    detector, poses = fly_over((5, 20))
    square = replace(CAMERA, height_px=CAMERA.width_px)
    ground = GroundContext(GRID, ZoneIndex([]), square, lambda _: poses[0])
    with pytest.raises(PoseError, match="cut otherwise"):
        list(watch(BlankSource(3), detector, RULES, ground, SETTINGS))


def test_poses_without_their_camera_are_refused() -> None:
    """Pixels cannot be located by an unknown camera."""
    ground = GroundContext(pose_at=lambda _: pose())
    with pytest.raises(PoseError, match="without their camera"):
        list(watch(BlankSource(1), ScriptedDetector({}), RULES, ground))


def test_a_person_who_stays_before_a_fixed_camera_is_tied_to_its_declared_place() -> None:
    """Without poses the source's own place, its error and its cells are told."""
    place = DeclaredPlace(position=HOME, ce90_m=20.0)
    ground = GroundContext(GRID, place=place)
    (sighting,) = watch(BlankSource(150), person_who_stays(), RULES, ground, SETTINGS)
    assert sighting.rule_id == "person-stays"
    assert sighting.position == HOME
    assert sighting.ce90_m == 20.0
    assert sighting.cells[0].code == CODE
    assert sighting.observed_at == datetime(2026, 5, 1, 0, 0, 10, tzinfo=UTC)


def test_a_declared_cell_is_taken_as_it_is() -> None:
    """A camera may know its cell and no coordinates."""
    ground = GroundContext(place=DeclaredPlace(cell_code=CODE))
    (sighting,) = watch(BlankSource(150), person_who_stays(), RULES, ground, SETTINGS)
    assert sighting.position is None
    assert [cell.code for cell in sighting.cells] == [CODE]


def test_a_source_that_knows_no_place_still_reports() -> None:
    """What is seen is seen; where is left open."""
    (sighting,) = watch(BlankSource(150), person_who_stays(), RULES, GroundContext())
    assert (sighting.position, sighting.ce90_m, sighting.cells) == (None, None, ())
    assert sighting.source == "blank"


def test_zones_in_the_picture_name_their_sightings() -> None:
    """The zone's id comes with the sighting."""
    zone = PictureZone("table", "watch", ((0.4, 0.4), (0.6, 0.4), (0.6, 0.7), (0.4, 0.7)))
    ground = GroundContext(picture_zones=(zone,))
    (sighting,) = watch(BlankSource(150), person_who_stays(), RULES, ground, SETTINGS)
    assert sighting.zone_id == "table"


def test_the_observers_see_every_frame_in_order() -> None:
    """Each frame comes by with its tracks; findings come with the frame they were made at."""
    seen: list[JudgedFrame] = []
    observers = Observers(on_frame=seen.append)
    list(watch(BlankSource(150), person_who_stays(), RULES, GroundContext(), None, observers))
    assert [each.frame.index for each in seen] == list(range(150))
    assert {int(each.detections.track_id[0]) for each in seen} == {1}
    assert sum(len(each.findings) for each in seen) == 1


def test_who_takes_long_is_told_of_a_frame_after_its_sightings() -> None:
    """A clip is not encoded while somebody waits to be told."""
    seen: list[int] = []
    observers = Observers(after_frame=lambda judged: seen.append(len(judged.findings)))
    frames = watch(BlankSource(150), person_who_stays(), RULES, GroundContext(), None, observers)
    next(frames)
    assert sum(seen) == 0
    list(frames)
    assert (len(seen), sum(seen)) == (150, 1)


@dataclass
class BrokenOff(BlankSource):
    """Breaks off after its twelfth second and comes back a minute later."""

    def __iter__(self) -> Iterator[Frame]:
        for frame in super().__iter__():
            frame.breaks = int(frame.time_s >= 12.0)
            frame.time_s += 60.0 * frame.breaks
            yield frame


@pytest.mark.parametrize("moves", [False, True])
def test_who_stands_before_and_after_a_break_is_one_to_a_camera_that_stands(moves: bool) -> None:
    """The time in which nobody looked is left out, unless the camera went elsewhere meanwhile."""
    seen: list[JudgedFrame] = []
    settings, observers = replace(SETTINGS, moving_camera=moves), Observers(on_frame=seen.append)
    stays = person_who_stays(300)
    told = list(watch(BrokenOff(300), stays, RULES, GroundContext(), settings, observers))
    assert len(told) == (2 if moves else 1)
    assert seen[-1].frame.time_s == pytest.approx(89.9 if moves else 29.9)


@dataclass
class Unseen(BlankSource):
    """Nobody looks for eight seconds, as when a detector is started again."""

    def __iter__(self) -> Iterator[Frame]:
        return (frame for frame in super().__iter__() if not 12.0 < frame.time_s < 20.0)


def test_who_stands_before_and_after_a_gap_is_one_and_time_goes_on() -> None:
    """Not having looked is no sign that somebody went."""
    seen: list[JudgedFrame] = []
    stays, observers = person_who_stays(400), Observers(on_frame=seen.append)
    told = list(watch(Unseen(400), stays, RULES, GroundContext(), SETTINGS, observers))
    assert len(told) == 1
    assert {int(each.detections.track_id[0]) for each in seen} == {1}
    assert seen[-1].frame.time_s == pytest.approx(39.9)


def test_what_is_found_after_a_break_has_its_time_of_day() -> None:
    """The pass's own time begins later by as much as was left out."""
    late = {index: seen for index, seen in person_who_stays(300).script.items() if index >= 150}
    (told,) = watch(BrokenOff(300), ScriptedDetector(late), RULES, GroundContext(), SETTINGS)
    assert (told.observed_at - SETTINGS.start_utc).total_seconds() == pytest.approx(85.0, abs=0.2)


def test_an_empty_source_is_an_empty_pass() -> None:
    """No frames, no sightings, no trouble."""
    assert list(watch(BlankSource(0), ScriptedDetector({}), RULES, GroundContext())) == []


def test_sightings_come_while_the_source_runs() -> None:
    """A finding does not wait for the end of the video."""
    frames: list[int] = []
    observers = Observers(on_progress=lambda progress: frames.append(progress.frames))
    found = watch(BlankSource(400), person_who_stays(400), RULES, GroundContext(), None, observers)
    next(found)
    assert frames[-1] < 150


def test_a_pass_with_another_name_has_other_ids() -> None:
    """The same thing on another patrol is another sighting."""
    first, second = (
        next(
            watch(
                BlankSource(150),
                person_who_stays(),
                RULES,
                GroundContext(),
                replace(SETTINGS, pass_id=pass_id),
            )
        )
        for pass_id in ("monday", "tuesday")
    )
    assert first.sighting_id != second.sighting_id


@pytest.mark.shared
@pytest.mark.skipif(not SHARED_FOOTAGE.is_dir(), reason="../shared/footage is not here")
@pytest.mark.skipif(not shipped_models(), reason="no model is shipped yet")
def test_a_person_at_the_table_is_found_in_real_footage_and_nothing_else() -> None:
    """Twenty seconds of real video give one stay, at about the time a person would say."""
    detector = ModelDetector(load_model(shipped_models()[0]), EngineSettings(input_width_px=416))
    source = VideoFile(SHARED_FOOTAGE / "person_zone_intel.mp4", every_s=0.2)
    settings = WatchSettings(start_utc=datetime(2026, 5, 1, tzinfo=UTC))
    found = watch(source, detector, RULES, GroundContext(), settings)
    first = next(found)
    seconds = (first.observed_at - settings.start_utc).total_seconds()
    assert first.rule_id == "person-stays"
    assert 15 <= seconds <= 19
    found.close()  # type: ignore[attr-defined]
    source.close()


PANNED_PX = (0, 60, 140, 180, 290, 340, 430, 500)


@dataclass
class PanningSource(BlankSource):
    """A camera that pans over a textured scene, at no even pace."""

    def __iter__(self) -> Iterator[Frame]:
        rng = np.random.default_rng(3)
        noise = rng.integers(0, 255, (360, 640 + PANNED_PX[-1], 3)).astype(np.uint8)
        scene = np.asarray(cv2.GaussianBlur(noise, (0, 0), 4), np.uint8)
        for index, left in enumerate(PANNED_PX):
            yield Frame(index, index / self.fps, scene[:, left : left + 640].copy())


@pytest.mark.parametrize(("moving", "tracks"), [(True, 1), (False, 8)])
def test_a_panning_camera_keeps_its_tracks_where_it_is_said_to_move(
    moving: bool, tracks: int
) -> None:
    """At two frames a second a thing that stands jumps by two to five of its widths."""
    source = PanningSource(len(PANNED_PX), fps=2.0, size_wh_px=(640, 360))
    rows = {i: ((560.0 - px, 100.0, 580.0 - px, 120.0), 0.9, 1) for i, px in enumerate(PANNED_PX)}
    detector = ScriptedDetector({i: boxes(row) for i, row in rows.items()})
    seen: set[int] = set()
    observers = Observers(on_frame=lambda judged: seen.update(judged.detections.track_id.tolist()))
    settings = replace(SETTINGS, moving_camera=moving)
    list(watch(source, detector, RULES, GroundContext(), settings, observers))
    assert len(seen - {NO_TRACK}) == tracks
