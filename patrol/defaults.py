"""What a command assumes when the operator does not say."""

from flight.planning.aircraft import Aircraft
from geofences.county import County
from geofences.view import Camera

DEFAULT_CAMERA = Camera("demo-1280", 1280, 720, 70.0)


def default_aircraft(county: County) -> tuple[Aircraft, ...]:
    """Return two aircraft, one in each of the county's first two docks."""
    docks = county.docks[:2]
    return tuple(Aircraft(f"uav-{n}", dock.dock_id) for n, dock in enumerate(docks, start=1))


DEFAULT_MODEL = "patrol9"
