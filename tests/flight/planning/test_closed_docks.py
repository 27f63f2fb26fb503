"""What a zone round a dock leaves of a patrol, and of whom it is told."""

import dataclasses

import pytest
import shapely

from flight.errors import PlanningError
from flight.planning.closed_docks import CODE, with_open_docks
from flight.planning.planner import plan_patrol
from geofences.checks import Severity
from geofences.zones import ZoneKind
from tests.flight.planning.scenes import county, request, zone

ROUND_FIRST = shapely.box(-160.0, -60.0, -140.0, -40.0)
ROUND_BOTH = shapely.union(ROUND_FIRST, shapely.box(440.0, 240.0, 460.0, 260.0)).envelope


def test_the_other_docks_fly_all_of_it_and_say_so() -> None:
    """One dock of two is closed: a plan without errors, from the other alone."""
    closed = county([zone(ROUND_FIRST)])
    plan = plan_patrol(closed, request(closed))
    assert {mission.dock_id for mission in plan.missions} == {"dock-2"}
    assert [craft.name for craft in plan.aircraft] == ["drone-2"]
    assert plan.coverage_fraction >= 0.99
    (told,) = (finding for finding in plan.findings if finding.code == CODE)
    assert told.severity is Severity.WARNING
    assert told.subject == "dock-1"
    assert told.position == closed.docks[0].position
    assert "Power station" in told.message
    assert "drone-1 stays there" in told.message


def test_a_zone_closes_a_dock_beside_it_within_the_margin_only() -> None:
    """Aircraft keep the margin from the moment they start."""
    beside = county([zone(shapely.box(-130.5, -60.0, -120.0, -40.0))])  # 19.5 m to the east
    asked = request(beside)
    assert len(with_open_docks(beside, asked)[1]) == 1
    nearer = dataclasses.replace(asked, no_fly_margin_m=19.0)
    assert with_open_docks(beside, nearer) == (nearer, ())


def test_without_any_open_dock_the_patrol_is_refused() -> None:
    """Each dock is named together with its zone."""
    closed = county([zone(ROUND_FIRST)])
    with pytest.raises(PlanningError, match="Dock dock-1 lies in the no-fly zone Power station"):
        plan_patrol(closed, request(closed, 1))
    closed = county([zone(ROUND_BOTH)])
    with pytest.raises(PlanningError, match=r"Dock dock-1 .*Dock dock-2 "):
        plan_patrol(closed, request(closed))


def test_a_dock_outside_the_permitted_air_stays_closed() -> None:
    """Where flight is permitted in one zone only, docks elsewhere cannot take part."""
    permitted = county([zone(shapely.box(-20.0, -20.0, 500.0, 300.0), ZoneKind.KEEP_IN)])
    plan = plan_patrol(permitted, request(permitted))
    assert {mission.dock_id for mission in plan.missions} == {"dock-2"}
    (told,) = (finding for finding in plan.findings if finding.code == CODE)
    assert "alone flight is permitted" in told.message
