"""A request resolved against its county: the ground, the air and the docks in metres."""

from dataclasses import dataclass
from functools import cached_property

from flight.errors import PlanningError
from flight.planning.aircraft import Aircraft
from flight.planning.airspace import Airspace, open_airspace
from flight.planning.camera_lanes import View
from flight.planning.links import Point
from flight.planning.request import PatrolRequest
from flight.planning.tasks import cells_of, ground_of
from geofences.county import County, Dock
from geofences.geodesy import LocalFrame, LonLat


@dataclass(frozen=True)
class Scene:
    """A request resolved against its county.

    Attributes:
        county: Cells, zones, docks and roads.
        request: What is asked for.
        frame: Between metres and degrees.
        docks: Of each aircraft, in the request's order.
        airspace: Where aircraft may fly.
        view: What the camera sees of the ground.
    """

    county: County
    request: PatrolRequest
    frame: LocalFrame
    docks: tuple[Dock, ...]
    airspace: Airspace
    view: View

    def dock_point(self, aircraft_index: int) -> Point:
        """Where an aircraft's dock is, metres."""
        position = self.docks[aircraft_index].position
        return self.frame.to_local(position.lon_deg, position.lat_deg)

    @cached_property
    def cell_codes(self) -> tuple[str, ...]:
        """The cells that the task is about."""
        return cells_of(self.request.task, self.county)


def resolve(county: County, request: PatrolRequest) -> Scene:
    """Find what a request names and open the air over it.

    Raises:
        PlanningError: If the county does not have something that the request names.
        NothingToCoverError: If no-fly zones leave nothing to fly over.
    """
    ground = ground_of(request.task, county)
    docks = tuple(dock_of(county, aircraft) for aircraft in request.aircraft)
    frame = LocalFrame(LonLat(ground.centroid.x, ground.centroid.y))
    area = frame.geometry_to_local(ground)
    airspace = open_airspace(area, docks, county.zones, frame, request.no_fly_margin_m)
    view = View(request.camera, request.flown_height_m, request.gimbal_pitch_deg)
    return Scene(county, request, frame, docks, airspace, view)


def dock_of(county: County, aircraft: Aircraft) -> Dock:
    """The dock that an aircraft starts from.

    Raises:
        PlanningError: If the county does not have it.
    """
    for dock in county.docks:
        if dock.dock_id == aircraft.dock_id:
            return dock
    known = ", ".join(dock.dock_id for dock in county.docks) or "none"
    raise PlanningError(
        f"Aircraft {aircraft.name!r} starts from dock {aircraft.dock_id!r}, which {county.name} "
        f"does not have. Its docks: {known}."
    )
