"""Whether a patrol flies in the dark, which needs lights, a trained pilot, and often permission."""

from datetime import UTC, datetime, timedelta

from flight.missions import Mission, PatrolPlan
from geofences.checks import Finding, Severity
from geofences.daylight import DaylightEvent, event_time
from geofences.geodesy import LonLat

_DEG_PER_HOUR = 15.0


def check_daylight(plan: PatrolPlan, departs_at: datetime) -> tuple[Finding, ...]:
    """Find the missions that are in the air between evening and morning civil twilight.

    Args:
        plan: With the starts and durations of its missions.
        departs_at: When the patrol starts, with its time zone.

    Returns:
        A warning for each such mission.
    """
    return tuple(found for m in plan.missions if (found := _in_the_dark(m, departs_at)))


def is_dark(place: LonLat, moment: datetime) -> bool:
    """Whether the sun is more than 6 degrees below the horizon.

    Args:
        place: Where.
        moment: When, with its time zone.
    """
    # Days are those of the sun at the place, whatever its clocks say.
    day = (moment.astimezone(UTC) + timedelta(hours=place.lon_deg / _DEG_PER_HOUR)).date()
    dawn = event_time(DaylightEvent.MORNING_TWILIGHT, place, day)
    dusk = event_time(DaylightEvent.EVENING_TWILIGHT, place, day)
    return not dawn <= moment <= dusk


def _in_the_dark(mission: Mission, departs_at: datetime) -> Finding | None:
    start = departs_at + timedelta(seconds=mission.start_s)
    end = start + timedelta(seconds=mission.duration_s)
    if not (is_dark(mission.home, start) or is_dark(mission.home, end)):
        return None
    return Finding(
        "time.night",
        Severity.WARNING,
        mission.mission_id,
        f"Mission {mission.mission_id} is in the air from {start:%H:%M} to {end:%H:%M} "
        f"({start:%Y-%m-%d}, UTC{start:%z}), in the dark. Fly by day, or with lights and what "
        "night flight asks for.",
        mission.home,
    )
