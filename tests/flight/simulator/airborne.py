"""Manoeuvres flown by the airframe without sensors' errors."""

from flight.simulator.manoeuvres import Manoeuvre, Place, Speeds
from flight.simulator.physics import Multirotor, SetPoint, Wind
from flight.simulator.sensors import Estimate

STEP_S = 0.02
SPEEDS = Speeds(cruise_mps=8.0)
START = Place(0, 0, 30)


def airborne(
    north_m: float = 0, east_m: float = 0, height_m: float = 30, wind_mps: float = 0.0
) -> Multirotor:
    """Return an aircraft hovering at a place, in a wind that blows to the north."""
    airframe = Multirotor(0.0, Wind(wind_mps, 0, 0))
    body = airframe.body
    body.north_m, body.east_m, body.height_m, body.on_ground = north_m, east_m, height_m, False
    return airframe


def seen(airframe: Multirotor) -> Estimate:
    """Return an estimate without errors."""
    body = airframe.body
    return Estimate(
        body.north_m,
        body.east_m,
        body.height_m,
        body.north_mps,
        body.east_mps,
        body.up_mps,
        on_ground=body.on_ground,
    )


def fly(airframe: Multirotor, manoeuvre: Manoeuvre, most_s: float = 300) -> list[Estimate]:
    """Fly until the manoeuvre is done and return the track."""
    track: list[Estimate] = []
    while not manoeuvre.done and len(track) * STEP_S < most_s:
        here = seen(airframe)
        track.append(here)
        wanted = manoeuvre.steer(here, len(track) * STEP_S)
        heading_deg = 0.0 if wanted.heading_deg is None else wanted.heading_deg
        velocity = (wanted.north_mps, wanted.east_mps, wanted.up_mps)
        set_point = SetPoint(True, *velocity, heading_deg, planned_mps2=wanted.planned_mps2)
        airframe.step(set_point, STEP_S)
    return track
