"""The whole patrol: planned, flown over MAVLink, filmed, detected, located, reported, compared."""

import json
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from events_api.access import issue_token
from events_api.roles import Role
from events_api.store.database import Database
from flight.flight_log import read_flight_log
from flight.formats.plan_file import read_plan
from patrol.demo.score import MATCH_GATE_M
from tests.system.conftest import FinishedDemo

pytestmark = pytest.mark.system

# Far below what the demo reaches, and far above what luck would: a broken part shows.
LEAST_RECALL = 0.6
LEAST_PRECISION = 0.7
LEAST_IN_CIRCLE = 0.6


def test_most_of_what_was_there_is_found(finished_demo: FinishedDemo) -> None:
    """The detector, the tracker, the rules and the API agree with the scene's truth."""
    result = finished_demo.result
    assert result["recall"] >= LEAST_RECALL, result
    assert result["precision"] >= LEAST_PRECISION, result


def test_every_expected_thing_is_either_found_or_shown_as_missed(
    finished_demo: FinishedDemo,
) -> None:
    """The table hides nothing: each missed thing stands in it by name."""
    for name in finished_demo.result["missed"]:
        assert name in finished_demo.told
    assert finished_demo.told.count("missed") >= len(finished_demo.result["missed"])


def test_positions_are_as_good_as_they_say(finished_demo: FinishedDemo) -> None:
    """Errors stay within the gate, and the stated 90 % circles hold most of the truth."""
    result = finished_demo.result
    assert max(result["position_errors_m"]) <= MATCH_GATE_M
    assert result["within_ce90"] >= LEAST_IN_CIRCLE * result["found"]


def test_both_aircraft_flew_their_plan_and_were_recorded(finished_demo: FinishedDemo) -> None:
    """Each flight log covers the flight and ends on the ground near its dock."""
    plan = read_plan(finished_demo.folder / "plan.json")
    assert len(plan.missions) == 2
    for mission in plan.missions:
        log = read_flight_log(
            finished_demo.folder / "flights" / f"{mission.vehicle_name}.flight.jsonl"
        )
        heights_m = [sample.height_home_m for sample in log.samples]
        assert max(heights_m) == pytest.approx(mission.height_home_m, abs=3.0)
        assert abs(heights_m[-1]) < 2.0
        assert log.samples[-1].lon_deg == pytest.approx(mission.home.lon_deg, abs=5e-5)
        assert log.samples[-1].lat_deg == pytest.approx(mission.home.lat_deg, abs=5e-5)


def test_the_plan_is_drawn(finished_demo: FinishedDemo) -> None:
    """The picture is a picture, and not an empty one."""
    picture = cv2.imread(str(finished_demo.folder / "plan.png"))
    assert picture is not None
    assert picture.std() > 10.0


def test_the_pose_that_locates_is_not_the_truth(finished_demo: FinishedDemo) -> None:
    """Telemetry carries the sensors' noise, so the position errors are honest."""
    name = "uav-1"
    log = read_flight_log(finished_demo.folder / "flights" / f"{name}.flight.jsonl")
    rows = (finished_demo.folder / "truth" / f"{name}.truth.jsonl").read_text().splitlines()
    truth = [json.loads(row) for row in rows if "lon_deg" in row]
    middle = truth[len(truth) // 2]
    told = log.pose_at(middle["time_boot_s"])
    assert abs(told.lat_deg - middle["lat_deg"]) > 1e-7


def test_every_report_has_blurred_evidence_on_disk(finished_demo: FinishedDemo) -> None:
    """Each event shows a picture that can be read."""
    pictures = [
        path for path in (finished_demo.folder / "home/evidence").rglob("*") if path.is_file()
    ]
    assert len(pictures) >= finished_demo.result["found"]
    assert all(cv2.imread(str(path)) is not None for path in pictures)


def test_the_database_outlives_the_demo(finished_demo: FinishedDemo) -> None:
    """What was handled can be looked at later with `patrol serve`."""
    file = finished_demo.folder / "home" / "events.sqlite"
    database = Database(f"sqlite:///{file}")
    assert issue_token(database, "later", Role.ACCEPTOR, datetime.now(UTC))
    database.close()


def test_nothing_is_left_running(finished_demo: FinishedDemo) -> None:
    """Every process that the demo started has ended with it."""
    mine = str(finished_demo.folder).encode()
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    assert not [command for command in commands if mine in command]
