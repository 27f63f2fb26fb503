"""DJI's numbers for aircraft and cameras, as a WPML route file names them.

From the tables of DJI's Cloud API documentation (product support, common elements). The lens that
films and the pitch that the gimbal reaches differ by camera.
"""

from dataclasses import dataclass

from flight.errors import PlanFileError

_VISIBLE = "visable"  # DJI's own spelling: an aircraft does not know the right one


@dataclass(frozen=True, slots=True)
class DjiAircraft:
    """An aircraft with its camera.

    Attributes:
        name: What DJI calls it, with the camera after a plus sign where it can be changed.
        drone: Its number, `droneEnumValue`.
        drone_sub: Its variant, `droneSubEnumValue`.
        payload: Its camera, `payloadEnumValue`.
        lens: What films, `payloadLensIndex`.
        lowest_pitch_deg: How far down the gimbal turns; -90 is straight down.
        highest_pitch_deg: How far up.
    """

    name: str
    drone: int
    drone_sub: int
    payload: int
    lens: str = _VISIBLE
    lowest_pitch_deg: float = -90.0
    highest_pitch_deg: float = 30.0


_CARRIERS = {"M300": 60, "M350": 89, "M400": 103}
_CAMERAS = {"H20": 42, "H20T": 43, "H20N": 61, "H30": 82, "H30T": 83}

DJI_AIRCRAFT: tuple[DjiAircraft, ...] = (
    DjiAircraft("M30", 67, 0, 52, "wide", -120.0, 45.0),
    DjiAircraft("M30T", 67, 1, 53, "wide", -120.0, 45.0),
    DjiAircraft("M3E", 77, 0, 66, highest_pitch_deg=35.0),
    DjiAircraft("M3T", 77, 1, 67, highest_pitch_deg=35.0),
    DjiAircraft("M3M", 77, 2, 68, highest_pitch_deg=35.0),
    DjiAircraft("M3TA", 77, 3, 129, highest_pitch_deg=35.0),
    DjiAircraft("M3D", 91, 0, 80),
    DjiAircraft("M3TD", 91, 1, 81),
    DjiAircraft("M4E", 99, 0, 88),
    DjiAircraft("M4T", 99, 1, 89),
    DjiAircraft("M4D", 100, 0, 98),
    DjiAircraft("M4TD", 100, 1, 99),
    *(
        DjiAircraft(f"{carrier}+{camera}", drone, 0, payload, "wide", -120.0, 45.0)
        for carrier, drone in _CARRIERS.items()
        for camera, payload in _CAMERAS.items()
    ),
)


def dji_aircraft(name: str) -> DjiAircraft:
    """The aircraft of this name, in capitals or not.

    Raises:
        PlanFileError: If DJI's tables do not have it.
    """
    for aircraft in DJI_AIRCRAFT:
        if aircraft.name.casefold() == name.strip().casefold():
            return aircraft
    known = ", ".join(aircraft.name for aircraft in DJI_AIRCRAFT)
    raise PlanFileError(f"{name!r} is no DJI aircraft that flies route files. Choose one: {known}.")


def aircraft_of_numbers(drone: int, drone_sub: int, payload: int) -> DjiAircraft | None:
    """The aircraft that a route file was written for; None where it is not in the tables."""
    for aircraft in DJI_AIRCRAFT:
        if (aircraft.drone, aircraft.drone_sub, aircraft.payload) == (drone, drone_sub, payload):
            return aircraft
    return None
