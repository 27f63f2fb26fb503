"""Events and aircraft as GeoJSON features."""

from __future__ import annotations

from typing import Any

from events_api.interchange.rows import Matters, Record, row_of
from events_api.schemas import VehicleNow


def event_feature(record: Record) -> dict[str, Any]:
    """Write the record of an event as a feature with the properties that lists have."""
    properties = {name: value for name, value in record.items() if name != "position"}
    return _feature(str(record["event_id"]), record["position"], properties)


def flat_feature(record: Record, matters: Matters) -> dict[str, Any]:
    """Write an event as a feature whose properties are single values, as tables need them."""
    properties = row_of(record, matters)
    del properties["lon_deg"], properties["lat_deg"]
    return _feature(str(record["event_id"]), record["position"], properties)


def vehicle_feature(vehicle: VehicleNow) -> dict[str, Any]:
    """Write where an aircraft is as a feature, with its name as id."""
    properties = vehicle.model_dump(mode="json")
    return _feature(vehicle.name, properties.pop("position"), properties)


def _feature(name: str, position: Record | None, properties: dict[str, Any]) -> dict[str, Any]:
    geometry = None
    if position is not None:
        coordinates = [position["lon_deg"], position["lat_deg"]]
        geometry = {"type": "Point", "coordinates": coordinates}
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}
