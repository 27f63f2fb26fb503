"""Events and aircraft as GeoJSON features."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from events_api.interchange.rows import Matters, row_of
from events_api.schemas import EventSummary, Position, VehicleNow


def event_feature(event: EventSummary) -> dict[str, Any]:
    """Write an event as a feature with the properties that lists have."""
    properties = event.model_dump(mode="json", exclude={"position"})
    return _feature(str(event.event_id), event.position, properties)


def flat_feature(event: EventSummary, matters: Matters) -> dict[str, Any]:
    """Write an event as a feature whose properties are single values, as tables need them."""
    properties = {
        name: value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
        for name, value in row_of(event, matters).items()
        if name not in {"lon_deg", "lat_deg"}
    }
    return _feature(str(event.event_id), event.position, properties)


def vehicle_feature(vehicle: VehicleNow) -> dict[str, Any]:
    """Write where an aircraft is as a feature, with its name as id."""
    properties = vehicle.model_dump(mode="json", exclude={"position"})
    return _feature(vehicle.name, vehicle.position, properties)


def _feature(name: str, position: Position | None, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = None
    if position is not None:
        geometry = {"type": "Point", "coordinates": [position.lon_deg, position.lat_deg]}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
