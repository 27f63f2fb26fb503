"""Both sides of the demo's comparison: the scene's truth, and what the event API holds."""

from collections.abc import Iterable

from events_api.schemas import EventSummary
from geofences.geodesy import LonLat
from patrol.demo.score import Expected, Found
from vision.simulator.scene import Scene


def expected_events(scene: Scene) -> tuple[Expected, ...]:
    """Return the things of a scene that a rule should report."""
    return tuple(
        Expected(
            each.object_id,
            each.class_name,
            each.expected.matter_code,
            each.position,
            each.expected.cell_code,
        )
        for each in scene.objects
        if each.expected
    )


def found_events(events: Iterable[EventSummary]) -> tuple[Found, ...]:
    """Return the events that have a place."""
    return tuple(
        Found(
            str(event.event_id),
            event.matter.code,
            LonLat(event.position.lon_deg, event.position.lat_deg),
            event.cell_code or "",
            event.ce90_m or 0.0,
        )
        for event in events
        if event.position
    )
