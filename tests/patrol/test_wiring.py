"""Values that cross between the rooms arrive as they left."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events_api.schemas import ReportKind
from flight.flight_log import PoseSample
from flight.states import VehicleState
from geofences.cells import CellProbability
from geofences.geodesy import LonLat
from patrol.wiring import (
    DEFAULT_POSE_ERRORS,
    camera_pose,
    report_of,
    vehicle_position,
)
from tests.patrol.builders import CODES
from vision.evidence import Evidence
from vision.rules.schema import MatterRef
from vision.sightings import Sighting

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SAMPLE = PoseSample(
    time_boot_s=100.0,
    lon_deg=115.62,
    lat_deg=33.16,
    alt_amsl_m=70.0,
    height_home_m=40.0,
    roll_deg=5.0,
    pitch_deg=-8.0,
    heading_deg=90.0,
    gimbal_pitch_deg=-55.0,
    gimbal_heading_deg=93.0,
)
PICTURE = b"\xff\xd8 picture \xff\xd9"
SIGHTING = Sighting(
    sighting_id="6f1f4ad0-7b1c-4f1f-9a52-0d6a0f6f3c11",
    rule_id="exposed-litter",
    matter=MatterRef(standard_ref="GB/T 47678.5-2026", code="06010"),
    class_name="garbage",
    score=0.8,
    observed_at=NOW,
    position=LonLat(115.62, 33.16),
    ce50_m=1.2,
    ce90_m=2.5,
    cells=(CellProbability(CODES[0], 0.7), CellProbability(CODES[1], 0.2)),
    zone_id="market-1",
    source="uav-1",
    pass_id="p",
    track_id=7,
    why="seen 9 times",
    xyxy_frac=(0.1, 0.1, 0.2, 0.2),
    evidence=(Evidence(hashlib.sha256(PICTURE).hexdigest(), "image/jpeg", "detail", PICTURE),),
)


def test_the_gimbal_says_where_the_camera_looks() -> None:
    """The aircraft leans against the wind, its camera does not."""
    pose = camera_pose(SAMPLE, DEFAULT_POSE_ERRORS, -60.0)
    assert (pose.heading_deg, pose.pitch_deg, pose.roll_deg) == (93.0, -55.0, 0.0)
    assert (pose.time_s, pose.position, pose.height_ground_m) == (
        100.0,
        LonLat(115.62, 33.16),
        40.0,
    )
    assert pose.errors == DEFAULT_POSE_ERRORS


def test_a_silent_gimbal_looks_ahead_at_the_planned_pitch() -> None:
    """The aircraft's heading and the mission's pitch stand in."""
    silent = replace(SAMPLE, gimbal_pitch_deg=None, gimbal_heading_deg=None)
    pose = camera_pose(silent, DEFAULT_POSE_ERRORS, -60.0)
    assert (pose.heading_deg, pose.pitch_deg) == (90.0, -60.0)


def test_a_gimbal_at_zero_is_not_a_silent_one() -> None:
    """Zero degrees is an answer."""
    level = replace(SAMPLE, gimbal_pitch_deg=0.0, gimbal_heading_deg=0.0)
    pose = camera_pose(level, DEFAULT_POSE_ERRORS, -60.0)
    assert (pose.heading_deg, pose.pitch_deg) == (0.0, 0.0)


def test_a_sighting_becomes_a_report_with_all_it_knows() -> None:
    """Ids, matter, place with its errors, cells and evidence."""
    report = report_of(SIGHTING, ReportKind.DRONE)
    assert str(report.report_id) == SIGHTING.sighting_id
    assert (report.kind, report.source, report.pass_id, report.track_id) == (
        ReportKind.DRONE,
        "uav-1",
        "p",
        7,
    )
    assert (report.matter.standard_ref, report.matter.code) == ("GB/T 47678.5-2026", "06010")
    assert report.position is not None
    assert (report.position.lon_deg, report.position.lat_deg) == (115.62, 33.16)
    assert (report.ce50_m, report.ce90_m, report.observed_at) == (1.2, 2.5, NOW)
    assert report.cell_code == CODES[0]
    assert [(c.code, c.probability) for c in report.cells] == [(CODES[0], 0.7), (CODES[1], 0.2)]
    assert (report.zone_id, report.place, report.why) == ("market-1", None, "seen 9 times")
    assert report.evidence == (hashlib.sha256(PICTURE).hexdigest(),)


def test_a_sighting_without_a_position_tells_the_declared_place() -> None:
    """A fixed camera's report names where the camera says it is, and no error of a place."""
    bare = replace(SIGHTING, position=None, ce50_m=None, ce90_m=None, cells=(), zone_id="")
    report = report_of(bare, ReportKind.CAMERA, "gate-1")
    assert (report.position, report.cell_code, report.cells) == (None, None, ())
    assert (report.zone_id, report.place) == (None, "gate-1")


@given(st.floats(-0.1, 1.1), st.floats(0.9, 1.0 + 1e-9))
def test_rounding_beyond_one_never_spoils_a_report(score: float, probability: float) -> None:
    """Scores and shares of probability are cut to what the API takes."""
    cells = (CellProbability(CODES[0], probability),)
    report = report_of(replace(SIGHTING, score=score, cells=cells), ReportKind.DRONE)
    assert 0.0 <= report.score <= 1.0
    assert report.cells[0].probability <= 1.0


def test_an_aircraft_before_its_first_fix_is_not_on_the_map() -> None:
    """Nowhere is not a place in the sea off Africa."""
    assert vehicle_position(VehicleState(), NOW) is None


def test_an_aircraft_is_on_the_map_as_telemetry_tells() -> None:
    """Place, heights, speed over ground, battery and mode."""
    state = VehicleState(
        position=LonLat(115.62, 33.16),
        alt_amsl_m=70.0,
        height_home_m=40.0,
        velocity_north_mps=3.0,
        velocity_east_mps=4.0,
        heading_deg=359.5,
        battery_percent=81.0,
        mode="AUTO",
    )
    seen = vehicle_position(state, NOW)
    assert seen is not None
    assert (seen.position.lon_deg, seen.alt_amsl_m, seen.height_home_m) == (115.62, 70.0, 40.0)
    assert (seen.speed_mps, seen.heading_deg, seen.battery_percent) == (5.0, 359.5, 81.0)
    assert (seen.mode, seen.observed_at) == ("AUTO", NOW)


@pytest.mark.parametrize(("heading_deg", "shown_deg"), [(360.0, 0.0), (-10.0, 350.0)])
def test_a_heading_is_shown_from_0_to_360(heading_deg: float, shown_deg: float) -> None:
    """North is 0, whichever way an autopilot writes it."""
    state = VehicleState(position=LonLat(115.62, 33.16), heading_deg=heading_deg)
    seen = vehicle_position(state, NOW)
    assert seen is not None
    assert seen.heading_deg == shown_deg
