"""Both sides of the comparison are read as they are."""

from datetime import UTC, datetime
from uuid import uuid4

from events_api.cases import Status
from events_api.roles import Level
from events_api.schemas import EventSummary, MatterKey, Position
from geofences.formats.county_files import read_county
from geofences.geodesy import LonLat
from geofences.sample_county.location import sample_county_path
from patrol.demo.truth import expected_events, found_events
from vision.simulator.demo_scene import demo_scene

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def event(
    position: Position | None, cell_code: str | None = None, ce90_m: float | None = None
) -> EventSummary:
    """Return an event of litter as the API lists it."""
    return EventSummary(
        event_id=uuid4(),
        number=1,
        version=1,
        status_since=NOW,
        level=Level.VILLAGE,
        body=None,
        duplicate_of=None,
        extended_until=None,
        suspended_until=None,
        deadline=None,
        matter=MatterKey(standard_ref="GB/T 47678.5-2026", code="06010"),
        class_name="garbage",
        status=Status.REPORTED,
        score=0.8,
        position=position,
        ce50_m=None,
        ce90_m=ce90_m,
        cell_code=cell_code,
        zone_id=None,
        place=None,
        why="",
        source="uav-1",
        snapshot=None,
        observation_count=1,
        first_observed_at=NOW,
        last_observed_at=NOW,
    )


def test_only_what_a_rule_should_report_is_expected() -> None:
    """A parked car where parking is allowed is no event; each thing lies in the cell it names."""
    county = read_county(sample_county_path())
    scene = demo_scene(county)
    expected = expected_events(scene)
    assert 0 < len(expected) < len(scene.objects)
    ids = {each.object_id for each in expected}
    assert "car-kerb-white" in ids
    assert "car-park-1" not in ids
    for each in expected:
        cell = county.grid.cell_at(each.position)
        assert cell is not None
        assert cell.code == each.cell_code


def test_events_without_a_place_are_left_out() -> None:
    """They cannot be compared with a place."""
    located = event(Position(lon_deg=115.62, lat_deg=33.16), "c", 2.5)
    (found,) = found_events([located, event(None)])
    assert found.event_id == str(located.event_id)
    assert (found.matter_code, found.position) == ("06010", LonLat(115.62, 33.16))
    assert (found.cell_code, found.ce90_m) == ("c", 2.5)


def test_an_event_without_a_cell_or_an_error_stays_in() -> None:
    """It counts as being in no cell, and its circle holds nothing."""
    (found,) = found_events([event(Position(lon_deg=115.62, lat_deg=33.16))])
    assert (found.cell_code, found.ce90_m) == ("", 0.0)
